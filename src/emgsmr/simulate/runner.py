"""A simulated runner: EMG of every muscle from a script and a seed, with the truth about it.

Gaussian noise of each muscle's own spectrum, its amplitude following the muscle's burst over the stride. It
is the fast surrogate of a motor-unit pool: amplitude, timing and spectrum are explicit, so that each is
known exactly.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from emgsmr.anatomy import load_catalog, parse_site
from emgsmr.errors import ArgumentError
from emgsmr.simulate import artifact
from emgsmr.simulate.gain import burst_gains, spectral_scales
from emgsmr.simulate.gait import Leg, autoregressive, foot_contacts
from emgsmr.simulate.library import SCENARIOS
from emgsmr.simulate.maximal import contraction_level, electrode_gain
from emgsmr.simulate.person import Person, generator
from emgsmr.simulate.profile import PROFILES, TONIC
from emgsmr.simulate.scenario import Points, Scenario
from emgsmr.simulate.spectrum import shaped_noise
from emgsmr.simulate.truth import ground_truth

FloatArray = NDArray[np.float64]

_STRIDE_PHI = 0.2
_TIMING_SD = 0.01  # of a stride: how much a burst comes earlier or later
_TABLE = 2048  # points of a burst's lookup table over one stride
_CHUNK = 1 << 20
_CADENCE_EXPONENT = 0.35  # cadence grows as speed to this power
_CADENCE_RANGE = {"run": (84.0, 88.0), "walk": (54.0, 57.0)}


def _level(points: Points, t_s: FloatArray) -> FloatArray:
    return np.asarray(np.interp(t_s, [t for t, _ in points], [v for _, v in points]))


@dataclass(frozen=True, slots=True, eq=False)
class Run:
    """One simulated run. Made by `simulate_runner`; signals are computed when they are asked for.

    Attributes
    ----------
    scenario : Scenario
        As fitted to the length.
    seed : int
    contacts : dict of str to ndarray, s
        Foot contacts of ``"L"`` and ``"R"``.
    sites : tuple of str
        What the scenario is about; `emg` knows the muscles of `emgsmr.simulate.PROFILES` on both sides.
    truth : dict
        What was put in, ready for JSON (`emgsmr.simulate.truth.ground_truth`).
    gains, scales : dict of site to points
        Factors on the bursts and on the frequencies over time.
    """

    scenario: Scenario
    seed: int
    contacts: dict[str, FloatArray]
    truth: dict[str, Any]
    gains: dict[str, Points]
    scales: dict[str, Points]

    @property
    def duration_s(self) -> float:
        """Length, s."""
        return 60.0 * self.scenario.minutes

    @property
    def sites(self) -> tuple[str, ...]:
        """Sites of the scenario, left and right of each muscle."""
        return tuple(f"{muscle}_{side}" for muscle in self.scenario.muscles for side in "LR")

    @property
    def dropouts(self) -> tuple[tuple[str, float, float], ...]:
        """Radio losses: (site, from, to); they hit the whole sensor that carries the site."""
        return tuple(
            (d.site, d.start_s, min(d.stop_s, self.duration_s))
            for d in self.scenario.dropouts
            if d.start_s < self.duration_s
        )

    @property
    def events(self) -> tuple[dict[str, Any], ...]:
        """Events as the fields of `emgsmr.recording.Event`."""
        return tuple(
            {"t_s": p.start_s, "duration_s": p.stop_s - p.start_s, "kind": "phase", "label": p.label}
            for p in self.scenario.phases
            if p.stop_s <= self.duration_s
        )

    def emg(self, site: str, *, fs: float, rate_error_ppm: float = 0.0, t0_s: float = 0.0) -> FloatArray:
        """Compute the voltage at one site.

        Parameters
        ----------
        site : str
            Such as ``GMAX_L``.
        fs : float, Hz
            What the sensor says its rate is.
        rate_error_ppm : float
            Its oscillator's error: sample i is taken at ``t0_s + i / (fs (1 + rate_error_ppm 1e-6))``.
        t0_s : float, s
            Time of the first sample.

        Returns
        -------
        ndarray, shape (n_samples,), µV
            From ``t0_s`` to the end of the run; frequencies above ``fs / 2`` are missing, as behind an
            anti-aliasing filter. The same for the same seed, site and rate, whatever else is asked for.

        Examples
        --------
        >>> run = simulate_runner("healthy", seed=1, minutes=0.5)
        >>> run.emg("GMAX_L", fs=1000.0).shape
        (30000,)
        """
        site = _known(site)
        if not fs > 0.0:
            raise ArgumentError(f"fs must be above 0 Hz, not {fs:g}")
        true_fs = fs * (1.0 + 1e-6 * rate_error_ppm)
        t_s = t0_s + np.arange(max(0, int(np.ceil((self.duration_s - t0_s) * true_fs - 1e-9)))) / true_fs
        person = Person.drawn(self.seed, site)
        scale = _level(self.scales[site], t_s) if site in self.scales else None
        rng = generator(self.seed, "noise", site)
        out = shaped_noise(len(t_s), spectrum=person.spectrum, fs=fs, rng=rng, scale=scale)
        for first in range(0, len(t_s), _CHUNK):  # keeps a long run's memory to a few arrays
            out[first : first + _CHUNK] *= self._amplitude(site, t_s[first : first + _CHUNK])
        out += person.noise_uv * rng.standard_normal(len(t_s))
        out += self._picked_up(site, t_s, true_fs)
        return self._channel(site, out, t_s)

    def _amplitude(self, site: str, t_s: FloatArray) -> FloatArray:
        """Compute the rms of the muscle's signal at each sample, µV."""
        muscle, side = site.rsplit("_", 1)
        profile, person = PROFILES[muscle], Person.drawn(self.seed, site)
        burst = profile.burst(self.scenario.gait)
        center = burst.center / 100.0
        # A burst belongs to one contact and keeps one amplitude: strides change halfway between two bursts.
        position = Leg(self.contacts[side]).phase(t_s) - person.later - center + 0.5
        stride = np.floor(position).astype(np.int64)
        offset = position - stride - 0.5
        strength, timing = self._stride_variation(site, side)
        n = len(strength) - 1  # the last entry stands for "no stride"
        stride = np.where((stride >= 0) & (stride < n), stride, n)
        table = burst.at(100.0 * (center + np.linspace(-0.5, 0.5, _TABLE + 1)))
        row = np.rint((offset - timing[stride] + 0.5) * _TABLE).astype(np.int64)
        shape = table[np.clip(row, 0, _TABLE)] * strength[stride] * _level(self.gains[site], t_s)
        level = 1.0 if self.scenario.gait == "run" else profile.walk_level
        shape = level * (shape + TONIC)
        if self.scenario.contractions:
            shape += contraction_level(self.seed, site, self.scenario.contractions, t_s)
        return np.asarray(person.peak_uv * shape)

    def _stride_variation(self, site: str, side: str) -> tuple[FloatArray, FloatArray]:
        """Draw factor and delay (strides) of each stride's burst, and one more entry: none."""
        n = len(self.contacts[side])
        own = generator(self.seed, "strides", site)
        common = generator(self.seed, "common", side)
        ln = autoregressive(n, phi=_STRIDE_PHI, sd=self.scenario.stride_sd, rng=own)
        ln += autoregressive(n, phi=_STRIDE_PHI, sd=self.scenario.common_sd, rng=common)
        timing = _TIMING_SD * own.standard_normal(n)
        return np.append(np.exp(ln), 0.0), np.append(timing, 0.0)

    def _picked_up(self, site: str, t_s: FloatArray, fs: float) -> FloatArray:
        rng = generator(self.seed, "artifact", site)
        script = self.scenario
        out = artifact.impacts(t_s, self.contacts[site[-1]], fs=fs, peak_uv=script.motion_uv, rng=rng)
        if script.hum_uv > 0.0:
            out += artifact.hum(t_s, hz=script.hum_hz, rms_uv=script.hum_uv, rng=rng)
        return out

    def _channel(self, site: str, emg: FloatArray, t_s: FloatArray) -> FloatArray:
        """Apply what happens to the whole channel, noise included."""
        spread = self.scenario.electrode_gain
        out = emg * electrode_gain(self.seed, site, spread) if spread else emg
        for gain in self.scenario.gains:
            if gain.site == site:
                out = out * _level(gain.points, t_s)
        for off in self.scenario.off:
            if off.site == site:
                in_air = (t_s >= off.start_s) & (t_s < off.stop_s)
                rng = generator(self.seed, "off", site)
                out = out.copy()
                out[in_air] = artifact.open_electrode(t_s[in_air], hz=self.scenario.hum_hz, rng=rng)
        for clip in self.scenario.clips:
            if clip.site == site:
                limit = np.where((t_s >= clip.start_s) & (t_s < clip.stop_s), clip.limit_uv, np.inf)
                out = np.clip(out, -limit, limit)
        return out


def _known(site: str) -> str:
    name = str(parse_site(site))
    muscle = name.rsplit("_", 1)[0]
    if muscle not in PROFILES:
        raise ArgumentError(f"the simulated runner has no {muscle}; it has {', '.join(PROFILES)}")
    return name


def _cadence(scenario: Scenario, rng: np.random.Generator) -> Points:
    base = (
        scenario.cadence
        if scenario.cadence is not None
        else float(rng.uniform(*_CADENCE_RANGE[scenario.gait]))
    )
    return tuple((t, base * speed**_CADENCE_EXPONENT) for t, speed in scenario.speed)


def simulate_runner(scenario: Scenario | str, *, seed: int, minutes: float | None = None) -> Run:
    """Simulate a runner who follows a script.

    Parameters
    ----------
    scenario : Scenario or str
        A script, or the name of one of `SCENARIOS`.
    seed : int
        Another seed is another runner on another day; the same seed gives the same run, bit for bit.
    minutes : float, optional
        Length; a script that does not fit is compressed (`Scenario.fitted`).

    Returns
    -------
    Run

    Examples
    --------
    >>> run = simulate_runner("glute_inhibition", seed=1)
    >>> run.duration_s, run.events[-1]["label"], run.truth["expected"][0]["pair"]
    (1200.0, 'baseline', 'P1')
    """
    if isinstance(scenario, str):
        if scenario not in SCENARIOS:
            raise ArgumentError(f"there is no scenario {scenario!r}; there are {', '.join(SCENARIOS)}")
        scenario = SCENARIOS[scenario]
    if seed < 0:
        raise ArgumentError(f"a seed is a whole number from 0, not {seed}")
    fitted = scenario.fitted(scenario.minutes if minutes is None else minutes)
    rng = generator(seed, "gait")
    cadence = _cadence(fitted, rng)
    contacts = foot_contacts(
        start_s=min(fitted.start_s, 60.0 * fitted.minutes),
        stop_s=60.0 * fitted.minutes,
        cadence=cadence,
        rng=rng,
    )
    pairs = load_catalog().pairs
    gains, scales = burst_gains(fitted, pairs), spectral_scales(fitted)
    truth = ground_truth(
        fitted,
        seed=seed,
        contacts=contacts,
        cadence=cadence,
        persons={site: Person.drawn(seed, site) for site in gains},
        gains=gains,
        scales=scales,
        pairs=pairs,
    )
    return Run(fitted, seed, contacts, truth, gains, scales)
