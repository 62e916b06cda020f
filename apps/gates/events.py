"""What happens to waivers."""

from apps.evidence.events import Event

WAIVER_REQUESTED = Event("waiver.requested", "Asked for a waiver")
WAIVER_SIGNED = Event("waiver.signed", "Signed the waiver")
WAIVER_APPROVED = Event("waiver.approved", "Approved the waiver")
WAIVER_REFUSED = Event("waiver.refused", "Refused the waiver")
WAIVER_WITHDRAWN = Event("waiver.withdrawn", "Took the request for a waiver back")
WAIVER_REVOKED = Event("waiver.revoked", "Revoked the waiver")
WAIVER_EXPIRED = Event("waiver.expired", "Let the waiver expire")
