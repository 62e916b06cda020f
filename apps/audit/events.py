"""What happens on the workbench, with packs of evidence, and with how long bytes are kept."""

from apps.evidence.events import Event

POPULATION_TAKEN = Event("population.taken", "Took the population")
POPULATION_ASKED_AGAIN = Event("population.asked_again", "Asked the population again")
POPULATION_TESTED = Event("population.tested", "Ran the control tests over the population")
POPULATION_EXPORTED = Event("population.exported", "Exported the rows of the population")
FINDING_OPENED = Event("audit_finding.opened", "Opened the finding")
FINDING_EDITED = Event("audit_finding.edited", "Edited the finding")
FINDING_EXPLAINED = Event("audit_finding.explained", "Explained the finding")
FINDING_REMEDIATED = Event("audit_finding.remediated", "Said that it is put right")
FINDING_ACCEPTED = Event("audit_finding.accepted", "Accepted the risk of the finding")
FINDING_CLOSED = Event("audit_finding.closed", "Closed the finding")
FINDING_REOPENED = Event("audit_finding.reopened", "Opened the finding again")
MOVES_IMPORTED = Event("moved_report.imported", "Compared what moved with what was authorised")
PACK_ASKED = Event("pack.asked", "Asked for a pack of evidence")
PACK_MADE = Event("pack.made", "Made the pack of evidence")
PACK_FETCHED = Event("pack.fetched", "Downloaded the pack of evidence")
CLASS_ENTERED = Event("retention_class.entered", "Entered how long records are kept, as delivered")
HOLD_PLACED = Event("legal_hold.placed", "Placed a legal hold")
HOLD_RELEASED = Event("legal_hold.released", "Released a legal hold")
REDACTION_PROPOSED = Event("redaction.proposed", "Proposed to erase bytes of evidence")
REDACTION_REFUSED = Event("redaction.refused", "Refused to erase bytes of evidence")
#: The two actions that tell of an erasure; the database lets nothing go without one of them.
REDACTED = Event("evidence.redacted", "Erased bytes of evidence")
PURGED = Event("evidence.purged", "Erased bytes of evidence whose term was over")
