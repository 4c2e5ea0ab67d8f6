"""House rules that a machine can hold: sizes, names, docstrings, and nothing about one particular machine.

Which room may import which is import-linter's (pyproject.toml; ``make check``).
"""

from __future__ import annotations

import ast
import importlib
import re
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
PACKAGE = ROOT / "src" / "emgsmr"
MODULES = sorted(PACKAGE.rglob("*.py"))
ROOMS = sorted(path.parent.name for path in PACKAGE.glob("*/__init__.py"))

MODULE_LINES = 300
TEST_LINES = 500
FUNCTION_LINES = 50  # without the docstring

# What may be longer, and why. A row that is no longer needed fails: this list only shrinks.
LONG_FILES: dict[str, str] = {}
LONG_FUNCTIONS: dict[str, str] = {}

FORBIDDEN_NAMES = {"utils", "util", "helpers", "helper", "common", "misc", "manager", "core", "base", "tools"}


def name_of(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


def parse(path: Path) -> ast.Module:
    return ast.parse(path.read_text("utf-8"), filename=str(path))


def functions(path: Path) -> Iterator[tuple[str, ast.FunctionDef | ast.AsyncFunctionDef]]:
    for node in ast.walk(parse(path)):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            yield f"{name_of(path)}::{node.name}", node


def length(node: ast.FunctionDef | ast.AsyncFunctionDef) -> int:
    """Lines from ``def`` to the end, less the docstring."""
    lines = (node.end_lineno or node.lineno) - node.lineno + 1
    if ast.get_docstring(node) is not None:
        docstring = node.body[0]
        lines -= (docstring.end_lineno or docstring.lineno) - docstring.lineno + 1
    return lines


def project_files() -> list[Path]:
    """What is (or is about to be) in the repository."""
    listed = subprocess.run(
        ["git", "ls-files", "--cached", "--others", "--exclude-standard", "-z"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    if listed.returncode:
        return sorted(path for path in ROOT.rglob("*") if path.is_file() and ".venv" not in str(path))
    return sorted({path for name in listed.stdout.split("\0") if name and (path := ROOT / name).is_file()})


@pytest.mark.parametrize("path", MODULES + sorted((ROOT / "tests").rglob("*.py")), ids=name_of)
def test_files_are_short(path):
    budget = MODULE_LINES if path.is_relative_to(PACKAGE) else TEST_LINES
    lines = len(path.read_text("utf-8").splitlines())
    if name_of(path) in LONG_FILES:
        assert lines > budget, f"{name_of(path)} is short again: take it off the list"
    else:
        assert lines <= budget


@pytest.mark.parametrize("path", MODULES, ids=name_of)
def test_functions_are_short(path):
    long = {name: length(node) for name, node in functions(path) if length(node) > FUNCTION_LINES}
    assert {name: lines for name, lines in long.items() if name not in LONG_FUNCTIONS} == {}


def test_every_exception_is_needed():
    long = {name for path in MODULES for name, node in functions(path) if length(node) > FUNCTION_LINES}
    assert set(LONG_FUNCTIONS) <= long
    assert all((ROOT / name).is_file() for name in LONG_FILES)


@pytest.mark.parametrize("path", MODULES, ids=name_of)
def test_a_module_is_named_after_what_it_does(path):
    assert path.stem.strip("_") not in FORBIDDEN_NAMES
    assert path.parent.name not in FORBIDDEN_NAMES


@pytest.mark.parametrize("path", MODULES, ids=name_of)
def test_every_module_says_what_it_is(path):
    empty = path.parent == PACKAGE / "cli" and path.name == "__init__.py"
    assert empty or ast.get_docstring(parse(path))


@pytest.mark.parametrize("room", ROOMS)
def test_public_names_exist_and_are_documented(room):
    module = importlib.import_module(f"emgsmr.{room}")
    for name in getattr(module, "__all__", ()):
        item = getattr(module, name)
        if callable(item) and getattr(item, "__module__", "").startswith("emgsmr"):
            assert (item.__doc__ or "").strip(), f"emgsmr.{room}.{name} has no docstring"
            assert not (item.__doc__ or "").startswith(f"{name}("), f"emgsmr.{room}.{name}: dataclass default"


@pytest.mark.parametrize("path", [p for p in MODULES if p.parent.name != "cli"], ids=name_of)
def test_only_the_command_line_prints(path):
    calls = [node for node in ast.walk(parse(path)) if isinstance(node, ast.Call)]
    assert not [node.lineno for node in calls if isinstance(node.func, ast.Name) and node.func.id == "print"]


def test_nothing_depends_on_one_machine():
    """No file names a folder of some computer, nor one outside the repository (but the CI's own script)."""
    machine_path = re.compile(r"(?<![\w.~}/-])/(?:work|home|root|tmp|opt|mnt|Users)/\w|\.\./shared")
    own = {name_of(Path(__file__)), ".ci/run"}
    found = []
    for path in project_files():
        if name_of(path) in own:
            continue
        try:
            text = path.read_text("utf-8")
        except UnicodeDecodeError:
            continue  # a picture or a recording
        found += [f"{name_of(path)}: {match.group()}" for match in machine_path.finditer(text)]
    assert found == []


def test_no_large_or_generated_file_is_kept():
    large = [name_of(path) for path in project_files() if path.stat().st_size > 1_000_000]
    generated = [name_of(path) for path in project_files() if path.suffix in {".emgsmr", ".pyc", ".log"}]
    assert large == []
    assert generated == []
