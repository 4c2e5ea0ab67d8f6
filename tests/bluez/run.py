"""Inside the virtual machine: three emulated sensors, ``emgsmr record``, a lost link, and the comparison.

The program under test runs as a user runs it: a process of its own, on the real Bleak, D-Bus, bluetoothd
and kernel. This process is what lies beyond the kernel: the adapter and the sensors.
"""

from __future__ import annotations

import asyncio
import json
import os
import shutil
import signal
import sys
import tempfile
import time
from pathlib import Path

from adapter import plugged_in
from compare import compare, table
from sensor import Sensor, three_sensors

STREAM_S = 6.0  # before the link is lost, and again when all is well
AWAY_S = 1.5
PATIENCE_S = 120.0  # for the whole session: an emulated processor is slow
PROGRAM = (sys.executable, *os.environ.get("PROGRAM", "-m emgsmr").split())
RESULTS = Path(os.environ["RESULTS"])
BEGAN = time.monotonic()


def say(text: str) -> None:
    """Print what happens, and when."""
    print(f"{time.monotonic() - BEGAN:6.1f} s  {text}", flush=True)


async def main() -> int:
    """Record; the number of sensors with a fault."""
    # SQLite's journal does not work in a folder that is shared with the host: record in memory, then copy.
    folder = Path(tempfile.mkdtemp())
    async with plugged_in() as adapter:
        sensors = three_sensors(adapter)
        for sensor in sensors:
            await sensor.switch_on()
        say(f"{', '.join(sensor.name for sensor in sensors)} are on the air; starting emgsmr record")
        summary, stopped_ns = await record(folder, sensors)
    truth = {"stopped_ns": stopped_ns, "sensors": [sensor.told() for sensor in sensors]}
    (RESULTS / "truth.json").write_text(json.dumps(truth))
    shutil.copy(folder / "session.emgsmr", RESULTS)
    verdicts = compare(truth, summary, folder / "session.emgsmr")
    print(table(verdicts), flush=True)
    return sum(bool(verdict.faults) for verdict in verdicts)


async def record(folder: Path, sensors: list[Sensor]) -> tuple[dict[str, object], int]:
    """Run the program under test; what it said at its end, and when it was asked to stop (ns)."""
    montage = folder / "montage.toml"
    montage.write_text("\n".join(sensor.montage_entry() for sensor in sensors))
    with (RESULTS / "emgsmr.log").open("wb") as log:
        process = await asyncio.create_subprocess_exec(
            *PROGRAM, "record", "--radio", "bluetooth", "--json", "--montage", str(montage),
            "-o", str(folder / "session.emgsmr"),
            stdout=asyncio.subprocess.PIPE, stderr=log,
        )  # fmt: skip
    ended = asyncio.create_task(process.wait())
    try:
        async with asyncio.timeout(PATIENCE_S):
            await play(sensors, ended)
            stopped_ns = time.monotonic_ns()
            process.send_signal(signal.SIGINT)
            say("all sensors have streamed again; Ctrl-C")
            assert process.stdout is not None
            said = await process.stdout.read()
            await ended
    except TimeoutError:
        raise SystemExit(
            f"this took longer than {PATIENCE_S:g} s; is this machine busy with others?"
        ) from None
    finally:
        if process.returncode is None:
            process.kill()
        print((RESULTS / "emgsmr.log").read_text(), end="", flush=True)
    say(f"emgsmr record ended with exit code {process.returncode}")
    if process.returncode:
        raise SystemExit(1)
    return json.loads(said), stopped_ns


async def play(sensors: list[Sensor], ended: asyncio.Task[int]) -> None:
    """All stream, one leaves and comes back, all stream."""
    lost = sensors[0]
    await stream(sensors, ended)
    say("all stream")
    await asyncio.sleep(STREAM_S)
    say(f"{lost.name} drops its link for {AWAY_S:g} s")
    await lost.leave(AWAY_S)
    say(f"{lost.name} is on the air again")
    await stream(sensors, ended)
    say("all stream")
    await asyncio.sleep(STREAM_S)
    await stream(sensors, ended)


async def stream(sensors: list[Sensor], ended: asyncio.Task[int]) -> None:
    """Wait until all do."""
    while not all(sensor.streams for sensor in sensors):
        if ended.done():
            raise SystemExit("emgsmr record ended before its time")
        await asyncio.sleep(0.05)


if __name__ == "__main__":
    sys.exit(min(1, asyncio.run(main())))
