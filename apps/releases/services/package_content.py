"""Draft and edit packages: their facts, their changes and what they wait for."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any
from uuid import UUID

from django.db import connection

from apps.accounts.models import User
from apps.changes.models import ChangeRequest
from apps.core import clock
from apps.core.actor import Actor
from apps.core.errors import Blocker, Refused, bad_input, refuse_if_any
from apps.core.text import text_blockers, tidy
from apps.evidence.services.door import door
from apps.evidence.services.ledger import lock, record, record_created
from apps.evidence.services.register import model_blockers
from apps.releases import events
from apps.releases.domain import lifecycle as life
from apps.releases.domain.points import highest_band
from apps.releases.models import BackoutPlan, PackageChange, PackageDependency, ReleasePackage
from apps.releases.policies.package import (
    carried_blockers,
    create_blockers,
    cycle_blockers,
    edit_blockers,
    member_blockers,
    values_blockers,
    window_change_blockers,
)
from apps.releases.services import package_capacity as capacity
from apps.releases.services.execution_seal import seal_plan
from apps.releases.services.rows import as_key, key_of
from apps.releases.services.slots import points_of
from apps.windows.models import ReleaseWindow

#: What a person may enter; everything else is the portal's.
EDITABLE_FIELDS = (
    "name",
    "window",
    "kind",
    "owner",
    "coordinator",
    "points",
    "scm_package",
    "incident_ref",
    "retry_of",
)
Rows = Sequence[Mapping[str, Any]]


def lock_package(
    pk: Any, *, expected_seq: int | None = None, window_id: UUID | None = None
) -> ReleasePackage:
    """The package with its parts, after its window: that is the order of locks.

    `window_id` is another window that the caller is going to book.
    """
    key = key_of(pk, "package")
    own = ReleasePackage.objects.filter(pk=key).values_list("window_id", flat=True).first()
    windows = {found for found in (own, window_id) if found}
    list(ReleaseWindow.objects.select_for_update().filter(pk__in=windows).order_by("pk"))
    rows = ReleasePackage.objects.select_related("window", "owner", "coordinator")
    package = lock(rows, key, expected_seq=expected_seq, parts=True)
    if package.window_id != own:
        raise Refused(
            Blocker("moved", f"{package.code} was just planned for another window.",
                    "Try again.", "you", kind="state")
        )  # fmt: skip
    return package


@door("package")
def create_package(
    *,
    actor: Actor,
    values: Mapping[str, Any],
    parts: Mapping[str, Rows] | None = None,
    code: str = "",
) -> ReleasePackage:
    """A new draft. `parts` holds the rows of `members` ({"change": …}) and `dependencies`
    ({"predecessor": …, "reason": …}); `code` is for imports, else the next one is taken.

    Raises Refused naming every field and row that cannot be saved.
    """
    refuse_if_any(create_blockers(actor))
    package = ReleasePackage(code=tidy(code))
    _fill(package, values)
    for name in ("owner_id", "coordinator_id"):
        setattr(package, name, getattr(package, name) or actor.id)
    members, dependencies, problems = _rows_of(package, parts or {})
    _derive(package, [member.change for member in members], computed=values.get("points") is None)
    package.code = package.code or _next_code(package)
    refuse_if_any([
        *_value_blockers(package, {**values, "code": code}),
        *window_change_blockers(package, package.window_id),
        *problems,
    ])  # fmt: skip
    told = {
        "members": [row.governed_values() for row in members],
        "dependencies": [row.governed_values() for row in dependencies],
    }
    record_created(package, actor=actor, event=events.PACKAGE_CREATED, parts=told)
    PackageChange.objects.bulk_create(members)
    PackageDependency.objects.bulk_create(dependencies)
    return package


@door("package")
def edit_package(
    *,
    pk: UUID,
    actor: Actor,
    values: Mapping[str, Any],
    parts: Mapping[str, Rows] | None = None,
    expected_seq: int | None = None,
    comment: str = "",
) -> ReleasePackage:
    """Change a package that is not confirmed yet and, where `parts` holds them, its whole
    `members` and `dependencies`.

    In a planned package what is added or taken out is scheduled or unscheduled and booked anew;
    a backout plan that was reviewed for other changes becomes invalid.
    """
    package = lock_package(pk, expected_seq=expected_seq)
    refuse_if_any([*edit_blockers(actor, package), *text_blockers("comment", comment)])
    before = {**package.governed_values(), **package.part_values()}
    had = package.window_id
    _fill(package, values)
    blank = "points" in values and values["points"] is None
    members, dependencies, problems = _rows_of(package, parts or {})
    merged = {name: getattr(package, name) for name in EDITABLE_FIELDS} | dict(values)
    refuse_if_any([
        *_value_blockers(package, merged), *window_change_blockers(package, had), *problems
    ])  # fmt: skip
    was_in = set(package.members.values_list("change_id", flat=True))
    if parts and "members" in parts:
        _replace(PackageChange, package.members.all(), members, "change_id")
    if parts and "dependencies" in parts:
        _replace(PackageDependency, package.dependencies.all(), dependencies, "predecessor_id")
    changes = list(ChangeRequest.objects.filter(memberships__package=package))
    now_in = {change.pk for change in changes}
    _derive(package, changes, computed=blank)
    refuse_if_any(carried_blockers(package, changes))
    told = package.part_values()
    if {**package.governed_values(), **told} == before:
        return package
    taken_out = sorted(f"{ChangeRequest.SUBJECT}:{pk}" for pk in was_in - now_in)
    record(
        package, actor=actor, event=events.PACKAGE_EDITED, comment=comment, parts=told,
        **({"facts": {"taken_out": taken_out}} if taken_out else {}),
    )  # fmt: skip
    if package.state == life.PLANNED:
        seal_plan(package, actor, comment)
        capacity.follow_edit(package, actor, added=now_in - was_in, removed=was_in - now_in)
    if was_in != now_in:
        _invalidate_backout_plan(package, actor)
    return package


def _value_blockers(package: ReleasePackage, values: Mapping[str, Any]) -> list[Blocker]:
    """What is wrong with the package's own values, each field told once."""
    found = [*values_blockers(values), *_people_blockers(package)]
    named = {blocker.field for blocker in found}
    return [*found, *(b for b in model_blockers(package) if b.field not in named)]


def _fill(package: ReleasePackage, values: Mapping[str, Any]) -> None:
    refuse_if_any(
        bad_input(name, f"“{name}” cannot be entered.", "Leave it out.", "not_writable")
        for name in sorted(set(values) - set(EDITABLE_FIELDS))
    )
    for name, value in values.items():
        setattr(package, name, tidy(value) if isinstance(value, str) else value)


def _people_blockers(package: ReleasePackage) -> list[Blocker]:
    names = ("owner", "coordinator")
    wanted = {name: getattr(package, f"{name}_id") for name in names}
    active = set(
        User.objects.filter(pk__in=[pk for pk in wanted.values() if pk], is_active=True)
        .values_list("pk", flat=True)
    )  # fmt: skip
    return [
        bad_input(name, "There is no such active person.", "Choose somebody who works here.")
        for name, pk in wanted.items()
        if pk not in active
    ]


def _rows_of(
    package: ReleasePackage, parts: Mapping[str, Rows]
) -> tuple[list[PackageChange], list[PackageDependency], list[Blocker]]:
    """Unsaved members and dependencies, and what is wrong with them."""
    problems: list[Blocker] = []
    member_rows = [row for row in parts.get("members", ()) if not row.get("DELETE")]
    changes = _found(ChangeRequest, [row.get("change") for row in member_rows], "members",
                     "change", problems)  # fmt: skip
    members = [PackageChange(package=package, change=change) for change in changes]
    problems += member_blockers(package, changes)
    dependency_rows = [row for row in parts.get("dependencies", ()) if not row.get("DELETE")]
    predecessors = _found(
        ReleasePackage, [row.get("predecessor") for row in dependency_rows], "dependencies",
        "package", problems,
    )  # fmt: skip
    reasons = {
        str(as_key(r.get("predecessor"))): tidy(r.get("reason") or "") for r in dependency_rows
    }
    dependencies = [
        PackageDependency(package=package, predecessor=before, reason=reasons[str(before.pk)])
        for before in predecessors
    ]
    for row in dependencies:
        problems += text_blockers("dependencies", row.reason, longest=200, label="Reason")
    if "dependencies" in parts:
        problems += cycle_blockers(package, [before.pk for before in predecessors])
    return members, dependencies, problems


def _found(
    model: Any, chosen: Sequence[Any], field: str, what: str, problems: list[Blocker]
) -> list[Any]:
    """The rows chosen, by key or as objects; unknown and repeated ones are problems."""
    keys = [as_key(value) for value in chosen]
    known = model.objects.in_bulk([key for key in keys if key])
    found: dict[UUID, Any] = {}
    for number, key in enumerate(keys, start=1):
        if key is None or key not in known:
            text = f"Line {number}: there is no such {what}."
            fix = f"Choose a {what} of the list."
            problems.append(bad_input(field, text, fix, f"unknown_{what}"))
        elif key in found:
            text = f"Line {number}: {known[key].code} is there already."
            problems.append(bad_input(field, text, "Remove one of the two lines.", "duplicate"))
        else:
            found[key] = known[key]
    return list(found.values())


def _replace(model: Any, old_rows: Iterable[Any], new_rows: Sequence[Any], key: str) -> None:
    """Make the part rows equal to `new_rows`, touching only those that differ."""
    old = {getattr(row, key): row for row in old_rows}
    new = {getattr(row, key): row for row in new_rows}
    model.objects.filter(pk__in=[row.pk for k, row in old.items() if k not in new]).delete()
    model.objects.bulk_create([row for k, row in new.items() if k not in old])
    for k in new.keys() & old.keys():
        if getattr(new[k], "reason", "") != getattr(old[k], "reason", ""):
            model.objects.filter(pk=old[k].pk).update(reason=new[k].reason)


def _derive(package: ReleasePackage, changes: Sequence[ChangeRequest], *, computed: bool) -> None:
    """The risk band and, when asked, the points that follow from the changes."""
    package.risk_band = highest_band(change.risk_band for change in changes)
    if computed:
        package.points = points_of((change.pk for change in changes), package.risk_band)


def _next_code(package: ReleasePackage) -> str:
    """RP-yymm-nn, by the month of the window, or of today."""
    moment = package.window.opens_at if package.window else clock.now()
    prefix = f"RP-{moment:%y%m}-"
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(hashtext(%s))", [prefix])
    taken = ReleasePackage.objects.filter(code__startswith=prefix).values_list("code", flat=True)
    numbers = [int(code[len(prefix) :]) for code in taken if code[len(prefix) :].isdigit()]
    return f"{prefix}{max(numbers, default=0) + 1:02d}"


def _invalidate_backout_plan(package: ReleasePackage, actor: Actor) -> None:
    plan = BackoutPlan.objects.filter(
        package=package, state__in=life.BACKOUT_SOURCES["invalidate"]
    ).first()
    if plan is not None:
        plan = lock(BackoutPlan, plan.pk)
        plan.invalidate()
        record(
            plan, actor=actor, event=events.BACKOUT_INVALIDATED, about=package.subject,
            comment="The changes of the package are others now.",
        )  # fmt: skip
