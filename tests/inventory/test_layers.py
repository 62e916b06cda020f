"""The layout of a dependency picture, from nodes and links to places."""

from __future__ import annotations

import re
from collections.abc import Sequence
from itertools import combinations, pairwise

from hypothesis import given, settings
from hypothesis import strategies as st

from apps.inventory.domain.layers import (
    HEIGHT,
    MARGIN,
    MOST_ROWS,
    TALL,
    WIDEST,
    Box,
    Edge,
    Layout,
    Link,
    Node,
    lay_out,
    layered,
    shortened,
)


def nodes(*names: str, **more: object) -> list[Node]:
    return [Node(name, name, **more) for name in names]  # type: ignore[arg-type]


def links(*pairs: str, label: str = "") -> list[Link]:
    """ "AB" leads from A to B."""
    return [Link(pair[0], pair[1], label) for pair in pairs]


def boxes(layout: Layout) -> dict[str, Box]:
    return {box.node.key: box for box in layout.boxes}


def edge(layout: Layout, pair: str) -> Edge:
    return next(e for e in layout.edges if (e.link.source, e.link.target) == tuple(pair))


def test_a_layer_is_the_longest_path_from_the_seed() -> None:
    found = layered(nodes(*"SABC"), links("SA", "SB", "AB", "BC", "SC"), seeds=["S"])
    assert found.layer == {"S": 0, "A": 1, "B": 2, "C": 3}
    assert not found.back


def test_layers_stand_from_left_to_right() -> None:
    there = boxes(lay_out(nodes(*"CBA"), links("AB", "BC"), seeds=["A"]))
    assert there["A"].x == MARGIN
    assert there["A"].right < there["B"].x
    assert there["B"].right < there["C"].x


def test_a_cycle_is_opened_where_the_walk_from_the_seed_closes_it() -> None:
    pairs = links("BC", "CA", "AB")
    for seed, back in (("A", "CA"), ("B", "AB"), ("C", "BC")):
        layout = lay_out(nodes(*"ABC"), pairs, seeds=[seed])
        assert [e.link for e in layout.edges if e.is_back] == links(back)


def test_a_link_to_itself_is_a_bow_on_its_box() -> None:
    layout = lay_out(nodes("A"), links("AA"), seeds=["A"])
    assert edge(layout, "AA").is_back
    assert boxes(layout)["A"].y >= MARGIN


def test_a_link_to_nothing_known_is_left_out() -> None:
    assert lay_out(nodes("A"), links("AX", "XA")).edges == ()


def test_no_picture_is_empty_but_has_a_size() -> None:
    assert lay_out([], []) == Layout(MARGIN, MARGIN, (), (), ())


def test_a_single_follower_stands_level_with_what_it_follows() -> None:
    layout = lay_out(nodes(*"AB"), links("AB"), seeds=["A"])
    assert boxes(layout)["A"].middle == boxes(layout)["B"].middle
    assert "C" not in edge(layout, "AB").path


def test_the_source_of_many_stands_in_their_middle() -> None:
    names = "BCDEF"
    there = boxes(lay_out(nodes("A", *names), links(*(f"A{n}" for n in names)), seeds=["A"]))
    ys = sorted(there[name].middle for name in names)
    assert there["A"].middle == ys[2]


def test_links_that_need_not_cross_do_not() -> None:
    layout = lay_out(nodes(*"ABCXYZ"), links("AZ", "BY", "CX"), seeds=["A", "B", "C"])
    there = boxes(layout)
    left = sorted("ABC", key=lambda key: there[key].y)
    right = sorted("XYZ", key=lambda key: there[key].y)
    assert [{"A": "Z", "B": "Y", "C": "X"}[key] for key in left] == right


def test_a_long_layer_stands_in_columns_of_one_length() -> None:
    names = [f"P{n:02}" for n in range(MOST_ROWS + 4)]
    layout = lay_out([*nodes("S", *names)], [Link("S", name) for name in names], seeds=["S"])
    xs = [box.x for box in layout.boxes if box.node.key != "S"]
    assert sorted(xs.count(x) for x in set(xs)) == [10, 10]


def test_columns_of_one_layer_stand_beside_each_other() -> None:
    names = [f"P{n:03}" for n in range(MOST_ROWS * 8)]
    layout = lay_out([*nodes("S", *names)], [Link("S", name) for name in names], seeds=["S"])
    assert layout.height < (MOST_ROWS + 1) * (HEIGHT + MARGIN) + 2 * MARGIN


def test_a_note_makes_a_box_tall() -> None:
    first = Node("A", "A", note="First batch job hit")
    assert [box.height for box in lay_out([first, *nodes("B")], []).boxes] == [TALL, HEIGHT]


def test_a_name_is_cut_in_its_middle() -> None:
    assert shortened("PROD.CARDDEMO.ACCTDATA.VSAM.KSDS", 21) == "PROD.CARDD….VSAM.KSDS"
    assert shortened("POSTTRAN", 8) == "POSTTRAN"
    box = lay_out(nodes("PROD.CARDDEMO.ACCTDATA.VSAM.KSDS"), []).boxes[0]
    assert box.width == WIDEST
    assert "…" in box.label


def test_words_stand_before_the_first_of_boxes_that_are_entered_alike() -> None:
    pairs = links("AB", "AC", "AD", label="copied by")
    layout = lay_out(nodes(*"ABCD"), pairs, seeds=["A"])
    said = [e for e in layout.edges if e.label]
    assert [e.label for e in said] == ["copied by"]
    assert said[0].label_x < boxes(layout)[said[0].link.target].x


def test_two_different_words_before_one_box_are_both_left_out() -> None:
    pairs = [Link("A", "B", "called by"), Link("A", "B", "copied by")]
    layout = lay_out(nodes(*"AB"), pairs, seeds=["A"])
    assert [e.label for e in layout.edges] == ["", ""]


def programs(count: int, **more: object) -> list[Node]:
    names = (f"PGM{n:04}" for n in range(count))
    return [
        Node(name, name, kind="program", plural="programs", **more)  # type: ignore[arg-type]
        for name in names
    ]


def test_beyond_the_limit_the_largest_group_becomes_one_box() -> None:
    some = programs(13)
    jobs = [Node(f"JOB{n}", f"JOB{n}", kind="job", plural="jobs") for n in range(3)]
    pairs = [Link("S", node.key) for node in (*some, *jobs)]
    layout = lay_out([*nodes("S"), *some, *jobs], pairs, seeds=["S"], limit=10)
    assert sorted(box.label for box in layout.boxes) == ["13 programs", "JOB0", "JOB1", "JOB2", "S"]
    assert [(g.key, g.count, g.is_folded) for g in layout.groups] == [
        ("1-program", 13, True),
        ("1-job", 3, False),
    ]
    assert len(layout.edges) == 4


def test_a_group_is_folded_and_opened_on_request() -> None:
    pairs = [Link("S", node.key) for node in programs(13)]
    everything = [*nodes("S"), *programs(13)]
    assert len(lay_out(everything, pairs, seeds=["S"], fold=["1-program"]).boxes) == 2
    opened = lay_out(everything, pairs, seeds=["S"], limit=13, unfold=["1-program"])
    assert len(opened.boxes) == 14
    assert len(lay_out(everything, pairs, seeds=["S"], limit=12, unfold=["1-program"]).boxes) == 2


def test_what_is_kept_is_never_folded() -> None:
    first, *rest = programs(200)
    kept = [Node(**{**_fields(first), "keep": True}), *rest]
    layout = lay_out([*nodes("S", keep=True), *kept], [Link("S", n.key) for n in kept], seeds=["S"])
    assert sorted(box.label for box in layout.boxes) == ["199 programs", "PGM0000", "S"]


def _fields(node: Node) -> dict[str, str]:
    return {name: getattr(node, name) for name in Node.__slots__}


def test_a_group_looks_as_all_its_nodes_do_and_names_the_first() -> None:
    some = [*programs(2, tone="info", mark="C"), *programs(1, tone="info", mark="L")]
    some[2] = Node(**{**_fields(some[2]), "key": "X", "label": "X"})
    box = lay_out(some, [], fold=["0-program"]).boxes[0]
    assert (box.node.tone, box.node.mark) == ("info", "")
    assert box.node.title == "PGM0000, PGM0001, X"
    assert box.group is not None


def test_words_are_cut_at_their_end() -> None:
    assert shortened("Interest engine, disclosure group v2", 17) == "Interest engine,…"


def test_words_stand_behind_a_box_where_those_that_enter_the_next_differ() -> None:
    pairs = [Link("A", "C", "CBACT04C"), Link("B", "C", "CBTRN02C")]
    layout = lay_out(nodes(*"ABC"), pairs)
    assert {(e.label, e.anchor) for e in layout.edges} == {
        ("CBACT04C", "start"),
        ("CBTRN02C", "start"),
    }


def test_a_chain_too_long_to_read_is_folded_over_several_layers() -> None:
    chain = programs(5000)
    pairs = [Link(a.key, b.key) for a, b in pairwise(chain)]
    layout = lay_out(chain, pairs, seeds=[chain[0].key])
    assert len(layout.boxes) <= 150
    assert sum(box.group.count if box.group else 1 for box in layout.boxes) == 5000


names = st.integers(0, 24).map(lambda n: f"N{n}")
pairs = st.lists(st.builds(Link, names, names, st.sampled_from(["", "copied by"])), max_size=60)


@settings(max_examples=150, deadline=None)
@given(
    st.lists(st.tuples(names, st.sampled_from("ab"), st.booleans()), unique_by=lambda n: n[0]),
    pairs,
    st.integers(2, 30),
)
def test_everything_has_its_place(
    told: Sequence[tuple[str, str, bool]], between: Sequence[Link], limit: int
) -> None:
    some = [Node(k, k, kind=kind, plural=kind, note="x" * tall) for k, kind, tall in told]
    seeds = [node.key for node in some[:1]]
    layout = lay_out(some, between, seeds=seeds, limit=limit)
    for one, other in combinations(layout.boxes, 2):
        apart = one.right < other.x or other.right < one.x
        assert apart or one.y + one.height < other.y or other.y + other.height < one.y
    there = boxes(layout)
    for box in layout.boxes:
        assert 0 <= box.x < box.right <= layout.width
        assert 0 <= box.y < box.y + box.height <= layout.height
    for found in layout.edges:
        assert {found.link.source, found.link.target} <= there.keys()
        for x, y in re.findall(r"(-?[\d.]+),(-?[\d.]+)", found.path):
            assert 0 <= float(x) <= layout.width
            assert 0 <= float(y) <= layout.height
    if len(some) <= limit:
        wanted = {k for k in between if k.source in there and k.target in there}
        assert {found.link for found in layout.edges} == wanted
        assert len(layout.edges) == len(wanted)
    assert lay_out(some, between, seeds=seeds, limit=limit) == layout
