"""A package, or a window with its packages, as it stood at a moment.

Read from history rows, the kept versions of parts, and what the gates were kept to have said.
Nothing is evaluated anew. The number of queries is the same whatever a release holds.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db.models import Model, Q

from apps.accounts.models import Team, User
from apps.approvals.models import Approval, Decision, Obligation
from apps.audit.domain.travel import PART, Item, Kind, Picture
from apps.changes.models import ChangeAsset, ChangeRequest
from apps.evidence.models import PartVersion
from apps.gates.catalogue import GATE_BY_CODE
from apps.gates.models import GateTurn, Waiver
from apps.inventory.models import Asset
from apps.releases.models import (
    Activity,
    BackoutPlan,
    Finding,
    GoNoGoLine,
    ReleasePackage,
    Rule,
    ValidationCheck,
)
from apps.windows.models import ReleaseWindow

Place = ReleasePackage | ReleaseWindow

#: Part → the model whose choices put its plain values into words.
MODELS: Mapping[str, type[Model]] = {
    "package": ReleasePackage,
    "members": ChangeRequest,
    "scope": ChangeAsset,
    "approvals": Approval,
    "conditions": Obligation,
    "readiness": GateTurn,
    "waivers": Waiver,
    "steps": Activity,
    "schedule": ReleaseWindow,
    "checks": ValidationCheck,
    "findings": Finding,
    "backout": BackoutPlan,
}
#: How a value of that kind is called: its model.
_NAMED: Mapping[Kind, type[Model]] = {"person": User, "team": Team, "window": ReleaseWindow,
                                      "package": ReleasePackage}  # fmt: skip


def pictures(place: Place, *moments: datetime) -> tuple[Picture, ...]:
    """The release at each of `moments`; people, teams and windows by the names they have now."""
    drafts = [_Reader(place, at) for at in moments]
    named = _names(item for draft in drafts for item in draft.items)
    return tuple(
        Picture(draft.at, tuple(_with_names(item, named) for item in draft.items))
        for draft in drafts
    )


def _names(items: Iterable[Item]) -> dict[UUID, str]:
    """What every person, team, window and package is called; one query each."""
    wanted: dict[type[Model], set[UUID]] = {model: set() for model in _NAMED.values()}
    for item in items:
        for each in PART[item.part].fields:
            if each.kind in _NAMED and isinstance(key := item.values.get(each.name), UUID):
                wanted[_NAMED[each.kind]].add(key)
    named: dict[UUID, str] = {}
    for model, keys in wanted.items():
        found = model._default_manager.in_bulk(keys)
        named |= {pk: str(getattr(row, "code", "") or row) for pk, row in found.items()}
    return named


def _with_names(item: Item, named: Mapping[UUID, str]) -> Item:
    values = {
        name: named.get(value, str(value)) if isinstance(value, UUID) else value
        for name, value in item.values.items()
    }
    return replace(item, values=values)


def last_rows(model: Any, moment: datetime, condition: Q) -> list[Any]:
    """The last history row of every record one row of which fulfils `condition`, at `moment`."""
    history = model.history
    keys = history.filter(condition, history_date__lte=moment).order_by().values("id")
    rows = history.filter(id__in=keys, history_date__lte=moment)
    return list(rows.order_by("id", "-history_date", "-history_id").distinct("id"))


class _Reader:
    """Reads one picture. Each step reads one kind of record, for all packages at once."""

    def __init__(self, place: Place, at: datetime) -> None:
        self.place, self.at = place, at
        self.items: list[Item] = []
        packages = self._packages()
        #: Code of every package, by key and by subject.
        self.codes: dict[UUID, str] = {row.id: row.code for row in packages}
        self.subjects = {f"package:{row.id}": row.code for row in packages}
        #: Subject of every change → the code of its package and its own.
        self.changes: dict[str, tuple[str, str]] = {}
        for row in packages:
            self._add_row("package", row, row.code, row.code)
        self._members()
        self._approvals()
        self._conditions()
        self._readiness()
        self._waivers()
        self._steps()
        self._schedule(packages)
        self._checks()
        self._findings()
        self._backout()
        self._decisions()

    def _add(self, part: str, key: Any, name: str, place: str, values: Mapping[str, Any]) -> None:
        self.items.append(Item(part, str(key), name, place, values))

    def _add_row(
        self, part: str, row: Any, name: str, place: str, *, key: Any = None, **more: Any
    ) -> None:
        """An item whose values are the columns of the same name, but for those in `more`."""
        values = {
            each.name: _column(row, each.name)
            for each in PART[part].fields
            if each.name not in more
        }
        self._add(part, key or row.id, name, place, {**values, **more})

    def _packages(self) -> list[Any]:
        """The package; or those that were planned for the window then."""
        if isinstance(self.place, ReleasePackage):
            return last_rows(ReleasePackage, self.at, Q(id=self.place.pk))
        rows = last_rows(ReleasePackage, self.at, Q(window_id=self.place.pk))
        return sorted(
            (row for row in rows if row.window_id == self.place.pk), key=lambda row: row.code
        )

    def _parts(self, subjects: Iterable[str], part: str) -> dict[str, list[dict[str, Any]]]:
        """The rows of a part of each record, as they stood; one query."""
        rows = PartVersion.objects.filter(
            subject__in=list(subjects), part=part, at__lte=self.at
        ).order_by("subject", "-seq")
        return {row.subject: row.rows for row in rows.distinct("subject")}

    def _members(self) -> None:
        carried = {
            UUID(told["change"]): (self.subjects[subject], told)
            for subject, rows in self._parts(self.subjects, "members").items()
            for told in rows
        }
        rows = last_rows(ChangeRequest, self.at, Q(id__in=list(carried)))
        for row in sorted(rows, key=lambda row: row.code):
            place, told = carried[row.id]
            self.changes[f"change:{row.id}"] = (place, row.code)
            self._add_row("members", row, f"{row.code} {row.title}", place,
                          version=row.evidence_seq, outcome=told["outcome"],
                          is_open=told["is_open"], execution=_handed_in(row.execution)
                          )  # fmt: skip
        self._scope()

    def _scope(self) -> None:
        lines = [
            (*self.changes[subject], told)
            for subject, rows in self._parts(self.changes, "assets").items()
            for told in rows
        ]
        assets = Asset.objects.filter(pk__in={told["asset"] for _place, _code, told in lines})
        names = {str(pk): name for pk, name in assets.order_by().values_list("pk", "name")}
        for place, code, told in sorted(lines, key=lambda line: (line[1], names[line[2]["asset"]])):
            key = f"{told['change']}:{told['asset']}:{told['action']}"
            values = {each.name: told[each.name] for each in PART["scope"].fields}
            self._add("scope", key, f"{names[told['asset']]} in {code}", place, values)

    def _approvals(self) -> None:
        slots = last_rows(Approval, self.at, Q(about__in=list(self.changes)))
        said: dict[UUID, list[Decision]] = defaultdict(list)
        decisions = Decision.objects.filter(
            approval__in=[slot.id for slot in slots], decided_at__lte=self.at
        ).select_related("by")
        for decision in decisions:
            said[decision.approval_id].append(decision)
        for slot in sorted(slots, key=lambda s: (self.changes[s.about][1], s.requested_at, s.slot)):
            place, code = self.changes[slot.about]
            self._add_row("approvals", slot, f"{code}: {slot.label}", place,
                          signed=_last_words(said[slot.id]))  # fmt: skip

    def _conditions(self) -> None:
        for row in last_rows(Obligation, self.at, Q(about__in=list(self.changes))):
            place, code = self.changes[row.about]
            self._add_row("conditions", row, f"{code}: {row.text}", place)

    def _readiness(self) -> None:
        turns = GateTurn.objects.filter(subject__in=list(self.subjects), at__lte=self.at)
        for turn in turns.order_by("subject", "gate", "-at", "-id").distinct("subject", "gate"):
            place = self.subjects[turn.subject]
            gate = GATE_BY_CODE.get(turn.gate)
            self._add_row("readiness", turn, f"{turn.gate} {gate.title if gate else ''}".strip(),
                          place, key=f"{turn.subject}:{turn.gate}")  # fmt: skip

    def _waivers(self) -> None:
        for row in last_rows(Waiver, self.at, Q(about__in=list(self.subjects))):
            place = self.subjects[row.about]
            self._add_row("waivers", row, f"{row.gate or 'Late scope'} of {place}", place)

    def _of_release(self) -> Q:
        """Records of one of the packages, or of the whole window where that is looked at."""
        found = Q(package_id__in=list(self.codes))
        whole = isinstance(self.place, ReleaseWindow)
        return found | Q(window_id=self.place.pk) if whole else found

    def _place_of(self, row: Any) -> str | None:
        """The code of what the row belongs to; None where that is another release by then."""
        if row.package_id is not None:
            return self.codes.get(row.package_id)
        return self.place.code if row.window_id == self.place.pk else None

    def _placed(self, model: Any, order: Callable[[Any], Any]) -> Iterator[tuple[str, Any]]:
        for row in sorted(last_rows(model, self.at, self._of_release()), key=order):
            place = self._place_of(row)
            if place is not None:
                yield place, row

    def _steps(self) -> None:
        def order(row: Any) -> Any:
            start = row.planned_start_at
            return (row.is_backout, start is None, start or row.created_at, row.label)

        found = list(self._placed(Activity, order))
        labels = {str(row.id): row.label for _place, row in found}
        waits = self._parts([f"activity:{row.id}" for _place, row in found], "dependencies")
        for place, row in found:
            after = {
                labels.get(told["predecessor"], "another")
                for told in waits.get(f"activity:{row.id}", ())
                if not told.get("dropped_at")
            }
            name = f"{row.label} {row.title}"
            self._add_row("steps", row, name, place, after=tuple(sorted(after)), type=row.type_id)

    def _schedule(self, packages: Iterable[Any]) -> None:
        if isinstance(self.place, ReleaseWindow):
            wanted = {self.place.pk}
        else:
            wanted = {row.window_id for row in packages if row.window_id}
        windows = last_rows(ReleaseWindow, self.at, Q(id__in=wanted))
        for row in windows:
            self._add_row("schedule", row, "Window", row.code, key="window")
        codes = {f"window:{row.id}": row.code for row in windows}
        for subject, rows in self._parts(codes, "cutoffs").items():
            for told in rows:
                self._add(
                    "schedule",
                    f"cutoff:{told['kind']}:{told['label']}",
                    f"Cut-off {told['label']}",
                    codes[subject],
                    {
                        "at": _moment(told["at"]),
                        "expected_at": _moment(told["expected_at"]),
                        "cause": told["cause"],
                    },
                )

    def _checks(self) -> None:
        for place, row in self._placed(ValidationCheck, lambda row: row.code):
            expected = f"{row.expected_operator} {row.expected_value}".strip()
            self._add_row("checks", row, f"{row.code} {row.title}", place, expected=expected)

    def _findings(self) -> None:
        """Those that concern a package, by the packages that the finding names."""
        links = Finding.packages.through.objects.filter(releasepackage_id__in=list(self.codes))
        of = dict(links.order_by().values_list("finding_id", "releasepackage_id"))
        rules = dict(Rule.objects.order_by().values_list("pk", "code"))
        rows = last_rows(Finding, self.at, Q(id__in=list(of)))
        for row in sorted(rows, key=lambda row: (row.first_detected_at, row.id)):
            name = f"{rules[row.rule_id]} {row.text}"
            self._add_row("findings", row, name, self.codes[of[row.id]])

    def _backout(self) -> None:
        for row in last_rows(BackoutPlan, self.at, Q(package_id__in=list(self.codes))):
            code = self.codes[row.package_id]
            self._add_row("backout", row, f"Backout plan of {code}", code)

    def _decisions(self) -> None:
        lines = GoNoGoLine.objects.filter(
            package__in=list(self.codes), go_no_go__decided_at__lte=self.at
        ).select_related("go_no_go")
        for line in lines.order_by("go_no_go__decided_at", "package__code"):
            taken, code = line.go_no_go, self.codes[line.package_id]
            values = {
                "state": line.decision,
                "decided_at": taken.decided_at,
                "decided_by": taken.decided_by_id,
                "confirmed_by": taken.confirmed_by_id,
                "reason": line.reason,
            }
            self._add("decisions", line.pk, f"Decision on {code}", code, values)


def _column(row: Any, name: str) -> Any:
    """A column of a history row as a plain value: the key of another record, a decimal as text."""
    value = getattr(row, f"{name}_id" if hasattr(row, f"{name}_id") else name, None)
    if value is None or isinstance(value, bool | int | str | UUID | datetime):
        return value
    return str(value)


def _handed_in(groups: Mapping[str, Mapping[str, Any]]) -> tuple[str, ...]:
    """What execution is about to do for a change, which its seal covers too."""
    return tuple(sorted(f"{told['what']}: {told['words']}" for told in groups.values()))


def _moment(text: str | None) -> datetime | None:
    return datetime.fromisoformat(text) if text else None


def _last_words(said: Sequence[Decision]) -> tuple[str, ...]:
    """Who said what last, in the order it was said."""
    replaced = {decision.replaces_id for decision in said}
    return tuple(
        f"{decision.by}: {decision.said}" for decision in said if decision.pk not in replaced
    )
