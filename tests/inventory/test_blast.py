"""The blast radius of tiny graphs, and against trying every way."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, time, timedelta
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from apps.inventory.domain.blast import (
    CUT_OFF,
    HORIZON,
    PROPAGATION,
    Blast,
    Hit,
    Step,
    blast,
    path_words,
)
from apps.inventory.domain.relations import PASSIVE_KINDS, RELATION_KINDS
from apps.inventory.domain.schedule import Schedule, next_run

T0 = datetime(2026, 11, 22, 0, 40, tzinfo=UTC)
#: (source, kind, target), by one-letter or longer names.
Edge = tuple[str, str, str]


def key(name: str) -> UUID:
    return UUID(bytes=name.encode().ljust(16, b"\0")[:16])


def name(asset: UUID) -> str:
    return asset.bytes.rstrip(b"\0").decode()


class Names(dict[UUID, str]):
    def __missing__(self, asset: UUID) -> str:
        return name(asset)


@dataclass
class Graph:
    edges: Sequence[Edge]
    jobs: Mapping[str, Schedule] = field(default_factory=dict)
    asked: list[UUID] = field(default_factory=list)

    def steps_from(self, assets: Sequence[UUID]) -> dict[UUID, list[Step]]:
        self.asked += assets
        return {asset: list(self._steps(name(asset))) for asset in assets}

    def _steps(self, asset: str) -> Iterator[Step]:
        for source, kind, target in self.edges:
            if source == asset:
                yield Step(kind, True, key(target))
            if target == asset:
                yield Step(kind, False, key(source))

    def schedule_of(self, asset: UUID) -> Schedule | None:
        return self.jobs.get(name(asset))


def job(start: str, minutes: int = 0, **more: object) -> Schedule:
    elapsed = timedelta(minutes=minutes)
    return Schedule("UTC", time.fromisoformat(start), elapsed=elapsed, **more)  # type: ignore[arg-type]


def spread(graph: Graph, *seeds: str, **more: object) -> Blast:
    return blast([key(seed) for seed in seeds], T0, graph, **more)  # type: ignore[arg-type]


def told(found: Blast) -> set[tuple[str, str, str, float]]:
    """(name, impact, day and time, weight) of every hit."""
    return {
        (name(h.asset), h.impact, f"{h.arrival:%d %H:%M}", round(h.weight, 3)) for h in found.hits
    }


def hit(found: Blast, asset: str, impact: str = "") -> Hit:
    return next(h for h in found.hits if name(h.asset) == asset and impact in ("", h.impact))


ACTIVATION = "22 00:40"


@pytest.mark.parametrize(("kind", "forward"), PROPAGATION)
def test_every_kind_passes_its_impact_its_way(kind: str, forward: bool) -> None:
    impact, share = PROPAGATION[kind, forward]
    edge = ("S", kind, "X") if forward else ("X", kind, "S")
    assert ("X", impact, ACTIVATION, share) in told(spread(Graph([edge]), "S"))


@pytest.mark.parametrize("kind", ["runs_in", "protects", "refers_to"])
def test_other_kinds_pass_nothing(kind: str) -> None:
    graph = Graph([("S", kind, "X"), ("X", kind, "S")])
    assert spread(graph, "S").hits == ()


def test_every_kind_can_be_read_both_ways() -> None:
    assert PASSIVE_KINDS.keys() == RELATION_KINDS.keys()
    assert {kind for kind, _forward in PROPAGATION} <= RELATION_KINDS.keys()


def test_a_job_is_hit_at_its_next_run_and_passes_it_on_when_it_ends() -> None:
    graph = Graph(
        [("JOB", "executes", "PGM"), ("JOB", "writes", "FILE"), ("LATE", "reads", "FILE")],
        {"JOB": job("05:10", 45), "LATE": job("05:55")},
    )
    assert told(spread(graph, "PGM")) == {
        ("JOB", "RUN", "22 05:10", 1.0),
        ("FILE", "DATA", "22 05:55", 0.8),
        ("LATE", "DATA", "22 05:55", 0.56),
    }


def test_who_reads_before_tonights_writer_is_hit_tomorrow() -> None:
    graph = Graph(
        [("JOB", "writes", "FILE"), ("BACKUP", "reads", "FILE")],
        {"JOB": job("05:10", 45), "BACKUP": job("04:35")},
    )
    found = spread(graph, "JOB")
    assert hit(found, "BACKUP").arrival == datetime(2026, 11, 23, 4, 35, tzinfo=UTC)
    assert spread(graph, "JOB", horizon=timedelta(hours=24)).hits == found.hits[:2]


def test_a_changed_job_is_the_first_that_is_hit() -> None:
    found = spread(Graph([], {"JOB": job("05:10")}), "JOB")
    assert found.first_job == hit(found, "JOB", "RUN")
    assert found.first_job.path == ()


def test_the_first_job_runs_or_reads_what_changed() -> None:
    graph = Graph(
        [
            ("EARLY", "triggers", "STARTED"),
            ("EARLY", "executes", "PGM"),
            ("SEED", "schedules", "S1"),
        ],
        {"EARLY": job("05:00"), "STARTED": job("05:30"), "S1": job("04:00")},
    )
    found = spread(graph, "PGM", "SEED")
    assert hit(found, "S1", "SCHED").arrival < hit(found, "EARLY").arrival
    assert found.first_job == hit(found, "EARLY", "RUN")


def test_each_way_of_being_hit_is_told_with_its_own_earliest_time() -> None:
    graph = Graph([("PGM", "copies", "BOOK"), ("PGM", "calls", "SUB"), ("SUB", "copies", "BOOK")])
    assert told(spread(graph, "BOOK")) == {
        ("PGM", "BUILD", ACTIVATION, 1.0),
        ("PGM", "RUN", ACTIVATION, 0.9),
        ("SUB", "BUILD", ACTIVATION, 1.0),
    }


def test_the_earliest_and_the_heaviest_way_may_differ() -> None:
    graph = Graph(
        [
            ("A", "writes", "F"), ("JOB", "reads", "F"),  # light: .8 x .7
            ("LATE", "executes", "A"), ("LATE", "transfers_to", "JOB"),  # heavy: 1 x .8, later
        ],
        {"JOB": job("03:00"), "LATE": job("02:00", 120)},
    )  # fmt: skip
    found = hit(spread(graph, "A"), "JOB", "DATA")
    assert (found.arrival, round(found.weight, 2)) == (T0.replace(hour=3, minute=0), 0.8)
    assert [step.kind for step in found.path] == ["writes", "reads"]


def test_a_later_heavy_way_goes_on_where_an_early_light_one_ends() -> None:
    graph = Graph(
        [
            ("S", "triggers", "X"), ("X", "produces_report", "Y"), ("Y", "triggers", "Z"),
            ("JOB", "executes", "S"), ("JOB", "supports", "Y"),
        ],
        {"JOB": job("02:00")},
    )  # fmt: skip
    assert ("Z", "SCHED", "22 02:00", 0.5) in told(spread(graph, "S"))


def test_below_the_cut_off_and_beyond_the_horizon_nothing_is_hit() -> None:
    chain = [(f"J{n}", "triggers", f"J{n + 1}") for n in range(4)]
    assert {name(h.asset) for h in spread(Graph(chain), "J0").hits} == {"J1", "J2"}
    monthly = job("05:00", days="FREQ=MONTHLY;BYMONTHDAY=-1")
    assert spread(Graph([], {"JOB": monthly}), "JOB").hits == ()


def test_a_job_on_demand_is_told_but_not_hit() -> None:
    graph = Graph(
        [("HAND", "executes", "PGM"), ("HAND", "writes", "FILE"), ("JOB", "triggers", "HAND"),
         ("JOB", "executes", "PGM")],
        {"HAND": Schedule(is_on_demand=True), "JOB": job("05:00")},
    )  # fmt: skip
    found = spread(graph, "PGM")
    assert {name(h.asset) for h in found.hits} == {"JOB"}
    assert [name(asset) for asset in found.unplanned] == ["HAND"]


def test_a_job_that_nobody_scheduled_runs_when_it_is_triggered() -> None:
    graph = Graph(
        [("JOB", "triggers", "NEXT"), ("NEXT", "executes", "PGM")],
        {"JOB": job("05:00", 10), "NEXT": Schedule()},
    )
    assert ("NEXT", "SCHED", "22 05:10", 0.5) in told(spread(graph, "JOB"))
    assert [name(asset) for asset in spread(graph, "PGM").unplanned] == ["NEXT"]


def test_cycles_and_self_edges_do_no_harm() -> None:
    graph = Graph(
        [("A", "calls", "A"), ("B", "calls", "A"), ("A", "calls", "B"), ("B", "copies", "A"),
         ("A", "copies", "B")]
    )  # fmt: skip
    assert told(spread(graph, "A")) == {
        ("B", "RUN", ACTIVATION, 0.9),
        ("B", "BUILD", ACTIVATION, 1.0),
    }


def test_one_seed_is_hit_by_another_but_not_by_itself() -> None:
    graph = Graph([("PGM", "copies", "BOOK")])
    assert told(spread(graph, "PGM", "BOOK")) == {("PGM", "BUILD", ACTIVATION, 1.0)}


def test_nothing_is_reached_beyond_the_limit_and_that_is_told() -> None:
    graph = Graph([(f"P{n}", "copies", "BOOK") for n in range(9)])
    assert not spread(graph, "BOOK", reached_max=10).is_cut
    cut = spread(graph, "BOOK", reached_max=5)
    assert cut.is_cut
    assert len(cut.hits) == 4 and len(graph.asked) == 10 + 5


def test_of_too_many_those_that_are_hit_hardest_are_told() -> None:
    graph = Graph([("CALLER", "calls", "PGM"), ("JOB", "executes", "PGM")], {"JOB": job("05:00")})
    assert told(spread(graph, "PGM", reached_max=2)) == {("JOB", "RUN", "22 05:00", 1.0)}


def test_a_chain_without_end_is_cut() -> None:
    graph = Graph([(f"P{n + 1}", "copies", f"P{n}") for n in range(60)])
    found = spread(graph, "P0")
    assert found.is_cut and len(found.hits) == 50


def test_a_path_reads_as_a_sentence() -> None:
    graph = Graph(
        [("CBTRN02C", "copies", "CVACT01Y"), ("POSTTRAN", "executes", "CBTRN02C"),
         ("POSTTRAN", "writes", "TRANSACT")],
        {"POSTTRAN": job("05:10")},
    )  # fmt: skip
    assert path_words(hit(spread(graph, "CVACT01Y"), "TRANSACT"), Names()) == (
        "CVACT01Y ← copied by CBTRN02C ← executed by POSTTRAN → writes TRANSACT"
    )


# Against trying every way.

letters = st.sampled_from("ABCDEF")
edges = st.lists(
    st.tuples(letters, st.sampled_from(sorted({kind for kind, _ in PROPAGATION})), letters),
    max_size=14,
)
timetables = st.dictionaries(
    letters,
    st.builds(
        lambda hour, minutes: job(f"{hour:02}:00", minutes),
        st.integers(0, 23), st.sampled_from([0, 45, 600]),
    ),
)  # fmt: skip


def every_way(graph: Graph, seed: str) -> dict[str, tuple[datetime, float]]:
    """Earliest arrival and greatest weight of each asset but the seed, over all simple paths."""
    best: dict[str, tuple[datetime, float]] = {}

    def enter(asset: str, at: datetime) -> datetime | None:
        run = next_run(graph.jobs[asset], at) if asset in graph.jobs else at
        return run if run is not None and run <= T0 + HORIZON else None

    def walk(asset: str, since: datetime, weight: float, passed: frozenset[str]) -> None:
        left = since + (graph.jobs[asset].elapsed if asset in graph.jobs else timedelta())
        for step in graph._steps(asset):
            share = PROPAGATION.get((step.kind, step.forward), ("", 0.0))[1]
            new, lighter = name(step.asset), weight * share
            then = enter(new, left)
            if new in passed or lighter < CUT_OFF or then is None:
                continue
            earliest, heaviest = best.get(new, (then, lighter))
            best[new] = min(earliest, then), max(heaviest, lighter)
            walk(new, then, lighter, passed | {new})

    since = enter(seed, T0)
    if since is not None:
        walk(seed, since, 1.0, frozenset(seed))
    return best


def by_asset(hits: Iterable[Hit], seed: str) -> dict[str, tuple[datetime, float]]:
    best: dict[str, tuple[datetime, float]] = {}
    for h in hits:
        if h.asset != key(seed):
            earliest, heaviest = best.get(name(h.asset), (h.arrival, h.weight))
            best[name(h.asset)] = min(earliest, h.arrival), max(heaviest, h.weight)
    return best


@given(edges, timetables)
def test_it_finds_what_trying_every_way_finds(edges: list[Edge], jobs: dict[str, Schedule]) -> None:
    graph = Graph(edges, jobs)
    assert by_asset(spread(graph, "A").hits, "A") == every_way(graph, "A")


@given(edges, timetables, st.tuples(letters, st.sampled_from(["writes", "reads"]), letters))
def test_one_more_edge_never_delays_an_arrival(
    edges: list[Edge], jobs: dict[str, Schedule], more: Edge
) -> None:
    before = by_asset(spread(Graph(edges, jobs), "A").hits, "A")
    after = by_asset(spread(Graph([*edges, more], jobs), "A").hits, "A")
    assert all(after[asset][0] <= arrival for asset, (arrival, _) in before.items())


@given(edges, timetables, st.randoms())
def test_the_order_of_edges_changes_nothing(
    edges: list[Edge], jobs: dict[str, Schedule], random: object
) -> None:
    shuffled = list(edges)
    random.shuffle(shuffled)  # type: ignore[attr-defined]
    assert spread(Graph(edges, jobs), "A", "B") == spread(Graph(shuffled, jobs), "A", "B")
