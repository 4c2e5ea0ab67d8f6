"""``emgsmr demo`` with the window: what it is told, and what is printed when it is closed."""

from __future__ import annotations

import pytest

pytest.importorskip("PySide6.QtWidgets", exc_type=ImportError)

from emgsmr.cli import demo, live
from emgsmr.cli.main import main


@pytest.fixture
def window(monkeypatch):
    """A window that is there; ``window.append(function of options)`` says what its user does."""
    monkeypatch.setattr(demo, "window_is_possible", lambda: True)
    monkeypatch.setattr(live, "need_window", lambda: None)
    users = []
    monkeypatch.setattr(live, "show_window", lambda options, runner: users[0](options, runner))
    return users


def record(options, runner):
    assert runner is not None
    arguments = ["--scenario", "healthy", "--minutes", "0.5", "--seed", str(options.seed)]
    assert main(["simulate", "-o", str(options.out), *arguments]) == 0


def test_it_walks_by_itself_and_tells_what_was_found(window, tmp_path, capsys):
    told = []

    def look_on(options, runner):
        record(options, runner)
        told.append((options, options.summarize(options.out)))

    window.append(look_on)
    assert main(["demo", "-o", str(tmp_path), "--seed", "3"]) == 0
    [(options, summary)] = told
    assert options.by_itself
    assert (options.out, options.speed, options.minutes) == (tmp_path / "demo.emgsmr", demo.WATCH_SPEED, 6.0)
    assert summary.report == str(tmp_path / "report.html")
    assert (tmp_path / "tables").is_dir()
    printed = capsys.readouterr().out
    assert "report.html" in printed
    assert "Simulated data" in printed


def test_closed_before_the_summary_it_is_made_afterwards(window, tmp_path, monkeypatch):
    window.append(lambda options, runner: options.out.touch())
    monkeypatch.setattr(demo, "results", lambda files, quiet=False: files["report"])
    told = []
    monkeypatch.setattr(demo, "tell", lambda analysis, files: told.append(analysis))
    assert main(["demo", "-o", str(tmp_path)]) == 0
    assert told == [tmp_path / "report.html"]


def test_closed_before_anything_was_recorded(window, tmp_path, capsys):
    window.append(lambda options, runner: None)
    assert main(["demo", "-o", str(tmp_path)]) == 0
    assert "before anything was recorded" in capsys.readouterr().err


def test_where_nobody_can_see_it_there_is_no_window(monkeypatch):
    monkeypatch.setenv("QT_QPA_PLATFORM", "offscreen")
    assert not demo.window_is_possible()
