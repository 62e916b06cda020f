from apps.gates.models.attestation import Attestation
from apps.gates.models.profile import GateProfile, gate_choices
from apps.gates.models.readiness import GateTurn, ReadinessItem
from apps.gates.models.waiver import Waiver

__all__ = ["Attestation", "GateProfile", "GateTurn", "ReadinessItem", "Waiver", "gate_choices"]
