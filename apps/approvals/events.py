from apps.evidence.events import Event

REQUESTED = Event("approval.requested", "Asked for a signature")
SIGNED = Event("approval.signed", "Signed")
SUPERSEDED = Event("approval.superseded", "The content changed: the signature no longer counts")
WITHDRAWN = Event("approval.withdrawn", "The question was withdrawn")
LAPSED = Event("approval.lapsed", "Who signed may not any more: asked again")
EXPIRED = Event("approval.expired", "The signature ran out")
DECISION_WITHDRAWN = Event("approval.decision_withdrawn", "Took the decision back")
OBLIGATION_SET = Event("obligation.set", "Made it a condition of the approval")
OBLIGATION_MET = Event("obligation.met", "Met the condition")
OBLIGATION_DOUBTED = Event("obligation.doubted", "Did not accept the proof")
OBLIGATION_WITHDRAWN = Event("obligation.withdrawn", "The signature with this condition is void")
CARRIED = Event("approval.carried", "The content changed in nothing that is asked here again")
