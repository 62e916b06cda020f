"""The registers: who keeps them, what they refuse, and that the side doors are shut."""

from __future__ import annotations

import pytest
from django.db import connection

from apps.evidence.models import EvidenceEntry
from apps.inventory import selectors
from apps.inventory.models import Asset, AssetType, Site
from apps.inventory.services import registers
from apps.inventory.services.relations import relate_asset, unrelate_asset
from tests.factories import actor, make_user
from tests.inventory.factories import (
    keeper,
    make_application,
    make_asset,
    make_environment,
    make_sysplex,
)
from tests.support import commit_now, refused, refused_by_database

pytestmark = pytest.mark.django_db


def test_a_landscape_is_entered_with_an_entry_for_each_record() -> None:
    by = keeper()
    plex = make_sysplex(by=by)
    image = registers.create_system_image(actor=by, values={"code": "PRDA", "sysplex": plex})
    lla = registers.create_subsystem(
        actor=by, values={"kind": "lla", "name": "LLA", "sysplex": plex, "image": image}
    )
    commit_now()
    assert lla.capacity == 1
    for record in (plex.environment.site, plex.environment, plex, image, lla):
        assert EvidenceEntry.objects.filter(subject=record.subject, seq=1).count() == 1
        assert record.history.count() == 1


def test_an_edit_is_one_entry_and_an_empty_edit_is_none() -> None:
    by = keeper()
    site = make_environment(by=by).site
    registers.edit_site(pk=site.pk, actor=by, values={"name": "Amsterdam"}, expected_seq=1)
    changed = registers.edit_site(pk=site.pk, actor=by, values={"name": "AMS"}, expected_seq=1)
    commit_now()
    assert changed.evidence_seq == 2
    with refused("stale"):
        registers.edit_site(pk=site.pk, actor=by, values={"name": "Old tab"}, expected_seq=1)


@pytest.mark.parametrize("role", ["auditor", "viewer", "cab_member", "validator"])
def test_others_do_not_keep_the_landscape(role: str) -> None:
    with refused("role_missing"):
        registers.create_site(
            actor=actor(make_user("somebody", role)),
            values={"code": "X", "name": "X", "tz": "UTC"},
        )


@pytest.mark.parametrize(
    "role", ["developer", "application_owner", "technical_lead", "release_coordinator"]
)
def test_who_works_with_assets_keeps_them(role: str) -> None:
    make_asset("CBACT01C", by=actor(make_user("somebody", role)))


@pytest.mark.parametrize(
    ("values", "field"),
    [
        ({"code": "ams", "name": "x", "tz": "Mars/Olympus"}, "tz"),
        ({"code": "", "name": "x", "tz": "UTC"}, "code"),
        ({"code": "X" * 13, "name": "x", "tz": "UTC"}, "code"),
    ],
)
def test_a_bad_field_is_named(values: dict[str, str], field: str) -> None:
    with refused() as caught:
        registers.create_site(actor=keeper(), values=values)
    assert [b.field for b in caught.value.blockers] == [field]  # type: ignore[attr-defined]


@pytest.mark.parametrize("code", ["card", "1CARD", "CARDCARD1", "CA RD", "CARD\n"])
def test_an_application_code_is_eight_capitals(code: str) -> None:
    by = keeper()
    with refused() as caught:
        make_application(code, by=by)
    assert {b.field for b in caught.value.blockers} == {"code"}  # type: ignore[attr-defined]


def test_an_image_belongs_to_the_sysplex_of_its_subsystem() -> None:
    by = keeper()
    plex = make_sysplex(by=by)
    other = registers.create_sysplex(
        actor=by, values={"code": "PLEXD1", "environment": plex.environment}
    )
    image = registers.create_system_image(actor=by, values={"code": "DRA", "sysplex": other})
    with refused("invalid"):
        registers.create_subsystem(
            actor=by, values={"kind": "jes", "name": "JES2", "sysplex": plex, "image": image}
        )
    with refused("invalid"):
        registers.create_subsystem(
            actor=by, values={"kind": "jes", "name": "JES2", "sysplex": plex, "capacity": 0}
        )


def test_the_same_name_may_live_in_two_libraries_but_not_twice_in_one() -> None:
    by = keeper()
    make_asset("CBACT01C", by=by)
    make_asset("CBACT01C", by=by, qualifier="TEST.LOADLIB")
    make_asset("CBACT01C", "copybook", by=by)
    with refused("invalid"):
        make_asset("CBACT01C", by=by)


@pytest.mark.parametrize(
    ("name", "asset_type"), [("NINECHARS", "program_batch"), ("CC000", "cics_transaction")]
)
def test_a_name_is_spelled_as_its_type_wants(name: str, asset_type: str) -> None:
    with refused("invalid"):
        make_asset(name, asset_type, by=keeper())


def test_an_unknown_type_is_refused() -> None:
    with refused("invalid"):
        make_asset("X", "floppy_disk", by=keeper())


def test_search_finds_part_of_a_name_whatever_its_case() -> None:
    by = keeper()
    found = make_asset("CBACT04C", by=by)
    make_asset("CBTRN02C", by=by)
    assert list(selectors.assets_named_like("act04")) == [found]
    assert selectors.assets_by_code(["CBACT04C", "NOTHERE"]) == {"CBACT04C": [found], "NOTHERE": []}


def test_search_can_use_the_trigram_index() -> None:
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL enable_seqscan = off")
        cursor.execute("SET LOCAL enable_indexscan = off")
        query = Asset.objects.filter(name__icontains="ACT04").order_by().query
        sql, params = query.sql_with_params()
        cursor.execute(f"EXPLAIN {sql}", params)
        plan = "\n".join(row[0] for row in cursor.fetchall())
    assert "inventory_asset_name_trgm" in plan


def test_drawing_and_removing_a_relation_are_entries_of_its_source() -> None:
    by = keeper()
    program, copybook = make_asset("CBACT04C", by=by), make_asset("CVACT01Y", "copybook", by=by)
    edge = relate_asset(pk=program.pk, actor=by, kind="copies", target=copybook.pk, expected_seq=1)
    commit_now()
    with refused("known"):
        relate_asset(pk=program.pk, actor=by, kind="copies", target=copybook.pk)
    assert selectors.relations_of(program).outward == [edge]
    assert selectors.relations_of(copybook).inward == [edge]
    unrelate_asset(pk=program.pk, actor=by, relation=edge.pk)
    commit_now()
    assert selectors.relations_of(program).outward == []
    told = EvidenceEntry.objects.filter(subject=program.subject).order_by("seq")
    assert [entry.action for entry in told] == [
        "register.created",
        "asset.related",
        "asset.unrelated",
    ]


def test_a_bad_relation_is_refused() -> None:
    by = keeper()
    program, other = make_asset("CBACT04C", by=by), make_asset("CBACT01C", by=by)
    with refused("invalid"):
        relate_asset(pk=program.pk, actor=by, kind="eats", target=other.pk)
    with refused("invalid"):
        relate_asset(
            pk=program.pk, actor=by, kind="calls", target=other.pk, attributes={"a": "\x00"}
        )
    with refused("not_found"):
        relate_asset(pk=program.pk, actor=by, kind="calls", target="nobody")
    edge = relate_asset(pk=program.pk, actor=by, kind="calls", target=other.pk)
    with refused("not_found"):
        unrelate_asset(pk=other.pk, actor=by, relation=edge.pk)
    with refused("role_missing"):
        unrelate_asset(pk=program.pk, actor=actor(make_user("aud", "auditor")), relation=edge.pk)


def test_the_database_refuses_what_did_not_come_through_a_door() -> None:
    asset = make_asset("CBACT04C", by=keeper())
    commit_now()
    with refused_by_database():
        Asset.objects.filter(pk=asset.pk).update(status="retired")
    with refused_by_database():
        Asset.objects.filter(pk=asset.pk).delete()
    with refused_by_database("permission denied"):
        AssetType.objects.filter(pk="job").update(label="Work")
    with refused_by_database():
        Site.objects.create(
            code="X", name="X", tz="UTC", evidence_head=b"", created_at=asset.created_at,
            changed_at=asset.created_at,
        )  # fmt: skip
