"""What it costs to start: ``emgsmr --help`` and ``import emgsmr`` against an interpreter that does nothing.

The three run in turn, fifteen times, so that whatever else the computer does hits all of them. Exits with 1
above the bar of docs (0.15 s for --help, 0.25 s for the import).
"""

from __future__ import annotations

import statistics
import subprocess
import sys
import time

ROUNDS = 15
COMMANDS = {
    "python -c pass": [sys.executable, "-c", "pass"],
    "emgsmr --help": [sys.executable, "-m", "emgsmr", "--help"],
    "import emgsmr": [sys.executable, "-c", "import emgsmr"],
}
BARS_S = {"emgsmr --help": 0.15, "import emgsmr": 0.25}


def seconds(command: list[str]) -> float:
    started = time.perf_counter()
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL)
    return time.perf_counter() - started


def main() -> int:
    for command in COMMANDS.values():
        seconds(command)  # once unmeasured: byte code and file cache
    taken: dict[str, list[float]] = {name: [] for name in COMMANDS}
    for _ in range(ROUNDS):
        for name, command in COMMANDS.items():
            taken[name].append(seconds(command))
    median = {name: statistics.median(values) for name, values in taken.items()}
    bare = median["python -c pass"]
    print(f"{'':16} {'median':>8} {'fastest':>8} {'above bare':>11} {'bar':>7}")
    over = 0
    for name, value in median.items():
        row = f"{name:16} {value * 1e3:6.0f} ms {min(taken[name]) * 1e3:5.0f} ms"
        if name in BARS_S:
            over += value - bare > BARS_S[name]
            row += f" {(value - bare) * 1e3:8.0f} ms {BARS_S[name] * 1e3:4.0f} ms"
        print(row)
    return 1 if over else 0


if __name__ == "__main__":
    sys.exit(main())
