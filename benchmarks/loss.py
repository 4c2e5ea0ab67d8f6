"""Ten minutes of each kind of sensor with 1 % of its notifications withheld: is the loss counted exactly?

python benchmarks/loss.py [SEEDS] [SECONDS] [KIND ...]
"""

from __future__ import annotations

import importlib.util
import random
import sys
import time
from pathlib import Path
from types import ModuleType

from emgsmr.radio.assembler import Assembler

BAR = {"bitalino": 0.9, "bitalino_2": 0.9, "bitalino_whole": 0.9}  # the others: all seeds


def load_arrivals() -> ModuleType:
    path = Path(__file__).parents[1] / "tests" / "radio" / "arrivals.py"
    spec = importlib.util.spec_from_file_location("arrivals", path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module
    spec.loader.exec_module(module)
    return module


arrivals = load_arrivals()  # the tests' own radio


def log_uniform(rng: random.Random, low: float, high: float) -> float:
    return low * (high / low) ** rng.random()


def one(key: str, seed: int, seconds: float) -> dict[str, float]:
    """Play one sensor; say what was counted and what is true."""
    rng = random.Random(f"{key} {seed}")
    stalls = [(t_s, t_s + rng.uniform(0.2, 5.0)) for t_s in (rng.uniform(0, seconds - 6) for _ in range(2))]
    radio = arrivals.Radio(arrivals.KINDS[key], seed, interval_s=0.00125 * rng.randint(6, 36), stalls=stalls)
    sent = radio.sent(seconds)
    gaps_s = [log_uniform(rng, 0.03, 5.0) for _ in range(4)]
    lost = arrivals.singles_and_gaps(sent, rng, singles=0.005, gaps_s=gaps_s)
    received = radio.received(sent, lost)
    assembler = Assembler(1, radio.kind.numbering)
    blocks, waits, started_s = [], [], time.process_time()
    for arrival_ns, packets, _ in received:
        for block in assembler.take(arrival_ns, packets):
            blocks.append(block)
            if len(block.arrivals):
                waits.append(arrival_ns - int(block.arrivals[-1, 1]))
    spent_s = time.process_time() - started_s
    blocks += assembler.flush()
    wrong = sum(block.n for block in blocks if block.first_index != block.counts[0, 0])
    return {
        "true": arrivals.truly_missing(received),
        "missing": assembler.missing,
        "possible": assembler.possibly_missing,
        "wrong": wrong,
        "undelivered": sum(len(p.counts) for _, ps, _ in received for p in ps) - sum(b.n for b in blocks),
        "us": 1e6 * spent_s / len(received),
        "held": sum(wait > 0 for wait in waits) / max(1, len(waits)),
        "longest_s": max(waits, default=0) / 1e9,
    }


def main() -> int:
    seeds = int(sys.argv[1]) if len(sys.argv) > 1 else 20
    seconds = float(sys.argv[2]) if len(sys.argv) > 2 else 600.0
    keys = sys.argv[3:] or list(arrivals.KINDS)
    bad = False
    for key in keys:
        results = [one(key, seed, seconds) for seed in range(seeds)]
        certain = arrivals.KINDS[key].numbering.certain
        said = "missing" if certain else "possible"
        exact = [seed for seed, r in enumerate(results) if r[said] == r["true"]]
        placed = sum(r["wrong"] == 0 for r in results)
        off = [
            (seed, int(r[said] - r["true"]), int(r["wrong"]))
            for seed, r in enumerate(results)
            if r[said] != r["true"] or r["wrong"]
        ]
        mean = {name: sum(r[name] for r in results) / seeds for name in results[0]}
        print(
            f"{key:16} exact {len(exact)}/{seeds}, every sample in place {placed}/{seeds}, "
            f"missing {mean['true']:.0f}, undelivered {mean['undelivered']:.1f}, {mean['us']:.1f} us, "
            f"held {100 * mean['held']:.2f} %, longest {max(r['longest_s'] for r in results):.2f} s",
            off[:8],
            flush=True,
        )
        if certain and len(exact) < seeds * BAR.get(key, 1.0):
            bad = True
    return int(bad)


if __name__ == "__main__":
    sys.exit(main())
