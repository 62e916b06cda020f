from apps.changes.moves.change import CHANGE_MOVES, CHANGE_QUESTIONS
from apps.changes.moves.meeting import MEETING_MOVES, MEETING_QUESTIONS, RECORD_MOVES
from apps.changes.moves.risk import OVERRIDE_MOVES, OVERRIDE_QUESTIONS
from apps.changes.moves.standard import STANDARD_MOVES, STANDARD_QUESTIONS

__all__ = [
    "CHANGE_MOVES",
    "CHANGE_QUESTIONS",
    "MEETING_MOVES",
    "MEETING_QUESTIONS",
    "OVERRIDE_MOVES",
    "OVERRIDE_QUESTIONS",
    "RECORD_MOVES",
    "STANDARD_MOVES",
    "STANDARD_QUESTIONS",
]
