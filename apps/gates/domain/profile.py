"""Where an application or a risk asks more or less of a gate than it is delivered with."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass

#: From the least to the most.
SETTINGS = ("off", "soft", "hard")


@dataclass(frozen=True, slots=True)
class ProfileRow:
    """What one gate is for an application and a risk band, empty for any of them."""

    gate: str
    setting: str
    application: str = ""
    risk_band: str = ""
    reason: str = ""

    @property
    def weight(self) -> int:
        """How much it is about this package: an application says more than a risk band."""
        return 2 * bool(self.application) + bool(self.risk_band)

    @property
    def told(self) -> str:
        """Of whom it holds, for people."""
        band = f"{self.risk_band} risk" if self.risk_band else ""
        return " at ".join(filter(None, (self.application, band))) or "every package"


def setting_for(
    gate: str, rows: Iterable[ProfileRow], applications: Collection[str], risk_band: str
) -> ProfileRow | None:
    """The row that holds for a package; None where the gate is as delivered.

    The most particular one wins, and of several applications the one that asks the most.
    """
    fitting = [
        row
        for row in rows
        if row.gate == gate
        and row.application in ("", *applications)
        and row.risk_band in ("", risk_band)
    ]
    return max(fitting, key=lambda row: (row.weight, SETTINGS.index(row.setting)), default=None)
