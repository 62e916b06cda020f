"""Move a package to another window, or a window to another time, with all that hangs on it.

A preview does everything and undoes it in one transaction; so what people agree to is what
happens. A commit is refused when it would come to anything else than the preview told.
"""

from apps.releases.services.moving.package_move import move_package, preview_package_move
from apps.releases.services.moving.preview import Preview
from apps.releases.services.moving.window_move import move_window, preview_window_move

__all__ = [
    "Preview",
    "move_package",
    "move_window",
    "preview_package_move",
    "preview_window_move",
]
