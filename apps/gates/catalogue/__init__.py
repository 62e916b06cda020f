"""The gates, in the order in which people read them."""

from apps.gates.catalogue.g01_approvals import Approvals
from apps.gates.catalogue.g02_separation import SeparationOfDuties
from apps.gates.catalogue.g03_calendar import Calendar
from apps.gates.catalogue.g04_scope import ScopeComplete
from apps.gates.catalogue.g05_conflicts import Conflicts
from apps.gates.catalogue.g06_tests import TestEvidence
from apps.gates.catalogue.g07_scm import ScmState
from apps.gates.catalogue.g08_backout import Backout
from apps.gates.catalogue.g09_validation import ValidationPlan
from apps.gates.catalogue.g10_sequence import PlanAndSequence
from apps.gates.catalogue.g11_fit import Fit
from apps.gates.catalogue.g12_partners import PartnersInformed
from apps.gates.catalogue.g13_communication import Communication
from apps.gates.catalogue.g14_operations import OperationsHandover
from apps.gates.catalogue.g15_security import Security
from apps.gates.catalogue.g16_capacity import Capacity
from apps.gates.catalogue.g17_performance import Performance
from apps.gates.catalogue.g18_recovery_site import RecoverySite
from apps.gates.catalogue.g19_roster import Roster
from apps.gates.catalogue.g20_batch import BatchHeld
from apps.gates.catalogue.g21_lessons import LessonsApplied
from apps.gates.catalogue.g22_evidence import EvidencePack
from apps.gates.domain.verdict import Gate

GATES: tuple[Gate, ...] = (
    Approvals(),
    SeparationOfDuties(),
    Calendar(),
    ScopeComplete(),
    Conflicts(),
    TestEvidence(),
    ScmState(),
    Backout(),
    ValidationPlan(),
    PlanAndSequence(),
    Fit(),
    PartnersInformed(),
    Communication(),
    OperationsHandover(),
    Security(),
    Capacity(),
    Performance(),
    RecoverySite(),
    Roster(),
    BatchHeld(),
    LessonsApplied(),
    EvidencePack(),
)
GATE_BY_CODE = {gate.code: gate for gate in GATES}
