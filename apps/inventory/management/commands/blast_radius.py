from __future__ import annotations

import json
import re
from argparse import ArgumentParser, ArgumentTypeError
from collections.abc import Iterable, Iterator, Sequence
from datetime import timedelta
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from apps.console import display
from apps.core.errors import Refused
from apps.inventory.domain.blast import HORIZON, IMPACTS, Hit
from apps.inventory.models import Asset
from apps.inventory.selectors import assets_by_code, assets_named_like
from apps.inventory.selectors.impact import HORIZON_HOURS_MAX, Impact, impact_of, moment_asked

SHOWN_CHOICES = 10


def horizon(text: str) -> timedelta:
    found = re.fullmatch(r"(\d{1,4})([hd])", text)
    span = timedelta(hours=int(found[1]) * (24 if found[2] == "d" else 1)) if found else None
    if span is None or not timedelta() < span <= timedelta(hours=HORIZON_HOURS_MAX):
        raise ArgumentTypeError(f"{text} is no horizon such as 48h or 3d, of a month at most")
    return span


class Command(BaseCommand):
    help = "Tell what changing an asset hits, and which batch job first."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("name", help="The whole name of the asset.")
        parser.add_argument("--type", help="The code of its type, where several have the name.")
        parser.add_argument("--qualifier", help="Its library, where several have name and type.")
        parser.add_argument("--at", default="", help="00:40 today, or 2026-11-22T00:40; now.")
        parser.add_argument("--horizon", type=horizon, default=HORIZON, help="Such as 48h or 3d.")
        parser.add_argument("--json", action="store_true", help="The same as the interface tells.")

    def handle(self, *_: Any, **options: Any) -> None:
        asset = self._asset(options["name"].upper(), options["type"], options["qualifier"])
        try:
            at = moment_asked(options["at"])
        except Refused as refusal:
            raise CommandError(" ".join(f"{b.text} {b.fix}" for b in refusal.blockers)) from None
        found = impact_of([asset.pk], at, horizon=options["horizon"])
        if options["json"]:
            self.stdout.write(json.dumps(found.as_dict(), indent=2))
            return
        with timezone.override(settings.INTERLOCK_ZONE):
            self.stdout.writelines(f"{line}\n" for line in _report(asset, found))

    def _asset(self, name: str, type_code: str | None, qualifier: str | None) -> Asset:
        named = assets_by_code([name])[name]
        meant = [
            asset
            for asset in named
            if type_code in (None, asset.type_id) and qualifier in (None, asset.qualifier)
        ]
        if len(meant) == 1:
            return meant[0]
        if meant:
            raise CommandError(
                f"Several assets are called {name}: {_choices(meant)}. "
                "Say which by --type and --qualifier."
            )
        others = named or list(assets_named_like(name)[:SHOWN_CHOICES])
        did_you_mean = f" There are: {_choices(others)}." if others else ""
        raise CommandError(f"There is no such asset {name}.{did_you_mean}")


def _choices(assets: Iterable[Asset]) -> str:
    return ", ".join(sorted(f"{a.type_id} {a.name} in {a.qualifier}" for a in assets))


def _report(asset: Asset, found: Impact) -> Iterator[str]:
    yield f"{asset.name}, {asset.type.label.lower()}, changed at {_when(found.blast.at)}"
    first = found.first_job
    if first is None:
        yield "No batch job is hit."
    else:
        yield (
            f"First batch job hit: {found.assets[first.asset].name} {_when(first.arrival)}, "
            f"{display.relative(first.arrival, found.now)}"
        )
    for title, hits in (
        ("Batch jobs", found.jobs),
        ("To be built again", found.recompiles),
        ("Services", found.services),
        ("Partners and reports", found.partners),
    ):
        if hits:
            yield ""
            yield f"{title} ({len(hits)})"
            yield from _table([_cells(found, hit) for hit in hits])
    if found.unplanned:
        yield ""
        yield f"On demand, or not planned: {', '.join(job.name for job in found.unplanned)}"
    if found.blast.is_cut:
        yield "There is more than was looked at."


def _cells(found: Impact, hit: Hit) -> tuple[str, ...]:
    asset = found.assets[hit.asset]
    notes = [
        "critical" if asset.is_critical else "",
        f"{asset.partner} by {asset.cut_off:%H:%M}" if asset.cut_off else asset.partner,
    ]
    return (
        asset.name,
        _when(hit.arrival),
        IMPACTS[hit.impact].lower(),
        ", ".join(filter(None, notes)),
        found.path(hit),
    )


def _table(rows: Sequence[tuple[str, ...]]) -> Iterator[str]:
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    for row in rows:
        cells = (cell.ljust(width) for cell, width in zip(row, widths, strict=True))
        yield "  " + "  ".join(cells).rstrip()


def _when(moment: Any) -> str:
    return f"{display.local(moment)} {moment.astimezone(display.zone_of(None)):%Z}"
