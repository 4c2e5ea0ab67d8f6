"""What a script means for muscles that can tire: who carries how much, and what becomes of them.

Sizes in a script are those of the EMG of fresh muscles; here they become forces, which the muscles' pools
have to supply stride by stride (`emgsmr.simulate.pool.load_sharing`).
"""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

import numpy as np
from numpy.typing import NDArray

from emgsmr.simulate.gain import burst_gains, shifted_sites
from emgsmr.simulate.person import Person, generator
from emgsmr.simulate.pool.action_potentials import SurfaceUnits
from emgsmr.simulate.pool.load_sharing import STEP_S, Course, share_load
from emgsmr.simulate.pool.motor_units import firing_rates, motor_units
from emgsmr.simulate.pool.muscles import Muscles
from emgsmr.simulate.pool.spikes import GRID_S, surface_emg
from emgsmr.simulate.profile import PROFILES
from emgsmr.simulate.scenario import Inhibition, Points, Scenario, Shift
from emgsmr.simulate.takeover import Takeover, find_takeovers

if TYPE_CHECKING:
    from collections.abc import Callable

    from emgsmr.anatomy import Pair

FloatArray = NDArray[np.float64]

Engine = Literal["surrogate", "pool"]
ENGINES: tuple[Engine, ...] = ("surrogate", "pool")
"""How EMG is made: as shaped noise, or from the action potentials of motor units."""

_BAND_HZ = (20.0, 450.0)  # in which mean frequencies are compared


@dataclass(frozen=True, slots=True, eq=False)
class Work:
    """The muscles of one run, and what became of them.

    Attributes
    ----------
    sites : tuple of str
    muscles : Muscles
        Heights of their units' potentials in µV, widths in s.
    course : Course
    takeovers : tuple of Takeover
    """

    sites: tuple[str, ...]
    muscles: Muscles
    course: Course
    takeovers: tuple[Takeover, ...]

    def points(self, site: str, quantity: str, every: int = 5) -> Points:
        """Read one quantity of the course at one site as points over time, every ten seconds."""
        values = getattr(self.course, quantity)[::every, self.sites.index(site)]
        return tuple(zip(self.course.t_s[::every].tolist(), values.tolist(), strict=True))

    def of(self, site: str, scenario: Scenario, seed: int) -> Work:
        """Give the work that has a site in it: this one, or one of a muscle that shares nothing."""
        if site in self.sites:
            return self
        return mechanism(
            dataclasses.replace(scenario, shifts=(), inhibitions=()), (site,), seed=seed, pairs={}
        )

    def top_uv(self, site: str) -> float:
        """Rms at the top of the site's burst in fresh, easy running, µV."""
        k, pool = self.sites.index(site), self.muscles.pool
        power = self.muscles.units.power(firing_rates(pool, self.muscles.top)[k])[k]
        return float(np.sqrt(power.sum()))

    def emg(
        self,
        site: str,
        level: Callable[[FloatArray], FloatArray],
        *,
        seed: int,
        t_s: FloatArray,
        fs: float,
        duration_s: float,
    ) -> FloatArray:
        """Compute the voltage that a muscle's units make at the electrode, µV.

        Parameters
        ----------
        site : str
        level : callable
            Amplitude of a fresh muscle at given times, relative to the burst's top.
        seed : int
        t_s : ndarray, shape (n_samples,), s
            Evenly spaced.
        fs : float, Hz
            Frequencies above half of it are missing.
        duration_s : float, s
            Of the run: the units fire through all of it, whatever part is asked for.
        """
        if not len(t_s):
            return np.zeros(0)
        k, pool = self.sites.index(site), self.muscles.pool
        grid_s = np.arange(0.0, duration_s + 0.1, GRID_S)
        bare = np.interp(level(grid_s), self.muscles.amplitudes[k], self.muscles.grid)
        drive = np.interp(grid_s, self.course.t_s, self.course.drive[:, k])
        units = self.muscles.units
        return surface_emg(
            pool,
            SurfaceUnits(units.height[k], units.width_s[k], units.first_order[k]),
            np.minimum(bare * drive, pool.max_excitation),
            self.course.units[:, k],
            self.course.t_s,
            n_samples=len(t_s),
            fs=fs,
            true_fs=1.0 / (t_s[1] - t_s[0]) if len(t_s) > 1 else fs,
            t0_s=float(t_s[0]),
            rng=generator(seed, "spikes", site),
        )


def worked_sites(scenario: Scenario, pairs: Mapping[str, Pair]) -> tuple[str, ...]:
    """Name the sites of a scenario's muscles and of all muscles that its pairs need."""
    muscles = list(scenario.muscles)
    scripts: list[Shift | Inhibition] = [*scenario.shifts, *scenario.inhibitions]
    for script in scripts:
        for sites in shifted_sites(script, pairs):
            muscles += [site.rsplit("_", 1)[0] for site in sites]
    return tuple(f"{muscle}_{side}" for muscle in dict.fromkeys(muscles) for side in "LR")


def mechanism(scenario: Scenario, sites: Sequence[str], *, seed: int, pairs: Mapping[str, Pair]) -> Work:
    """Let the muscles of a run do what the script demands.

    Parameters
    ----------
    scenario : Scenario
        Shifts become inhibitions that have the size in fresh muscles; scripted fatigue is left out, since
        muscles tire by themselves (`Scenario.load` says how soon).
    sites : sequence of str
    seed : int
    pairs : mapping of str to Pair

    Returns
    -------
    Work
    """
    muscles = _muscles(scenario, sites, seed)
    t_s = np.arange(0.0, 60.0 * scenario.minutes + STEP_S, STEP_S)
    own = burst_gains(dataclasses.replace(scenario, shifts=(), fatigue=()), pairs)
    demand = np.column_stack([_at(own[site], t_s) for site in sites])
    active = (t_s >= scenario.start_s).astype(np.float64)
    for pause in scenario.pauses:
        active[(t_s >= pause.start_s) & (t_s < pause.stop_s)] = 0.0
    takeovers = find_takeovers(scenario, muscles, sites, pairs)
    links = [takeover.link(muscles, sites, t_s) for takeover in takeovers]
    return Work(tuple(sites), muscles, share_load(muscles, demand, active, links), takeovers)


def _at(points: Points, t_s: FloatArray) -> FloatArray:
    return np.asarray(np.interp(t_s, [t for t, _ in points], [v for _, v in points]))


def _muscles(scenario: Scenario, sites: Sequence[str], seed: int) -> Muscles:
    """Draw the motor units of every site, with the amplitude and the mean frequency of its person's EMG."""
    pool = motor_units()
    profiles = [PROFILES[site.rsplit("_", 1)[0]] for site in sites]
    persons = [Person.drawn(seed, site) for site in sites]
    levels = np.array([1.0 if scenario.gait == "run" else profile.walk_level for profile in profiles])
    bursts = [profile.burst(scenario.gait) for profile in profiles]
    return Muscles.made(
        pool,
        [SurfaceUnits.drawn(pool, generator(seed, "units", site)) for site in sites],
        load=scenario.load * levels,
        duty=np.array([(burst.stop - burst.start) / 100.0 for burst in bursts]),
    ).tuned(
        peak_uv=levels * np.array([person.peak_uv for person in persons]),
        mean_hz=np.array([person.spectrum.mean_hz(*_BAND_HZ) for person in persons]),
    )
