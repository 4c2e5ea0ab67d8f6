"""``emgsmr live``: what it refuses in a sentence, and a picture of a run without a display."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from emgsmr.cli import live
from emgsmr.cli.main import main

SOURCES = str(Path(__file__).parents[2] / "src")


@pytest.fixture
def no_display(monkeypatch):
    for name in ("DISPLAY", "WAYLAND_DISPLAY", "QT_QPA_PLATFORM"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setattr(sys, "platform", "linux")


def said(capsys):
    return capsys.readouterr().err


def test_without_a_display_it_says_so(no_display, capsys):
    # the default of the function that looks was taken at import: a process of its own knows no display
    command = [sys.executable, "-m", "emgsmr", "live"]
    path = os.pathsep.join([SOURCES, *sys.path])
    run = subprocess.run(
        command,
        env={**os.environ, "PYTHONPATH": path},
        capture_output=True,
        text=True,
        timeout=100,
        check=False,
    )
    assert run.returncode == 2
    assert run.stderr.startswith("Error: there is no display for a window")
    assert len(run.stderr.splitlines()) == 1


def test_without_qt_it_says_how_to_install_it(monkeypatch, capsys):
    monkeypatch.setenv("QT_QPA_PLATFORM", "offscreen")
    monkeypatch.setitem(sys.modules, "PySide6", None)
    for name in [name for name in sys.modules if name.startswith("PySide6.")]:
        monkeypatch.delitem(sys.modules, name)
    assert main(["live"]) == 2
    assert "pip install 'emgsmr[gui]'" in said(capsys)


def test_a_recording_is_never_overwritten(tmp_path, capsys):
    out = tmp_path / "run.emgsmr"
    out.write_bytes(b"")
    assert main(["live", "-o", str(out)]) == 2
    assert "never overwritten" in said(capsys)


@pytest.mark.parametrize("radio", ["virtual:nonsense", "wifi"])
def test_an_unknown_radio_is_said(radio, capsys, monkeypatch):
    monkeypatch.setattr(live, "need_window", lambda *, unseen=False: None)
    pytest.importorskip("PySide6.QtWidgets", exc_type=ImportError)
    assert main(["live", "--radio", radio]) == 2
    assert len(said(capsys).splitlines()) == 1


def test_real_sensors_keep_lifes_pace(capsys, monkeypatch):
    monkeypatch.setattr(live, "need_window", lambda *, unseen=False: None)
    pytest.importorskip("PySide6.QtWidgets", exc_type=ImportError)
    assert main(["live", "--speed", "2"]) == 2
    assert "life's pace" in said(capsys)


def test_a_recording_is_opened_without_sensors(tmp_path, capsys, monkeypatch):
    pytest.importorskip("PySide6.QtWidgets", exc_type=ImportError)
    from emgsmr.gui import review

    seen = []
    monkeypatch.setattr(live, "need_window", lambda *, unseen=False: None)
    monkeypatch.setattr(review, "run_review", lambda path, **options: seen.append((path, options)))
    file, picture = tmp_path / "run.emgsmr", tmp_path / "x.png"
    command = ["live", "--open", str(file), "--screenshot", str(picture), "--theme", "dark"]
    assert main(command) == 0
    assert seen == [(file, {"screenshot": picture, "mode": "dark"})]
    assert capsys.readouterr().out == f"Picture: {picture}\n"
    assert main([*command, "--radio", "virtual", "-o", str(tmp_path)]) == 2
    assert "leave out --output, --radio" in said(capsys)
    assert len(seen) == 1


def test_what_is_no_recording_is_said(tmp_path, capsys, monkeypatch):
    pytest.importorskip("PySide6.QtWidgets", exc_type=ImportError)
    monkeypatch.setenv("QT_QPA_PLATFORM", "offscreen")
    (tmp_path / "x.emgsmr").write_bytes(b"no recording")
    assert main(["live", "--open", str(tmp_path / "x.emgsmr")]) != 0
    assert len(said(capsys).splitlines()) == 1
    assert main(["live", "--open", str(tmp_path / "none.emgsmr")]) != 0
    assert len(said(capsys).splitlines()) == 1


@pytest.mark.timeout(600)
def test_a_picture_of_a_short_session_without_a_display(tmp_path):
    pytest.importorskip("PySide6.QtWidgets", exc_type=ImportError)
    from PySide6.QtGui import QImage

    picture, out = tmp_path / "run.png", tmp_path / "run.emgsmr"
    environment = {k: v for k, v in os.environ.items() if k not in ("DISPLAY", "QT_QPA_PLATFORM")}
    environment["PYTHONPATH"] = os.pathsep.join([SOURCES, *sys.path])
    environment["XDG_CONFIG_HOME"] = str(tmp_path)
    command = [sys.executable, "-m", "emgsmr", "live", "-o", str(out), "--radio", "virtual:walk"]
    options = ["--seconds", "6", "--speed", "10", "--screenshot", str(picture), "--theme", "dark"]
    run = subprocess.run(
        [*command, *options], env=environment, capture_output=True, text=True, timeout=500, check=False
    )
    assert run.returncode == 0, run.stderr
    assert f"Recording: {out}" in run.stdout
    assert f"Picture: {picture}" in run.stdout
    image = QImage(str(picture))
    assert image.width() >= 1000
    colors = {image.pixel(x, y) for x in range(0, image.width(), 5) for y in range(0, image.height(), 5)}
    assert len(colors) > 20
    assert out.exists()
