"""Say what the rules find, for tests of what is done with it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import timedelta
from typing import Any

import pytest

from apps.core import clock
from apps.evidence.models import GovernedModel
from apps.inventory.models import Asset
from apps.releases.domain.findings import Detected, Fix, crash
from apps.releases.models import ReleasePackage
from apps.releases.services import detection
from apps.releases.services.evaluation import Outcome, evaluate_subjects
from tests.releases.worlds import BEFORE

#: `say(record, found…)`: evaluate the record while the rules find just these.
Say = Callable[..., Outcome]


def saying(monkeypatch: pytest.MonkeyPatch) -> Say:
    def say(about: GovernedModel, *found: Detected, hours: int = 0) -> Outcome:
        told = list(found)
        monkeypatch.setattr(detection.completeness, "detect_for_packages", lambda keys: told)
        monkeypatch.setattr(detection.completeness, "detect_for_changes", lambda keys: told)
        monkeypatch.setattr(detection.conflicts, "detect", lambda keys=None, **_: [])
        with clock.at(BEFORE + timedelta(days=2, hours=hours)):
            return evaluate_subjects([about.subject])

    return say


def missing(package: ReleasePackage, assets: Sequence[Asset], **more: Any) -> Detected:
    """C01 for the package: these assets are missing."""
    told = {"text": f"{len(assets)} programs are not recompiled.", **more}
    return Detected(
        rule="C01",
        about=(package.subject,),
        assets=tuple(asset.pk for asset in assets),
        packages=(package.pk,),
        fixes=(Fix("none", "Recompile them"),),
        **told,
    )


def crashed(package: ReleasePackage) -> Detected:
    """C01 could not be evaluated for the package."""
    return crash("C01", (package.subject, "evaluation"), "C01 crashed.", packages=(package.pk,))
