"""How well two sensors' samples are put on one time line: the product's clock fit against others.

All methods get the same simulated arrivals (``arrivals.py``), so the truth is known. Ours runs as it does in
a live session: causal, each sample's time final when first computed. The others see the whole recording.

Exits with 1 if two sensors disagree by more than 5 ms (95th percentile) after 30 minutes, or by more than
with pyxdf. ``--write`` puts the table into ``benchmarks/results/clock.md``.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace

import numpy as np
from arrivals import GANGLION, NPG, UMYO, FloatArray, Heard, Unit, listen

from emgsmr.dsp import fit_clock, interpolate

BAR_MS = 5.0
BLOCK_S = 1.0  # of the live stream, per call of ours
MINUTES = 30.0
LAST_S = 300.0
SEEDS = range(5)
RESULTS = Path(__file__).parent / "results" / "clock.md"
HEAD = f"""# Clock fit, measured on simulated arrivals

Written by `python benchmarks/clock.py --write`; nothing here was measured on sensors. All methods get the
same arrivals. Numbers are ms: how far two sensors disagree (no constant is taken out) in the last
{LAST_S / 60:.0f} minutes, then from the first minute on; then each sensor's own error, told minus true.
{len(SEEDS)} seeds; 2 for 4 h.

Unless a scene says otherwise: 30 minutes, crystals off by 50 ppm either way and wandering by 3 ppm over 20
minutes, uMyo's nominal rate wrong by up to 3 %, connection intervals of 15 to 45 ms (NPG Lite with NPG Lite:
30 ms), 2 % of the events missed, 1 % of the packets lost in singles and gaps, a stall of 0.2 to 5 s every two
minutes. The first scene has none of this but the 50 ppm, the 30 ms and the loss.

"emgsmr (live)" is causal, each time final when first told; the others see the whole recording. LSL's streams
have no sample counter, so pyxdf does not know of lost samples; "least squares" does.
"""

Times = Callable[[FloatArray], FloatArray]
"""Sample index to time (s)."""


def ours(heard: Heard) -> Times:
    """`emgsmr.dsp.fit_clock`, fed as a live session feeds it."""
    fs = heard.unit.model.fs
    cuts = np.arange(1, int(heard.end[-1] / fs / BLOCK_S) + 1) * round(fs * BLOCK_S)
    state, knots, begin = None, [], 0
    for cut in [*cuts.tolist(), int(heard.end[-1])]:
        rows = slice(*np.searchsorted(heard.end, [begin, cut], side="right"))
        new, state = fit_clock(heard.arrivals[rows], fs=fs, first_index=0, end_index=cut, state=state)
        knots.append(new)
        begin = cut
    table = np.concatenate(knots)
    return lambda index: interpolate(index, table[:, 0], table[:, 1])


def _stamps(heard: Heard) -> tuple[FloatArray, FloatArray]:
    """Each received sample's index, and its stamp as LSL gives it to a chunk that is pushed on arrival.

    The last sample gets the time of the push, those before it follow at the nominal rate (liblsl deduces
    them).
    """
    n, fs = heard.unit.model.n, heard.unit.model.fs
    back = np.arange(n - 1, -1, -1)
    index = (heard.end[:, np.newaxis] - 1 - back).ravel().astype(np.float64)
    return index, (heard.came_s[:, np.newaxis] - back / fs).ravel()


def pyxdf_dejitter(heard: Heard) -> Times:
    """LSL's stamps, then pyxdf's dejitter (on by default in ``load_xdf``)."""
    from pyxdf.pyxdf import _jitter_removal

    index, stamps = _stamps(heard)
    fs = heard.unit.model.fs
    stream = SimpleNamespace(time_stamps=stamps, srate=fs, tdiff=1.0 / fs, segments=[], effective_srate=0.0)
    _jitter_removal({1: stream})
    return lambda wanted: stream.time_stamps[_nearest(index, wanted)]


def arrival(heard: Heard) -> Times:
    """LSL's stamps as they are."""
    index, stamps = _stamps(heard)
    return lambda wanted: stamps[_nearest(index, wanted)]


def least_squares(heard: Heard) -> Times:
    """One line through all arrivals, lost samples counted."""
    slope, level = np.polyfit(heard.end - 1.0, heard.came_s, 1)
    return lambda wanted: level + slope * wanted


def nominal(heard: Heard) -> Times:
    """The first arrival, and the nominal rate from there."""
    return lambda wanted: heard.came_s[0] + (wanted - heard.end[0] + 1) / heard.unit.model.fs


METHODS: dict[str, Callable[[Heard], Times]] = {
    "emgsmr (live)": ours,
    "pyxdf dejitter": pyxdf_dejitter,
    "least squares": least_squares,
    "arrival": arrival,
    "index / nominal rate": nominal,
}


def _nearest(index: FloatArray, wanted: FloatArray) -> np.ndarray:
    return np.clip(np.searchsorted(index, wanted), 0, len(index) - 1)


def received(heard: Heard, t_s: FloatArray) -> FloatArray:
    """The received sample that was taken at each time, or next."""
    index = heard.index_at(t_s)
    packet = np.clip(np.searchsorted(heard.end, index, side="right"), 0, len(heard.end) - 1)
    return np.maximum(index, heard.end[packet] - heard.unit.model.n)


def errors(heard: Heard, grid: FloatArray) -> dict[str, FloatArray]:
    """Time told minus time taken (ms) of the samples at these times, by each method."""
    index = received(heard, grid)
    return {name: 1e3 * (method(heard)(index) - heard.taken_s(index)) for name, method in METHODS.items()}


SCENES: dict[str, tuple[float, Callable[[np.random.Generator], tuple[Unit, Unit]]]] = {
    "NPG Lite and NPG Lite: ±50 ppm, 30 ms, 1 % lost": (30, lambda _: (_calm(50.0), _calm(-50.0))),
    "the same, with stalls, missed events, warming": (30, lambda _: (Unit(NPG, 50), Unit(NPG, -50))),
    "NPG Lite and uMyo": (30, lambda rng: (_npg(rng), _umyo(rng))),
    "NPG Lite and Ganglion": (30, lambda rng: (_npg(rng), _ganglion(rng))),
    "uMyo and Ganglion": (30, lambda rng: (_umyo(rng), _ganglion(rng))),
    "uMyo and uMyo": (30, lambda rng: (_umyo(rng), _umyo(rng))),
    "uMyo and uMyo, rates wander by 100 ppm": (
        30,
        lambda rng: (_umyo(rng, wander_ppm=100.0), _umyo(rng, wander_ppm=100.0)),
    ),
    "NPG Lite in step with the link (20 ms), and uMyo": (
        30,
        lambda rng: (Unit(NPG, _ppm(rng), interval_ms=20.0), _umyo(rng)),
    ),
    "NPG Lite and uMyo, 4 h": (240, lambda rng: (_npg(rng), _umyo(rng))),
}  # fmt: skip


def _ppm(rng: np.random.Generator) -> float:
    return float(rng.choice([-50.0, 50.0]))


def _interval_ms(rng: np.random.Generator) -> float:
    return float(rng.integers(12, 37) * 1.25)  # 15 to 45 ms


def _calm(ppm: float) -> Unit:
    return Unit(NPG, ppm, stalls_per_min=0.0, missed=0.0, wander_ppm=0.0)


def _npg(rng: np.random.Generator) -> Unit:
    return Unit(NPG, _ppm(rng), interval_ms=_interval_ms(rng))


def _ganglion(rng: np.random.Generator) -> Unit:
    return Unit(GANGLION, _ppm(rng), interval_ms=_interval_ms(rng))


def _umyo(rng: np.random.Generator, wander_ppm: float = 3.0) -> Unit:
    percent = float(rng.uniform(-3, 3))
    return Unit(UMYO, _ppm(rng), percent, interval_ms=_interval_ms(rng), wander_ppm=wander_ppm)


def measure(scene: str, seeds: range) -> dict[str, dict[str, FloatArray]]:
    """Errors of both sensors and their difference (ms), over all seeds, per method."""
    minutes, make = SCENES[scene]
    found: dict[str, dict[str, list[FloatArray]]] = {
        name: {"pair": [], "own": [], "from 1 min": []} for name in METHODS
    }
    for seed in seeds:
        units = make(np.random.default_rng(seed))
        pair = [listen(unit, seconds=minutes * 60, seed=1000 * seed + k) for k, unit in enumerate(units)]
        begin, end = max(h.came_s[0] for h in pair), min(h.came_s[-1] for h in pair) - 5
        grid = np.arange(begin + 60, end, 0.25)
        late = grid > end - LAST_S
        a, b = (errors(heard, grid) for heard in pair)
        for name in METHODS:
            found[name]["pair"].append(np.abs(a[name] - b[name])[late])
            found[name]["own"] += [a[name][late], b[name][late]]
            found[name]["from 1 min"].append(np.abs(a[name] - b[name]))
    return {name: {key: np.concatenate(v) for key, v in by.items()} for name, by in found.items()}


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--write", action="store_true", help="also into benchmarks/results/clock.md")
    parser.add_argument("--quick", action="store_true", help="one seed, no 4 h")
    parser.add_argument("--ours", action="store_true", help="only the product's own fit")
    asked = parser.parse_args()
    if asked.ours:
        for name in list(METHODS)[1:]:
            del METHODS[name]
    lines: list[str] = []
    failed = False
    for scene, (minutes, _) in SCENES.items():
        if asked.quick and minutes > 60:
            continue
        seeds = range(1) if asked.quick else SEEDS if minutes <= 60 else range(2)
        result = measure(scene, seeds)
        lines += table(scene, result)
        tail = {name: float(np.percentile(by["pair"], 95)) for name, by in result.items()}
        failed |= tail["emgsmr (live)"] > min(BAR_MS, tail.get("pyxdf dejitter", BAR_MS))
        print("\n".join(lines[-len(result) - 5 :]), flush=True)
    if asked.write:
        RESULTS.write_text(HEAD + "\n".join(lines) + "\n", encoding="utf-8")
    return int(failed)


def table(scene: str, result: dict[str, dict[str, FloatArray]]) -> list[str]:
    """A scene's rows in Markdown."""
    lines = [
        "",
        f"### {scene}",
        "",
        "| method | median | 95 % | most | from 1 min: 95 % | most | own error: median | 95 % |",
        "|---|---:|---:|---:|---:|---:|---:|---:|",
    ]
    for name, by in result.items():
        own = by["own"]
        values = [
            *(f"{value:.2f}" for value in np.percentile(by["pair"], [50, 95, 100])),
            *(f"{value:.2f}" for value in np.percentile(by["from 1 min"], [95, 100])),
            f"{np.median(own):+.2f}",
            f"{np.percentile(np.abs(own), 95):.2f}",
        ]
        lines.append("| " + " | ".join([name, *values]) + " |")
    return lines


if __name__ == "__main__":
    sys.exit(main())
