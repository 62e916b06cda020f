"""House rules that no linter checks, read from the source with `ast`."""

from __future__ import annotations

import ast
import importlib
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.apps import apps
from django.conf import settings
from django_fsm import FSMField

from apps.evidence.guards import governed_columns
from apps.evidence.models import GovernedModel, PartModel

ROOT = Path(settings.BASE_DIR)
SOURCES = sorted(path for path in (ROOT / "apps").rglob("*.py") if "migrations" not in path.parts)

GOVERNED = [model for model in apps.get_models() if issubclass(model, GovernedModel)]
STATEFUL = [model for model in GOVERNED if any(isinstance(f, FSMField) for f in model._meta.fields)]
TRANSITIONS = {
    transition.name
    for model in STATEFUL
    for field in model._meta.fields
    if isinstance(field, FSMField)
    for transition in field.get_all_transitions(model)
}
#: Receivers that are regex matches, not records.
NOT_RECORDS = {"self", "found", "match", "bad"}


def parsed(path: Path) -> ast.Module:
    return ast.parse(path.read_text(encoding="utf-8"), filename=str(path))


def calls(tree: ast.AST) -> Iterator[ast.Call]:
    return (node for node in ast.walk(tree) if isinstance(node, ast.Call))


def where(path: Path, node: ast.AST) -> str:
    return f"{path.relative_to(ROOT)}:{getattr(node, 'lineno', 0)}"


def test_only_services_call_a_transition() -> None:
    def looks_like_a_transition(call: ast.Call) -> bool:
        return (
            isinstance(call.func, ast.Attribute)
            and call.func.attr in TRANSITIONS
            and not call.args
            and not call.keywords
            and isinstance(call.func.value, ast.Name)
            and call.func.value.id not in NOT_RECORDS
        )

    found = [
        where(path, call)
        for path in SOURCES
        if not {"services", "domain", "catalogue"} & set(path.parts)
        for call in calls(parsed(path))
        if looks_like_a_transition(call)
    ]
    assert found == []


def test_nobody_updates_a_state_through_a_queryset() -> None:
    found = [
        where(path, call)
        for path in SOURCES
        for call in calls(parsed(path))
        if isinstance(call.func, ast.Attribute)
        and call.func.attr in ("update", "filter_update")
        and any(keyword.arg in ("state", "evidence_seq") for keyword in call.keywords)
    ]
    assert found == []


#: The ledger itself, and the derived readiness items, which are no governed record.
BULK_UPDATES = {"apps/evidence/services/ledger.py", "apps/gates/services/items.py"}


def test_only_the_ledger_updates_governed_rows_in_bulk() -> None:
    found = [
        where(path, call)
        for path in SOURCES
        if path.relative_to(ROOT).as_posix() not in BULK_UPDATES
        for call in calls(parsed(path))
        if isinstance(call.func, ast.Attribute) and call.func.attr == "bulk_update"
    ]
    assert found == []


def test_what_leaves_as_a_file_is_recorded() -> None:
    """Lists are handed out by `exported_csv`, which tells the ledger first; a population tells it
    as something that happened to itself."""
    telling = {
        "apps/evidence/services/exports.py",
        "apps/audit/admin/population.py",
        "apps/audit/api/population.py",
    }
    found = [
        where(path, call)
        for path in SOURCES
        if path.relative_to(ROOT).as_posix() not in telling
        for call in calls(parsed(path))
        if isinstance(call.func, ast.Name) and call.func.id == "csv_response"
    ]
    assert found == []


def test_no_model_overrides_save() -> None:
    found = [
        where(path, node)
        for path in SOURCES
        for owner in ast.walk(parsed(path))
        if isinstance(owner, ast.ClassDef)
        for node in owner.body
        if isinstance(node, ast.FunctionDef)
        and node.name in ("save", "delete")
        and "models" in path.as_posix()
    ]
    assert found == []


def test_there_are_no_model_signals_of_ours() -> None:
    signals = {"post_save", "pre_save", "post_delete", "pre_delete", "m2m_changed"}
    found = [
        where(path, node)
        for path in SOURCES
        for node in ast.walk(parsed(path))
        if isinstance(node, ast.ImportFrom) and signals & {name.name for name in node.names}
    ]
    assert found == []


def test_only_the_environment_module_reads_the_environment() -> None:
    found = [
        where(path, node)
        for path in [*SOURCES, *sorted((ROOT / "config").rglob("*.py"))]
        if path.name != "env.py"
        for node in ast.walk(parsed(path))
        if isinstance(node, ast.Attribute) and node.attr in ("environ", "getenv")
    ]
    allowed = {"config/wsgi.py", "config/asgi.py", "config/celery.py"}
    assert [place for place in found if place.partition(":")[0] not in allowed] == []


def test_every_reason_against_something_tells_what_clears_it_and_who_can() -> None:
    names = ("code", "text", "fix", "who")
    found = [
        where(path, call)
        for path in SOURCES
        for call in calls(parsed(path))
        if isinstance(call.func, ast.Name) and call.func.id == "Blocker"
        for given in [{**dict(zip(names, call.args, strict=False)),
                       **{word.arg: word.value for word in call.keywords}}]
        if not all(_says_something(given.get(name)) for name in names)
    ]  # fmt: skip
    assert found == []


def _says_something(value: ast.expr | None) -> bool:
    return value is not None and not (isinstance(value, ast.Constant) and not value.value)


def test_services_read_the_product_s_clock() -> None:
    """`timezone.now()` is real time: only what is about the person or the machine may use it."""
    real_time = {
        "apps/core/clock.py",
        "apps/evidence/management/commands/seal.py",
        "apps/evidence/selectors.py",
        "apps/evidence/services/sealing/alarms.py",
        "apps/evidence/services/sealing/anchors.py",
        "apps/evidence/services/sealing/publish.py",
        "apps/evidence/services/sealing/sealer.py",
        "apps/portal/health.py",
        "apps/accounts/services/authentication.py",
        "apps/accounts/services/sessions.py",
        "apps/accounts/services/tokens.py",
        "apps/approvals/services/views.py",
        "apps/core/step_up.py",
        "apps/portal/demo/stage.py",
    }
    found = [
        where(path, call)
        for path in SOURCES
        for call in calls(parsed(path))
        if isinstance(call.func, ast.Attribute)
        and call.func.attr in ("now", "utcnow", "today")
        and isinstance(call.func.value, ast.Name)
        and call.func.value.id in ("timezone", "datetime", "date")
    ]
    assert [place for place in found if place.partition(":")[0] not in real_time] == []


def test_every_job_path_resolves() -> None:
    paths = [
        call.args[0].value
        for path in SOURCES
        for call in calls(parsed(path))
        if isinstance(call.func, ast.Name)
        and call.func.id == "enqueue_on_commit"
        and call.args
        and isinstance(call.args[0], ast.Constant)
    ]
    from config.celery import NIGHTLY, TIMETABLE

    for dotted in [*paths, *(task for task, _ in (*TIMETABLE, *NIGHTLY))]:
        module, _, name = dotted.rpartition(".")
        assert hasattr(importlib.import_module(module), name), dotted


def test_every_governed_model_names_its_subject_once() -> None:
    labels = [model.SUBJECT for model in GOVERNED]
    assert all(labels) and len(labels) == len(set(labels))


def test_every_admin_is_of_the_console() -> None:
    from apps.console.admin import EvidenceAdmin, GovernedAdmin
    from apps.console.site import site

    for model, registered in site._registry.items():
        assert isinstance(registered, GovernedAdmin | EvidenceAdmin), model
        assert registered.actions is None and not registered.list_editable


def test_every_governed_model_is_in_the_console() -> None:
    from apps.console.site import site

    missing = [model.__name__ for model in GOVERNED if model not in site._registry]
    assert missing == []


@pytest.mark.django_db
@pytest.mark.parametrize("model", GOVERNED, ids=lambda model: model.__name__)
def test_every_governed_table_has_its_guards(model: type[GovernedModel]) -> None:
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT tgname, pg_get_triggerdef(oid), tgargs FROM pg_trigger "
            "WHERE tgrelid = %s::regclass AND NOT tgisinternal",
            [model._meta.db_table],
        )
        triggers = {name: (text, bytes(args)) for name, text, args in cursor.fetchall()}
        cursor.execute(
            "SELECT table_name FROM evidence_evidencesubject WHERE label = %s", [model.SUBJECT]
        )
        assert cursor.fetchone() == (model._meta.db_table,)
    assert {"guard_row_insert", "guard_row_update", "guard_entry_update"} <= triggers.keys()
    watched = triggers["guard_row_update"][0]
    for column in governed_columns(model, model.DERIVED):
        assert f"new.{column}" in watched.lower().replace('"', ""), column
    if model in STATEFUL:
        _initial, moves = triggers["guard_row_update"][1].decode().rstrip("\x00").split("\x00")
        assert set(moves.split(",")) == state_pairs(model)


def state_pairs(model: type[GovernedModel]) -> set[str]:
    field = next(f for f in model._meta.fields if isinstance(f, FSMField))
    return {
        f"{transition.source}>{transition.target}"
        for transition in field.get_all_transitions(model)
        if transition.source != transition.target
    }


@pytest.mark.django_db
def test_every_history_table_is_append_only() -> None:
    from django.db import connection

    tables = [m.history.model._meta.db_table for m in apps.get_models() if hasattr(m, "history")]
    with connection.cursor() as cursor:
        cursor.execute("SELECT tgrelid::regclass::text FROM pg_trigger WHERE tgname = %s",
                       ["append_only_row"])  # fmt: skip
        guarded = {row[0] for row in cursor.fetchall()}
    assert set(tables) <= guarded


@pytest.mark.django_db
def test_every_part_of_a_governed_record_is_guarded() -> None:
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute("SELECT tgrelid::regclass::text FROM pg_trigger WHERE tgname = 'guard_part'")
        guarded = {row[0] for row in cursor.fetchall()}
    parts = {m._meta.db_table for m in apps.get_models() if issubclass(m, PartModel)}
    assert parts <= guarded
