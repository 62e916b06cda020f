from apps.changes.moves.change import CHANGE_MOVES
from apps.changes.moves.meeting import MEETING_MOVES, RECORD_MOVES

__all__ = ["CHANGE_MOVES", "MEETING_MOVES", "RECORD_MOVES"]
