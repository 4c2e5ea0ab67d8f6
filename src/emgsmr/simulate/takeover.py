"""Shifts and inhibitions as forces: what the prime mover leaves out, and what the compensator adds."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from emgsmr.simulate.gain import shifted_sites
from emgsmr.simulate.pool.load_sharing import Link
from emgsmr.simulate.pool.muscles import Muscles
from emgsmr.simulate.scenario import Inhibition, Points, Scenario, Shift

if TYPE_CHECKING:
    from emgsmr.anatomy import Pair

FloatArray = NDArray[np.float64]

PRIME_SHARE = {"P1": 0.55, "P2": 0.60}
"""Part of the pair's task that its prime mover does; the compensator does the rest. Other pairs: half.

P1: muscle forces in stance (Lenhart 2014) times moment arms give the glutes about half of the hip's
extension. P2: the hamstrings' arm at the knee is larger than the calf's. Neither is known well.
"""


@dataclass(frozen=True, slots=True)
class Takeover:
    """How a shift or an inhibition came about.

    Attributes
    ----------
    pair, side : str
    prime, compensator : tuple of str
        Sites.
    inhibition : tuple of float
        Part of its share that each prime mover leaves out in the end.
    takeover : tuple of float
        Part of what is left out that each compensator takes, by its share (1 = nothing is lost).
    prime_level, compensator_level : tuple of float
        EMG amplitude in the end relative to before, if all were fresh.
    points : Points
        How much of it is reached (0 to 1).
    """

    pair: str
    side: str
    prime: tuple[str, ...]
    compensator: tuple[str, ...]
    inhibition: tuple[float, ...]
    takeover: tuple[float, ...]
    prime_level: tuple[float, ...]
    compensator_level: tuple[float, ...]
    points: Points

    def link(self, muscles: Muscles, sites: Sequence[str], t_s: FloatArray) -> Link:
        """Give it in the terms of `emgsmr.simulate.pool.load_sharing`."""
        prime = [sites.index(site) for site in self.prime]
        compensator = [sites.index(site) for site in self.compensator]
        impulse = muscles.impulse(np.ones(len(sites)))
        ours, theirs = _shares(self.pair, len(prime))
        reached = np.interp(t_s, [t for t, _ in self.points], [v for _, v in self.points])
        return Link(
            prime=tuple(prime),
            compensator=tuple(compensator),
            inhibition=reached[:, None] * np.array(self.inhibition),
            # What is left out is counted in parts of the task, and handed out in the same.
            weight=np.outer(np.array(self.takeover) * impulse[compensator] / theirs, ours / impulse[prime]),
        )


def find_takeovers(
    scenario: Scenario, muscles: Muscles, sites: Sequence[str], pairs: Mapping[str, Pair]
) -> tuple[Takeover, ...]:
    """Turn a script's shifts and inhibitions into what its muscles have to do for them.

    A shift becomes the inhibition that lowers the fresh prime mover's EMG by its size, and the takeover that
    raises the fresh compensator's EMG by the same size. An inhibition is taken as it is.
    """
    found = []
    for shift in scenario.shifts:
        prime, compensator = shifted_sites(shift, pairs)
        inhibition = 1.0 - _force(muscles, sites, prime, 1.0 - shift.size)
        more = _force(muscles, sites, compensator, 1.0 + shift.size) - 1.0
        ours, theirs = _shares(shift.pair, len(prime))
        left_out = float(inhibition @ ours)
        takeover = more * theirs / left_out if left_out else np.zeros(len(more))
        found.append(_takeover(shift, (prime, compensator), (inhibition, takeover), muscles, sites))
    for inhibited in scenario.inhibitions:
        prime, compensator = shifted_sites(inhibited, pairs)
        inhibition = np.full(len(prime), inhibited.most)
        takeover = np.full(len(compensator), inhibited.takeover)
        found.append(_takeover(inhibited, (prime, compensator), (inhibition, takeover), muscles, sites))
    return tuple(found)


def _shares(pair: str, n_prime: int) -> tuple[FloatArray, float]:
    """Give the part of the task of each prime mover, and that of all compensators together."""
    share = PRIME_SHARE.get(pair, 0.5)
    return np.full(n_prime, share / n_prime), 1.0 - share


def _force(muscles: Muscles, sites: Sequence[str], names: Sequence[str], level: float) -> FloatArray:
    """Compute the force of fresh muscles at an EMG level, relative to that at level 1."""
    at = [sites.index(site) for site in names]
    part = muscles.impulse(np.full(len(sites), level)) / muscles.impulse(np.ones(len(sites)))
    return np.asarray(part[at])


def _levels(
    muscles: Muscles, sites: Sequence[str], names: Sequence[str], part: FloatArray
) -> tuple[float, ...]:
    """Compute the EMG level of fresh muscles at a force relative to that at level 1."""
    at = [sites.index(site) for site in names]
    wanted = muscles.impulse(np.ones(len(sites)))
    wanted[at] *= part
    return tuple(muscles.level(wanted)[at].tolist())


def _takeover(
    script: Shift | Inhibition,
    names: tuple[tuple[str, ...], tuple[str, ...]],
    sizes: tuple[FloatArray, FloatArray],
    muscles: Muscles,
    sites: Sequence[str],
) -> Takeover:
    (prime, compensator), (inhibition, takeover) = names, sizes
    ours, theirs = _shares(script.pair, len(prime))
    more = takeover * float(inhibition @ ours) / theirs
    return Takeover(
        pair=script.pair,
        side=script.side,
        prime=prime,
        compensator=compensator,
        inhibition=tuple(inhibition.tolist()),
        takeover=tuple(takeover.tolist()),
        prime_level=_levels(muscles, sites, prime, 1.0 - inhibition),
        compensator_level=_levels(muscles, sites, compensator, 1.0 + more),
        points=script.reached,
    )
