from apps.gates.models.readiness import ReadinessItem
from apps.gates.models.waiver import Waiver

__all__ = ["ReadinessItem", "Waiver"]
