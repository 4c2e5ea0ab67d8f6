"""What the documents say can be done, can be done: commands, options, links, code, decision records."""

from __future__ import annotations

import ast
import re
import shlex
from collections import Counter
from pathlib import Path

import click
import pytest

import emgsmr
from emgsmr.cli.main import VERBS, cli

ROOT = Path(__file__).parents[1]
DOCUMENTS = sorted(
    [*ROOT.glob("*.md"), *(path for path in ROOT.glob("*/**/*.md") if path.parts[-2] != ".git")]
)
DOCUMENTS = [
    path for path in DOCUMENTS if not any(part.startswith(".") for part in path.relative_to(ROOT).parts)
]
RECORDS = sorted((ROOT / "docs" / "decisions").glob("[0-9]*.md"))

FENCE = re.compile(r"^```(\w*)\n(.*?)^```", re.MULTILINE | re.DOTALL)
INLINE = re.compile(r"(?<!`)`([^`\n]+)`(?!`)")
LINK = re.compile(r"\]\(([^)\s]+)\)")


def name_of(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


def shell_lines(text: str) -> list[str]:
    """Commands in the text's code blocks, continued lines joined, prompts and comments taken off."""
    lines = []
    for language, block in FENCE.findall(text):
        if language in {"", "sh", "bash", "console", "shell"}:
            for line in block.replace("\\\n", " ").splitlines():
                lines.append(line.removeprefix("$ ").split(" #")[0].strip())
    return [line for line in lines if line]


def commands(text: str) -> list[list[str]]:
    """Every ``emgsmr ...`` in code blocks and code spans, as arguments after the program's name."""
    spans = INLINE.findall(FENCE.sub("", text))
    found = []
    for line in [*shell_lines(text), *spans]:
        match = re.match(r"(?:\.venv/bin/)?emgsmr +(.+)", line)
        if match:
            found.append(shlex.split(match[1]))
    return found


def check_options(verb: str, arguments: list[str]) -> None:
    """Parse the arguments as the verb would, without converting file names (the files are examples)."""
    command = cli.get_command(click.Context(cli), verb)
    assert command is not None
    context = click.Context(command, info_name=verb)
    parser = command.make_parser(context)
    options, _rest, _order = parser.parse_args(arguments)
    for parameter in command.params:
        value = options.get(parameter.name or "")
        if isinstance(parameter.type, click.Choice) and isinstance(value, str):
            parameter.type.convert(value, parameter, context)


@pytest.mark.parametrize("path", DOCUMENTS, ids=name_of)
def test_commands_exist(path):
    for arguments in commands(path.read_text("utf-8")):
        verb = arguments[0]
        if verb.startswith("-"):
            assert verb in {"--help", "--version", "--debug", "-h"}
        elif verb.isupper():
            continue  # `emgsmr VERB --help`: any verb
        else:
            assert verb in VERBS, f"emgsmr {verb}"


@pytest.mark.parametrize("path", DOCUMENTS, ids=name_of)
def test_options_exist(path):
    for arguments in commands(path.read_text("utf-8")):
        if arguments[0] in VERBS and "..." not in arguments and "…" not in arguments:
            check_options(arguments[0], arguments[1:])


def test_an_unknown_option_would_be_noticed():
    with pytest.raises(click.UsageError):
        check_options("scan", ["--no-such-option"])


@pytest.mark.parametrize("path", DOCUMENTS, ids=name_of)
def test_make_targets_exist(path):
    targets = set(re.findall(r"^([a-z][\w-]*):", (ROOT / "Makefile").read_text("utf-8"), re.MULTILINE))
    text = path.read_text("utf-8")
    for line in [*shell_lines(text), *INLINE.findall(FENCE.sub("", text))]:
        if re.match(r"make( |$)", line):
            names = [word for word in shlex.split(line)[1:] if "=" not in word]
            assert set(names) <= targets, line


@pytest.mark.parametrize("path", DOCUMENTS, ids=name_of)
def test_links_lead_somewhere(path):
    for target in LINK.findall(FENCE.sub("", path.read_text("utf-8"))):
        if re.match(r"[a-z]+:", target):
            continue  # the web is not asked in tests
        file = target.partition("#")[0]
        assert not file or (path.parent / file).exists(), target


@pytest.mark.parametrize("path", DOCUMENTS, ids=name_of)
def test_python_examples_use_what_is_public(path):
    for language, block in FENCE.findall(path.read_text("utf-8")):
        if language != "python":
            continue
        tree = compile(block, name_of(path), "exec", ast.PyCF_ONLY_AST | ast.PyCF_ALLOW_TOP_LEVEL_AWAIT)
        for node in ast.walk(tree):
            if (
                isinstance(node, ast.Attribute)
                and isinstance(node.value, ast.Name)
                and node.value.id == "emgsmr"
            ):
                assert node.attr in emgsmr.__all__, f"emgsmr.{node.attr}"


def test_readme_names_every_verb():
    named = {arguments[0] for arguments in commands((ROOT / "README.md").read_text("utf-8"))}
    assert set(VERBS) <= named


def test_decision_records_are_numbered_once():
    numbers = Counter(path.name[:4] for path in RECORDS)
    assert [number for number, times in numbers.items() if times > 1] == []
    assert all(re.fullmatch(r"\d{4}-[a-z0-9-]+\.md", path.name) for path in RECORDS)


@pytest.mark.parametrize("path", RECORDS, ids=name_of)
def test_a_decision_record_has_its_number_as_title_and_is_listed(path):
    assert re.match(rf"# {path.name[:4]}\W", path.read_text("utf-8"))
    assert path.name in (path.parent / "README.md").read_text("utf-8")


def test_the_changelog_knows_this_version():
    import tomllib

    version = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]["version"]
    changelog = (ROOT / "CHANGELOG.md").read_text("utf-8")
    assert "## [Unreleased]" in changelog or f"## [{version}]" in changelog
    assert version in changelog


def test_the_page_on_sensors_has_every_kind():
    from emgsmr.sensors import DEVICES

    text = (ROOT / "docs" / "sensors.md").read_text("utf-8")
    assert [key for key in DEVICES if f"| `{key}` " not in text] == []
    assert "No hardware was available" in text
