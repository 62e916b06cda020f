"""What belongs to a record: whose entries its timeline tells beside its own."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from django.db.models import Model, Q

from apps.approvals.models import Approval, Countersign, Obligation
from apps.changes.models import ChangeRequest
from apps.evidence.models import GovernedModel
from apps.gates.models import Attestation, Waiver
from apps.releases.models import (
    Activity,
    Alert,
    BackoutPlan,
    Communication,
    Finding,
    FirstCycleWatch,
    GoNoGo,
    Handover,
    Lesson,
    PostReview,
    Rehearsal,
    ReleasePackage,
    RunIssue,
    ValidationCheck,
)
from apps.windows.models import ReleaseWindow, WindowDeviation

#: What belongs to packages, by the path to them, and the columns that people call it by.
OF_PACKAGES: tuple[tuple[Any, str, tuple[str, ...]], ...] = (
    (Activity, "package", ("label", "title")),
    (ValidationCheck, "package", ("code", "title")),
    (BackoutPlan, "package", ("package__code",)),
    (Communication, "package", ("title",)),
    (Handover, "package", ("title",)),
    (GoNoGo, "lines__package", ()),
    (Finding, "packages", ("rule__code", "text")),
    (Rehearsal, "package", ()),
    (PostReview, "package", ()),
    (Lesson, "package", ("code",)),
)
#: The same of a window.
OF_WINDOW: tuple[tuple[Any, str, tuple[str, ...]], ...] = (
    (Activity, "window", ("label", "title")),
    (ValidationCheck, "window", ("code", "title")),
    (Communication, "window", ("title",)),
    (Handover, "window", ("title",)),
    (GoNoGo, "window", ()),
    (FirstCycleWatch, "window", ()),
    (Alert, "window", ("text",)),
    (RunIssue, "window", ("title",)),
    (Lesson, "window", ("code",)),
)
#: What names the subject of its record.
ABOUT: tuple[tuple[Any, tuple[str, ...]], ...] = (
    (Approval, ("label",)),
    (Obligation, ("text",)),
    (Countersign, ("purpose",)),
    (Waiver, ("gate",)),
    (Attestation, ("gate",)),
    (WindowDeviation, ()),
)


@dataclass(slots=True)
class Surroundings:
    """The records of a timeline: subject → what people call it, "" for the record itself.
    `models` are theirs by label."""

    names: dict[str, str] = field(default_factory=dict)
    models: dict[str, Any] = field(default_factory=dict)

    def add(self, model: Any, rows: Iterable[Sequence[Any]], prefix: str = "") -> None:
        self.models[model.SUBJECT] = model
        for pk, *words in rows:
            called = " ".join(str(word) for word in words if word)[:120]
            name = f"{prefix}{called or str(model._meta.verbose_name).capitalize()}"
            self.names.setdefault(f"{model.SUBJECT}:{pk}", name)

    def keys(self, label: str) -> list[str]:
        return [key for kind, _, key in (s.partition(":") for s in self.names) if kind == label]


def surroundings(obj: Model, subject: str) -> Surroundings:
    """The record, called `subject` in the ledger, with what belongs to it; of any other than a
    package, window or change, itself.

    A constant number of queries for each kind of record.
    """
    found = Surroundings()
    found.names[subject] = ""
    if isinstance(obj, GovernedModel):
        found.models[obj.SUBJECT] = type(obj)
    if isinstance(obj, ReleaseWindow):
        _of_window(found, obj)
    elif isinstance(obj, ReleasePackage):
        _of_packages(found, [obj.pk])
    elif isinstance(obj, ChangeRequest):
        _about(found)
    return found


def _of_window(found: Surroundings, window: ReleaseWindow) -> None:
    """Its own records, and those of the packages that are in it or were."""
    was_in_it = ReleasePackage.history.filter(window_id=window.pk).order_by().values("id")
    packages = ReleasePackage.objects.filter(Q(window=window.pk) | Q(pk__in=was_in_it))
    rows = list(packages.order_by("code").values_list("pk", "code"))
    found.add(ReleasePackage, rows)
    for model, path, words in OF_WINDOW:
        found.add(model, _rows(model, {path: window.pk}, words))
    _of_packages(found, [pk for pk, _code in rows])


def _of_packages(found: Surroundings, packages: Sequence[Any]) -> None:
    for model, path, words in OF_PACKAGES:
        found.add(model, _rows(model, {f"{path}__in": packages}, words))
    changes = ChangeRequest.objects.filter(memberships__package__in=packages)
    found.add(ChangeRequest, changes.order_by().values_list("pk", "code").distinct())
    _about(found)


def _about(found: Surroundings) -> None:
    about = [s for s in found.names if s.partition(":")[0] in ("change", "package", "window")]
    for model, words in ABOUT:
        found.add(model, _rows(model, {"about__in": about}, words))


def _rows(model: Any, wanted: Mapping[str, Any], words: Sequence[str]) -> Iterable[Sequence[Any]]:
    rows: Iterable[Sequence[Any]] = (
        model.objects.filter(**wanted).order_by().values_list("pk", *words).distinct()
    )
    return rows
