"""The printable report of a pack, which is no evidence. The same pack gives the same bytes."""

from __future__ import annotations

import io
from collections import Counter
from collections.abc import Iterable, Iterator
from datetime import datetime
from pathlib import Path
from typing import Any
from xml.sax.saxutils import escape

import reportlab
from django.db.models import Count
from reportlab.lib import colors
from reportlab.lib.pagesizes import A4
from reportlab.lib.styles import ParagraphStyle
from reportlab.lib.units import mm
from reportlab.pdfbase import pdfmetrics
from reportlab.pdfbase.ttfonts import TTFont
from reportlab.platypus import LongTable, Paragraph, SimpleDocTemplate, Spacer, Table, TableStyle

from apps.audit.models import EvidencePack
from apps.evidence.domain.note import Checkpoint, Note
from apps.evidence.events import vocabulary
from apps.evidence.models import EvidenceCheckpoint, EvidenceEntry
from apps.evidence.selectors import body_of

#: Lines that are printed; the evidence holds all of them.
LINES_MOST = 2_000
TEXT_MOST = 400
NO_EVIDENCE = "This report is not the evidence"

_NORMAL, _BOLD = "PackVera", "PackVeraBold"


def _style(name: str, size: float, **more: Any) -> ParagraphStyle:
    given = {"fontName": _NORMAL, "leading": size * 1.35, "spaceAfter": size * 0.4, **more}
    return ParagraphStyle(name, fontSize=size, **given)


_TITLE = _style("title", 17, fontName=_BOLD)
_HEAD = _style("head", 11, fontName=_BOLD, spaceBefore=10)
_TEXT = _style("text", 9)
_CELL = _style("cell", 7.5, spaceAfter=0, splitLongWords=True)
_WARNING = _style(
    "warning", 10, borderWidth=1, borderColor=colors.black, borderPadding=6, spaceBefore=8,
    spaceAfter=14,
)  # fmt: skip


def report_of(
    pack: EvidencePack, head: EvidenceCheckpoint, entries: Iterable[EvidenceEntry]
) -> bytes:
    """A PDF over what the pack holds. `entries` are those of a record; of a period its kinds of
    action are counted instead."""
    _register_fonts()
    out = io.BytesIO()
    document = SimpleDocTemplate(
        out, pagesize=A4, title=f"Report of an evidence pack: {pack}", author="Interlock",
        leftMargin=16 * mm, rightMargin=16 * mm, topMargin=18 * mm, bottomMargin=18 * mm,
        invariant=1,
    )  # fmt: skip
    document.build(list(_story(pack, head, entries)), onFirstPage=_frame, onLaterPages=_frame)
    return out.getvalue()


def _story(
    pack: EvidencePack, head: EvidenceCheckpoint, entries: Iterable[EvidenceEntry]
) -> Iterator[Any]:
    checkpoint = Checkpoint.parse(Note.parse(head.note).text)
    yield Paragraph(_text(pack.what), _TITLE)
    yield Paragraph(
        f"<b>{NO_EVIDENCE}.</b> It was printed from the evidence, for reading. The evidence is in "
        "entries.jsonl of the pack, and verify_pack.py tells whether it is genuine and whole.",
        _WARNING,
    )
    yield _facts(pack, checkpoint)
    if pack.kind == EvidencePack.Kind.PERIOD:
        yield Paragraph("What happened, by kind", _HEAD)
        yield from _counted(pack)
    else:
        yield Paragraph("What happened, in the order of the log", _HEAD)
        yield from _listed(entries)


def _facts(pack: EvidencePack, checkpoint: Checkpoint) -> Table:
    rows = [
        ("Kind", pack.get_kind_display()),
        ("Asked for", f"{_when(pack.asked_at)} by {pack.asked_by}"),
        ("Receipt of asking", pack.leaf),
        ("Challenge", pack.challenge or "none"),
        ("Log", f"{checkpoint.origin}, {checkpoint.size:,} entries"),
        ("Root", checkpoint.root.hex()),
    ]
    if pack.in_flight:
        rows.insert(1, ("In flight", "It had not ended when the pack was asked for."))
    return _table([[_cell(name), _cell(value)] for name, value in rows], (38 * mm, 140 * mm))


def _listed(entries: Iterable[EvidenceEntry]) -> Iterator[Any]:
    words = vocabulary()
    rows = [[_cell(f"<b>{name}</b>", raw=True) for name in ("When", "Who", "What", "Record")]]
    left_out = 0
    for entry in entries:
        if len(rows) > LINES_MOST:
            left_out += 1
            continue
        rows.append(_line(entry, words))
    yield _table(rows, (30 * mm, 34 * mm, 74 * mm, 40 * mm), head=True)
    if left_out:
        yield Spacer(1, 6)
        yield Paragraph(f"{left_out:,} more entries are in entries.jsonl.", _TEXT)


def _line(entry: EvidenceEntry, words: Any) -> list[Paragraph]:
    event = words.get(entry.action)
    what = event.sentence if event else entry.action
    who = ""
    if entry.body is None:
        what += " (the text of this entry was erased)"
    else:
        told = body_of(entry)
        who = told.get("actor", {}).get("printed_name", "")
        if entry.to_state and entry.to_state != entry.from_state:
            what += f": {entry.from_state or 'new'} to {entry.to_state}"
        if told.get("comment"):
            what += f". {told['comment']}"
        reasons = "; ".join(blocker["text"] for blocker in told.get("blockers", []))
        what += f". {reasons}" if reasons else ""
    record = f"{entry.subject.partition(':')[0]} {entry.subject[-12:]}, {entry.seq}"
    return [_cell(_when(entry.at)), _cell(who), _cell(what), _cell(record)]


def _counted(pack: EvidencePack) -> Iterator[Any]:
    words = vocabulary()
    found = EvidenceEntry.objects.filter(at__gte=pack.from_at, at__lt=pack.to_at).order_by()
    counts = Counter(dict(found.values_list("action").annotate(Count("pk"))))
    rows = [[_cell(f"<b>{name}</b>", raw=True) for name in ("Entries", "What", "Code")]]
    for action, count in sorted(counts.items(), key=lambda each: (-each[1], each[0])):
        sentence = words[action].sentence if action in words else ""
        rows.append([_cell(f"{count:,}"), _cell(sentence), _cell(action)])
    yield _table(rows, (24 * mm, 94 * mm, 60 * mm), head=True)


def _table(rows: list[list[Paragraph]], widths: tuple[float, ...], *, head: bool = False) -> Any:
    lines = [
        ("VALIGN", (0, 0), (-1, -1), "TOP"),
        ("LINEBELOW", (0, 0), (-1, -1), 0.3, colors.grey),
        ("LEFTPADDING", (0, 0), (-1, -1), 2),
    ]
    return LongTable(rows, widths, repeatRows=1 if head else 0, style=TableStyle(lines))


def _cell(text: str, *, raw: bool = False) -> Paragraph:
    return Paragraph(text if raw else _text(text), _CELL)


def _text(text: str) -> str:
    short = text if len(text) <= TEXT_MOST else f"{text[:TEXT_MOST]}…"
    return escape("".join(c if c.isprintable() else " " for c in short))


def _when(moment: datetime) -> str:
    return f"{moment:%Y-%m-%d %H:%M:%S} UTC"


def _frame(canvas: Any, document: Any) -> None:
    canvas.saveState()
    canvas.setFont(_NORMAL, 7.5)
    canvas.drawString(16 * mm, 10 * mm, f"{NO_EVIDENCE}. Verify the pack with verify_pack.py.")
    canvas.drawRightString(A4[0] - 16 * mm, 10 * mm, f"Page {document.page}")
    canvas.restoreState()


def _register_fonts() -> None:
    """Fonts that the library carries, put into the file, so that names print everywhere alike."""
    known = pdfmetrics.getRegisteredFontNames()
    fonts = Path(reportlab.__file__).parent / "fonts"
    for name, file in ((_NORMAL, "Vera.ttf"), (_BOLD, "VeraBd.ttf")):
        if name not in known:
            pdfmetrics.registerFont(TTFont(name, str(fonts / file)))
    pdfmetrics.registerFontFamily(
        _NORMAL, normal=_NORMAL, bold=_BOLD, italic=_NORMAL, boldItalic=_BOLD
    )
