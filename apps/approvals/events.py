from apps.evidence.events import Event

REQUESTED = Event("approval.requested", "Asked for a signature")
SIGNED = Event("approval.signed", "Signed")
SUPERSEDED = Event("approval.superseded", "The content changed: the signature no longer counts")
WITHDRAWN = Event("approval.withdrawn", "The question was withdrawn")
EXPIRED = Event("approval.expired", "The signature ran out")
CARRIED = Event("approval.carried", "The content changed in nothing that is asked here again")
