from apps.changes.moves.change import ACTIONS, CHANGE_MOVES, Answer, answer_about
from apps.changes.moves.standard import STANDARD_MOVES

__all__ = ["ACTIONS", "CHANGE_MOVES", "STANDARD_MOVES", "Answer", "answer_about"]
