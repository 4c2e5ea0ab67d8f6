"""What goes out on Lab Streaming Layer is what the recording holds, with the analysis' own times."""

from __future__ import annotations

import asyncio
import json
import os
import subprocess
import sys
import uuid
import xml.etree.ElementTree as ET
from pathlib import Path

import numpy as np
import pytest

from emgsmr.analysis import Pipeline
from emgsmr.cli.main import main as emgsmr_main
from emgsmr.radio.cast import cast_scenario
from emgsmr.radio.virtual import Outage, VirtualAir
from emgsmr.radio.write_cast import write_cast
from emgsmr.recording import open_recording
from emgsmr.session import Session
from emgsmr.session.lsl import LslOutlets

SOURCES = str(Path(__file__).parents[2] / "src")
READER = Path(__file__).with_name("lsl_reader.py")


@pytest.fixture(scope="module")
def network(tmp_path_factory):
    """Lab Streaming Layer on this computer only, and apart from everybody else's."""
    try:
        import pylsl  # noqa: F401
    except (ImportError, RuntimeError) as error:
        pytest.skip(f"no Lab Streaming Layer here: {error}")
    config = tmp_path_factory.mktemp("lsl") / "lsl_api.cfg"
    config.write_text(
        f"[multicast]\nResolveScope = machine\n[lab]\nSessionID = {uuid.uuid4().hex}\n[log]\nlevel = -2\n"
    )
    before = os.environ.get("LSLAPICFG")
    os.environ["LSLAPICFG"] = str(config)  # liblsl reads it once in each process, when it is first used
    yield
    os.environ.pop("LSLAPICFG")
    if before is not None:
        os.environ["LSLAPICFG"] = before


@pytest.fixture
def read(network, tmp_path):
    """``result = read(n_streams)`` starts a reader in another process; ``result()`` is what it got."""
    processes = []

    def start(n_streams):
        out = tmp_path / "read.npz"
        process = subprocess.Popen(
            [sys.executable, str(READER), str(out), str(n_streams)],
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        processes.append(process)
        assert process.stdout.readline() == "looking\n", process.communicate()[1]

        def result():
            assert process.wait(60) == 0, process.communicate()[1]
            with np.load(out) as arrays:
                return dict(arrays)

        return result

    yield start
    for process in processes:
        process.kill()
        process.communicate()


def deliver(outlets):
    """Give the reader all, and keep the streams open until it has it."""
    for stream in outlets._streams():
        stream.wait()


def described(got):
    """Descriptions of the streams by their names."""
    trees = [ET.fromstring(str(text)) for text in got["descriptions"]]
    return {tree.findtext("name"): tree for tree in trees}


def analyzed(path):
    """Time line of each sensor that the analysis of the file makes."""
    with open_recording(path) as recording:
        pipeline = Pipeline(recording.montage)
        pipeline.run(recording.blocks())
    return {stream.info.name: stream.timeline for stream in pipeline.streams.values()}


def assert_read(got, path):
    """Every sample of the recording has come, in order, with its value and the analysis' time."""
    trees, timelines = described(got), analyzed(path)
    with open_recording(path) as recording:
        for info in recording.sensors:
            name = f"emgsmr {info.name}"
            own = trees[name].find("desc/emgsmr")
            scale = info.scale_uv if info.scale_known != "unknown" else 1.0
            blocks = list(recording.pieces(info.id))
            counts = np.concatenate([block.counts for block in blocks])
            index = np.concatenate([np.arange(block.first_index, block.end_index) for block in blocks])
            samples, stamps = got[f"{name}: samples"], got[f"{name}: stamps"]
            assert len(samples) == len(counts)
            assert np.array_equal(samples, (counts * scale).astype(np.float32))
            assert np.array_equal(np.rint(samples.astype(float) / scale), counts)
            t_s = timelines[info.name].time(index)
            assert np.array_equal(stamps, float(own.findtext("zero_s")) + t_s)
            assert (np.diff(stamps) > 0).all()


def test_another_process_gets_every_sample_of_the_demo_with_its_time(tmp_path, read):
    result = read(7)
    cast = cast_scenario("demo", seed=1, minutes=0.4)
    path = tmp_path / "run.emgsmr"
    away = Outage(cast.sensors[1].address, 8.0, 3.0)

    async def main():
        air = VirtualAir(cast, speed=None, seed=1, outages=[away])
        async with Session(air=air, out=path, listeners=[outlets]) as session:
            await session.wait()

    with LslOutlets(patience_s=60.0, linger_s=0.0) as outlets:
        asyncio.run(main())
        deliver(outlets)
        got = result()
    assert_read(got, path)
    markers = [json.loads(text) for (text,) in got["emgsmr markers: samples"]]
    with open_recording(path) as recording:
        assert recording.gaps()
        contacts = [e.t_s for e in recording.events() if e.kind == "foot_contact"]
    assert [m["t_s"] for m in markers if m.get("kind") == "foot_contact"] == contacts
    lost = [(m["sensor"], m["reason"]) for m in markers if m.get("state") == "lost"]
    assert (cast.sensors[1].name, "the connection broke") in lost
    zero_s = float(described(got)["emgsmr markers"].findtext("desc/emgsmr/zero_s"))
    assert got["emgsmr markers: stamps"].tolist() == [zero_s + m["t_s"] for m in markers]


def test_streams_say_what_they_are(tmp_path, read, make_cast):
    result = read(3)

    async def main():
        cast = make_cast("npg_lite", "umyo", seconds=1.5)
        async with Session(air=VirtualAir(cast, speed=None), listeners=[outlets]) as session:
            await session.wait()

    with LslOutlets(patience_s=60.0, linger_s=0.0) as outlets:
        asyncio.run(main())
        deliver(outlets)
        trees = described(result())
    npg, umyo = trees["emgsmr NPG-01"], trees["emgsmr uMyo-02"]
    assert [npg.findtext(key) for key in ("type", "channel_count", "channel_format")] == [
        "EMG",
        "3",
        "float32",
    ]
    assert float(npg.findtext("nominal_srate")) == 500.0
    assert npg.findtext("source_id") == "emgsmr-E1:00:00:00:00:01"
    channels = [{item.tag: item.text for item in channel} for channel in npg.find("desc/channels")]
    assert channels[0] == {
        "label": "GMAX_L",
        "unit": "counts",
        "type": "EMG",
        "muscle": "gluteus maximus",
        "side": "left",
    }
    assert channels[1:] == [{"label": f"channel {n}", "unit": "counts", "type": "EMG"} for n in (2, 3)]
    assert umyo.findtext("desc/channels/channel/unit") == "microvolts"
    assert umyo.findtext("desc/acquisition/manufacturer") == "Ultimate Robotics"
    assert umyo.findtext("desc/acquisition/model") == "uMyo"
    assert umyo.findtext("desc/acquisition/serial_number") == "E1:00:00:00:00:02"
    assert umyo.findtext("desc/synchronization/can_drop_samples") == "true"
    markers = trees["emgsmr markers"]
    assert [markers.findtext(key) for key in ("type", "channel_format")] == ["Markers", "string"]
    assert float(markers.findtext("nominal_srate")) == 0.0


def test_record_publishes_all_to_a_reader_that_waits_for_it(tmp_path, read, make_cast):
    write_cast(make_cast("umyo", "npg_lite", seconds=5.0), tmp_path / "small.emgsmr").close()
    result = read(3)
    out = tmp_path / "run.emgsmr"
    radio = ["--radio", f"virtual:{tmp_path / 'small.emgsmr'}", "--speed", "1000"]
    done = subprocess.run(
        [sys.executable, "-m", "emgsmr", "record", "-o", str(out), *radio, "--lsl"],
        env={**os.environ, "PYTHONPATH": SOURCES},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert "every computer in this network can read" in done.stderr
    assert done.stdout.startswith("Recorded 0:05 from 2 sensors")
    assert_read(result(), out)


def test_without_pylsl_one_sentence_says_what_to_install(tmp_path, monkeypatch, capsys):
    monkeypatch.setitem(sys.modules, "pylsl", None)
    assert emgsmr_main(["record", "-o", str(tmp_path / "run.emgsmr"), "--radio", "virtual", "--lsl"]) == 2
    assert capsys.readouterr().err == (
        "Error: this needs the package pylsl; install it with: pip install 'emgsmr[lsl]'\n"
    )
    assert not (tmp_path / "run.emgsmr").exists()


def test_pylsl_without_its_library_is_one_sentence_too(tmp_path, monkeypatch, capsys):
    folder = tmp_path / "pylsl"
    folder.mkdir()
    (folder / "__init__.py").write_text("raise RuntimeError('binary\\nnot found')")
    monkeypatch.delitem(sys.modules, "pylsl", raising=False)
    monkeypatch.syspath_prepend(tmp_path)
    assert emgsmr_main(["record", "-o", str(tmp_path / "run.emgsmr"), "--radio", "virtual", "--lsl"]) == 2
    [line] = capsys.readouterr().err.splitlines()
    assert line.startswith("Error: Lab Streaming Layer needs the library liblsl")
    assert not (tmp_path / "run.emgsmr").exists()
