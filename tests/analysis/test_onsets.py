"""Begin and end of bursts through the pipeline: known bursts, and every reason why none is claimed."""

from __future__ import annotations

from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest

from emgsmr.analysis import Pipeline, Settings
from emgsmr.analysis import onsets as rules

FS = 1000.0
RUN_S, WALK_S = 0.7, 1.1
METHODS = ["likelihood", "double_threshold"]
both = pytest.mark.parametrize("method", METHODS)


def times(stride_s: float = RUN_S, n: int = 30) -> np.ndarray:
    return 1.0 + stride_s * np.arange(n + 1)


def emg(
    contacts: np.ndarray,
    *bursts: tuple[float, float],
    fs: float = FS,
    noise_uv: float = 5.0,
    burst_uv: float = 80.0,
    seed: int = 0,
) -> np.ndarray:
    """White noise that is loud between the given % of even strides; they may lie in the stride before."""
    t = np.arange(int((contacts[-1] + 1.0) * fs)) / fs
    pct = 100 * ((t - contacts[0]) / (contacts[1] - contacts[0]))
    level = np.full(len(t), noise_uv)
    for on, off in bursts:
        level[(pct - on) % 100 < off - on] = burst_uv
    return np.asarray(level * np.random.default_rng(seed).normal(size=len(t)))


def analyzed(
    make: SimpleNamespace, signals: dict[str, np.ndarray], contacts: np.ndarray, **more: object
) -> Pipeline:
    stance = 0.35 if contacts[1] - contacts[0] < 0.9 else 0.62
    fs = more.pop("fs", FS)
    return make.analyzed(signals, fs=fs, events=make.contacts(contacts, stance=stance), **more)


def rows(pipeline: Pipeline, site: str) -> pd.DataFrame:
    table = pipeline.analysis().bursts
    return table[table["site"] == site]


@both
@pytest.mark.parametrize("fs", [250.0, 1000.0, 2000.0])
def test_a_burst_across_foot_contact_begins_in_the_stride_before(
    make: SimpleNamespace, method: str, fs: float
) -> None:
    contacts = times()
    signals = {"GMAX_R": emg(contacts, (-10, 20), fs=fs)}
    found = rows(analyzed(make, signals, contacts, fs=fs, settings=Settings(onset_method=method)), "GMAX_R")
    good = found[found["valid"]]
    assert len(good) >= len(found) - 2
    slack = 0.006 + 3 / fs
    number = good["stride"].to_numpy(int) - 1
    on, off = contacts[number] - 0.1 * RUN_S, contacts[number] + 0.2 * RUN_S
    assert np.median(good["t_on_s"] - on) == pytest.approx(0.0, abs=slack)
    ringing = (
        0.02 if fs >= 1000 else 0.07
    )  # of the filter, after a burst that ends at once; long at low rates
    assert -slack < np.median(good["t_off_s"] - off) < ringing + slack
    assert np.median(good["on_pct"]) == pytest.approx(-10, abs=100 * slack / RUN_S)
    np.testing.assert_allclose(good["duration_s"], good["t_off_s"] - good["t_on_s"])
    assert good["reject_reason"].isna().all()


@both
def test_walking_muscles_are_sought_around_their_own_windows(make: SimpleNamespace, method: str) -> None:
    contacts = times(WALK_S)
    spans = {"MGAS_R": (28, 55), "BFLH_R": (-14, 8), "TA_R": (-40, 8), "TFL_R": (10, 40)}
    signals = {site: emg(contacts, span, seed=k) for k, (site, span) in enumerate(spans.items())}
    table = analyzed(make, signals, contacts, settings=Settings(onset_method=method)).analysis().bursts
    for site, (on, off) in spans.items():
        good = table[(table["site"] == site) & table["valid"]]
        assert len(good) >= 26
        assert good["on_pct"].median() == pytest.approx(on, abs=1.0)
        assert good["off_pct"].median() == pytest.approx(off, abs=3.0)


def test_a_stride_of_another_length_before_counts_with_its_own(make: SimpleNamespace) -> None:
    contacts = np.concatenate([times(0.7, 10), times(0.7, 10)[-1] + 0.8 + 0.7 * np.arange(10)])
    t = np.arange(int((contacts[-1] + 1) * FS)) / FS
    level = np.full(len(t), 5.0)
    for contact in contacts:
        level[(t >= contact - 0.1) & (t < contact + 0.15)] = 80.0
    signals = {"GMAX_R": level * np.random.default_rng(0).normal(size=len(t))}
    found = rows(analyzed(make, signals, contacts), "GMAX_R").set_index("stride")
    after_long = found.loc[12]
    assert after_long["t_on_s"] == pytest.approx(contacts[11] - 0.1, abs=0.01)
    assert after_long["on_pct"] == pytest.approx(-100 * 0.1 / 0.8, abs=1.5)


def test_the_order_is_that_of_activation(make: SimpleNamespace) -> None:
    contacts = times()
    signals = {site: emg(contacts, (-10, 20), seed=k) for k, site in enumerate(("GMAX_R", "BFLH_R", "ST_R"))}
    result = analyzed(make, signals, contacts).analysis()
    for name in ("stride", "site"):
        assert result.bursts[name].tolist() == result.activation[name].tolist()


def test_a_weak_burst_claims_neither_times_nor_a_center(make: SimpleNamespace) -> None:
    contacts = times()
    signals = {
        "GMAX_R": emg(contacts, (-15, 20), burst_uv=15.0),
        "BFLH_R": emg(contacts, (-15, 20), burst_uv=80.0, seed=1),
        "ST_R": emg(contacts, seed=2),
    }
    result = analyzed(make, signals, contacts).analysis()
    for site, n_claimed, reason in (
        ("GMAX_R", 0, r"only [789]\.\d dB above the noise, 15 are needed"),
        ("ST_R", 0, r"above the noise"),
        ("BFLH_R", 29, ""),
    ):
        bursts = result.bursts[result.bursts["site"] == site]
        center = result.activation.loc[result.activation["site"] == site, "burst_center_pct"]
        assert bursts["valid"].sum() >= n_claimed
        if n_claimed == 0:
            assert not bursts["valid"].any()
            assert bursts[["t_on_s", "t_off_s", "on_pct", "off_pct", "duration_s"]].isna().all(axis=None)
            assert bursts["reject_reason"].str.contains(reason).all()
            assert center.isna().all()
        else:
            assert center.notna().all()
    lower = analyzed(make, signals, contacts, settings=Settings(onset_snr_db=5.0)).analysis()
    claimed = lower.bursts[lower.bursts["site"] == "GMAX_R"]
    assert claimed["valid"].sum() > 25
    assert claimed["snr_db"].median() == pytest.approx(10 * np.log10(8), abs=0.7)


def test_the_snr_is_that_of_the_main_window(make: SimpleNamespace) -> None:
    contacts = times()
    found = rows(analyzed(make, {"GMAX_R": emg(contacts, (-15, 20), burst_uv=50.0)}, contacts), "GMAX_R")
    assert found["snr_db"].median() == pytest.approx(10 * np.log10(99), abs=0.7)


def reasons(pipeline: Pipeline, site: str) -> set[str]:
    return set(rows(pipeline, site)["reject_reason"].dropna())


def test_a_muscle_that_never_rests_has_no_burst(make: SimpleNamespace) -> None:
    contacts = times()
    x = emg(contacts, (0, 100), burst_uv=80.0)
    pipeline = analyzed(make, {"GMAX_R": x}, contacts, settings=Settings(onset_snr_db=0.0))
    assert not rows(pipeline, "GMAX_R")["valid"].any()


def test_a_burst_up_to_the_end_of_the_stride_has_no_end(make: SimpleNamespace) -> None:
    contacts = times(WALK_S)
    pipeline = analyzed(make, {"MGAS_R": emg(contacts, (30, 105))}, contacts)
    assert rules.NO_END in reasons(pipeline, "MGAS_R")
    assert not rows(pipeline, "MGAS_R")["valid"].any()


def test_a_gap_before_the_burst_is_the_reason(make: SimpleNamespace) -> None:
    """The gap lies in the stride before: amplitudes are there, the beginning of the burst is not."""
    contacts = times()
    settle = analyzed(make, {"GMAX_R": emg(contacts)}, contacts).sites["GMAX_R"][0].settle
    lost = round(1000 * (contacts[15] - 0.15 * RUN_S)) - settle - 15
    pipeline = analyzed(make, {"GMAX_R": emg(contacts, (-20, 20))}, contacts, lost=[(lost, lost + 10)])
    strides = {s.number: s for s in pipeline.legs["R"].strides}
    at = next(n for n, s in strides.items() if abs(s.t_start_s - contacts[15]) < 1e-6)
    assert strides[at].sites["GMAX_R"].valid
    row = rows(pipeline, "GMAX_R").set_index("stride").loc[at]
    assert row["reject_reason"] == rules.CUT
    assert not strides[at - 1].sites["GMAX_R"].valid
    assert rows(pipeline, "GMAX_R").set_index("stride").loc[at - 1]["reject_reason"].startswith("gap")


def test_a_click_is_no_burst(make: SimpleNamespace) -> None:
    contacts = times()
    x = emg(contacts)
    x[np.round(1000 * (contacts + 0.05)).astype(int)] = 1500.0
    pipeline = analyzed(
        make, {"GMAX_R": x}, contacts, settings=Settings(onset_method="double_threshold", low_hz=100)
    )
    found = rows(pipeline, "GMAX_R")
    assert rules.SHORT in set(found["reject_reason"])


@both
def test_bad_signals_end_in_reasons(make: SimpleNamespace, method: str) -> None:
    contacts = times()
    n = len(emg(contacts))
    clipped = np.clip(emg(contacts, (-10, 20), burst_uv=800.0), -300, 300)
    signals = {
        "GMAX_R": np.zeros(n),
        "BFLH_R": np.full(n, 700.0),
        "ST_R": emg(contacts),
        "MGAS_R": clipped,
        "LGAS_R": np.sin(2 * np.pi * 50 * np.arange(n) / FS) * 400,
    }
    table = analyzed(make, signals, contacts, settings=Settings(onset_method=method)).analysis().bursts
    for site in ("GMAX_R", "BFLH_R", "ST_R", "LGAS_R"):
        own = table[table["site"] == site]
        assert len(own)
        assert not own["valid"].any()
        assert own["reject_reason"].notna().all()
        assert own[["t_on_s", "t_off_s"]].isna().all(axis=None)
    clipped_rows = table[table["site"] == "MGAS_R"]
    assert not clipped_rows["valid"].any()
    assert clipped_rows["reject_reason"].str.startswith("clipped").all()


@both
def test_each_muscle_of_a_repetition_has_its_own_begin_and_end(make: SimpleNamespace, method: str) -> None:
    """The repetition is the burst of all together; the hamstrings here begin 0.2 s after the glute."""
    begins = 3.0 + 4.0 * np.arange(15)
    t = np.arange(int((begins[-1] + 5.0) * FS)) / FS
    spans = {"GMAX_R": (0.0, 1.2), "BFLH_R": (0.2, 1.4)}
    signals = {}
    for k, (site, (on, off)) in enumerate(spans.items()):
        active = ((t[:, np.newaxis] >= begins + on) & (t[:, np.newaxis] < begins + off)).any(axis=1)
        signals[site] = np.where(active, 80.0, 5.0) * np.random.default_rng(k).normal(size=len(t))
    settings = Settings(cycles="bursts", onset_method=method)
    table = make.analyzed(signals, fs=FS, settings=settings).analysis().bursts
    for site, (on, off) in spans.items():
        good = table[(table["site"] == site) & table["valid"]]
        assert len(good) >= 13
        nearest = begins[np.abs(good["t_on_s"].to_numpy()[:, np.newaxis] - begins).argmin(axis=1)]
        assert (good["t_on_s"] - nearest - on).median() == pytest.approx(0.0, abs=0.008)
        assert (good["t_off_s"] - nearest - off).median() == pytest.approx(0.01, abs=0.02)


def test_windows_of_a_held_contraction_have_no_onset(make: SimpleNamespace) -> None:
    t = np.arange(int(30 * FS)) / FS
    held = np.where((t > 8) & (t < 22), 80.0, 5.0) * np.random.default_rng(0).normal(size=len(t))
    table = make.analyzed({"GMAX_R": held}, fs=FS, settings=Settings(cycles="windows")).analysis().bursts
    assert len(table) > 20
    assert set(table["reject_reason"]) == {rules.HELD}


@both
def test_facts_do_not_depend_on_what_comes_later(make: SimpleNamespace, method: str) -> None:
    """A stride's burst is final when the stride is: live needs no more signal than offline."""
    contacts = times()
    x = emg(contacts, (-10, 20))
    settings = Settings(onset_method=method)
    whole = analyzed(make, {"GMAX_R": x}, contacts, settings=settings)
    cut_s = contacts[20] + 0.3
    part = analyzed(make, {"GMAX_R": x[: int(1000 * cut_s)]}, contacts[contacts < cut_s], settings=settings)
    long = {s.number: s.sites["GMAX_R"].burst for s in whole.legs["R"].strides}
    short = {s.number: s.sites["GMAX_R"].burst for s in part.legs["R"].strides}
    assert len(short) >= 19
    assert all(short[n] == long[n] for n in short if not np.isnan(short[n].t_on_s))


@both
def test_the_delay_of_the_filter_is_taken_off(make: SimpleNamespace, method: str) -> None:
    """Filters of other corners delay by other times; the times of the burst stay."""
    contacts = times(n=60)
    x = emg(contacts, (-10, 20), noise_uv=10)
    on = [
        rows(
            analyzed(make, {"GMAX_R": x}, contacts, settings=Settings(onset_method=method, low_hz=low)),
            "GMAX_R",
        )["on_pct"].median()
        for low in (10.0, 20.0, 60.0)
    ]
    assert max(on) - min(on) < 100 * 0.004 / RUN_S


def test_the_center_does_not_wait_for_the_filter(make: SimpleNamespace) -> None:
    contacts = times(n=60)
    x = emg(contacts, (-10, 20), burst_uv=200.0)
    result = analyzed(make, {"GMAX_R": x}, contacts).analysis()
    center = (result.activation["burst_center_pct"] + 50) % 100 - 50
    assert center.median() == pytest.approx(5.0, abs=0.5)
