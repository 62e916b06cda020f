"""Which clause of which framework is backed by which facts. The clauses are told in our own words.

Sources: PCI DSS 4.0.1; NIST SP 800-53 rev. 5.1.1; ISO/IEC 27001:2022 A.8.32 with the guidance of
27002; Commission Delegated Regulation (EU) 2024/1774 Art. 17(1). SOX has no clauses of its own: the
rows are what audits of IT general controls over program changes ask for.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

Kind = Literal["control", "gate", "page"]

SOX, PCI, NIST, ISO, DORA = (
    "SOX ITGC", "PCI DSS", "NIST SP 800-53", "ISO/IEC 27001", "DORA RTS 2024/1774",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Backing:
    """A control test by its code, a gate by its code, or a page by its name in `PAGES`."""

    kind: Kind
    ref: str


@dataclass(frozen=True, slots=True)
class Clause:
    framework: str
    clause: str
    asks: str
    facts: tuple[Backing, ...]


#: Name of a page → how it is called, and the name of its address.
PAGES: Mapping[str, tuple[str, str]] = {
    "changes": ("Change requests", "admin:changes_changerequest_changelist"),
    "policies": ("Approval policies", "admin:changes_approvalpolicy_changelist"),
    "approvals": ("Signatures", "admin:approvals_approval_changelist"),
    "meetings": ("Board meetings", "admin:changes_cabmeeting_changelist"),
    "standard": ("Standard changes", "admin:changes_standardtemplate_changelist"),
    "debts": ("Approval debt", "approval_debts"),
    "roles": ("Role grants", "admin:accounts_rolegrant_changelist"),
    "calendar": ("Calendar and freezes", "calendar"),
    "deviations": ("Deviations from the calendar", "admin:windows_windowdeviation_changelist"),
    "packages": ("Packages", "admin:releases_releasepackage_changelist"),
    "checks": ("Validation checks", "admin:releases_validationcheck_changelist"),
    "backout": ("Backout plans", "admin:releases_backoutplan_changelist"),
    "communications": ("Communications", "admin:releases_communication_changelist"),
    "reviews": ("Post-implementation reviews", "admin:releases_postreview_changelist"),
    "waivers": ("Waivers", "admin:gates_waiver_changelist"),
    "exhibits": ("Exhibits", "admin:evidence_exhibit_changelist"),
    "ledger": ("The ledger", "admin:evidence_evidenceentry_changelist"),
    "populations": ("Populations", "admin:audit_population_changelist"),
    "findings": ("Audit findings", "admin:audit_auditfinding_changelist"),
    "moved": ("Moved against authorised", "admin:audit_movedreport_changelist"),
    "outcomes": ("Releases by outcome", "outcomes"),
}


def _by(*refs: str) -> tuple[Backing, ...]:
    return tuple(
        Backing("control", ref) if ref.startswith("CT")
        else Backing("page", ref) if ref in PAGES
        else Backing("gate", ref)
        for ref in refs
    )  # fmt: skip


CLAUSES: tuple[Clause, ...] = (
    Clause(SOX, "Population", "The list of program changes is complete and accurate.",
           _by("populations", "CT08", "CT01", "moved")),
    Clause(SOX, "Authorisation", "A change is asked for and approved before it is moved.",
           _by("CT02", "G01", "approvals")),
    Clause(SOX, "Testing", "A change is tested before it is approved for production.",
           _by("CT04", "G06", "exhibits")),
    Clause(SOX, "Segregation", "Who develops does not approve, and does not move alone.",
           _by("CT03", "G02", "roles")),
    Clause(SOX, "Migration", "Only what was approved reaches production.",
           _by("CT01", "moved", "G07")),
    Clause(SOX, "Emergencies", "Emergency changes are approved afterwards, in time.",
           _by("CT06", "debts")),
    Clause(SOX, "Exceptions", "Exceptions are followed up by somebody until they are settled.",
           _by("findings", "waivers", "CT10")),
    Clause(PCI, "6.5.1", "Reason and description of the change are written down.",
           _by("changes", "ledger")),
    Clause(PCI, "6.5.1", "The impact on security is written down.", _by("changes", "G15")),
    Clause(PCI, "6.5.1", "Parties with authority approve it, documented.",
           _by("CT02", "G01", "approvals")),
    Clause(PCI, "6.5.1", "It is tested not to weaken the security of the system.",
           _by("CT04", "G06", "exhibits")),
    Clause(PCI, "6.5.1", "There is a way back to a secure state when it fails.",
           _by("G08", "backout")),
    Clause(PCI, "6.5.4", "Roles are separated so that only reviewed, approved changes go live.",
           _by("CT03", "G02", "roles")),
    Clause(NIST, "CM-3a", "It is determined which types of change are controlled.",
           _by("policies", "standard")),
    Clause(NIST, "CM-3b", "Changes are reviewed and decided with regard to security.",
           _by("CT02", "meetings", "policies")),
    Clause(NIST, "CM-3c", "Decisions on changes are documented.", _by("approvals", "ledger")),
    Clause(NIST, "CM-3d", "Approved changes are implemented as approved.",
           _by("CT02", "moved", "CT05")),
    Clause(NIST, "CM-3e", "Records of changes are kept.", _by("ledger", "CT08")),
    Clause(NIST, "CM-3f", "Activities of changes are monitored and reviewed.",
           _by("populations", "CT09", "findings")),
    Clause(NIST, "CM-3g", "A board coordinates and oversees changes.", _by("meetings")),
    Clause(NIST, "CM-3(2)", "Changes are tested and validated before they are finished.",
           _by("CT04", "CT07", "G09")),
    Clause(NIST, "CM-4(2)", "After the change it is verified that controls still work.",
           _by("CT07", "checks", "reviews")),
    Clause(NIST, "AC-5", "Duties of individuals are separated.", _by("CT03", "roles")),
    Clause(ISO, "A.8.32", "Changes are planned and their impact is assessed.",
           _by("changes", "G04", "G05")),
    Clause(ISO, "A.8.32", "Changes are authorised.", _by("CT02", "approvals")),
    Clause(ISO, "A.8.32", "Changes are told to those whom they concern.",
           _by("G13", "communications")),
    Clause(ISO, "A.8.32", "Changes are tested and accepted.", _by("CT04", "CT07")),
    Clause(ISO, "A.8.32", "Changes are implemented by a plan, inside their time.",
           _by("CT05", "G10", "calendar", "deviations")),
    Clause(ISO, "A.8.32", "Emergencies and contingencies are provided for.",
           _by("CT06", "G08", "backout")),
    Clause(ISO, "A.8.32", "Records of changes are maintained.", _by("ledger", "CT08", "CT09")),
    Clause(ISO, "A.8.32", "Operating documents and continuity plans follow the change.",
           _by("G14", "G18")),
    Clause(DORA, "Art. 17(1)(a)", "It is verified that security requirements are met.",
           _by("G15", "CT07")),
    Clause(DORA, "Art. 17(1)(b)", "Who approves is independent of who asks and who implements.",
           _by("CT03", "G02")),
    Clause(DORA, "Art. 17(1)(c)", "Changes are specified, planned, tested and finished under "
           "control, by roles that are clear.", _by("CT04", "CT07", "G09", "G10", "roles")),
    Clause(DORA, "Art. 17(1)(d)", "Purpose, scope, time and expected outcome are documented and "
           "told.", _by("changes", "packages", "G13")),
    Clause(DORA, "Art. 17(1)(e)", "Fall-back and who aborts or recovers are laid down.",
           _by("G08", "backout")),
    Clause(DORA, "Art. 17(1)(f)", "Emergency changes have procedures and safeguards.",
           _by("CT06", "CT02", "debts")),
    Clause(DORA, "Art. 17(1)(g)", "Emergency changes are assessed and approved after they were "
           "made.", _by("CT06", "reviews")),
    Clause(DORA, "Art. 17(1)(h)", "The impact on existing security measures is identified.",
           _by("changes", "G15")),
)  # fmt: skip
