"""The gates, in the order in which people read them."""

from apps.gates.catalogue.g01_approvals import Approvals
from apps.gates.catalogue.g02_separation import SeparationOfDuties
from apps.gates.catalogue.g06_tests import IndependentTests
from apps.gates.catalogue.g08_backout import Backout
from apps.gates.catalogue.g09_validation import ValidationPlan
from apps.gates.catalogue.g10_sequence import PlanAndSequence
from apps.gates.catalogue.g16_capacity import Capacity
from apps.gates.catalogue.g19_roster import Roster
from apps.gates.domain.verdict import Gate

GATES: tuple[Gate, ...] = (
    Approvals(),
    SeparationOfDuties(),
    IndependentTests(),
    Backout(),
    ValidationPlan(),
    PlanAndSequence(),
    Capacity(),
    Roster(),
)
GATE_BY_CODE = {gate.code: gate for gate in GATES}
