"""The command line as a whole: verbs are found, errors are one sentence with the code of their class."""

from __future__ import annotations

import errno
from pathlib import Path

import click
import pytest

from emgsmr import errors
from emgsmr.cli import main as program
from emgsmr.cli.main import VERBS, cli, explain, main


@pytest.fixture
def failing(monkeypatch: pytest.MonkeyPatch):
    """Make the verb ``scan`` raise what the test wants."""

    def install(error: BaseException) -> None:
        @click.command()
        def command() -> None:
            raise error

        monkeypatch.setattr(
            program.LazyGroup, "get_command", lambda _self, _ctx, name: command if name == "scan" else None
        )

    return install


def error_classes() -> list[type[errors.EmgsmrError]]:
    return [getattr(errors, name) for name in errors.__all__]


@pytest.mark.parametrize("verb", sorted(VERBS))
def test_every_verb_has_help(verb, capsys):
    assert main([verb, "--help"]) == 0
    assert capsys.readouterr().out.startswith(f"Usage: emgsmr {verb}")


def test_help_lists_every_verb(capsys):
    assert main(["--help"]) == 0
    out = capsys.readouterr().out
    for verb, what in VERBS.items():
        assert f"  {verb} " in out
        assert what.split()[0] in out


def test_verbs_are_those_of_the_folder():
    folder = Path(program.__file__).parent
    commands = {path.stem for path in folder.glob("*.py") if "\ncommand" in path.read_text("utf-8")}
    commands |= {path.stem for path in folder.glob("*.py") if "def command(" in path.read_text("utf-8")}
    assert {name.rstrip("_") for name in commands} == set(VERBS)


def test_version_is_printed(capsys):
    assert main(["--version"]) == 0
    assert capsys.readouterr().out.startswith("emgsmr ")


@pytest.mark.parametrize("argv", [["nope"], ["--nope"], ["scan", "--nope"]])
def test_usage_errors_end_with_2(argv, capsys):
    assert main(argv) == 2
    captured = capsys.readouterr()
    assert captured.out == ""
    assert "Traceback" not in captured.err


@pytest.mark.parametrize("error", error_classes(), ids=lambda error: error.__name__)
def test_each_error_is_one_sentence_and_its_code(error, failing, capsys):
    failing(error("the thing is missing; bring it"))
    assert main(["scan"]) == error.exit_code
    captured = capsys.readouterr()
    assert captured.out == ""
    assert captured.err == "Error: the thing is missing; bring it\n"


@pytest.mark.parametrize("argv", [["--debug", "scan"], ["scan", "--debug"]])
def test_debug_shows_the_traceback(argv, failing):
    failing(errors.MontageError("no such site"))
    with pytest.raises(errors.MontageError):
        main(argv)


def test_file_system_errors_are_sentences(failing, capsys):
    failing(PermissionError(errno.EACCES, "Permission denied", "run.emgsmr"))
    assert main(["scan"]) == 5
    assert capsys.readouterr().err.startswith("Error: run.emgsmr: Permission denied; check the path")


def test_missing_package_names_its_extra(failing, capsys):
    failing(ModuleNotFoundError("No module named 'bumble.core'", name="bumble.core"))
    assert main(["scan"]) == 2
    assert "pip install 'emgsmr[virtual]'" in capsys.readouterr().err


@pytest.mark.parametrize(
    "fault", [ModuleNotFoundError("No module named 'typo'", name="typo"), TimeoutError(), ZeroDivisionError()]
)
def test_faults_of_the_program_are_not_hidden(fault, failing):
    failing(fault)
    with pytest.raises(type(fault)):
        main(["scan"])


def test_interruption_ends_with_130(failing, capsys):
    failing(KeyboardInterrupt())
    assert main(["scan"]) == 130
    assert "Stopped." in capsys.readouterr().err


def test_as_a_program_it_exits_with_the_code(failing, monkeypatch, capsys):
    failing(errors.SensorNotFoundError("no sensor; switch it on"))
    monkeypatch.setattr("sys.argv", ["emgsmr", "scan"])
    with pytest.raises(SystemExit) as exit_:
        main()
    assert exit_.value.code == 4
    assert "switch it on" in capsys.readouterr().err


def test_extras_of_missing_packages_exist():
    import tomllib

    pyproject = tomllib.loads((Path(__file__).parents[2] / "pyproject.toml").read_text("utf-8"))
    assert set(program.EXTRAS.values()) <= set(pyproject["project"]["optional-dependencies"])


def test_explain_keeps_the_sentence():
    assert explain(errors.NotEnoughDataError("3 strides; 20 are needed")) == ("3 strides; 20 are needed", 6)


def test_the_group_says_what_it_is():
    assert "not a medical device" in (cli.help or "")
