"""What is kept of what the rules find, from one detection to the next."""

from __future__ import annotations

from copy import deepcopy
from dataclasses import replace
from typing import Any
from uuid import UUID

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from apps.evidence.models import EvidenceEntry
from apps.evidence.services.outbox import relay
from apps.inventory.models import Asset
from apps.releases.domain.findings import Detected
from apps.releases.models import EvaluationDue, Finding, ReleasePackage, Rule
from apps.releases.policies.finding import acknowledge_blockers
from apps.releases.services import evaluation, findings
from apps.releases.services.evaluation import Outcome
from apps.releases.services.rules import ensure_rules
from tests.factories import actor, make_user
from tests.releases.findings import Say, crashed, missing, saying
from tests.releases.worlds import Night, small_night
from tests.support import commit_now, once_a_module, refused, refused_by_database

pytestmark = pytest.mark.django_db


built = once_a_module(small_night)


@pytest.fixture
def night(built: Night, db: None) -> Night:
    return deepcopy(built)


@pytest.fixture
def package(night: Night) -> ReleasePackage:
    return night.draft()


@pytest.fixture
def asset(package: ReleasePackage) -> Asset:
    return Asset.objects.filter(change_lines__change__memberships__package=package)[0]


@pytest.fixture
def rules_say(monkeypatch: pytest.MonkeyPatch) -> Say:
    return saying(monkeypatch)


def the_finding() -> Finding:
    return Finding.objects.select_related("rule", "owner").get()


def actions(finding: Finding) -> list[str]:
    rows = EvidenceEntry.objects.filter(subject=finding.subject).order_by("seq")
    return list(rows.values_list("action", flat=True))


def test_what_is_found_is_kept_with_its_owner(
    package: ReleasePackage, asset: Asset, rules_say: Say
) -> None:
    assert rules_say(package, missing(package, [asset])) == Outcome(opened=1)
    finding = the_finding()
    assert (finding.state, finding.severity, finding.asset_count) == ("open", "hard", 1)
    assert finding.owner_id == package.owner_id
    assert list(finding.assets.all()) == [asset]
    assert list(finding.packages.all()) == [package]
    assert actions(finding) == ["finding.detected"]
    commit_now()


def test_what_is_found_again_is_the_same_finding_and_writes_no_evidence(
    package: ReleasePackage, asset: Asset, rules_say: Say
) -> None:
    rules_say(package, missing(package, [asset]))
    first = the_finding()
    assert rules_say(package, missing(package, [asset]), hours=1) == Outcome()
    again = the_finding()
    assert again.pk == first.pk
    assert again.last_seen_at > first.last_seen_at
    assert actions(again) == ["finding.detected"]


def test_the_text_follows_what_is_found(
    package: ReleasePackage, asset: Asset, rules_say: Say
) -> None:
    rules_say(package, missing(package, [asset]))
    rules_say(package, missing(package, [asset], text="Something else about it."))
    assert the_finding().text == "Something else about it."
    assert the_finding().evidence_seq == 1


def test_what_is_no_longer_found_vanishes(
    package: ReleasePackage, asset: Asset, rules_say: Say
) -> None:
    rules_say(package, missing(package, [asset]))
    assert rules_say(package) == Outcome(vanished=1)
    finding = the_finding()
    assert (finding.state, finding.is_detected) == ("vanished", False)
    assert list(finding.assets.all()) == [asset]
    assert actions(finding) == ["finding.detected", "finding.vanished"]
    commit_now()


def test_what_comes_back_is_open_again(
    package: ReleasePackage, asset: Asset, rules_say: Say
) -> None:
    rules_say(package, missing(package, [asset]))
    rules_say(package)
    assert rules_say(package, missing(package, [asset])) == Outcome(reopened=1)
    assert the_finding().state == "open"


def acknowledge(night: Night, comment: str = "The team works on it.") -> None:
    findings.acknowledge_finding(
        pk=the_finding().pk, actor=actor(night.coordinator), comment=comment
    )


def test_what_was_acknowledged_stays_so_while_it_does_not_grow(
    night: Night, package: ReleasePackage, asset: Asset, rules_say: Say
) -> None:
    rules_say(package, missing(package, [asset]))
    acknowledge(night)
    assert rules_say(package, missing(package, [asset])) == Outcome()
    assert the_finding().state == "acknowledged"
    assert the_finding().remark == "The team works on it."


def test_what_grows_beyond_what_was_acknowledged_is_open_again(
    night: Night, package: ReleasePackage, asset: Asset, rules_say: Say
) -> None:
    other = Asset.objects.exclude(pk=asset.pk)[0]
    rules_say(package, missing(package, [asset]))
    acknowledge(night)
    assert rules_say(package, missing(package, [asset, other])) == Outcome(reopened=1)
    assert set(the_finding().assets.all()) == {asset, other}


def test_what_turned_hard_after_it_was_acknowledged_is_open_again(
    night: Night, package: ReleasePackage, asset: Asset, rules_say: Say
) -> None:
    rules_say(package, missing(package, [asset], severity="soft"))
    acknowledge(night)
    hard = missing(package, [asset], severity="hard")
    assert rules_say(package, hard) == Outcome(reopened=1)
    assert (the_finding().state, the_finding().severity) == ("open", "hard")


def test_what_names_more_steps_than_were_acknowledged_is_open_again(
    night: Night, package: ReleasePackage, rules_say: Say
) -> None:
    rules_say(package, missing(package, [], facts={"missing": ["owner of A10"]}))
    acknowledge(night)
    fewer = missing(package, [], facts={"missing": []})
    assert rules_say(package, fewer) == Outcome()
    more = missing(package, [], facts={"missing": ["owner of A10", "owner of A20"]})
    assert rules_say(package, more) == Outcome(reopened=1)


def test_what_a_crashing_rule_found_before_is_not_gone(
    package: ReleasePackage, asset: Asset, rules_say: Say
) -> None:
    rules_say(package, missing(package, [asset]))
    pk = the_finding().pk
    assert rules_say(package, crashed(package)) == Outcome(opened=1)
    before = Finding.objects.get(pk=pk)
    assert (before.state, before.is_detected) == ("open", True)
    assert actions(before) == ["finding.detected"]


def test_a_crash_talks_no_hard_finding_away(
    night: Night, package: ReleasePackage, asset: Asset, rules_say: Say
) -> None:
    rules_say(package, missing(package, [asset]))
    pk = the_finding().pk
    rules_say(package, crashed(package))
    with refused("still_there"):
        findings.resolve_finding(pk=pk, actor=actor(night.coordinator), comment="All mended.")


def test_a_rule_that_is_switched_off_finds_nothing(
    package: ReleasePackage, asset: Asset, rules_say: Say
) -> None:
    rules_say(package, missing(package, [asset]))
    switch(is_active=False)
    assert rules_say(package, missing(package, [asset])) == Outcome(vanished=1)


def test_the_severity_is_the_one_of_the_rule_s_row(
    package: ReleasePackage, asset: Asset, rules_say: Say
) -> None:
    switch(severity="soft")
    rules_say(package, missing(package, [asset]))
    assert the_finding().severity == "soft"
    assert the_finding().rule_version == 2


def switch(**values: Any) -> None:
    from apps.releases.services.rules import edit_rule

    edit_rule(
        pk=Rule.objects.get(code="C01").pk,
        actor=actor(make_user("keeper", "site_admin")),
        values=values,
    )


def test_the_package_of_another_evaluation_keeps_its_findings(
    night: Night, package: ReleasePackage, asset: Asset, rules_say: Say
) -> None:
    rules_say(package, missing(package, [asset]))
    other = night.draft()
    assert rules_say(other) == Outcome()
    assert the_finding().state == "open"


def test_evaluating_many_costs_as_many_queries_as_one(
    night: Night, package: ReleasePackage, asset: Asset, rules_say: Say
) -> None:
    def cost(count: int) -> int:
        found = [
            Detected("C02", (package.subject, str(n), str(count)), "x", packages=(package.pk,),
                     assets=(asset.pk,))
            for n in range(count)
        ]  # fmt: skip
        with CaptureQueriesContext(connection) as queries:
            rules_say(package, *found)
        return len(queries)

    cost(1)
    assert cost(2) == cost(20)


def test_following_what_changed_about_many_costs_as_many_queries_as_about_one(
    package: ReleasePackage, rules_say: Say
) -> None:
    assets = [asset.pk for asset in Asset.objects.order_by("name")[:2]]
    other = Detected("C02", (package.subject, "other"), "x", assets=tuple(assets))

    def said(count: int, text: str, about: list[UUID]) -> list[Detected]:
        one = Detected("C02", (), text, packages=(package.pk,), assets=tuple(about))
        return [replace(one, about=(package.subject, str(n))) for n in range(count)]

    def cost(count: int) -> int:
        rules_say(package, other, *said(count, "Both are missing.", assets))
        with CaptureQueriesContext(connection) as queries:
            rules_say(package, other, *said(count, "One is missing.", assets[:1]))
        return len(queries)

    assert cost(2) == cost(20)
    told = Finding.objects.filter(packages=package)
    assert set(told.values_list("text", "assets")) == {("One is missing.", assets[0])}


# People.


def test_a_hard_finding_is_not_talked_away(
    night: Night, package: ReleasePackage, asset: Asset, rules_say: Say
) -> None:
    rules_say(package, missing(package, [asset]))
    with refused("still_there"):
        findings.resolve_finding(
            pk=the_finding().pk, actor=actor(night.coordinator), comment="It will be fine."
        )
    assert the_finding().state == "open"


def test_a_finding_whose_cause_is_gone_is_resolved_with_how(
    night: Night, package: ReleasePackage, asset: Asset, rules_say: Say
) -> None:
    rules_say(package, missing(package, [asset]))
    rules_say(package)
    findings.resolve_finding(
        pk=the_finding().pk, actor=actor(night.coordinator), comment="Rebuilt on 01.15."
    )
    finding = the_finding()
    assert (finding.state, finding.remark) == ("resolved", "Rebuilt on 01.15.")
    commit_now()


def test_a_soft_finding_may_be_resolved_while_it_is_there_and_stays_so(
    night: Night, package: ReleasePackage, asset: Asset, rules_say: Say
) -> None:
    soft = missing(package, [asset], severity="soft")
    rules_say(package, soft)
    findings.resolve_finding(
        pk=the_finding().pk, actor=actor(night.coordinator), comment="Both teams look at it."
    )
    assert rules_say(package, soft) == Outcome()
    assert the_finding().state == "resolved"


def test_acknowledging_asks_what_is_done_about_it(
    night: Night, package: ReleasePackage, asset: Asset, rules_say: Say
) -> None:
    rules_say(package, missing(package, [asset]))
    with refused("required"):
        acknowledge(night, comment="  ")


def test_a_finding_is_given_to_somebody_who_then_answers_for_it(
    night: Night, package: ReleasePackage, asset: Asset, rules_say: Say
) -> None:
    rules_say(package, missing(package, [asset]))
    developer = make_user("dev.other", "developer")
    with refused("role_missing"):
        findings.acknowledge_finding(pk=the_finding().pk, actor=actor(developer), comment="On it.")
    findings.assign_finding(
        pk=the_finding().pk, actor=actor(night.coordinator), owner=str(developer.pk)
    )
    findings.acknowledge_finding(pk=the_finding().pk, actor=actor(developer), comment="On it.")
    assert the_finding().owner == developer


@pytest.mark.parametrize(
    ("role", "answers"),
    [
        ("application_owner@application:CARD", True),
        ("application_owner@application:AUTH", False),
        ("technical_lead@family:db2", True),
        ("technical_lead@family:ims", False),
        ("technical_lead", True),
        ("release_manager", True),
    ],
)
def test_a_role_for_a_part_answers_for_what_is_found_in_that_part(
    package: ReleasePackage, rules_say: Say, role: str, answers: bool
) -> None:
    table = Asset.objects.get(type__family="db2")
    rules_say(package, missing(package, [table]))
    steward = actor(make_user("steward", role))
    codes = {blocker.code for blocker in acknowledge_blockers(steward, the_finding())}
    assert codes == (set() if answers else {"role_missing"})


@pytest.mark.parametrize("owner", ["", "nobody", str(UUID(int=7))])
def test_a_finding_is_given_to_nobody_else(
    night: Night, package: ReleasePackage, asset: Asset, rules_say: Say, owner: str
) -> None:
    rules_say(package, missing(package, [asset]))
    with refused("invalid"):
        findings.assign_finding(pk=the_finding().pk, actor=actor(night.coordinator), owner=owner)


def test_nobody_moves_a_finding_through_the_side_door(
    package: ReleasePackage, asset: Asset, rules_say: Say
) -> None:
    rules_say(package, missing(package, [asset]))
    with refused_by_database(), connection.cursor() as cursor:
        cursor.execute("UPDATE releases_finding SET state = 'resolved'")


# When they are asked.


def test_an_edit_of_a_package_asks_the_rules_again_once(
    night: Night, package: ReleasePackage, asset: Asset, rules_say: Say
) -> None:
    rules_say(package, missing(package, [asset]))
    EvaluationDue.objects.all().delete()
    night.step(package, "A1", "BACKUP_LIB")
    night.step(package, "A2", "COPY_LOAD")
    relay("findings", evaluation.mark_due)
    assert package.subject in EvaluationDue.objects.values_list("subject", flat=True)
    assert evaluation.evaluate_due() == Outcome()
    assert not EvaluationDue.objects.exists()


def test_the_rules_are_entered_once_and_keep_what_people_made_of_them() -> None:
    before = Rule.objects.count()
    switch(title="Recompile")
    ensure_rules()
    assert Rule.objects.count() == before
    assert Rule.objects.get(code="C01").title == "Recompile"
