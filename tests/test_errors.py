"""The tree drawn at the top of errors.py is the tree of the classes, with their exit codes."""

from __future__ import annotations

import inspect
import re

import pytest

from emgsmr import errors

LINE = re.compile(
    r"^(?P<stem>[│├└─ ]*)(?P<name>[A-Z]\w+Error)(?: \((?P<other>\w+)\))? +(?P<code>\d|exit code)"
)
CLASSES = {name: item for name, item in vars(errors).items() if inspect.isclass(item)}


def drawn_tree() -> dict[str, tuple[str | None, str | None, int]]:
    """Class name: the parent it hangs on, the built-in in parentheses, the exit code."""
    tree: dict[str, tuple[str | None, str | None, int]] = {}
    path: list[str] = []
    for line in inspect.cleandoc(errors.__doc__ or "").splitlines():
        found = LINE.match(line.removeprefix("    "))
        if not found:
            continue
        depth = len(found["stem"]) // 4
        path[depth:] = [found["name"]]
        code = 1 if found["code"] == "exit code" else int(found["code"])
        tree[found["name"]] = (path[depth - 1] if depth else None, found["other"], code)
    return tree


def class_tree() -> dict[str, tuple[str | None, str | None, int]]:
    tree = {}
    for name, item in CLASSES.items():
        own = [base.__name__ for base in item.__bases__ if base.__name__ in CLASSES]
        other = [base.__name__ for base in item.__bases__ if base.__name__ not in CLASSES]
        if item is errors.EmgsmrError:
            tree[name] = (None, None, item.exit_code)
        else:
            tree[name] = (own[0], other[0] if other else None, item.exit_code)
    return tree


def test_the_drawn_tree_is_the_class_tree():
    assert drawn_tree() == class_tree()


def test_every_class_is_public():
    assert set(errors.__all__) == set(CLASSES)


@pytest.mark.parametrize("name", sorted(CLASSES))
def test_every_class_says_when_it_is_raised(name):
    assert CLASSES[name].__doc__
    assert name.endswith("Error")
    assert 1 <= CLASSES[name].exit_code <= 6
