from apps.windows.moves.deviation import DEVIATION_MOVES, DEVIATION_QUESTIONS
from apps.windows.moves.feed import FEED_MOVES
from apps.windows.moves.series import SERIES_MOVES
from apps.windows.moves.window import WINDOW_MOVES

__all__ = ["DEVIATION_MOVES", "DEVIATION_QUESTIONS", "FEED_MOVES", "SERIES_MOVES", "WINDOW_MOVES"]
