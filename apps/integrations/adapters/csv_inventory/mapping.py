"""How the words of a CSV inventory become our asset types and relations.

Identities stay distinct: a job, the member of its name and the scheduler's entry for it are three
assets. The qualifier is the library, the scheduler or the folder; everything else has "-".
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from apps.inventory.domain.rows import AssetKey

ASSET_TYPES: dict[str, str] = {
    "bms-map": "cics_map",
    "bms-mapset": "cics_mapset",
    "bms-symbolic-map": "copybook",
    "cics-file": "cics_file",
    "cics-library": "cics_library",
    "cics-queue": "cics_tdq_tsq",
    "cics-transaction": "cics_transaction",
    "control-card": "control_card",
    "copybook": "copybook",
    "csd-group": "csd_group",
    "csd-member": "control_card",
    "dataset": "dataset",
    "db2-entry": "cics_db2entry",
    "db2-index": "db2_index",
    "db2-package": "db2_package",
    "db2-plan": "db2_plan",
    "db2-table": "db2_table",
    "db2-tablespace": "db2_tablespace",
    "dclgen": "dclgen",
    "ddl-member": "db2_ddl",
    "ddname": "ddname",
    "ims-dbd": "ims_dbd",
    "ims-psb": "ims_psb",
    "jcl-job": "job",
    "macro": "macro",
    "pds-member": "control_card",
    "proc": "proc",
    "program": "program_batch",
    "sched-folder": "scheduler_entry",
    "sched-job-ca7": "scheduler_entry",
    "sched-job-controlm": "scheduler_entry",
    "system-copybook": "copybook",
    "system-program": "load_module",
}
#: A program that a CSD group contains or a transaction starts.
CICS_PROGRAM = "program_cics"

#: Delivered with the system: related to, never changed by a release.
UNMANAGED = frozenset({"system-copybook", "system-program"})

#: How sure a relation is, in percent, by their word for it.
CONFIDENCE = {"": 100, "literal": 100, "direction-assumed": 80, "flow-insensitive": 70}

SCHEDULER = {"sched-job-ca7": "CA7", "sched-folder": "CONTROL-M"}


@dataclass(frozen=True, slots=True)
class Edge:
    """Our relation for one of theirs. `key` tells apart what becomes one kind of ours."""

    kind: str
    key: str = ""
    reverse: bool = False


RELATIONS: dict[str, Edge] = {
    "ACCESSES": Edge("refers_dbd"),
    "CALLS": Edge("calls"),
    "CONTAINS": Edge("includes"),
    "COPIES": Edge("copies"),
    "CREATES": Edge("writes", "create"),
    "DD-READS": Edge("reads"),
    "DD-UPDATES": Edge("writes", "update"),
    "DD-WRITES": Edge("writes"),
    "DEFINES": Edge("writes", "define"),
    "DEFINES-OVER": Edge("refers_to", "defines_over"),
    "DELETES": Edge("writes", "delete"),
    "DESCRIBES": Edge("layout_of"),
    "EXECS": Edge("executes"),
    "EXECS-PROC": Edge("invokes_proc"),
    "FK": Edge("refers_to", "foreign_key"),
    "FREES": Edge("refers_to", "frees"),
    "GENERATED-FROM": Edge("built_from"),
    "INCLUDES": Edge("copies", "sql_include"),
    "INDEXES": Edge("refers_to", "indexes"),
    "INSERTS": Edge("writes", "insert"),
    "LINKS": Edge("links_to", "link"),
    "MAPS-TO": Edge("refers_to", "maps_to"),
    "READS": Edge("reads"),
    "READS-FOR-UPDATE": Edge("reads", "for_update"),
    "REMOTE-TRANSID": Edge("refers_to", "remote_transid"),
    "RETURNS-TO": Edge("refers_to", "returns_to"),
    "RUNS-AFTER": Edge("triggers", reverse=True),
    "STARTS-PROGRAM": Edge("starts"),
    "SUBMITS": Edge("schedules"),
    "UPDATES": Edge("writes", "update"),
    "USES-CONTROL-CARD": Edge("uses_parm"),
    "USES-DB2ENTRY": Edge("refers_to", "uses_db2entry"),
    "USES-DD": Edge("refers_to", "uses_dd"),
    "USES-LIBRARY": Edge("refers_to", "uses_library"),
    "USES-PLAN": Edge("refers_to", "uses_plan"),
    "USES-PROCLIB": Edge("refers_to", "uses_proclib"),
    "USES-PSB": Edge("uses_psb"),
    "WRITEQ": Edge("writes", "queue"),
    "WRITES": Edge("writes"),
    "XCTLS": Edge("links_to", "xctl"),
}

_MEMBER = re.compile(r"(?P<library>[^()]+)\((?P<member>[^()]+)\)")
_SCHEDULE_ID = re.compile(r"\bschid=(\w{1,8})")


def asset_key(asset_type: str, name: str, cics_programs: frozenset[str]) -> AssetKey:
    """Our identity of their asset. Raises KeyError for a type that is not in the table."""
    ours = ASSET_TYPES[asset_type]
    qualifier = SCHEDULER.get(asset_type, "-")
    if asset_type == "program" and name in cics_programs:
        ours = CICS_PROGRAM
    elif asset_type == "pds-member" and (found := _MEMBER.fullmatch(name)):
        qualifier, name = found["library"], found["member"]
    elif asset_type == "sched-job-controlm":
        folder, slash, job = name.rpartition("/")
        qualifier, name = (folder, job) if slash else ("CONTROL-M", name)
    return AssetKey(ours, qualifier, name)


def defines_cics_program(from_type: str, relation: str, to_type: str) -> bool:
    """True when this edge shows that its target runs in CICS."""
    return to_type == "program" and (from_type, relation) in {
        ("csd-group", "CONTAINS"),
        ("cics-transaction", "STARTS-PROGRAM"),
    }


def edge_for(relation: str, evidence: str) -> Edge | None:
    """Our edge for their relation, None when the table does not know it.

    A scheduler may run one job after another under several schedule ids: the id is the key.
    """
    edge = RELATIONS.get(relation)
    found = _SCHEDULE_ID.search(evidence) if relation == "RUNS-AFTER" else None
    return Edge("triggers", found.group(1), reverse=True) if found else edge


def unmapped(relation: str) -> Edge:
    """What an unknown relation is imported as."""
    return Edge("refers_to", re.sub(r"[^a-z0-9]+", "_", relation.lower()).strip("_")[:40])
