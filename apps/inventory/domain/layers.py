"""Where everything of a dependency picture lies: boxes in layers from left to right, with links.

Lengths are SVG user units, one to a pixel, so that text keeps its size and a picture wider than its
place scrolls there. The method is that of Sugiyama, Tagawa and Toda (1981): break cycles, layer by
longest path, lead long links through points of their own, order each column by barycentres. Places
then come from isotonic regression: as near to their neighbours as order and gaps allow, in least
squares.
"""

from __future__ import annotations

from bisect import bisect_right, insort
from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise
from math import ceil

#: More boxes than these are hard to read: folding begins.
MOST_NODES = 150
#: Boxes of a column; a longer layer stands in several.
MOST_ROWS = 16

MARGIN = 14
HEIGHT, TALL = 38, 56
NARROWEST, WIDEST = 118, 212
#: Between boxes of a column, between a box and a link that passes, and between columns.
_ROOM, _PASS, _INNER, _OUTER = 10, 9, 36, 52
#: What a letter takes in a label (monospaced), below it, and on a link; what icon and edges take.
_LETTER, _SMALL, _WORD = 7.4, 6.1, 5.7
_FRAME, _MARK = 44, 16
_HEAD = 7
_BACK_PORT = 9
_SWEEPS, _ROUNDS = 8, 4


@dataclass(frozen=True, slots=True)
class Node:
    """A box to be: a name with what is said below it, and what it opens.

    Nodes of one `kind` in one layer may be folded into one, called by their `plural`; `keep`
    forbids it. `tone` and `mark` say one thing twice, by colour and by letter. A `note` makes the
    box tall.
    """

    key: str
    label: str
    sub: str = ""
    kind: str = ""
    plural: str = ""
    icon: str = ""
    tone: str = ""
    mark: str = ""
    note: str = ""
    url: str = ""
    title: str = ""
    keep: bool = False


@dataclass(frozen=True, slots=True)
class Link:
    """That something goes from `source` to `target`; `title` says why in a sentence."""

    source: str
    target: str
    label: str = ""
    tone: str = ""
    title: str = ""


@dataclass(frozen=True, slots=True)
class Group:
    """Nodes of one kind, near each other, that are or could be one box; `key` is layer-kind."""

    key: str
    plural: str
    count: int
    is_folded: bool


@dataclass(frozen=True, slots=True)
class Layers:
    """Nodes with their layer; a link in `back` closes a cycle and runs against the others."""

    nodes: tuple[Node, ...]
    links: tuple[Link, ...]
    layer: Mapping[str, int]
    back: frozenset[Link]


@dataclass(frozen=True, slots=True)
class Box:
    """A node in its place, or a group. `label` and `sub` are cut to the room."""

    node: Node
    x: int
    y: int
    width: int
    height: int
    label: str
    sub: str
    group: Group | None = None

    @property
    def middle(self) -> float:
        return self.y + self.height / 2

    @property
    def right(self) -> int:
        return self.x + self.width


@dataclass(frozen=True, slots=True)
class Edge:
    """A link as two paths, line and arrow head.

    `label` is empty where there is no room for it; its words begin or end (`anchor`) at the place.
    """

    link: Link
    path: str
    head: str
    is_back: bool
    label: str = ""
    label_x: int = 0
    label_y: int = 0
    anchor: str = "end"


@dataclass(frozen=True, slots=True)
class Layout:
    width: int
    height: int
    boxes: tuple[Box, ...]
    edges: tuple[Edge, ...]
    groups: tuple[Group, ...]


def lay_out(
    nodes: Iterable[Node],
    links: Iterable[Link],
    *,
    seeds: Collection[str] = (),
    limit: int = MOST_NODES,
    fold: Collection[str] = (),
    unfold: Collection[str] = (),
) -> Layout:
    """The whole picture: layers from `seeds`, groups folded until `limit` holds, all in place."""
    whole = layered(nodes, links, seeds=seeds)
    layers, groups = folded(whole, seeds=seeds, limit=limit, fold=fold, unfold=unfold)
    return drawn(layers, groups)


def layered(nodes: Iterable[Node], links: Iterable[Link], *, seeds: Collection[str] = ()) -> Layers:
    """The layer of each node: the longest path that leads to it, from 0.

    A cycle is opened where a walk from the seeds closes it. Links from or to anything that is no
    node are left out, as is the second of two links that say the same.
    """
    known = {node.key: node for node in nodes}
    kept = [k for k in dict.fromkeys(links) if k.source in known and k.target in known]
    out: dict[str, list[Link]] = {key: [] for key in known}
    for link in kept:
        if link.source != link.target:
            out[link.source].append(link)
    back = _closing(_starts(known, kept, seeds), out)
    return Layers(tuple(known.values()), tuple(kept), _longest(known, kept, back), back)


def _starts(known: Iterable[str], links: Iterable[Link], seeds: Collection[str]) -> list[str]:
    """Where walks begin: at the seeds, then where nothing leads, then anywhere."""
    entered = {link.target for link in links if link.source != link.target}
    return sorted(known, key=lambda key: (key not in seeds, key in entered))


def _closing(starts: Iterable[str], out: Mapping[str, Sequence[Link]]) -> frozenset[Link]:
    """The links that lead back into the walk that follows them."""
    found: set[Link] = set()
    done: set[str] = set()
    for start in starts:
        if start in done:
            continue
        walk, on_walk = [(start, iter(out[start]))], {start}
        while walk:
            key, ahead = walk[-1]
            link = next(ahead, None)
            if link is None:
                walk.pop()
                on_walk.discard(key)
                done.add(key)
            elif link.target in on_walk:
                found.add(link)
            elif link.target not in done:
                walk.append((link.target, iter(out[link.target])))
                on_walk.add(link.target)
    return frozenset(found)


def _longest(known: Iterable[str], links: Iterable[Link], back: Collection[Link]) -> dict[str, int]:
    layer = dict.fromkeys(known, 0)
    after: dict[str, list[str]] = {key: [] for key in layer}
    waits = dict.fromkeys(layer, 0)
    for link in links:
        if link.source != link.target and link not in back:
            after[link.source].append(link.target)
            waits[link.target] += 1
    free = [key for key, count in waits.items() if not count]
    for key in free:
        for target in after[key]:
            layer[target] = max(layer[target], layer[key] + 1)
            waits[target] -= 1
            if not waits[target]:
                free.append(target)
    return layer


def folded(
    layers: Layers,
    *,
    seeds: Collection[str] = (),
    limit: int = MOST_NODES,
    fold: Collection[str] = (),
    unfold: Collection[str] = (),
) -> tuple[Layers, tuple[Group, ...]]:
    """The same with groups as single nodes, and all groups: folded are those in `fold`, then the
    largest until `limit` holds.

    A group in `unfold` stays open, whatever the limit, unless it alone exceeds it; a kept node is
    never folded. Where groups of single layers are not enough, those of 2, 4, 8… layers are taken.
    """
    single = _groups(layers.nodes, layers.layer, 1)
    opened = {k: found for k, found in single.items() if k in unfold and len(found) <= limit}
    staying = {node.key for found in opened.values() for node in found}
    rest = [node for node in layers.nodes if node.key not in staying]
    deepest = max(layers.layer.values(), default=0)
    span = 1
    while True:
        several = _groups(rest, layers.layer, span)
        chosen = {key for key in several if key in fold}
        left = len(rest) - sum(len(several[key]) - 1 for key in chosen)
        for key in sorted(several.keys() - chosen, key=lambda key: (-len(several[key]), key)):
            if left > limit:
                chosen.add(key)
                left -= len(several[key]) - 1
        if left <= limit or span > deepest:
            break
        span *= 2
    groups = tuple(
        Group(key, found[0].plural, len(found), key in chosen)
        for key, found in (several | opened).items()
    )
    nodes, links = _merged(layers, {key: several[key] for key in chosen})
    return layered(nodes, links, seeds=seeds), groups


def _groups(nodes: Iterable[Node], layer: Mapping[str, int], span: int) -> dict[str, list[Node]]:
    """What can be folded, by key: two or more of one kind in `span` layers."""
    members: dict[str, list[Node]] = {}
    for node in nodes:
        if not node.keep:
            first = layer[node.key] // span * span
            members.setdefault(f"{first}-{node.kind}", []).append(node)
    return {key: found for key, found in members.items() if len(found) > 1}


def _merged(layers: Layers, chosen: Mapping[str, Sequence[Node]]) -> tuple[list[Node], list[Link]]:
    home = {node.key: key for key, found in chosen.items() for node in found}
    nodes: dict[str, Node] = {}
    for node in layers.nodes:
        key = home.get(node.key, node.key)
        if key not in nodes:
            nodes[key] = _stack(key, chosen[key]) if node.key in home else node
    links: dict[tuple[str, ...], Link] = {}
    for link in layers.links:
        source, target = home.get(link.source, link.source), home.get(link.target, link.target)
        if (source, target) == (link.source, link.target):
            links[source, target, link.label, link.title] = link
        elif source != target:
            same = links.get((source, target), link)
            links[source, target] = _bundle(source, target, link, same)
    return list(nodes.values()), list(links.values())


def _bundle(source: str, target: str, one: Link, other: Link) -> Link:
    """One link between groups for two that say the same, or nothing in common."""
    return Link(
        source,
        target,
        one.label if one.label == other.label else "",
        one.tone if one.tone == other.tone else "",
    )


def _stack(key: str, found: Sequence[Node]) -> Node:
    """One node for all of `found`, with their first names; it looks as they all look."""
    first = found[0]
    names = ", ".join(node.label for node in found[:12]) + (", …" if len(found) > 12 else "")
    return Node(
        key, f"{len(found):,} {first.plural}", names, first.kind, first.plural, first.icon,
        first.tone if len({node.tone for node in found}) == 1 else "",
        first.mark if len({node.mark for node in found}) == 1 else "",
        title=names,
    )  # fmt: skip


@dataclass(frozen=True, slots=True)
class _Stop:
    """Something that has its place in a column: a box, or the point where links pass."""

    key: str
    column: int
    height: int = 0

    @property
    def is_box(self) -> bool:
        return self.height > 0


@dataclass(frozen=True, slots=True)
class _Route:
    """A link from left to right, over the points where it passes columns."""

    link: Link
    stops: tuple[_Stop, ...]
    is_back: bool


def drawn(layers: Layers, groups: Sequence[Group] = ()) -> Layout:
    """Every box and every link in its place; no two boxes meet and no link crosses a box."""
    stacks = {group.key: group for group in groups if group.is_folded}
    by_key = {node.key: node for node in layers.nodes}
    columns = _columns(layers)
    stops = {
        key: _Stop(key, number, TALL if by_key[key].note else HEIGHT)
        for number, (_, keys) in enumerate(columns)
        for key in keys
    }
    leaving = Counter(link.source for link in layers.links)
    coming = Counter(link.target for link in layers.links)
    routes = [
        _route(link, stops, link in layers.back, fans=leaving[link.source] >= coming[link.target])
        for link in layers.links
        if link.source != link.target
    ]
    places = _places(stops.values(), routes, len(columns))
    xs = list(_across(columns, by_key, layers))
    boxes = tuple(
        _box(by_key[key], stop, xs[stop.column], places[stop], stacks.get(key))
        for key, stop in stops.items()
    )
    there = {box.node.key: box for box in boxes}
    edges = [_edge(route, there, xs, places) for route in routes]
    edges += [_loop(k, there[k.source]) for k in layers.links if k.source == k.target]
    lows = [box.y + box.height for box in boxes] + [round(place) for place in places.values()]
    return Layout(
        max((x + width for x, width in xs), default=0) + MARGIN,
        max(lows, default=0) + MARGIN,
        boxes,
        tuple(_labelled(edges, there, xs, stops)),
        tuple(groups),
    )


def _columns(layers: Layers) -> list[tuple[int, list[str]]]:
    """(layer, keys) of each column: a layer stands in as many of one length as it needs."""
    rows: dict[int, list[Node]] = {}
    for node in layers.nodes:
        rows.setdefault(layers.layer[node.key], []).append(node)
    columns = []
    for number, found in sorted(rows.items()):
        found.sort(key=lambda node: (node.kind, node.label, node.key))
        length = -(-len(found) // -(-len(found) // MOST_ROWS))
        columns += [
            (number, [node.key for node in found[begin : begin + length]])
            for begin in range(0, len(found), length)
        ]
    return columns


def _route(link: Link, stops: Mapping[str, _Stop], is_back: bool, *, fans: bool) -> _Route:
    """Links share the points that they pass: with others from their source where it fans out, else
    with others that lead to their target."""
    left, right = (link.target, link.source) if is_back else (link.source, link.target)
    first, last = stops[left], stops[right]
    trunk = f">{link.source}" if fans else f"<{link.target}"
    passed = (_Stop(trunk, column) for column in range(first.column + 1, last.column))
    return _Route(link, (first, *passed, last), is_back)


def _places(boxes: Iterable[_Stop], routes: Sequence[_Route], count: int) -> dict[_Stop, float]:
    """The middle of each stop from the top, in an order that cuts crossings."""
    columns: list[list[_Stop]] = [[] for _ in range(count)]
    for stop in boxes:
        columns[stop.column].append(stop)
    middles = [len(column) // 2 for column in columns]
    for stop in dict.fromkeys(stop for route in routes for stop in route.stops[1:-1]):
        # What passes a column that wants to be level with it begins in its middle.
        columns[stop.column].insert(middles[stop.column], stop)
    left: dict[_Stop, list[_Stop]] = {stop: [] for column in columns for stop in column}
    right: dict[_Stop, list[_Stop]] = {stop: [] for stop in left}
    for one, other in dict.fromkeys(pair for route in routes for pair in pairwise(route.stops)):
        right[one].append(other)
        left[other].append(one)
    columns = _ordered(columns, left, right)
    places = _packed(columns)
    for _ in range(_ROUNDS):
        _settle(columns, left, places)
        _settle(columns[::-1], right, places)
    both = {stop: left[stop] + right[stop] for stop in left}
    _settle(columns, both, places)
    top = min((place - stop.height / 2 for stop, place in places.items()), default=0)
    return {stop: place - top + MARGIN for stop, place in places.items()}


def _ordered(
    columns: list[list[_Stop]],
    left: Mapping[_Stop, Sequence[_Stop]],
    right: Mapping[_Stop, Sequence[_Stop]],
) -> list[list[_Stop]]:
    """Of all sweeps to and fro the order with the fewest crossings."""
    best, fewest = columns, _crossings(columns, right)
    for sweep in range(_SWEEPS):
        if not fewest:
            break
        forward = sweep % 2 == 0
        beside = left if forward else right
        columns = list(columns)
        places = _packed(columns)
        for number in range(len(columns)) if forward else reversed(range(len(columns))):
            wanted = {stop: _mean(stop, beside, places) for stop in columns[number]}
            columns[number] = sorted(columns[number], key=wanted.__getitem__)
            places.update(_packed([columns[number]]))
        crossings = _crossings(columns, right)
        if crossings < fewest:
            best, fewest = columns, crossings
    return best


def _mean(
    stop: _Stop, beside: Mapping[_Stop, Sequence[_Stop]], places: Mapping[_Stop, float]
) -> float:
    found = beside[stop]
    return sum(places[other] for other in found) / len(found) if found else places[stop]


def _crossings(columns: Sequence[Sequence[_Stop]], right: Mapping[_Stop, Sequence[_Stop]]) -> int:
    row = {stop: number for column in columns for number, stop in enumerate(column)}
    count = 0
    for column in columns:
        above: list[int] = []
        for stop in column:
            met = sorted(row[other] for other in right[stop])
            count += sum(len(above) - bisect_right(above, number) for number in met)
            for number in met:
                insort(above, number)
    return count


def _gaps(column: Sequence[_Stop]) -> Iterator[float]:
    """The least distance of the middles of each stop and the next."""
    for above, below in pairwise(column):
        room = _ROOM if above.is_box and below.is_box else _PASS
        yield (above.height + below.height) / 2 + room


def _packed(columns: Iterable[Sequence[_Stop]]) -> dict[_Stop, float]:
    """Each column as tight as it goes, around 0."""
    places: dict[_Stop, float] = {}
    for column in columns:
        found = [0.0]
        for gap in _gaps(column):
            found.append(found[-1] + gap)
        places.update((s, at - found[-1] / 2) for s, at in zip(column, found, strict=False))
    return places


def _settle(
    columns: Iterable[Sequence[_Stop]],
    beside: Mapping[_Stop, Sequence[_Stop]],
    places: dict[_Stop, float],
) -> None:
    """Move each column to its neighbours: pool adjacent violators on what is left of the gaps."""
    for column in columns:
        offsets = [0.0]
        for gap in _gaps(column):
            offsets.append(offsets[-1] + gap)
        pools: list[tuple[float, int]] = []
        for stop, offset in zip(column, offsets, strict=False):
            total, count = _mean(stop, beside, places) - offset, 1
            while pools and pools[-1][0] / pools[-1][1] > total / count:
                more, others = pools.pop()
                total, count = total + more, count + others
            pools.append((total, count))
        level = (total / count for total, count in pools for _ in range(count))
        places.update((s, at + o) for s, at, o in zip(column, level, offsets, strict=False))


def _across(
    columns: Sequence[tuple[int, Sequence[str]]], by_key: Mapping[str, Node], layers: Layers
) -> Iterator[tuple[int, int]]:
    """(x, width) of each column; words on links make the room before their layer wider."""
    words: dict[int, int] = {}
    for link in layers.links:
        if link not in layers.back:
            number = layers.layer[link.target]
            words[number] = max(words.get(number, 0), len(link.label))
    x, before = MARGIN, -1
    for number, keys in columns:
        if before >= 0:
            wanted = max(_OUTER, round(words.get(number, 0) * _WORD) + 2 * _HEAD + 14)
            x += _INNER if number == before else wanted
        width = max(_width(by_key[key]) for key in keys)
        yield x, width
        x, before = x + width, number


def _width(node: Node) -> int:
    text = max(
        len(node.label) * _LETTER, len(node.sub) * _SMALL, len(node.note) * _SMALL - _MARK
    )  # fmt: skip
    return min(WIDEST, max(NARROWEST, ceil(text) + _frame(node)))


def _frame(node: Node) -> int:
    """What a box needs beside its words."""
    return _FRAME + _MARK * bool(node.mark)


def shortened(text: str, most: int) -> str:
    """`text` in at most `most` letters. A name is cut in its middle: its ends tell more."""
    if len(text) <= most:
        return text
    if " " in text:
        return f"{text[: most - 1].rstrip()}…"
    head = (most - 1) // 2
    return f"{text[:head]}…{text[len(text) - (most - 1 - head) :]}"


def _box(
    node: Node, stop: _Stop, across: tuple[int, int], place: float, group: Group | None
) -> Box:
    x, width = across
    room = width - _frame(node)
    label = shortened(node.label, int(room / _LETTER))
    sub = shortened(node.sub, int(room / _SMALL))
    return Box(node, x, round(place - stop.height / 2), width, stop.height, label, sub, group)


def _edge(
    route: _Route,
    there: Mapping[str, Box],
    xs: Sequence[tuple[int, int]],
    places: Mapping[_Stop, float],
) -> Edge:
    first, last = there[route.stops[0].key], there[route.stops[-1].key]
    port = _BACK_PORT if route.is_back else 0
    x, y = float(first.right), first.middle + port
    tip_x, tip_y = float(last.x), last.middle + port
    head = _arrow(x, y, -1) if route.is_back else _arrow(tip_x, tip_y, 1)
    start, end = (x + _HEAD, tip_x) if route.is_back else (x, tip_x - _HEAD)
    path, x = [f"M{start:g},{y:g}"], start
    for stop in route.stops[1:-1]:
        left, width = xs[stop.column]
        path.append(f"{_curve(x, y, left, places[stop])}H{left + width:g}")
        x, y = float(left + width), places[stop]
    path.append(_curve(x, y, end, tip_y))
    return Edge(route.link, "".join(path), head, route.is_back)


def _curve(x: float, y: float, to_x: float, to_y: float) -> str:
    """Level at both ends; y is rounded to tenths."""
    if abs(y - to_y) < 0.5:
        return f"L{to_x:g},{to_y:.1f}"
    half = (x + to_x) / 2
    return f"C{half:g},{y:.1f} {half:g},{to_y:.1f} {to_x:g},{to_y:.1f}"


def _arrow(x: float, y: float, way: int) -> str:
    """A head with its tip at (x, y): `way` 1 points right, -1 left."""
    return f"M{x:g},{y:.1f}L{x - way * _HEAD:g},{y - 3.5:.1f}V{y + 3.5:.1f}Z"


def _loop(link: Link, box: Box) -> Edge:
    """A link to itself: a small bow on the upper edge of its box."""
    x, y = box.right - 26, box.y
    path = f"M{x},{y}C{x},{y - _ROOM} {x + 14},{y - _ROOM} {x + 14},{y}"
    head = f"M{x + 14},{y}l-3,-5h6Z"
    return Edge(link, path, head, is_back=True)


def _labelled(
    edges: Iterable[Edge],
    there: Mapping[str, Box],
    xs: Sequence[tuple[int, int]],
    stops: Mapping[str, _Stop],
) -> Iterator[Edge]:
    """Words before a box where all links that enter it say the same, else behind a box where all
    that leave it do; where they fit, and where the box above does not say them already."""
    entering, leaving = defaultdict[str, list[Edge]](list), defaultdict[str, list[Edge]](list)
    for edge in edges:
        if edge.is_back:
            yield edge
        else:
            entering[edge.link.target].append(edge)
    said: dict[int, str] = {}
    for key in sorted(entering, key=lambda key: there[key].y):
        found, column, box = entering[key], stops[key].column, there[key]
        word = _common(found)
        if not word:
            for edge in found:
                leaving[edge.link.source].append(edge)
        elif word == said.get(column) or not _fits(word, sum(xs[column - 1]), box.x):
            yield from found
        else:
            yield _worded(found[0], box.x - _HEAD - 4, box, "end")
            yield from found[1:]
        said[column] = word
    said = {}
    for key in sorted(leaving, key=lambda key: there[key].y):
        found, column, box = leaving[key], stops[key].column, there[key]
        word = _common(found)
        if not word or word == said.get(column) or not _fits(word, box.right, xs[column + 1][0]):
            yield from found
        else:
            yield _worded(found[0], box.right + _HEAD, box, "start")
            yield from found[1:]
        said[column] = word


def _common(edges: Iterable[Edge]) -> str:
    words = {edge.link.label for edge in edges}
    return words.pop() if len(words) == 1 else ""


def _fits(word: str, begin: int, end: int) -> bool:
    return len(word) * _WORD <= end - begin - 2 * _HEAD


def _worded(edge: Edge, x: int, box: Box, anchor: str) -> Edge:
    return replace(
        edge, label=edge.link.label, label_x=x, label_y=round(box.middle) - 5, anchor=anchor
    )
