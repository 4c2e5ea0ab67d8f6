"""`make validate`: the runner, every topic in its smoke version, and the document that comes out of it."""

from __future__ import annotations

import importlib
import sys
from pathlib import Path
from types import ModuleType, SimpleNamespace

import pytest

ROOT = Path(__file__).parents[1]
sys.path.insert(0, str(ROOT / "benchmarks"))

validate = importlib.import_module("validate")
validation = importlib.import_module("validation")
writing = importlib.import_module("validation.document")
peers = importlib.import_module("peers")
Section = importlib.import_module("validation.section").Section

DOCUMENT = ROOT / "docs" / "validation.md"
GOOD = Section("A sine", "closed form", "It is.", ["Hz", "gain"], [[20, 0.707]], bar="0.707", met=True)
MISSED = Section(
    "Noise", "simulated, seed 1", "It is not.", ["bias"], [[0.2]], bar="bias below 0.1", met=False
)
OPEN = Section("Peers", "not run", "Not installed.", ["peer"], [], bar="explained", met=None)


def fake(monkeypatch: pytest.MonkeyPatch, **runs: object) -> None:
    """Topics with these names instead of those that there are; each returns, or raises, what is given."""

    def module(name: str) -> ModuleType:
        def run(real_data: Path | None, *, quick: bool) -> object:
            if isinstance(runs[name], Exception):
                raise runs[name]
            return runs[name]

        return SimpleNamespace(run=run)

    monkeypatch.setattr(validate, "topics", lambda: list(runs))
    monkeypatch.setattr(validate, "_module", module)
    monkeypatch.delenv("EMGSMR_REAL_DATA", raising=False)


@pytest.fixture
def document(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    path = tmp_path / "docs" / "validation.md"
    path.parent.mkdir()
    monkeypatch.setattr(validate, "DOCUMENT", path)
    return path


def test_a_run_that_meets_its_bars_exits_with_0(monkeypatch, document, capsys):
    fake(monkeypatch, signal=[GOOD, OPEN])
    assert validate.main([]) == 0
    assert "## Signal chain" in capsys.readouterr().out
    assert not document.exists()


def test_a_bar_not_met_exits_with_1_and_the_document_says_so(monkeypatch, document):
    fake(monkeypatch, signal=[GOOD], spectrum=[MISSED], peers=[OPEN])
    assert validate.main(["--write"]) == 1
    text = document.read_text("utf-8")
    assert "| Signal chain: A sine | 0.707 | yes |" in text
    assert "| Spectra and fatigue: Noise | bias below 0.1 | **no** |" in text
    assert "| Other software on the same signals: Peers | explained | not judged |" in text
    assert "### Noise" in text
    assert "Run without real recordings" in text
    assert "No hardware was available" in text


def test_a_topic_that_raises_is_a_section_and_the_others_go_on(monkeypatch, document):
    fake(monkeypatch, signal=FileNotFoundError(f"{ROOT}/data is not there"), spectrum=[GOOD])
    assert validate.main(["--write"]) == 1
    text = document.read_text("utf-8")
    assert "FileNotFoundError: …/data is not there" in text
    assert str(ROOT) not in text
    assert "### A sine" in text


def test_a_topic_that_cannot_be_imported_is_a_section_too(monkeypatch, tmp_path):
    (tmp_path / "broken.py").write_text(
        "import no_such_module\n\ndef run(real_data, *, quick):\n    return []\n"
    )
    (tmp_path / "beside.py").write_text("TEXT = 'def run('\n")
    monkeypatch.setattr(validate, "validation_path", [str(tmp_path)])
    monkeypatch.setitem(
        sys.modules, "validation", validation
    )  # an import of other tests may have taken it out
    monkeypatch.setattr(validation, "__path__", [str(tmp_path)])
    assert validate.topics() == ["broken"]
    (section,) = validate.measure("broken", None, quick=True).sections
    assert section.met is False
    assert "no_such_module" in section.rows[0][0]


def test_a_topic_without_a_module_has_its_heading(monkeypatch, document):
    fake(monkeypatch, signal=[GOOD])
    validate.main(["--write"])
    text = document.read_text("utf-8")
    assert [name for name in validate.HEADINGS.values() if f"\n## {name}\n" not in text] == []
    assert text.count("No measurement yet.") == len(validate.HEADINGS) - 1


def test_a_smoke_run_does_not_become_the_document(monkeypatch, document):
    fake(monkeypatch, signal=[GOOD])
    with pytest.raises(SystemExit):
        validate.main(["--write", "--quick"])
    assert not document.exists()


def test_one_topic_is_written_into_the_document(monkeypatch, document):
    fake(monkeypatch, signal=[GOOD], spectrum=[GOOD])
    assert validate.main(["--write"]) == 0
    fake(monkeypatch, signal=[MISSED], spectrum=[GOOD])
    assert validate.main(["--write", "--only", "signal"]) == 1
    text = document.read_text("utf-8")
    assert "### Noise" in text
    assert "### A sine" in text.partition("## Spectra")[2]


def test_only_one_topic(monkeypatch, document, capsys):
    fake(monkeypatch, signal=[GOOD], spectrum=[MISSED])
    assert validate.main(["--only", "signal"]) == 0
    assert "## Spectra" not in capsys.readouterr().out


def test_a_wrong_folder_is_not_the_same_as_none(monkeypatch):
    monkeypatch.setenv("EMGSMR_REAL_DATA", "no/such/folder")
    with pytest.raises(SystemExit, match="names no folder"):
        validate.real_data_folder()


def test_recordings_are_named_with_their_license_where_they_were_there(tmp_path):
    (tmp_path / "uci_lower_limb").mkdir()
    text = writing.document([], tmp_path)
    assert "CC BY 4.0" in text
    assert "MIT" not in text
    assert "Not there in this run: `santuz_walk_13muscle`" in text


def test_peers_that_are_not_installed_are_said_to_be_missing(monkeypatch, tmp_path):
    topic = importlib.import_module("validation.peers")
    monkeypatch.setattr(peers, "versions", lambda: {"neurokit2": "0.3.0"})
    (section,) = topic.run(tmp_path, quick=True)
    assert section.rows == [["pyemgpipeline"]]
    assert section.met is None
    assert "benchmark extra" in section.text


def test_the_formulas_of_musclesynergies_give_what_it_publishes(real_data):
    envelopes = importlib.import_module("validation.peer_envelopes")
    signals = importlib.import_module("validation.peer_signals")
    recordings = signals.recordings(real_data, ("walk",))
    if not recordings:
        pytest.skip("no walk among the real recordings")
    section = envelopes.published(real_data, recordings["walk"])
    theirs, ours, ends = (float(row[1]) for row in section.rows)
    assert theirs < 1e-5
    assert ends < 1e-5
    assert ours < 0.02
    assert section.met is True


@pytest.mark.timeout(300)
@pytest.mark.parametrize("topic", validate.topics())
def test_every_topic_has_a_smoke_version(topic):
    outcome = validate.measure(topic, None, quick=True)
    assert "failed" not in [section.title for section in outcome.sections], outcome.sections
    for section in outcome.sections:
        assert section.title
        assert section.source
        assert section.bar or section.met is None, f"{section.title}: met, but what?"
        assert {len(row) for row in section.rows} <= {len(section.columns)}
    assert validate.topic_markdown(outcome).startswith(f"## {validate.heading(topic)}\n")


@pytest.mark.timeout(300)
def test_the_detector_has_a_smoke_version(monkeypatch, tmp_path, capsys):
    detector = importlib.import_module("detector")
    monkeypatch.delenv("EMGSMR_REAL_DATA", raising=False)
    for name in ("DOCUMENT", "PICTURE", "NUMBERS"):
        monkeypatch.setattr(detector, name, tmp_path / "docs" / name.lower())
    kept = tmp_path / "results"
    parts = ("changes", "hours", "disturbances")  # the others take longer; --quick runs them too
    state = detector.main(
        ["--quick", "--workers=0", f"--results={kept}", *(f"--part={part}" for part in parts)]
    )
    said = capsys.readouterr().out
    assert state == int("**Not met.**" in said)
    for heading in ("Changes found: surrogate", "in signals", "False alarms", "must stay silent"):
        assert heading in said
    assert said.count("it says nothing about cramps") == said.count("\n### ")
    todo = detector.jobs(detector.engines(None), detector.SMOKE, parts)
    results = detector.measure(todo, kept, workers=0, minutes=0.0)  # nothing new: all are kept
    assert len(results) == len(todo)
    made = detector.sections(results, detector.engines(None), detector.SMOKE)
    detector.write(made, results, planned=99, seconds=1.0)
    page = (tmp_path / "docs" / "document").read_text("utf-8")
    assert "| compensation | 30 |" in page
    assert "Of 99 planned runs" in page
    assert (tmp_path / "docs" / "numbers").read_text("utf-8").startswith("engine,kind,size_pct")
    assert "<svg" in (tmp_path / "docs" / "picture").read_text("utf-8")


@pytest.mark.parametrize("part", ["--quick", "--part=cost"])
def test_a_part_of_the_detector_does_not_become_its_page(part):
    with pytest.raises(SystemExit):
        importlib.import_module("detector").main(["--write", part])


def test_a_topic_measured_later_takes_its_place_in_the_document():
    from validation.document import Outcome, document, with_topic
    from validation.section import Section

    def outcome(heading, number, *, met=True):
        section = Section("Bias", "closed form", "Text.", ["error"], [[str(number)]], bar="small", met=met)
        return Outcome("topic", heading, [section], seconds=60.0)

    first, last = outcome("First", 1), outcome("Last", 2)
    text = document([first, last], None)
    new = with_topic(text, outcome("New", 3, met=False))
    assert new.index("## First") < new.index("## New") < new.index("## Last")
    assert "| New: Bias | small | **no** |" in new
    assert new.count("run of") == 1
    again = with_topic(new, outcome("New", 4))
    assert "| 3 |" not in again
    assert "| New: Bias | small | yes |" in again
    assert "**no**" not in again
    assert with_topic(again, outcome("New", 4)) == again
    assert "| First: Bias | small | yes |" in with_topic(again, outcome("First", 5))


def test_the_document_has_every_topic():
    text = DOCUMENT.read_text("utf-8")
    assert [name for name in validate.topics() if f"\n## {validate.heading(name)}\n" not in text] == []
    if set(validate.HEADINGS) <= set(validate.topics()):
        assert "No measurement yet." not in text, "make validate writes the document"
