"""What a bipolar electrode sees of each motor unit, and the power and mean frequency that follow from it.

A unit's action potential is a mixture of the first two derivatives of a Gaussian (Hermite-Rodriguez shapes
of first and second order) in time ``t / width``. Larger units have larger and faster potentials, and those
near the electrode larger ones again. A tired unit conducts more slowly: its potential keeps its height and
becomes wider, which compresses the spectrum and raises the power.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from emgsmr.simulate.pool.motor_units import MotorUnits

FloatArray = NDArray[np.float64]

_SIZE_EXPONENT = 0.75  # of the potential's height over twitch force; 0.5 to 1 are plausible
_DEPTH_SD = 0.4  # of ln height: units lie at different depths
_CONDUCTION = (3.5, 5.0)  # m/s, of the smallest and the largest unit
_CONDUCTION_LOSS = 0.5  # part of the conduction velocity that goes per part of the force that is lost ...
_SLOWEST = 0.7  # ... down to this part of the fresh one

# Mean frequency times width of the two shapes: 2 / sqrt(pi) / (2 pi) and 8 / (3 sqrt(pi)) / (2 pi).
_MEAN_FREQUENCY = (1.0 / np.pi**1.5, 4.0 / (3.0 * np.pi**1.5))


@dataclass(frozen=True, slots=True, eq=False)
class SurfaceUnits:
    """The motor units of one muscle as one electrode sees them.

    Attributes
    ----------
    height : ndarray, shape (..., n)
        Of each potential; `scaled` makes µV of it. A unit that fires at ``rate_hz`` adds the power
        ``height**2 * width_s * rate_hz``.
    width_s : ndarray, shape (..., n), s
        Standard deviation of the Gaussian behind the fresh unit's potential.
    first_order : ndarray, shape (..., n)
        Part of the potential's power (0 to 1) that is of first order.
    """

    height: FloatArray
    width_s: FloatArray
    first_order: FloatArray

    @staticmethod
    def drawn(pool: MotorUnits, rng: np.random.Generator) -> SurfaceUnits:
        """Draw where the units lie; widths are relative until `scaled`."""
        n = len(pool.twitch)
        slow, fast = _CONDUCTION
        size = np.log(pool.twitch) / np.log(pool.twitch[-1])
        return SurfaceUnits(
            height=pool.twitch**_SIZE_EXPONENT * np.exp(_DEPTH_SD * rng.standard_normal(n)),
            width_s=slow / (slow + (fast - slow) * size),
            first_order=rng.uniform(0.3, 1.0, n),
        )

    def scaled(self, *, height: FloatArray | float = 1.0, width: FloatArray | float = 1.0) -> SurfaceUnits:
        """Multiply all heights and all widths."""
        return SurfaceUnits(self.height * height, self.width_s * width, self.first_order)

    def power(self, rate_hz: FloatArray, conduction: FloatArray | float = 1.0) -> FloatArray:
        """Compute the mean square that each unit adds, shape (..., n).

        Parameters
        ----------
        rate_hz : ndarray, shape (..., n), Hz
        conduction : ndarray or float, broadcastable to (..., n)
            Conduction velocity relative to fresh.
        """
        return np.asarray(self.height**2 * (self.width_s * rate_hz) / conduction)

    def mean_hz(self, power: FloatArray, conduction: FloatArray | float = 1.0) -> FloatArray:
        """Compute the mean frequency of the units' sum from the `power` of each, shape (...).

        Units fire independently, so that above their firing rates the spectra add.
        """
        first, second = _MEAN_FREQUENCY
        of_unit = (first * self.first_order + second * (1.0 - self.first_order)) / self.width_s
        total = np.maximum(power.sum(axis=-1), np.finfo(np.float64).tiny)
        return np.asarray((power * of_unit * conduction).sum(axis=-1) / total)


def conduction(capacity: FloatArray) -> FloatArray:
    """Compute the conduction velocity of units that have ``capacity`` of their force left, relative to fresh.

    Examples
    --------
    >>> conduction(np.array([1.0, 0.8, 0.1])).tolist()
    [1.0, 0.9, 0.7]
    """
    return np.maximum(1.0 - _CONDUCTION_LOSS * (1.0 - capacity), _SLOWEST)
