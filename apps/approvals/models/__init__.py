from apps.approvals.models.approval import Approval, Decision
from apps.approvals.models.countersign import Countersign
from apps.approvals.models.obligation import Obligation
from apps.approvals.models.view_log import ViewLog

__all__ = ["Approval", "Countersign", "Decision", "Obligation", "ViewLog"]
