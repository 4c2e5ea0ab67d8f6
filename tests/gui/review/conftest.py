"""Small recordings to look at, and jobs that run at once instead of in a process."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from emgsmr.analysis import Finding
from emgsmr.gui.review.worker import Message, Task, perform
from emgsmr.recording import Recorder, SampleBlock

STARTED_NS = 10**12


class AtOnce:
    """A job whose news are there from the beginning."""

    def __init__(self, task: Task) -> None:
        self.task, self.stopped = task, False
        self._news: list[Message] = []
        perform(task, self._news.append)

    def news(self, most: int = 64) -> list[Message]:
        found, self._news = self._news[:most], self._news[most:]
        return found

    def stop(self) -> None:
        self.stopped = True


@pytest.fixture
def at_once():
    return AtOnce


def write(
    path: Path,
    *,
    seconds: float = 40.0,
    sites: tuple[str, ...] = ("GMAX_L", "BFLH_L", "GMAX_R", "BFLH_R"),
    rate_hz: float = 1000.0,
    gaps: tuple[tuple[int, int], ...] = (),
    arrivals: bool = True,
    offset: int = 0,
    close: bool = True,
    scale_known: str = "known",
) -> Path:
    """One sensor for each site; the first one misses ``gaps``."""
    rng = np.random.default_rng(3)
    recorder = Recorder(path, started_ns=STARTED_NS)
    sensors = [
        recorder.add_sensor(
            family="umyo", address=str(k), name=f"s{k}", firmware="", rate_hz=rate_hz, channels=1,
            dtype="<i2",
            scale_uv=0.5, scale_known=scale_known, placements=[(0, site)],
        )
        for k, site in enumerate(sites)
    ]  # fmt: skip
    n = round(seconds * rate_hz)
    for place, info in enumerate(sensors):
        counts = (rng.normal(0, 100 * (place + 1), (n, 1)) + offset).astype(np.int16)
        for first in range(0, n, 20):
            if place == 0 and any(first < stop and first + 20 > start for start, stop in gaps):
                continue
            part = counts[first : first + 20]
            end = first + len(part)
            came = (
                np.array([[end, STARTED_NS + round(end / rate_hz * 1e9)]]) if arrivals else np.empty((0, 2))
            )
            recorder.write(SampleBlock(info.id, first, part, came.astype(np.int64)))
    recorder.close()
    if not close:
        import sqlite3

        with sqlite3.connect(path) as connection:
            connection.execute("DELETE FROM session WHERE key = 'ended_utc'")
        connection.close()
    return path


@pytest.fixture
def make(tmp_path):
    """``make(seconds=..., gaps=..., ...)`` gives the path of a new recording."""

    def recording(name: str = "run.emgsmr", **options):
        return write(tmp_path / name, **options)

    return recording


@pytest.fixture
def finding():
    """``finding(20.0, 30.0)`` from 20 to 30 s."""

    def made(t_onset_s, t_end_s=None, tier=2):
        return Finding(
            "1", "P1", "R", "GMAX", "HAM", t_onset_s, t_onset_s + 1, None, None, t_end_s, tier,
            30.0, 20.0, 40.0, -10.0, 20.0, 4.0, "compensation", None, 50, "text",
        )  # fmt: skip

    return made
