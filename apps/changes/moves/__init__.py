from apps.changes.moves.change import ACTIONS, CHANGE_MOVES, Answer, answer_about
from apps.changes.moves.meeting import MEETING_MOVES, RECORD_MOVES
from apps.changes.moves.risk import OVERRIDE_MOVES
from apps.changes.moves.standard import STANDARD_MOVES

__all__ = [
    "ACTIONS",
    "CHANGE_MOVES",
    "MEETING_MOVES",
    "OVERRIDE_MOVES",
    "RECORD_MOVES",
    "STANDARD_MOVES",
    "Answer",
    "answer_about",
]
