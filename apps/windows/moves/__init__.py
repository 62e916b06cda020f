from apps.windows.moves.window import WINDOW_MOVES

__all__ = ["WINDOW_MOVES"]
