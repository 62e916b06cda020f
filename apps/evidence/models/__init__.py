"""Everything that evidence keeps."""

from apps.evidence.models.checks import TELLS_OF_ERASURE, DigestShape, Erasure, EvidenceCheck
from apps.evidence.models.governed import (
    GovernedModel,
    PartModel,
    governed_fields,
    governed_history,
    shape_of,
    values_of,
)
from apps.evidence.models.ledger import (
    ActionKey,
    EvidenceConsumer,
    EvidenceEntry,
    EvidenceOutbox,
    EvidenceSubject,
    PartVersion,
)
from apps.evidence.models.remarks import Comment, Exhibit
from apps.evidence.models.sealing import (
    EvidenceAlarm,
    EvidenceCheckpoint,
    EvidenceLeaf,
    EvidenceTimestamp,
)

__all__ = [
    "TELLS_OF_ERASURE",
    "ActionKey",
    "Comment",
    "DigestShape",
    "Erasure",
    "EvidenceAlarm",
    "EvidenceCheck",
    "EvidenceCheckpoint",
    "EvidenceConsumer",
    "EvidenceEntry",
    "EvidenceLeaf",
    "EvidenceOutbox",
    "EvidenceSubject",
    "EvidenceTimestamp",
    "Exhibit",
    "GovernedModel",
    "PartModel",
    "PartVersion",
    "governed_fields",
    "governed_history",
    "shape_of",
    "values_of",
]
