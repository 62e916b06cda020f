from apps.windows.moves.deviation import DEVIATION_MOVES
from apps.windows.moves.window import WINDOW_MOVES

__all__ = ["DEVIATION_MOVES", "WINDOW_MOVES"]
