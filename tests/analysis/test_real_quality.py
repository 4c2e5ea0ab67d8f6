"""Hum, clipping and movement in real recordings: found where scipy finds them, and nowhere else."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from scipy import signal

from emgsmr.analysis.quality import Verdict
from emgsmr.analysis.usual import Judge
from emgsmr.dsp import signal_measures

NO_EMG = ("KNEE_FLEX", "FORCE", "GL_INVALID", "time_s")


@dataclass(frozen=True, eq=False)
class Channel:
    """One channel of a file in steps of 0.01 µV, as the importer would store it."""

    file: str
    name: str
    fs: int
    counts: np.ndarray

    def verdicts(self) -> list[Verdict]:
        """Of its whole seconds."""
        judge = Judge(1, scale_uv=0.01)
        whole = self.counts[: len(self.counts) // self.fs * self.fs].reshape(-1, 1, self.fs, 1)
        return [
            judge.second(signal_measures(second, fs=self.fs, mains_hz=(50.0, 60.0)))[0] for second in whole
        ]

    def hum_share(self) -> float:
        """Mains power over all power above 20 Hz, by scipy: of all seconds, or where the muscle rests.

        A line must stand 10 dB above its neighbors in the mean spectrum of either.
        """
        whole = self.counts[: len(self.counts) // self.fs * self.fs].reshape(-1, self.fs) / 100
        freqs, power = signal.periodogram(whole, self.fs, window="hann", axis=1)
        fast = freqs >= 20
        order = np.argsort(power[:, fast].sum(axis=1))
        shares = [0.0]
        for spectrum in (power.mean(axis=0), power[order[: (len(order) + 1) // 2]].mean(axis=0)):
            for hz in (50.0, 60.0):
                hum = 0.0
                for line in np.arange(hz, min(450.0, 0.45 * self.fs), hz):
                    distance = np.abs(freqs - line)
                    beside = np.median(spectrum[(distance > 2) & (distance <= 10)])
                    here = spectrum[distance <= 1]
                    hum += float(here.sum() - beside * len(here)) if here.max() > 10 * beside else 0.0
                shares.append(hum / float(spectrum[fast].sum()))
        return max(shares)


def channels(folder: Path) -> Iterator[Channel]:
    paths = [*sorted(folder.glob("uci*/*.npz")), *sorted(folder.glob("elderly*/*.npz"))]
    for path in paths:
        with np.load(path) as file:
            names = [str(name) for name in file["channels"]]
            scale = {"mV": 1e5}.get(str(file["units"][0]), 1e2)
            for k, name in enumerate(names):
                if name not in NO_EMG:
                    counts = np.rint(file["data"][:, k].astype(float) * scale).astype(np.int32)
                    yield Channel(path.stem, name, round(float(file["fs_hz"])), counts)
    for path in [*sorted(folder.glob("plux*/*.csv")), *sorted(folder.glob("santuz*/*01.csv"))]:
        table = pd.read_csv(path)
        fs = round(1 / float(np.median(np.diff(table.iloc[:, 0]))))
        for name in table.columns[1:]:
            counts = np.rint(table[name].to_numpy() * (1e5 if "mV" in name else 1e2)).astype(np.int32)
            yield Channel(path.stem, name.split(" ")[0], fs, counts)


@pytest.fixture(scope="module")
def judged(real_data: Path) -> list[tuple[Channel, list[Verdict]]]:
    found = [(channel, channel.verdicts()) for channel in channels(real_data)]
    if len(found) < 100:
        pytest.skip("not all of the real recordings are here")
    return found


def share_of(verdicts: list[Verdict], word: str) -> float:
    return sum(word in v.reason for v in verdicts) / max(len(verdicts), 1)


def test_hum_is_found_where_it_is_and_nowhere_else(judged: list[tuple[Channel, list[Verdict]]]) -> None:
    hummed, clean, wrong = set(), 0, 0
    for channel, verdicts in judged:
        truth = channel.hum_share()
        if truth > 0.05:
            hummed.add((channel.file, channel.name))
            assert share_of(verdicts[5:], "mains hum") >= 0.3, (channel.file, channel.name, truth)
        elif truth == 0:
            clean += len(verdicts)
            wrong += sum("mains hum" in v.reason for v in verdicts)
    everywhere = {(f"N01_{task}", site) for task in ("sitting", "standing") for site in ("RF", "VM")}
    assert hummed >= everywhere | {("N01_sitting", "BF"), ("N01_sitting", "ST")}
    assert len(hummed) < 16
    assert clean > 5000
    assert wrong / clean < 0.001


def test_no_electrode_is_called_off(judged: list[tuple[Channel, list[Verdict]]]) -> None:
    states = [v.state for _, verdicts in judged for v in verdicts]
    assert states.count("off") == 0
    assert states.count("flat") == 0


def test_clipping_is_found_in_the_one_file_that_has_it(judged: list[tuple[Channel, list[Verdict]]]) -> None:
    for channel, verdicts in judged:
        found = np.array([v.clipped_pct for v in verdicts])
        if channel.file != "emg_fatigue":
            assert not found.any(), (channel.file, channel.name)
            continue
        # its converter has 12 bits for 3 V; codes 0 and 1, 4094 and 4095 are its ends
        codes = np.rint((channel.counts / 1e5 + 1.5) * 4096 / 3)[: len(found) * channel.fs]
        at_low = (codes <= 1).reshape(-1, channel.fs).sum(axis=1)
        at_end = at_low + (codes >= 4094).reshape(-1, channel.fs).sum(axis=1)
        # an end that was seen five times is learned; seconds before are not judged by it
        seen = np.minimum(np.cumsum(at_low), np.cumsum(at_end - at_low))
        learned = np.flatnonzero(seen >= 5)[0] + 1
        assert learned < 0.5 * len(found)
        np.testing.assert_allclose(found[learned:], at_end[learned:] / 10, atol=0.11)
        named = np.array(["end of the range" in v.reason for v in verdicts])
        assert named[learned:][at_end[learned:] >= 2].all()
        assert not named[at_end < 2].any()


def test_movement_shows_in_gait_at_the_front_of_the_thigh(
    judged: list[tuple[Channel, list[Verdict]]],
) -> None:
    """Their README: strong artifact in RF and VM during gait (median frequency 20 to 45 Hz)."""
    moved: dict[tuple[str, str], list[bool]] = {}
    for channel, verdicts in judged:
        task = channel.file.partition("_")[2] if channel.file[0] in "AN" else channel.file[:2]
        moved.setdefault((task, channel.name), []).extend(v.state == "motion" for v in verdicts)
    share = {key: float(np.mean(found)) for key, found in moved.items()}
    assert share["gait", "RF"] > 0.4
    assert share["gait", "VM"] > 0.5
    assert max(share["gait", "BF"], share["gait", "ST"]) < 0.15
    assert max(share["standing", "BF"], share["standing", "ST"]) < 0.03  # the muscles that work there
    held = [found for (task, _), found in share.items() if task in ("ID", "em")]
    assert max(held) < 0.01
