"""What the motion sensor in an EMG sensor reads while the simulated runner moves.

A leg in the sagittal plane: the hip bobs with each step, thigh and shank turn, and each foot contact shakes
what is above it. The angles are round numbers at ten points of the stride with the course and the ranges that
textbooks show for walking and easy running; they are digitized from no publication. The sensor rides on calf,
thigh or buttock, turned in whatever way it was stuck on.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import Literal

import numpy as np
from numpy.typing import NDArray
from scipy.interpolate import CubicSpline

from emgsmr.anatomy import parse_site
from emgsmr.errors import ArgumentError
from emgsmr.simulate.person import generator
from emgsmr.simulate.runner import Run

FloatArray = NDArray[np.float64]
Segment = Literal["calf", "thigh", "glute"]

SEGMENTS: dict[str, Segment] = {
    **dict.fromkeys(("MGAS", "LGAS", "SOL", "TA", "PL"), "calf"),
    **dict.fromkeys(("BFLH", "ST", "VL", "VM", "RF"), "thigh"),
    **dict.fromkeys(("GMAX", "GMED", "TFL", "ES"), "glute"),
}
"""What a sensor on a muscle rides on."""

_PCT = np.array([0, 10, 20, 30, 40, 50, 60, 70, 80, 90])
# degrees forward of the vertical, and of knee flexion, from foot contact on
_THIGH = {
    "walk": np.array([22, 17, 8, -2, -12, -19, -16, 3, 18, 24]),
    "run": np.array([33, 24, 8, -9, -20, -15, 6, 28, 41, 40]),
}
_KNEE = {
    "walk": np.array([5, 17, 16, 8, 4, 12, 35, 60, 50, 18]),
    "run": np.array([17, 36, 38, 26, 19, 45, 80, 94, 70, 30]),
}
_HARMONICS = 5  # what ten points determine

_BOB_M = {
    "walk": (0.02, 0.03),
    "run": (0.04, 0.16),
}  # amplitude; lowest this much of the stride after contact
_THIGH_M, _ON_THIGH_M, _ON_SHANK_M = 0.40, 0.25, 0.12
_GLUTE_TURNS = 0.25  # skin over the gluteus maximus follows the thigh by this much
_PELVIS_DEG = 5.0  # and the pelvis turns about the vertical, forward with the leg

_SHOCK_G = {"walk": 1.5, "run": 5.0}  # at the calf
_OWN: dict[Segment, float] = {"calf": 1.0, "thigh": 0.5, "glute": 0.35}
_OTHER: dict[Segment, float] = {"calf": 0.05, "thigh": 0.12, "glute": 0.2}
_SHOCK_RISES_S, _SHOCK_DECAYS_S, _SHOCK_HZ = 0.004, 0.018, 18.0
_SHOCK_DPS = 30.0  # what each g shakes the sensor about its axes
_SHOCK_CV = 0.25
_AMPLITUDE_SD = 0.04
_NOISE_G, _NOISE_DPS = 0.02, 2.0
_FINE_HZ = 500.0
_G = 9.81


@dataclass(frozen=True, slots=True, eq=False)
class Motion:
    """Readings of a motion sensor.

    Attributes
    ----------
    t_s : ndarray, shape (n,), s
    acceleration_g : ndarray, shape (n, 3), g
        With gravity: a sensor at rest reads 1 g upward.
    rotation_dps : ndarray, shape (n, 3), °/s
    """

    t_s: FloatArray
    acceleration_g: FloatArray
    rotation_dps: FloatArray


def sensor_motion(
    run: Run, site: str, *, rate_hz: float, range_g: float, range_dps: float, t0_s: float = 0.0
) -> Motion:
    """Compute what the motion sensor at a site reads.

    Parameters
    ----------
    run : Run
    site : str
        Such as ``MGAS_L``: calf, thigh or buttock follow from the muscle.
    rate_hz : float, Hz
        Readings per second: 25 (uMyo) to 100.
    range_g, range_dps : float
        What lies beyond is cut off, as by the sensor: 2 g and 500 °/s (uMyo), 16 g and 2000 °/s (Myo).
    t0_s : float, s
        Time of the first reading.

    Returns
    -------
    Motion
        The same for the same seed, site and rate.

    Notes
    -----
    Stride to stride the angles scale by 4 % (SD) and the shock at contact by 25 %. A shock rises in 4 ms,
    decays with a time constant of 18 ms (5 % after 54 ms) and rings at 18 Hz. The mounting is any rotation;
    left is the mirror image of right.

    Examples
    --------
    >>> from emgsmr.simulate import simulate_runner
    >>> run = simulate_runner("walk", seed=1, minutes=0.5)
    >>> motion = sensor_motion(run, "MGAS_R", rate_hz=50.0, range_g=16.0, range_dps=2000.0)
    >>> motion.acceleration_g.shape, bool(np.ptp(motion.rotation_dps, axis=0).max() > 300)
    ((1500, 3), True)
    """
    if not rate_hz > 0.0 or not range_g > 0.0 or not range_dps > 0.0:
        raise ArgumentError("a motion sensor has a rate and ranges above 0")
    muscle, side = str(parse_site(site)).rsplit("_", 1)
    if muscle not in SEGMENTS:
        raise ArgumentError(f"no motion is simulated at {muscle}; there are {', '.join(SEGMENTS)}")
    segment = SEGMENTS[muscle]
    rng = generator(run.seed, "motion", site)
    fine = np.arange(t0_s, run.duration_s, 1.0 / _FINE_HZ)
    force, turn = _leg(run, segment, side, fine, rng)
    shock = _shocks(run, segment, side, fine, rng)
    force[:, 2] += 0.9 * shock
    force[:, 0] -= 0.4 * shock
    turn += _SHOCK_DPS * shock[:, np.newaxis] * rng.standard_normal(3)
    if side == "L":  # mirrored: a force across and turns about the other two axes change sign
        force *= (1.0, -1.0, 1.0)
        turn *= (-1.0, 1.0, -1.0)
    mounted = _any_rotation(rng)
    t_s = t0_s + np.arange(int((run.duration_s - t0_s) * rate_hz)) / rate_hz
    force_read = _at(t_s, fine, force @ mounted.T) + _NOISE_G * rng.standard_normal((len(t_s), 3))
    turn_read = _at(t_s, fine, turn @ mounted.T) + _NOISE_DPS * rng.standard_normal((len(t_s), 3))
    return Motion(t_s, np.clip(force_read, -range_g, range_g), np.clip(turn_read, -range_dps, range_dps))


def _leg(
    run: Run, segment: Segment, side: str, t_s: FloatArray, rng: np.random.Generator
) -> tuple[FloatArray, FloatArray]:
    """Specific force (g) and turning (°/s) in the segment's axes: forward, across, up along it."""
    gait = run.scenario.gait
    rhythm = run.rhythm[side]
    strides, moves = _strides(rhythm, np.isin(rhythm, run.contacts[side]), t_s, rng)
    thigh = moves * _angle(gait, "thigh", strides)
    shank = moves * _angle(gait, "shank", strides)
    bob, lowest = _BOB_M[gait]
    up = -moves * bob * np.cos(4 * np.pi * (strides - lowest))
    forward = np.zeros(len(t_s))
    angle = {"calf": shank, "thigh": thigh, "glute": _GLUTE_TURNS * thigh}[segment]
    for part, length in _links(segment):
        bent = thigh if part == "thigh" else shank
        forward, up = forward + length * np.sin(bent), up - length * np.cos(bent)
    force_x, force_z = _second(forward, t_s) / _G, _second(up, t_s) / _G + 1.0
    across = 0.05 * moves * np.cos(2 * np.pi * (strides - 0.25))
    force = np.column_stack(
        [
            force_x * np.cos(angle) + force_z * np.sin(angle),
            across,
            force_z * np.cos(angle) - force_x * np.sin(angle),
        ]
    )
    yaw = moves * np.deg2rad(_PELVIS_DEG) * np.cos(2 * np.pi * strides) * (segment == "glute")
    turn = np.column_stack(
        [np.zeros(len(t_s)), np.gradient(angle, t_s), np.gradient(yaw, t_s)]
    )  # swinging forward is positive about the axis across
    return force, np.rad2deg(turn)


def _links(segment: Segment) -> tuple[tuple[str, float], ...]:
    """From the hip to the sensor: which part, and how long."""
    return {
        "calf": (("thigh", _THIGH_M), ("shank", _ON_SHANK_M)),
        "thigh": (("thigh", _ON_THIGH_M),),
        "glute": (),
    }[segment]


def _strides(
    contacts: FloatArray, steps: NDArray[np.bool_], t_s: FloatArray, rng: np.random.Generator
) -> tuple[FloatArray, FloatArray]:
    """Strides since the first contact, smooth, and how much the leg moves (0 = stands)."""
    if len(contacts) < 4:
        return np.zeros(len(t_s)), np.zeros(len(t_s))
    first, last = contacts[1] - contacts[0], contacts[-1] - contacts[-2]
    ends = np.concatenate([[contacts[0] - first], contacts, [contacts[-1] + last]])
    count = CubicSpline(ends, np.arange(len(ends)) - 1.0)(np.clip(t_s, ends[0], ends[-1]))
    scale = steps * (1.0 + _AMPLITUDE_SD * rng.standard_normal(len(contacts)))
    scale = np.concatenate([[0.0], scale, [0.0]])
    moves = np.interp(t_s, ends, scale, left=0.0, right=0.0)
    return np.asarray(count), np.convolve(moves, np.hanning(101)[1:-1] / 50.0, mode="same")


@lru_cache(maxsize=8)
def _series(gait: str, part: str) -> NDArray[np.complex128]:
    """Fourier series of an angle (rad) over the stride."""
    degrees = _THIGH[gait] - (_KNEE[gait] if part == "shank" else 0)
    spectrum = np.fft.rfft(np.deg2rad(degrees)) / len(_PCT)
    spectrum[1:] *= 2.0
    spectrum[-1] *= 0.5
    return np.asarray(spectrum)


def _angle(gait: str, part: str, strides: FloatArray) -> FloatArray:
    total = np.zeros(len(strides))
    for k, coefficient in enumerate(_series(gait, part)[: _HARMONICS + 1]):
        total += (coefficient * np.exp(2j * np.pi * k * strides)).real
    return total


def _shocks(run: Run, segment: Segment, side: str, t_s: FloatArray, rng: np.random.Generator) -> FloatArray:
    """What the contacts of both feet shake the sensor with, g."""
    out = np.zeros(len(t_s))
    n = int(0.12 * _FINE_HZ)
    for foot, contacts in run.contacts.items():
        share = (_OWN if foot == side else _OTHER)[segment]
        height = share * _SHOCK_G[run.scenario.gait] * np.exp(_SHOCK_CV * rng.standard_normal(len(contacts)))
        for t, g in zip(contacts, height, strict=True):
            begin = int(np.ceil((t - t_s[0]) * _FINE_HZ)) if len(t_s) else 0
            if begin < 0:
                continue
            since = t_s[begin : begin + n] - t
            rise = 1.0 - np.exp(-since / _SHOCK_RISES_S)
            ring = np.exp(-since / _SHOCK_DECAYS_S) * np.cos(2 * np.pi * _SHOCK_HZ * since)
            out[begin : begin + n] += g * rise * ring
    return out


def _second(x: FloatArray, t_s: FloatArray) -> FloatArray:
    return np.asarray(np.gradient(np.gradient(x, t_s), t_s))


def _at(t_s: FloatArray, fine: FloatArray, x: FloatArray) -> FloatArray:
    return np.column_stack([np.interp(t_s, fine, column) for column in x.T])


def _any_rotation(rng: np.random.Generator) -> FloatArray:
    """A rotation of which each is as likely as another."""
    q, r = np.linalg.qr(rng.standard_normal((3, 3)))
    q = q * np.sign(np.diag(r))
    return q if np.linalg.det(q) > 0 else q * np.array([-1.0, 1.0, 1.0])
