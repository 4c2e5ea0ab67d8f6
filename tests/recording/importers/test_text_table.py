from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from emgsmr.errors import (
    ArgumentError,
    EmgsmrError,
    ImportFormatError,
    MontageError,
    RecordingExistsError,
    SamplingRateError,
)
from emgsmr.recording import Recording, import_csv, import_file
from emgsmr.recording.importers import text_table


def bring(tmp_path: Path, text: str | bytes, name: str = "walk.csv", **options: Any) -> Recording:
    """Import a table; each test has its own folder."""
    source = tmp_path / name
    source.write_bytes(text.encode() if isinstance(text, str) else text)
    out = tmp_path / "walk.emgsmr"
    out.unlink(missing_ok=True)
    facts: dict[str, Any] = {"sites": {"GMAX": "GMAX_R"}, **options}
    return import_csv(source, out, **facts)


def lines(header: str, n: int = 100, step: float = 0.001, t0: float = 0.0, delimiter: str = ",") -> str:
    """A table with a time column, and values that tell their place."""
    columns = header.count(delimiter)
    rows = [
        delimiter.join([f"{t0 + i * step:.6f}", *(f"{i + 0.5 * k}" for k in range(columns))])
        for i in range(n)
    ]
    return "\n".join([header, *rows]) + "\n"


def test_values_rate_and_start(tmp_path):
    with bring(
        tmp_path,
        lines("time_s,GMAX [uV],BF (mV),KNEE [deg]", t0=2.5),
        sites={"GMAX": "GMAX_R", "BF (mV)": "BFLH_R"},
    ) as recording:
        [sensor] = recording.sensors
        assert (sensor.family, sensor.rate_hz, sensor.scale_uv, sensor.scale_known, sensor.dtype) == (
            "file", 1000.0, 0.01, "known", "<i4"
        )  # fmt: skip
        uv = recording.counts(1, 0, 100) * sensor.scale_uv
        np.testing.assert_allclose(uv[:, 0], np.arange(100), atol=0.005)
        np.testing.assert_allclose(uv[:, 1], (np.arange(100) + 0.5) * 1000, atol=0.005)
        clock = recording.clock(1)
        assert clock is not None
        assert (clock.method, clock.time_s(0), clock.time_s(100)) == ("file", 2.5, 2.6)
        assert (recording.start_s, recording.duration_s) == (2.5, pytest.approx(0.1))
        assert recording.session["source"]["left_out"] == ["KNEE [deg]"]
        assert recording.session["source"]["mapped"] == {"GMAX [uV]": "GMAX_R", "BF (mV)": "BFLH_R"}
        assert [p.text for p in recording.placements] == ["GMAX [uV]", "BF (mV)"]
        assert all(block.arrivals.size == 0 for block in recording.blocks())


@pytest.mark.parametrize(("unit", "uv"), [("uV", 1.0), ("mV", 1e3), ("V", 1e6)])
def test_units(tmp_path, unit, uv):
    with bring(tmp_path, "GMAX\n" + "0.5\n-0.25\n" * 50, fs=1000, unit=unit) as recording:
        counts = recording.counts(1, 0, 2)
    np.testing.assert_array_equal(counts.ravel(), [50 * uv, -25 * uv])


def test_arbitrary_units_keep_24_bits_and_say_that_their_scale_is_unknown(tmp_path):
    with bring(tmp_path, "GMAX\n" + "0.5\n-0.125\n" * 50, fs=1000, unit="au") as recording:
        [sensor] = recording.sensors
        counts = recording.counts(1, 0, 2).ravel()
    assert sensor.scale_known == "unknown"
    assert counts[0] == (1 << 23) - 1
    np.testing.assert_allclose(counts * sensor.scale_uv, [0.5, -0.125], rtol=1e-6)


@pytest.mark.parametrize("name", ["time", "TIME_S", "t", "t_s", "Timestamp", "time [s]", "time (ms)"])
def test_names_of_the_time_column(tmp_path, name):
    step = 1.0 if "ms" in name else 0.001
    with bring(tmp_path, lines(f"{name},GMAX [uV]", step=step)) as recording:
        assert recording.sensors[0].rate_hz == 1000.0
        assert recording.session["source"]["left_out"] == []


def test_other_delimiters_decimals_and_line_ends(tmp_path):
    table = "t;GMAX [µV]\r\n" + "".join(f"{i / 500:.3f};{i}\r\n".replace(".", ",") for i in range(50))
    with bring(tmp_path, "\ufeff" + table) as recording:
        assert recording.sensors[0].rate_hz == 500.0
        assert recording.counts(1, 49, 50)[0, 0] == 4900
    with bring(tmp_path, table.encode("cp1252")) as recording:
        assert recording.session["source"]["units"] == {"GMAX [µV]": "uV"}
    tsv = tmp_path / "walk.tsv"
    tsv.write_text(lines("t\tGMAX [uV]", delimiter="\t"))
    with import_file(tsv, tmp_path / "tsv.emgsmr", sites={"GMAX": "GMAX_R"}) as recording:
        assert recording.duration_s == pytest.approx(0.1)


def test_missing_values_are_gaps(tmp_path):
    values = ["1", "2", "", "nan", "NaN", "6", "7", "", ""]
    text = "GMAX [uV],BF [uV]\n" + "".join(f"{value},5\n" for value in values)
    with bring(tmp_path, text, fs=1000, sites={"GMAX": "GMAX_R", "BF": "BFLH_R"}) as recording:
        assert [sensor.name for sensor in recording.sensors] == ["walk.csv (1)", "walk.csv (2)"]
        gaps = [(gap.sensor, gap.first_missing, gap.n_missing, gap.t_start_s) for gap in recording.gaps()]
        assert gaps == [(1, 2, 3, 0.002), (1, 7, 2, 0.007)]
        assert recording.counts(2, 0, 9).ravel().tolist() == [500] * 9
        assert recording.counts(1, 5, 7).ravel().tolist() == [600, 700]
        assert recording.duration_s == pytest.approx(0.009)


def test_channels_that_miss_the_same_samples_stay_one_sensor(tmp_path):
    text = "A [uV],B [uV],C [uV]\n1,1,1\n,,1\n1,1,1\n"
    with bring(tmp_path, text, fs=1000, sites={"A": "GMAX_R", "B": "ST_R", "C": "BFLH_R"}) as recording:
        assert [sensor.channels for sensor in recording.sensors] == [2, 1]
        assert recording.sites == ("GMAX_R", "ST_R", "BFLH_R")


def test_jumps_of_time_are_gaps_of_all_channels(tmp_path):
    rows = [i for i in range(3000) if not 1000 <= i < 1500]
    text = "t,GMAX [uV]\n" + "".join(f"{i / 2000:.4f},{i}\n" for i in rows)
    with bring(tmp_path, text) as recording:
        [gap] = recording.gaps()
        assert (gap.first_missing, gap.n_missing, gap.t_start_s, gap.t_end_s) == (1000, 500, 0.5, 0.75)
        assert recording.counts(1, 1500, 1501)[0, 0] == 150_000


def test_the_rate_of_the_user_wins_but_gaps_stay(tmp_path):
    rows = [i for i in range(300) if not 100 <= i < 150]
    text = "t,GMAX [uV]\n" + "".join(f"{i},{i}\n" for i in rows)  # counted samples, not seconds
    with pytest.raises(SamplingRateError):
        bring(tmp_path, text)
    with bring(tmp_path, text, fs=1000) as recording:
        assert recording.sensors[0].rate_hz == 1000.0
        assert [(gap.first_missing, gap.n_missing) for gap in recording.gaps()] == [(100, 50)]
        assert "--rate was taken" in recording.session["source"]["notes"][0]


def test_irregular_times_can_be_left_aside(tmp_path, rng):
    times = np.cumsum(rng.exponential(0.001, 500))
    text = "t,GMAX [uV]\n" + "".join(f"{t:.9f},1\n" for t in times)
    with pytest.raises(ImportFormatError, match="irregular"):
        bring(tmp_path, text)
    with bring(tmp_path, text, fs=1000) as recording:
        assert recording.gaps() == ()
        assert "irregular" in recording.session["source"]["notes"][0]


def test_a_file_of_several_chunks(tmp_path, monkeypatch):
    monkeypatch.setattr(text_table, "_CHUNK_BYTES", 1000)
    text = lines("t,GMAX [uV]", n=2000)
    seen: list[float] = []
    for body in (text, text.rstrip("\n"), text + "\n\n", text + ",\n,\n"):
        with bring(tmp_path, body, progress=seen.append) as recording:
            assert recording.counts(1, 0, 2000).ravel().tolist() == [100 * i for i in range(2000)]
    assert seen[-1] == pytest.approx(1.0)
    with pytest.raises(ImportFormatError, match="line 1502: 'oops' is no number"):
        bring(tmp_path, text.replace("\n1.500000,1500.0\n", "\n1.500000,oops\n"))


@pytest.mark.parametrize(
    ("text", "options", "error", "message"),
    [
        ("", {}, ImportFormatError, "is empty"),
        ("\n\n", {}, ImportFormatError, "empty line"),
        ("t,GMAX [uV]\n", {}, ImportFormatError, "only a header"),
        ("t,GMAX [uV]\n\n\n", {}, ImportFormatError, "only a header"),
        ("t,GMAX [uV]\n0,1\n", {}, ImportFormatError, "fewer than two"),
        ("1,2\n3,4\n", {}, ImportFormatError, "must name the columns"),
        ("t,GMAX [uV]\n0,1\n0.001,high\n", {}, ImportFormatError, "line 3: 'high' is no number"),
        ("t,GMAX [uV]\n0,1\n0.001\n", {}, ImportFormatError, "line 3 has 1 cells"),
        ("t,GMAX [uV]\n0,1\n0.001,1,1\n", {}, ImportFormatError, "line 3 has 3 cells"),
        ("t,GMAX [uV]\n0,1\n0.001,inf\n", {}, ImportFormatError, "infinite"),
        ("t,GMAX [uV]\n0,1\n,2\n0.002,2\n", {}, ImportFormatError, "time of sample 2 is missing"),
        ("t,GMAX [uV]\n0.001,1\n0,2\n", {}, ImportFormatError, "goes back at sample 2"),
        ("t,GMAX [uV]\n0,\n0.001,\n", {}, ImportFormatError, "holds no sample"),
        ("t,GMAX [V]\n0,30\n0.001,1\n", {}, ImportFormatError, "check --unit"),
        ("t,GMAX [uV]\n0,1\n1e300,1\n", {}, ImportFormatError, "irregular"),
        ("t,GMAX [uV]\n0,1\n0.001,1\n1e9,1\n", {}, ImportFormatError, "longer than a year"),
        ("t [days],GMAX [uV]\n0,1\n0.001,1\n", {}, ImportFormatError, "'days' are not known"),
        ("t,GMAX [uV]\r0,1\r0.001,2\r", {}, ImportFormatError, "line ends"),
        (b"PK\x03\x04\0\0\0\0", {}, ImportFormatError, "no text"),
        ("t,GMAX [uV]\n0,1\n0.001,\0\n", {}, ImportFormatError, "no text"),
        (b"x" * 2_000_000, {}, ImportFormatError, "no text"),
        (b"GMAX [uV]\n" + b"1" * 9_000_000, {"fs": 1000}, ImportFormatError, "million characters"),
        ("GMAX [uV]\n1\n2\n", {}, ArgumentError, "--rate"),
        ("t,GMAX\n0,1\n0.001,2\n", {}, ArgumentError, "does not say the unit of 'GMAX'.*--unit"),
        ("t,GMAX [uV?]\n0,1\n0.001,2\n", {}, ArgumentError, r"unsure of the unit.*uV\?.*--unit"),
        ("t,GMAX [deg]\n0,1\n0.001,2\n", {}, ArgumentError, "'deg'.*--unit"),
        ("t,GMAX [mV]\n0,1\n0.001,2\n", {"unit": "uV"}, ArgumentError, "is in mV, --unit says uV"),
        ("t,GMAX\n0,1\n0.001,2\n", {"unit": "kg"}, ArgumentError, "'kg' is no unit"),
        ("t,GMAX [uV]\n0,1\n", {"sites": {"GMX": "GMAX_R"}}, ArgumentError, "no column 'GMX'.*t, GMAX"),
        ("t,GMAX [uV]\n0,1\n", {"sites": {"gmax": "GMAX_R"}}, ArgumentError, "no column 'gmax'"),
        ("t,GMAX [uV]\n0,1\n", {"sites": {}}, ArgumentError, "--map COLUMN=SITE; the columns are t, GMAX"),
        ("t,GMAX [uV]\n0,1\n", {"sites": {"GMAX": "GMAXX_R"}}, MontageError, "GMAX_R"),
        (
            "t,GMAX [uV]\n0,1\n",
            {"sites": {"GMAX": "GMAX_R", "GMAX [uV]": "GMAX_L"}},
            ArgumentError,
            "GMAX_R and to GMAX_L",
        ),
        (
            "t,A [uV],B [uV]\n0,1,1\n",
            {"sites": {"A": "ST_R", "B": "ST_R"}},
            ArgumentError,
            "each site one column",
        ),
        ("t,GMAX [uV],GMAX [uV]\n0,1,1\n", {}, ArgumentError, "2 columns 'GMAX'"),
        ("t,GMAX [uV]\n0,1\n0.01,2\n0.02,3\n", {}, SamplingRateError, "100 samples per second"),
        ("GMAX [uV]\n1\n2\n", {"fs": 199.9}, SamplingRateError, "199.9 samples per second"),
        ("GMAX [uV]\n1\n2\n", {"fs": float("nan")}, ArgumentError, "--rate"),
        ("GMAX [uV]\n1\n2\n", {"fs": -5}, ArgumentError, "--rate"),
    ],
)
def test_mistakes_are_said_clearly(tmp_path, text, options, error, message):
    with pytest.raises(error, match=message):
        bring(tmp_path, text, **options)
    assert not (tmp_path / "walk.emgsmr").exists()


def test_a_unit_that_the_file_is_unsure_of_can_be_said(tmp_path):
    with bring(tmp_path, lines("t,GMAX [uV?]"), unit="uV") as recording:
        assert recording.session["source"]["units"] == {"GMAX [uV?]": "uV"}


def test_events_count_on_the_clock_of_the_file(tmp_path):
    (tmp_path / "steps.csv").write_text("t_s,kind,side\n10.05,foot_contact,R\n10.02,toe_off,R\n")
    with bring(tmp_path, lines("t,GMAX [uV]", t0=10.0), events=tmp_path / "steps.csv") as recording:
        assert [(event.t_s, event.kind) for event in recording.events()] == [
            (10.02, "toe_off"),
            (10.05, "foot_contact"),
        ]
        assert recording.start_s < 10.02 < recording.end_s


def test_wrong_events_leave_no_recording(tmp_path):
    (tmp_path / "steps.csv").write_text("t_s,kind\n1,jump\n")
    with pytest.raises(ImportFormatError, match="jump"):
        bring(tmp_path, lines("t,GMAX [uV]"), events=tmp_path / "steps.csv")
    assert not (tmp_path / "walk.emgsmr").exists()


def test_nothing_is_overwritten(tmp_path):
    (tmp_path / "a.emgsmr").write_text("precious")
    with pytest.raises(RecordingExistsError):
        import_csv(tmp_path / "absent.csv", tmp_path / "a.emgsmr", sites={"GMAX": "GMAX_R"})
    assert (tmp_path / "a.emgsmr").read_text() == "precious"


@pytest.mark.parametrize("name", ["walk.c3d", "walk.xlsx", "walk", "walk.edf"])
def test_other_extensions_say_which_can(tmp_path, name):
    (tmp_path / name).write_text("")
    with pytest.raises(ImportFormatError, match=r"\.csv, \.tsv, \.npz"):
        import_file(tmp_path / name, tmp_path / "a.emgsmr", sites={"GMAX": "GMAX_R"})


def test_no_file(tmp_path):
    with pytest.raises(ImportFormatError, match="cannot be read"):
        import_csv(tmp_path / "absent.csv", tmp_path / "a.emgsmr", sites={"GMAX": "GMAX_R"})


@given(
    st.binary(max_size=200)
    | st.text("0123456789.,;\t\n\r\"'e-naif\u00b5", max_size=200).map(
        lambda text: ("t,GMAX [uV]\n" + text).encode()
    )
)
def test_garbage_is_one_of_our_errors(tmp_path, raw):
    try:
        bring(tmp_path, raw).close()
    except EmgsmrError:
        assert not (tmp_path / "walk.emgsmr").exists()
