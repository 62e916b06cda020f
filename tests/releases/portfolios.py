"""A portfolio in a few words: packages of a week, what they touch, and their steps."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID, uuid5

from apps.releases.domain.baseline import Base
from apps.releases.domain.conflicts import RULES
from apps.releases.domain.conflicts.portfolio import (
    Asset,
    Change,
    Package,
    Portfolio,
    Step,
    Team,
    Touch,
)
from apps.releases.domain.findings import Detected

NOW = datetime(2026, 11, 20, 12, tzinfo=UTC)
WEEK = timedelta(days=7)
_SPACE = UUID("6ba7b810-9dad-11d1-80b4-00c04fd430c8")


def key(name: str) -> UUID:
    return uuid5(_SPACE, name)


def package(code: str, week: int | None = 0, **more: Any) -> Package:
    """In the window of that week (W-0 opens tomorrow, for eight hours); without one for None."""
    if week is not None:
        opens = NOW + timedelta(days=1) + week * WEEK
        window = {
            "window": key(f"W-{week}"),
            "window_code": f"W-{week}",
            "starts_at": opens,
            "ends_at": opens + timedelta(hours=8),
        }
        more = window | more
    more["after"] = frozenset(map(key, more.get("after", ())))
    return Package(id=key(code), code=code, **more)


def touch(unit: str, asset: str, built_on: str = "", level: str = "", **more: Any) -> Touch:
    return Touch(
        asset=key(asset), unit=key(unit), change=key(f"change of {unit}"),
        from_version=built_on, to_version=level, **more,
    )  # fmt: skip


def step(label: str, begins: int, minutes: int, package: str = "", **more: Any) -> Step:
    """A step of window W-0, `begins` minutes after NOW."""
    starts_at = NOW + timedelta(minutes=begins)
    return Step(
        id=key(f"{package} {label}"), label=label, type=more.pop("type", "SMOKE_JOB"),
        starts_at=starts_at, ends_at=starts_at + timedelta(minutes=minutes),
        team=key(more.pop("team", "OPS")), package=key(package) if package else None,
        window=key("W-0"), **more,
    )  # fmt: skip


def portfolio(
    *packages: Package,
    touches: list[Touch] | None = None,
    production: dict[str, str] | None = None,
    changes: tuple[str, ...] = (),
    **more: Any,
) -> Portfolio:
    """Assets are those that are touched, each with its name."""
    touched = touches or []
    names = ["X", "Y", "Z", "PART", "JOB", *"ABCDEF"]
    levels = {key(name): Base(level) for name, level in (production or {}).items()}
    return Portfolio(
        now=NOW,
        packages={one.id: one for one in packages},
        touches=tuple(touched),
        changes={key(code): Change(key(code), code) for code in changes},
        assets={key(name): Asset(key(name), name) for name in names} | more.pop("assets", {}),
        production=levels | more.pop("installed", {}),
        teams=more.pop("teams", {key("OPS"): Team(key("OPS"), "OPS", 2)}),
        **more,
    )


def found(code: str, given: Portfolio) -> list[Detected]:
    rule = next(rule for rule in RULES if rule.code == code)
    return sorted(rule.find(given), key=lambda one: one.text)


def names(detected: Detected) -> list[str]:
    """The one-letter assets it names."""
    known = {key(name): name for name in ["X", "Y", "Z", "PART", "JOB", *"ABCDEF"]}
    return [known[asset] for asset in detected.assets]


def codes(detected: Detected, *known: str) -> list[str]:
    by_id = {key(code): code for code in known}
    return sorted(by_id[one] for one in detected.packages)
