from apps.evidence.events import Event

READINESS_REMINDED = Event("system.readiness_reminded", "Reminded who answers for the gate")
READINESS_CHASED = Event("system.readiness_chased", "Reminded the owner of the gate by hand")
CAPACITY_WARNED = Event("system.capacity_warned", "Warned that the window fills up")
SEAL_WARNED = Event("system.seal_warned", "Warned that the evidence is not sealed")
APPROVAL_REMINDED = Event("system.approval_reminded", "Reminded of a signature or of a debt")
