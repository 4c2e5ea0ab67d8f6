"""A simulated runner: EMG of every muscle from a script and a seed, with the truth about it.

By default Gaussian noise of each muscle's own spectrum, its amplitude following the muscle's burst over the
stride: the fast surrogate of a motor-unit pool, where amplitude, timing and spectrum are explicit, so that
each is known exactly. The engine ``pool`` makes the same run from motor units that tire and share loads.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from emgsmr.anatomy import load_catalog, parse_site
from emgsmr.errors import ArgumentError
from emgsmr.simulate import artifact
from emgsmr.simulate.channel import through_channel
from emgsmr.simulate.cramp import cramp_emg
from emgsmr.simulate.gain import burst_gains, spectral_scales
from emgsmr.simulate.gait import Leg, foot_contacts
from emgsmr.simulate.library import SCENARIOS
from emgsmr.simulate.maximal import contraction_level
from emgsmr.simulate.mechanism import ENGINES, Engine, Work, mechanism, worked_sites
from emgsmr.simulate.mechanism_truth import mechanism_truth
from emgsmr.simulate.person import Person, generator
from emgsmr.simulate.profile import PROFILES, TONIC
from emgsmr.simulate.repetition import repetition_level
from emgsmr.simulate.scenario import Points, Scenario
from emgsmr.simulate.spectrum import shaped_noise
from emgsmr.simulate.treatment import TREATMENTS
from emgsmr.simulate.truth import ground_truth
from emgsmr.simulate.variation import drawn_cadence, stride_variation, without_pauses

FloatArray = NDArray[np.float64]

_TABLE = 2048  # points of a burst's lookup table over one stride
_CHUNK = 1 << 20


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
    rhythm : dict of str to ndarray, s
        Foot contacts as they would be without pauses.
    engine : {"surrogate", "pool"}
    work : Work or None
        What the muscles did, if they can tire: with the engine ``pool``, or where a muscle is inhibited.
    """

    scenario: Scenario
    seed: int
    contacts: dict[str, FloatArray]
    truth: dict[str, Any]
    gains: dict[str, Points]
    scales: dict[str, Points]
    rhythm: dict[str, FloatArray]
    engine: Engine = "surrogate"
    work: Work | None = None

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
        out, rng = self._muscle(site, t_s, fs)
        out += Person.drawn(self.seed, site).noise_uv * rng.standard_normal(len(t_s))
        for talk in self.scenario.cross_talk:
            if talk.site == site:
                out += talk.share * self._muscle(_known(talk.neighbor), t_s, fs)[0]
        out += self._picked_up(site, t_s, true_fs)
        return through_channel(self.scenario, site, out, t_s, seed=self.seed)

    def _muscle(self, site: str, t_s: FloatArray, fs: float) -> tuple[FloatArray, np.random.Generator]:
        """Compute what the muscle gives, and the generator for the noise of its sensor."""
        person = Person.drawn(self.seed, site)
        rng = generator(self.seed, "noise", site)
        if self.engine == "pool":
            out = self._from_units(site, t_s, fs)
        else:
            scale = _level(self.scales[site], t_s) if site in self.scales else None
            out = shaped_noise(len(t_s), spectrum=person.spectrum, fs=fs, rng=rng, scale=scale)
            for first in range(0, len(t_s), _CHUNK):  # keeps a long run's memory to a few arrays
                out[first : first + _CHUNK] *= self._amplitude(site, t_s[first : first + _CHUNK])
        for number, cramp in enumerate(self.scenario.cramps):
            if cramp.site == site:
                own = generator(self.seed, "cramp", str(number), site)
                first, more = cramp_emg(
                    cramp, t_s, fs=fs, spectrum=person.spectrum, peak_uv=person.peak_uv, rng=own
                )
                out[first : first + len(more)] += more
        return out, rng

    def _from_units(self, site: str, t_s: FloatArray, fs: float) -> FloatArray:
        """Sum the action potentials of the muscle's units, µV."""
        assert self.work is not None
        work = self.work.of(site, self.scenario, self.seed)
        levels = work.points(site, "level", every=1)
        return work.emg(
            site,
            lambda times: self._amplitude(site, times, levels) / work.top_uv(site),
            seed=self.seed,
            t_s=t_s,
            fs=fs,
            duration_s=self.duration_s,
        )

    def _amplitude(self, site: str, t_s: FloatArray, gain: Points | None = None) -> FloatArray:
        """Compute the rms of the muscle's signal at each sample, µV."""
        muscle, side = site.rsplit("_", 1)
        profile, person = PROFILES[muscle], Person.drawn(self.seed, site)
        burst = profile.burst(self.scenario.gait)
        center = burst.center / 100.0
        # A burst belongs to one contact and keeps one amplitude: strides change halfway between two bursts.
        position = Leg(self.rhythm[side]).phase(t_s) - person.later - center + 0.5
        stride = np.floor(position).astype(np.int64)
        offset = position - stride - 0.5
        strength, timing = stride_variation(
            self.scenario, self.seed, site, rhythm=self.rhythm[side], contacts=self.contacts[side]
        )
        n = len(strength) - 1  # the last entry stands for "no stride"
        stride = np.where((stride >= 0) & (stride < n), stride, n)
        table = burst.at(100.0 * (center + np.linspace(-0.5, 0.5, _TABLE + 1)))
        row = np.rint((offset - timing[stride] + 0.5) * _TABLE).astype(np.int64)
        gains = _level(gain or self.gains[site], t_s)
        shape = table[np.clip(row, 0, _TABLE)] * strength[stride] * gains
        level = 1.0 if self.scenario.gait == "run" else profile.walk_level
        shape += TONIC
        if self.scenario.contractions:
            shape += contraction_level(self.seed, site, self.scenario.contractions, t_s) / level
        if self.scenario.repetitions:  # powers add, so that what is above rest is what the script says
            shape = np.hypot(shape, repetition_level(self.scenario, self.seed, site, t_s) * gains / level)
        return np.asarray(person.peak_uv * level * shape)

    def _picked_up(self, site: str, t_s: FloatArray, fs: float) -> FloatArray:
        rng = generator(self.seed, "artifact", site)
        script = self.scenario
        out = artifact.impacts(t_s, self.contacts[site[-1]], fs=fs, peak_uv=script.motion_uv, rng=rng)
        if script.hum_uv > 0.0:
            out += artifact.hum(t_s, hz=script.hum_hz, rms_uv=script.hum_uv, rng=rng)
        for at, more in artifact.for_a_while(script, site, t_s, fs=fs, seed=self.seed):
            out[at] += more
        return out


def _known(site: str) -> str:
    name = str(parse_site(site))
    muscle = name.rsplit("_", 1)[0]
    if muscle not in PROFILES:
        raise ArgumentError(f"the simulated runner has no {muscle}; it has {', '.join(PROFILES)}")
    return name


def simulate_runner(
    scenario: Scenario | str, *, seed: int, minutes: float | None = None, engine: Engine = "surrogate"
) -> Run:
    """Simulate a runner who follows a script.

    Parameters
    ----------
    scenario : Scenario or str
        A script, or the name of one of `SCENARIOS` or `TREATMENTS`.
    seed : int
        Another seed is another runner on another day; the same seed gives the same run, bit for bit.
    minutes : float, optional
        Length; a script that does not fit is compressed (`Scenario.fitted`).
    engine : {"surrogate", "pool"}
        Shaped noise, or action potentials of motor units that tire and share loads (six times slower).

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
        known = SCENARIOS | TREATMENTS
        if scenario not in known:
            raise ArgumentError(f"there is no scenario {scenario!r}; there are {', '.join(known)}")
        scenario = known[scenario]
    if seed < 0:
        raise ArgumentError(f"a seed is a whole number from 0, not {seed}")
    if engine not in ENGINES:
        raise ArgumentError(f"there is no engine {engine!r}; there are {', '.join(ENGINES)}")
    fitted = scenario.fitted(scenario.minutes if minutes is None else minutes)
    rng = generator(seed, "gait")
    cadence = drawn_cadence(fitted, rng)
    rhythm = foot_contacts(
        start_s=min(fitted.start_s, 60.0 * fitted.minutes),
        stop_s=60.0 * fitted.minutes,
        cadence=cadence,
        rng=rng,
    )
    contacts = {side: without_pauses(times, fitted.pauses) for side, times in rhythm.items()}
    pairs = load_catalog().pairs
    gains, scales, work = burst_gains(fitted, pairs), spectral_scales(fitted), None
    if engine == "pool" or fitted.inhibitions:
        work = mechanism(fitted, worked_sites(fitted, pairs), seed=seed, pairs=pairs)
        gains |= {site: work.points(site, "amplitude") for site in work.sites}
        scales |= {site: work.points(site, "frequency") for site in work.sites}
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
    truth["engine"] = engine
    if work is not None:
        truth = mechanism_truth(truth, fitted, work, pairs)
    return Run(fitted, seed, contacts, truth, gains, scales, rhythm, engine, work)
