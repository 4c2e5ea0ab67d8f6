"""How one runner differs from the book, and the random generators that keep each site by itself."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from emgsmr.simulate.profile import PROFILES
from emgsmr.simulate.spectrum import Spectrum


def generator(seed: int, *purpose: str) -> np.random.Generator:
    """Make a generator for one purpose and site, so that a site never depends on what else is asked for."""
    key = tuple("/".join(purpose).encode())
    return np.random.default_rng(np.random.SeedSequence(seed, spawn_key=key))


@dataclass(frozen=True, slots=True)
class Person:
    """One site of one runner, drawn from its `emgsmr.simulate.profile.Profile`.

    Attributes
    ----------
    peak_uv : float, µV rms
    spectrum : Spectrum
    later : float, strides
        How much later than the book the burst comes.
    noise_uv : float, µV rms
        Of the sensor: white.
    """

    peak_uv: float
    spectrum: Spectrum
    later: float
    noise_uv: float

    @staticmethod
    def drawn(seed: int, site: str) -> Person:
        """Draw one site of the runner of a seed."""
        rng = generator(seed, "person", site)
        profile = PROFILES[site.rsplit("_", 1)[0]]
        return Person(
            peak_uv=profile.peak_uv * float(np.exp(0.10 * rng.standard_normal())),
            spectrum=profile.spectrum.scaled(float(np.exp(0.04 * rng.standard_normal()))),
            later=float(0.01 * rng.standard_normal()),
            noise_uv=float(rng.uniform(3.0, 5.0)),
        )
