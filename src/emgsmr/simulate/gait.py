"""When the feet touch the ground."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy import signal

FloatArray = NDArray[np.float64]

_STRIDE_CV = 0.02
_STRIDE_PHI = 0.5
_HALF_STRIDE_SD = 0.005  # of a stride: how evenly the other foot falls between two contacts


def autoregressive(n: int, *, phi: float, sd: float, rng: np.random.Generator) -> FloatArray:
    """Draw ``n`` values of a stationary AR(1) process of mean 0.

    Parameters
    ----------
    n : int
    phi : float
        Correlation of neighbors.
    sd : float
        Standard deviation of the values (not of the innovations).
    rng : numpy.random.Generator

    Examples
    --------
    >>> x = autoregressive(100_000, phi=0.5, sd=2.0, rng=np.random.default_rng(1))
    >>> [round(float(v), 1) for v in (x.std(), np.corrcoef(x[1:], x[:-1])[0, 1])]
    [2.0, 0.5]
    """
    innovations = rng.standard_normal(n) * sd * np.sqrt(1.0 - phi**2)
    innovations[:1] /= np.sqrt(1.0 - phi**2)
    return np.asarray(signal.lfilter([1.0], [1.0, -phi], innovations))


def foot_contacts(
    *,
    start_s: float,
    stop_s: float,
    cadence: Sequence[tuple[float, float]],
    rng: np.random.Generator,
) -> dict[str, FloatArray]:
    """Draw the times of the foot contacts of both legs.

    Parameters
    ----------
    start_s, stop_s : float, s
        From when to when the runner moves.
    cadence : sequence of (t_s, strides per minute and leg)
        Straight lines between the points, level outside them.
    rng : numpy.random.Generator

    Returns
    -------
    dict of str to ndarray, s
        ``"L"`` and ``"R"``, half a stride apart. Stride times vary by 2 % (AR(1), 0.5).
    """
    if stop_s <= start_s:
        return {"L": np.zeros(0), "R": np.zeros(0)}
    t = np.union1d(np.arange(start_s, stop_s, 0.1), [stop_s])
    rate = np.interp(t, [p[0] for p in cadence], [p[1] for p in cadence]) / 60.0
    strides = np.concatenate([[0.0], np.cumsum(np.diff(t) * (rate[1:] + rate[:-1]) / 2.0)])
    n = int(strides[-1] * 1.05) + 20  # the random steps may add up to a little less than their mean
    steps = 1.0 + autoregressive(n, phi=_STRIDE_PHI, sd=_STRIDE_CV, rng=rng)
    right = 0.6 + np.concatenate([[0.0], np.cumsum(steps)])
    left = right[:-1] + steps * (0.5 + _HALF_STRIDE_SD * rng.standard_normal(n))
    contacts = {"L": np.concatenate([[right[0] - 0.5], left]), "R": right}
    return {side: np.interp(values[values < strides[-1]], strides, t) for side, values in contacts.items()}


@dataclass(frozen=True, slots=True, eq=False)
class Leg:
    """The strides of one leg: turns a time into a phase."""

    contacts: FloatArray

    def phase(self, t_s: FloatArray) -> FloatArray:
        """Count the strides since the first contact (its fraction is the place within the stride).

        Before the first and after the last contact it runs on for three strides and then stands.
        """
        if len(self.contacts) < 2:
            return np.full(len(t_s), -3.0)
        head, tail = self.contacts[1] - self.contacts[0], self.contacts[-1] - self.contacts[-2]
        ahead = np.arange(1.0, 4.0)
        knots = np.concatenate(
            [self.contacts[0] - ahead[::-1] * head, self.contacts, self.contacts[-1] + ahead * tail]
        )
        return np.asarray(np.interp(t_s, knots, np.arange(len(knots)) - 3.0))
