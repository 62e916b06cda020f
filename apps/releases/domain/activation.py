"""Which steps make a changed asset active, and what is done before so that it can be taken back.

The table is that of the catalogue of activities: what a thing of one type needs in production.
"""

from __future__ import annotations

from collections.abc import Collection, Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass

from apps.core.words import counted

Key = Hashable

#: More assets than these are counted in the title of a step.
FEW = 4
#: Installing members: archived first, brought in by the source code manager.
_MEMBER = ("BACKUP_LIB", "SCM_EXECUTE")
_DB2_DATA = ("BACKUP_DATA", "DDL", "REORG", "RUNSTATS")

#: Type of asset → the types of step that make it active, in the order in which they run.
INSTALLED: Mapping[str, tuple[str, ...]] = {
    "program_batch": (*_MEMBER, "LLA_REFRESH"),
    "program_cics": (*_MEMBER, "LLA_REFRESH", "NEWCOPY"),
    "program_ims": (*_MEMBER, "LLA_REFRESH"),
    "subprogram": (*_MEMBER, "LLA_REFRESH"),
    "load_module": (*_MEMBER, "LLA_REFRESH"),
    "assembler": (*_MEMBER, "LLA_REFRESH"),
    "copybook": _MEMBER,
    "include": _MEMBER,
    "dclgen": _MEMBER,
    "macro": _MEMBER,
    "linkcard": _MEMBER,
    "job": ("BACKUP_LIB", "COPY_JCL"),
    "proc": ("BACKUP_LIB", "COPY_PROC"),
    "include_jcl": ("BACKUP_LIB", "COPY_PROC"),
    "control_card": ("BACKUP_LIB", "COPY_PARM"),
    "gdg": ("GDG_DEFINE",),
    "vsam": ("BACKUP_DATA", "IDCAMS_DEFINE"),
    "vsam_aix": ("IDCAMS_DEFINE", "BLDINDEX"),
    "db2_table": _DB2_DATA,
    "db2_tablespace": _DB2_DATA,
    "db2_index": ("DDL", "RUNSTATS"),
    "db2_view": ("DDL",),
    "db2_proc": ("DDL",),
    "db2_trigger": ("DDL",),
    "db2_dbrm": ("COPY_DBRM", "BIND_PACKAGE"),
    "db2_package": ("BIND_PACKAGE",),
    "db2_plan": ("BIND_PLAN",),
    "cics_transaction": ("CSD_UPDATE", "CICS_INSTALL"),
    "cics_program_def": ("CSD_UPDATE", "CICS_INSTALL"),
    "cics_file": ("CSD_UPDATE", "CICS_INSTALL"),
    "cics_tdq_tsq": ("CSD_UPDATE", "CICS_INSTALL"),
    "cics_urimap": ("CSD_UPDATE", "CICS_INSTALL"),
    "csd_group": ("CSD_UPDATE", "CICS_INSTALL"),
    "cics_mapset": (*_MEMBER, "LLA_REFRESH", "NEWCOPY"),
    "ims_dbd": ("DBDGEN", "ACBGEN", "IMS_OLC"),
    "ims_psb": ("PSBGEN", "ACBGEN", "IMS_OLC"),
    "ims_acb": ("ACBGEN", "IMS_OLC"),
    "mq_queue": ("MQ_DEFINE",),
    "mq_channel": ("MQ_DEFINE",),
    "mq_process": ("MQ_DEFINE",),
    "mq_topic": ("MQ_DEFINE",),
    "scheduler_entry": ("SCHED_LOAD", "PLAN_EXTEND"),
    "scheduler_calendar": ("CALENDAR_UPDATE",),
    "scheduler_resource": ("SCHED_LOAD",),
    "interface": ("XFER_DEFINE",),
    "parmlib_member": ("COPY_PARM",),
    "racf_profile": ("SECURITY",),
}
#: What is done instead where a line of the scope is no new or changed content.
_INSTEAD: Mapping[str, Mapping[str, tuple[str, ...]]] = {
    "rebind_only": {"db2_package": ("REBIND",), "db2_plan": ("BIND_PLAN",)},
    "convert": dict.fromkeys(
        ("vsam", "dataset", "gdg", "db2_table"), ("BACKUP_DATA", "CONVERT_DATA")
    ),
}
#: There is nothing yet that could be kept, or nothing that could be brought in.
_LEFT_OUT: Mapping[str, tuple[str, ...]] = {
    "new": ("BACKUP_LIB", "BACKUP_DATA"),
    "activate": _MEMBER,
}
#: In this order the steps are proposed.
_ORDER = (
    "BACKUP_LIB", "BACKUP_DATA", "SECURITY", "MQ_DEFINE", "GDG_DEFINE", "IDCAMS_DEFINE",
    "SCM_EXECUTE", "COPY_DBRM", "COPY_JCL", "COPY_PROC", "COPY_PARM", "CONVERT_DATA", "BLDINDEX",
    "DDL", "REORG", "RUNSTATS", "BIND_PACKAGE", "REBIND", "BIND_PLAN", "DBDGEN", "PSBGEN",
    "ACBGEN", "IMS_OLC", "CSD_UPDATE", "CICS_INSTALL", "LLA_REFRESH", "NEWCOPY", "XFER_DEFINE",
    "CALENDAR_UPDATE", "SCHED_LOAD", "PLAN_EXTEND",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class ScopeLine:
    """An asset that changes of the package name, and what is done to it."""

    key: Key
    name: str
    type: str
    type_label: str
    action: str


@dataclass(frozen=True, slots=True)
class StepType:
    """A type of step: `backout` is the type that takes it back, empty where nothing does."""

    code: str
    label: str
    alters: bool
    backout: str = ""
    backout_label: str = ""


@dataclass(frozen=True, slots=True)
class Planned:
    """A step that the plan has already. It covers its own targets; one that names none covers all
    of its type."""

    type: str
    targets: frozenset[Key] = frozenset()


@dataclass(frozen=True, slots=True)
class Proposal:
    """A step that the scope asks for; `because` says of which lines. `backout` is the type of the
    step that takes it back, with its title; empty without one."""

    type: str
    title: str
    because: str
    targets: tuple[Key, ...]
    backout: str = ""
    backout_title: str = ""


def activation_of(line: ScopeLine) -> tuple[str, ...]:
    """The types of step that make this line active; none where nothing is known of its type."""
    if line.action in _INSTEAD:
        return _INSTEAD[line.action].get(line.type, ())
    left_out = _LEFT_OUT.get(line.action, ())
    return tuple(code for code in INSTALLED.get(line.type, ()) if code not in left_out)


def proposals(
    lines: Iterable[ScopeLine],
    planned: Collection[Planned],
    types: Mapping[str, StepType],
) -> tuple[Proposal, ...]:
    """One step for each type that the scope asks for and the plan does not have for the asset, in
    the order of the catalogue, each with the step that takes it back."""
    wanted: dict[str, dict[Key, ScopeLine]] = {}
    for line in lines:
        for code in activation_of(line):
            if code in types and not _is_covered(code, line.key, planned):
                wanted.setdefault(code, {}).setdefault(line.key, line)
    return tuple(
        _proposal(types[code], list(wanted[code].values()))
        for code in sorted(wanted, key=_ORDER.index)
    )


def _is_covered(code: str, asset: Key, planned: Collection[Planned]) -> bool:
    alike = _ALIKE.get(code, (code,))
    return any(
        step.type in alike and (not step.targets or asset in step.targets or code in _FOR_ALL)
        for step in planned
    )


#: Either will do.
_ALIKE: Mapping[str, tuple[str, ...]] = {
    "NEWCOPY": ("NEWCOPY", "PHASEIN"),
    "SCM_EXECUTE": ("SCM_EXECUTE", "COPY_LOAD"),
    "COPY_JCL": ("COPY_JCL", "SCM_EXECUTE"),
    "COPY_PROC": ("COPY_PROC", "SCM_EXECUTE"),
    "COPY_PARM": ("COPY_PARM", "SCM_EXECUTE"),
    "COPY_DBRM": ("COPY_DBRM", "SCM_EXECUTE"),
}
#: One step of the night does it for every asset, whatever it names.
_FOR_ALL = frozenset(
    {"BACKUP_LIB", "SCM_EXECUTE", "COPY_JCL", "COPY_PROC", "COPY_PARM", "COPY_DBRM"}
    | {"LLA_REFRESH", "PLAN_EXTEND", "ACBGEN", "IMS_OLC", "CSD_UPDATE", "CICS_INSTALL"}
)


def _proposal(kind: StepType, lines: Sequence[ScopeLine]) -> Proposal:
    what = _named([line.name for line in lines], "asset")
    because = "; ".join(
        f"{line.name} is a {line.type_label.lower()} to {_DONE.get(line.action, line.action)}"
        for line in lines[:FEW]
    )
    more = len(lines) - FEW
    takes_back = bool(kind.backout) and kind.alters
    return Proposal(
        type=kind.code,
        title=f"{kind.label}: {what}"[:160],
        because=because + (f"; and {more} more" if more > 0 else ""),
        targets=tuple(line.key for line in lines),
        backout=kind.backout if takes_back else "",
        backout_title=f"Take back: {kind.backout_label.lower()}, {what}"[:160]
        if takes_back
        else "",
    )


_DONE = {"new": "install", "rebind_only": "rebind", "delete": "delete"}


def _named(names: Sequence[str], noun: str) -> str:
    return ", ".join(names) if len(names) <= FEW else counted(len(names), noun)
