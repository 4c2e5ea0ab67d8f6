"""When to say that a battery is low: before the start, and once for each level that it falls below."""

from __future__ import annotations

LEVELS_PCT = (20, 10)
"""A warning when the battery falls to one of these, %."""


class BatteryWarning:
    """One sensor's battery, and what its user was told about it.

    Parameters
    ----------
    label : str
        What the user calls the sensor.

    Examples
    --------
    >>> warning = BatteryWarning("uMyo-01")
    >>> warning.take(34), warning.take(20)
    (None, "uMyo-01's battery is at 20 %: charge it before the next run")
    >>> warning.take(21), warning.take(19), warning.take(10)
    (None, None, "uMyo-01's battery is at 10 %: it may end within the run")
    """

    def __init__(self, label: str) -> None:
        self._label = label
        self._told_pct = 101

    def take(self, level_pct: int | None) -> str | None:
        """What to say at a level (%), None if nothing, or nothing new."""
        if level_pct is None or not 0 <= level_pct <= 100:
            return None
        reached = min((level for level in LEVELS_PCT if level_pct <= level), default=None)
        if reached is None or reached >= self._told_pct:
            return None
        self._told_pct = reached
        advice = (
            "charge it before the next run" if reached == max(LEVELS_PCT) else "it may end within the run"
        )
        return f"{self._label}'s battery is at {level_pct} %: {advice}"
