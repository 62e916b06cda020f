"""The formats that an inventory is read from."""

from __future__ import annotations

from dataclasses import dataclass

from apps.integrations.adapters import (
    ca7,
    controlm,
    csv_inventory,
    dbb,
    endevor,
    json_inventory,
    table,
)
from apps.integrations.adapters.inventory import Reader


@dataclass(frozen=True, slots=True)
class Format:
    """How files of one format are read.

    A complete listing tells every edge of its feed, so that one it leaves out was not told. A
    `partial` one tells only about the sources in it. `feed` is the name of the feed by default.
    """

    code: str
    label: str
    extensions: tuple[str, ...]
    read: Reader
    feed: str
    hint: str
    partial: bool = False


#: In the order in which people choose among them.
FORMATS = (
    Format(
        "ca7", "CA-7 report", (".ca7", ".txt", ".lst"), ca7.read, "ca7",
        "What CA-7 prints for LJOB,JOB=*,LIST=ALL: entries, JCL members, triggers.",
    ),
    Format(
        "controlm", "Control-M DEFTABLE", (".xml", ".controlm"), controlm.read, "controlm",
        "Folders, jobs and conditions, as exported in XML.",
    ),
    Format(
        "dbb", "DBB build report", (".json",), dbb.read, "dbb",
        "BuildReport.json: what the built programs are made of, and of which levels.",
        partial=True,
    ),
    Format(
        "endevor", "Endevor package list", (".json",), endevor.read, "endevor",
        "What the REST service answers to GET packages.",
    ),
    Format(
        "table", "Table (CSV or XLSX)", (".csv", ".xlsx"), table.read, "table",
        "Assets, relations or builds under our own column names.",
    ),
    Format(
        "csv", "Scanned inventory (CSV)", (".csv",), csv_inventory.read, "csv",
        "Files of assets and of relations, as a source scan writes them.",
    ),
    Format(
        "json", "Register (JSON)", (".json",), json_inventory.read, "json",
        "Assets by code and type, relations between codes.",
    ),
)  # fmt: skip
READERS: dict[str, Format] = {known.code: known for known in FORMATS}
