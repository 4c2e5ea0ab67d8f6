"""A time axis that counts minutes and hours instead of thousands of seconds."""

from __future__ import annotations

from collections.abc import Sequence

import pyqtgraph as pg

STEPS_S = (
    0.01,
    0.02,
    0.05,
    0.1,
    0.2,
    0.5,
    1,
    2,
    5,
    10,
    15,
    30,
    60,
    120,
    300,
    600,
    900,
    1800,
    3600,
    7200,
    14400,
    43200,
)
LABEL_PX = 85


def time_label(t_s: float, step_s: float) -> str:
    """A time as m:ss, h:mm:ss from an hour on, with as many decimals as the steps need.

    Examples
    --------
    >>> time_label(65.0, 5), time_label(3725.0, 60), time_label(65.25, 0.05), time_label(-2.0, 1)
    ('1:05', '1:02:05', '1:05.25', '-0:02')
    """
    digits = 0 if step_s >= 1 else 1 if step_s >= 0.1 else 2
    whole, part = divmod(round(abs(t_s) * 10**digits), 10**digits)
    text = f"{whole // 60}:{whole % 60:02d}" if whole < 3600 else ""
    text = text or f"{whole // 3600}:{whole // 60 % 60:02d}:{whole % 60:02d}"
    return ("-" if t_s < 0 and (whole or part) else "") + text + (f".{part:0{digits}d}" if digits else "")


class ClockAxis(pg.AxisItem):  # type: ignore[misc]  # pyqtgraph has no types
    """Ticks at whole seconds and minutes."""

    def tickSpacing(self, low: float, high: float, size: float) -> list[tuple[float, float]]:  # noqa: N802
        """One row of ticks, far enough from each other for their labels."""
        least = (high - low) * LABEL_PX / max(size, 1.0)
        return [(next((step for step in STEPS_S if step >= least), 86400.0), 0.0)]

    def tickStrings(self, values: Sequence[float], scale: float, spacing: float) -> list[str]:  # noqa: N802
        """The labels."""
        return [time_label(value * scale, spacing) for value in values]
