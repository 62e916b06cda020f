"""The dependency pictures of assets: what the register says, handed to `domain.layers`."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db.models import Q
from django.urls import reverse

from apps.console.display import local, relative
from apps.core.words import counted
from apps.inventory.domain.blast import BIND, BUILD, DATA, IMPACTS, RUN, SCHED, SVC, Hit
from apps.inventory.domain.layers import MOST_NODES, Layout, Link, Node, lay_out
from apps.inventory.domain.rebuild import BACKWARD, FORWARD, REMADE, WORKS, Work, spreads
from apps.inventory.domain.relations import PASSIVE_KINDS, RELATION_KINDS
from apps.inventory.models import Asset, AssetType
from apps.inventory.models.schedule import JOB
from apps.inventory.selectors import live_relations
from apps.inventory.selectors.impact import Impact, ImpactAsset, impact_of

#: How far, and to how many assets, making again is followed. Real chains have five links or six.
DEEPEST, MOST_FOLLOWED = 12, 5000
#: Rows of the table beside a picture.
MOST_ROWS = 200

#: How an impact looks: by tone and by letter.
_IMPACT_LOOKS = {
    BUILD: ("info", "C"),
    BIND: ("waived", "B"),
    RUN: ("ready", "R"),
    DATA: ("medium", "D"),
    SCHED: ("open", "S"),
    SVC: ("backed-out", "V"),
}
#: Family → what its hits are listed under, in this order.
_GROUPS = {
    "job": "Jobs",
    AssetType.Family.SERVICE: "Business services",
    AssetType.Family.EXCHANGE: "Interfaces and reports",
    "other": "Everything between",
}
_WORK_TONES = {"C": "info", "L": "open", "G": "ready", "B": "waived", "D": "medium"}


@dataclass(frozen=True, slots=True)
class Mark:
    """A line of the legend: a tone, its letter and what both mean."""

    tone: str
    letter: str
    text: str


@dataclass(frozen=True, slots=True)
class Folding:
    """How the reader wants groups: `most` boxes, some groups folded, some not."""

    most: int = MOST_NODES
    fold: Collection[str] = ()
    unfold: Collection[str] = ()


@dataclass(frozen=True, slots=True)
class Picture:
    """A picture with the same facts as a sentence and as rows for the template `table`.

    `fact` is what outranks the rest, with its explanation; `more` rows were left out.
    """

    title: str
    summary: str
    layout: Layout
    legend: tuple[Mark, ...]
    table: str
    rows: tuple[Any, ...]
    more: int = 0
    is_cut: bool = False
    fact: tuple[str, str] = ("", "")


@dataclass(frozen=True, slots=True)
class Rebuilt:
    """A row of what has to be made again: why, and whether the scope has it (`covered`)."""

    asset: Asset
    url: str
    work: Work
    tone: str
    because: str
    covered: str


@dataclass(frozen=True, slots=True)
class Struck:
    """A row of what is hit: when, in which way (`path` in words), how it looks, and among what."""

    group: str
    hit: Hit
    asset: ImpactAsset
    url: str
    tone: str
    letter: str
    path: str

    @property
    def how(self) -> str:
        return IMPACTS[self.hit.impact]


def plural_of(label: str) -> str:
    """Many of a type, inside a sentence: "batch programs", "CICS libraries", "Db2 indexes"."""
    name, bracket, rest = label.partition(" (")
    first = name.split(" ")[0]
    if first[1:].islower() and not any(letter.isdigit() for letter in first):
        name = name[:1].lower() + name[1:]
    if name.endswith("y"):
        name = f"{name[:-1]}ies"
    else:
        name += "es" if name.endswith(("x", "s")) else "s"
    return name + bracket + rest


def asset_url(pk: UUID) -> str:
    return reverse("admin:inventory_asset_change", args=[pk])


def asset_node(asset: Asset, **more: Any) -> Node:
    """A box for an asset: icon of its family, name, type and the level in production."""
    level = asset.production_version.level if asset.production_version else ""
    told: dict[str, Any] = {
        "sub": " · ".join(filter(None, (asset.type.label, level))),
        "title": f"{asset}, {asset.type.label}",
        **more,
    }
    return Node(
        str(asset.pk), asset.name, kind=asset.type_id, plural=plural_of(asset.type.label),
        icon=asset.type.family, url=asset_url(asset.pk), **told,
    )  # fmt: skip


def _assets(keys: Iterable[UUID]) -> dict[UUID, Asset]:
    return Asset.objects.select_related("type", "production_version").in_bulk(list(keys))


@dataclass(slots=True)
class _Remade:
    """What is made again, how, and through which relations (from, to, kind)."""

    works: dict[UUID, Work] = field(default_factory=dict)
    edges: list[tuple[UUID, UUID, str]] = field(default_factory=list)
    is_cut: bool = False


def _remade(seeds: Collection[UUID]) -> _Remade:
    """Follow the relations that make something again, one query a level."""
    found = _Remade()
    reached, front = set(seeds), set(seeds)
    for _ in range(DEEPEST):
        if not front:
            return found
        rows = (
            live_relations()
            .filter(Q(target__in=front, kind__in=BACKWARD) | Q(source__in=front, kind__in=FORWARD))
            .values_list("source_id", "kind", "target_id", "attributes")
        )
        ahead: set[UUID] = set()
        for source, kind, target, attributes in rows[: 4 * MOST_FOLLOWED]:
            if not spreads(kind, attributes):
                continue
            forward, work = REMADE[kind]
            near, far = (source, target) if forward else (target, source)
            if far not in reached and len(reached) >= MOST_FOLLOWED:
                found.is_cut = True
                continue
            found.edges.append((near, far, kind))
            found.works[far] = min(found.works.get(far, work), work, key=WORKS.index)
            ahead.add(far)
        front = ahead - reached
        reached |= front
    found.is_cut = found.is_cut or bool(front)
    return found


def build_picture(
    seeds: Collection[UUID],
    *,
    covered: Mapping[UUID, str] | None = None,
    folding: Folding = Folding(),
) -> Picture:
    """What has to be made again when `seeds` change.

    `covered` tells where the scope has an asset ("in scope", "step B4"); with it, each impacted
    asset is marked as covered or missing.
    """
    found = _remade(seeds)
    assets = _assets({*seeds, *found.works})
    linked = {key for near, far, _ in found.edges for key in (near, far)}
    shown = [
        asset
        for key, asset in assets.items()
        if key in linked or (key in seeds and not found.edges)
    ]
    rows = sorted(
        _rebuilt(found, assets, covered),
        key=lambda row: (bool(row.covered), WORKS.index(row.work), row.asset.name),
    )
    by_key = {row.asset.pk: row for row in rows}
    layout = lay_out(
        [_build_node(asset, by_key.get(asset.pk), asset.pk in seeds) for asset in shown],
        [
            Link(str(near), str(far), _along(kind), title=_sentence(assets, near, far, kind))
            for near, far, kind in found.edges
        ],
        seeds=[str(key) for key in seeds], limit=folding.most,
        fold=folding.fold, unfold=folding.unfold,
    )  # fmt: skip
    return Picture(
        title="Build impact",
        summary=_build_summary(rows, scoped=covered is not None),
        layout=layout,
        legend=tuple(_build_legend(rows, scoped=covered is not None)),
        table="inventory/_rebuilt.html",
        rows=tuple(rows[:MOST_ROWS]),
        more=max(0, len(rows) - MOST_ROWS),
        is_cut=found.is_cut,
    )


def _along(kind: str) -> str:
    """The word on a link, read the way it is drawn."""
    return (RELATION_KINDS if REMADE[kind][0] else PASSIVE_KINDS)[kind]


def _sentence(assets: Mapping[UUID, Asset], near: UUID, far: UUID, kind: str) -> str:
    return f"{assets[near].name} {_along(kind)} {assets[far].name}"


def _rebuilt(
    found: _Remade, assets: Mapping[UUID, Asset], covered: Mapping[UUID, str] | None
) -> Iterator[Rebuilt]:
    causes: dict[UUID, list[str]] = {}
    for near, far, kind in found.edges:
        words = (PASSIVE_KINDS if REMADE[kind][0] else RELATION_KINDS)[kind]
        causes.setdefault(far, []).append(f"{words} {assets[near].name}")
    for key, work in found.works.items():
        told = sorted(causes[key])
        more = f" and {len(told) - 2} more" if len(told) > 2 else ""
        where = (covered or {}).get(key, "")
        tone = _WORK_TONES[work.letter] if covered is None else "met" if where else "missing"
        yield Rebuilt(assets[key], asset_url(key), work, tone, ", ".join(told[:2]) + more, where)


def _build_node(asset: Asset, row: Rebuilt | None, is_seed: bool) -> Node:
    if row is None:
        return asset_node(asset, tone="seed", keep=True)
    told = {}
    if row.tone in ("met", "missing"):
        told["sub"] = f"{row.covered or 'missing'} · {asset.type.label}"
    return asset_node(
        asset, tone=row.tone, mark=row.work.letter, keep=is_seed, **told,
        title=f"{asset}, {asset.type.label}: {row.work.verb}, {row.because}",
    )  # fmt: skip


def _build_summary(rows: Collection[Rebuilt], *, scoped: bool) -> str:
    if not rows:
        return "Nothing has to be built again with it."
    told = []
    for work in WORKS:
        done = [row.asset for row in rows if row.work == work]
        if done:
            told.append(f"{_named(done)} to {work.verb}")
    sentence = f"{', '.join(told)}."
    if scoped:
        missing = sum(not row.covered for row in rows)
        sentence += f" Missing in the scope: {missing}." if missing else " All covered."
    return sentence


def _named(assets: Collection[Asset]) -> str:
    """How many of what: "1 VSAM cluster", "13 programs", "4 assets"."""
    labels = {asset.type.label for asset in assets}
    families = {asset.type.family for asset in assets}
    if len(labels) == 1:
        many = plural_of(labels.pop())
        return counted(len(assets), many.removesuffix("s"), many)
    return counted(len(assets), "program" if families == {AssetType.Family.PROGRAM} else "asset")


def _build_legend(rows: Collection[Rebuilt], *, scoped: bool) -> Iterator[Mark]:
    yield Mark("seed", "", "what changes")
    if scoped:
        yield Mark("met", "", "in the scope or in the plan")
        yield Mark("missing", "", "missing")
    for work in WORKS:
        if any(row.work == work for row in rows):
            yield Mark("" if scoped else _WORK_TONES[work.letter], work.letter, work.verb)


def run_picture(
    seeds: Collection[UUID],
    at: datetime,
    *,
    folding: Folding = Folding(),
) -> Picture:
    """What changing `seeds` at the moment `at` hits, with the first batch job and the way to it."""
    impact = impact_of(seeds, at)
    first = impact.first_job
    hits: dict[UUID, Hit] = {}
    for hit in impact.blast.hits:
        hits.setdefault(hit.asset, hit)
    if first:
        hits[first.asset] = first
    way = _way(first) if first else []
    links = dict.fromkeys(step for hit in hits.values() for step in _way(hit) if step[0] != step[1])
    # Of a large scope, what hits nothing of its own is left out.
    linked = dict.fromkeys(key for near, far, _ in links for key in (near, far))
    keys = [*linked, *hits] if links else [*impact.blast.seeds, *hits]
    kept = {*impact.blast.seeds, *(key for step in way for key in step[:2])}
    rows = [_struck(impact, hit) for hit in hits.values()]
    return Picture(
        title="Run impact tonight",
        summary=_run_summary(impact),
        layout=lay_out(
            [
                _run_node(impact, impact.assets[key], hits.get(key), keep=key in kept)
                for key in dict.fromkeys(keys)
            ],
            [
                Link(
                    str(near), str(far), words, tone="high" if (near, far, words) in way else "",
                    title=f"{impact.assets[near].name} {words} {impact.assets[far].name}",
                )
                for near, far, words in links
            ],
            seeds=[str(key) for key in impact.blast.seeds], limit=folding.most,
            fold=folding.fold, unfold=folding.unfold,
        ),
        legend=tuple(_run_legend(impact, hits.values())),
        table="inventory/_struck.html",
        rows=tuple(sorted(rows, key=_urgency)[:MOST_ROWS]),
        more=max(0, len(rows) - MOST_ROWS),
        is_cut=impact.blast.is_cut,
        fact=_first_job(impact, first),
    )  # fmt: skip


def _way(hit: Hit) -> list[tuple[UUID, UUID, str]]:
    """The hops of a path: (from, to, the word on the link)."""
    near, found = hit.seed, []
    for step in hit.path:
        words = (RELATION_KINDS if step.forward else PASSIVE_KINDS)[step.kind]
        found.append((near, step.asset, words))
        near = step.asset
    return found


def _urgency(row: Struck) -> tuple[Any, ...]:
    return list(_GROUPS.values()).index(row.group), row.hit.arrival, row.asset.name


def _struck(impact: Impact, hit: Hit) -> Struck:
    tone, letter = _IMPACT_LOOKS[hit.impact]
    asset = impact.assets[hit.asset]
    group = _GROUPS.get("job" if _is_job(asset) else asset.family, _GROUPS["other"])
    return Struck(group, hit, asset, asset_url(asset.id), tone, letter, impact.path(hit))


def _run_node(impact: Impact, asset: ImpactAsset, hit: Hit | None, *, keep: bool) -> Node:
    is_first = impact.first_job is not None and impact.first_job.asset == asset.id
    tone, letter = _IMPACT_LOOKS[hit.impact] if hit else ("seed", "")
    since = local(hit.arrival) if hit and hit.arrival > impact.blast.at else ""
    is_seed = asset.id in impact.blast.seeds
    return Node(
        str(asset.id),
        asset.name,
        sub=" · ".join(filter(None, (since, asset.type_label))),
        kind=asset.type,
        plural=plural_of(asset.type_label),
        icon=asset.family,
        tone="high" if is_first else "seed" if is_seed else tone,
        mark=letter,
        note=f"First batch job hit, {relative(impact.first_job.arrival, impact.now)}"
        if is_first and impact.first_job
        else "",
        url=asset_url(asset.id),
        title=f"{asset.name}, {asset.type_label}: "
        + (f"{IMPACTS[hit.impact].lower()}, {impact.path(hit)}" if hit else "what changes"),
        keep=keep
        or asset.family == AssetType.Family.SERVICE
        or (_is_job(asset) and asset.is_critical),
    )


def _is_job(asset: ImpactAsset) -> bool:
    return asset.type == JOB


def _first_job(impact: Impact, first: Hit | None) -> tuple[str, str]:
    if first is None:
        return "", ""
    return (
        f"{impact.assets[first.asset].name} {local(first.arrival)}",
        f"is the first batch job hit, {relative(first.arrival, impact.now)}: {impact.path(first)}",
    )


def _run_summary(impact: Impact) -> str:
    told = [
        counted(len(found), word)
        for found, word in (
            (impact.recompiles, "program"),
            (impact.jobs, "job"),
            (impact.services, "service"),
            (impact.partners, "interface"),
        )
        if found
    ]
    if not told and not impact.blast.hits:
        return "Nothing that runs within 48 hours is hit."
    without = len(impact.unplanned)
    sentence = (
        f"Hit within 48 hours: {', '.join(told) or counted(len(impact.blast.hits), 'asset')}."
    )
    if without:
        sentence += f" {counted(without, 'job')} would be hit when somebody starts them."
    return sentence


def _run_legend(impact: Impact, hits: Iterable[Hit]) -> Iterator[Mark]:
    yield Mark("seed", "", "what changes")
    if impact.first_job:
        yield Mark("high", "", "first batch job hit")
    there = {hit.impact for hit in hits}
    for name, (tone, letter) in _IMPACT_LOOKS.items():
        if name in there:
            yield Mark(tone, letter, IMPACTS[name][:1].lower() + IMPACTS[name][1:])
