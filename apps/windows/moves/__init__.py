from apps.windows.moves.deviation import DEVIATION_MOVES, DEVIATION_QUESTIONS
from apps.windows.moves.window import WINDOW_MOVES

__all__ = ["DEVIATION_MOVES", "DEVIATION_QUESTIONS", "WINDOW_MOVES"]
