"""How one asset depends on another. Read each as a sentence: source, kind, target."""

from __future__ import annotations

RELATION_KINDS: dict[str, str] = {
    "copies": "copies",
    "calls": "calls",
    "links_to": "links to",
    "executes": "executes",
    "invokes_proc": "invokes procedure",
    "uses_parm": "uses parameters",
    "reads": "reads",
    "writes": "writes",
    "layout_of": "is the layout of",
    "built_from": "is built from",
    "binds": "is bound as",
    "includes": "includes",
    "starts": "starts",
    "uses_map": "uses map",
    "runs_in": "runs in",
    "refers_dbd": "refers to database",
    "uses_psb": "uses program specification",
    "triggers": "triggers",
    "schedules": "schedules",
    "transfers_to": "transfers to",
    "produces_report": "produces",
    "supports": "supports",
    "protects": "protects",
    "refers_to": "refers to",
}
