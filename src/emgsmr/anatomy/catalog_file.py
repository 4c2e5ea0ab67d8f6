"""Reading a catalog's TOML: records checked key by key, and merged."""

from __future__ import annotations

import difflib
import tomllib
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, NamedTuple

from emgsmr.errors import SettingsError

MAX_BYTES = 1_000_000
Record = dict[str, Any]


@dataclass(slots=True)
class Records:
    """Checked records, by kind and by code, id or key; ``where`` is the file that last changed a record."""

    muscle: dict[str, Record] = field(default_factory=dict)
    sling: dict[str, Record] = field(default_factory=dict)
    pair: dict[str, Record] = field(default_factory=dict)
    merge: dict[str, Record] = field(default_factory=dict)
    source: dict[str, Record] = field(default_factory=dict)
    count_as: str | None = None


class _Kind(NamedTuple):
    says: str
    fits: Callable[[Any], bool]


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and -1000 < value < 1000


_TEXT = _Kind("text in quotes", lambda value: isinstance(value, str))
_TEXTS = _Kind(
    "a list of texts", lambda value: isinstance(value, list) and all(isinstance(item, str) for item in value)
)
_FLAG = _Kind("true or false", lambda value: isinstance(value, bool))
_PCT = _Kind("a number in %", _is_number)
_WINDOW = _Kind(
    "two numbers in %, start before stop",
    lambda value: (
        isinstance(value, list) and len(value) == 2 and all(map(_is_number, value)) and value[0] < value[1]
    ),
)
_TABLES = _Kind(
    "a list of tables",
    lambda value: isinstance(value, list) and all(isinstance(item, dict) for item in value),
)


def _one_of(*words: str) -> _Kind:
    return _Kind("one of " + ", ".join(words), lambda value: value in words)


COUNT_RULES = ("arms_paired", "functional_once", "atomic")
_MEMBER = {
    "name": _TEXT,
    "site": _TEXT,
    "depth": _one_of("superficial", "partly", "deep"),
    "side": _one_of("same", "opposite"),
    "muscle": _FLAG,
    "optional": _FLAG,
    "uncertain": _FLAG,
}
_SOURCE = {"citation": _TEXT, "read": _one_of("text", "part")}
_KEYS: dict[str, dict[str, _Kind]] = {
    "muscle": {
        "code": _TEXT,
        "name": _TEXT,
        "semg": _one_of("yes", "partly"),
        "limit": _TEXT,
        "group": _TEXT,
        "center_run_pct": _PCT,
        "center_walk_pct": _PCT,
        "walk_window_pct": _WINDOW,
        "posture": _TEXT,
        "electrode": _TEXT,
        "direction": _TEXT,
        "test": _TEXT,
        "limit_source": _TEXTS,
        "timing_source": _TEXTS,
        "placement_source": _TEXTS,
    },
    "sling": {
        "id": _TEXT,
        "name": _TEXT,
        "system": _TEXT,
        "members": _TABLES,
        "evidence": _TEXT,
        "tendency": _TEXT,
        "tendency_uncertain": _FLAG,
        "pairs": _TEXTS,
        "sources": _TEXTS,
    },
    "pair": {
        "id": _TEXT,
        "prime": _TEXTS,
        "compensator": _TEXTS,
        "prime_name": _TEXT,
        "compensator_name": _TEXT,
        "compensator_side": _one_of("same", "opposite", "both"),
        "status": _one_of("on", "optional", "note", "described"),
        "enabled": _FLAG,
        "derived_from": _TEXT,
        "shared_task": _TEXT,
        "run_window_pct": _WINDOW,
        "level": _TEXT,
        "evidence": _TEXT,
        "note": _TEXT,
        "sources": _TEXTS,
    },
    "merge": {"rule": _one_of(*COUNT_RULES[:2]), "id": _TEXT, "name": _TEXT, "lines": _TEXTS},
}


def read(path: Path) -> Records:
    """Read one file; raises SettingsError that says where something does not fit."""
    try:
        with path.open("rb") as file:
            raw = file.read(MAX_BYTES + 1)
        if len(raw) > MAX_BYTES:
            raise SettingsError(f"{path} is larger than a catalog can be (1 MB)")
        content = tomllib.loads(raw.decode("utf-8"))
    except OSError as error:
        raise SettingsError(f"{path} cannot be read: {error.strerror or error}") from error
    except UnicodeDecodeError as error:
        raise SettingsError(f"{path} is not UTF-8 text: save it as UTF-8") from error
    except (tomllib.TOMLDecodeError, RecursionError) as error:
        raise SettingsError(f"{path} is not TOML: {error}") from error
    records = Records()
    for key, value in content.items():
        if key == "source":
            _read_sources(records, value, path)
        elif key == "count_as":
            if value not in COUNT_RULES:
                raise SettingsError(f"{path}: count_as must be one of {', '.join(COUNT_RULES)}")
            records.count_as = value
        elif key in _KEYS:
            _read_tables(records, key, value, path)
        else:
            raise SettingsError(f"{path}: {_unknown(key, [*_KEYS, 'source', 'count_as'])}")
    return records


def _read_sources(records: Records, value: Any, path: Path) -> None:
    if not isinstance(value, dict) or not all(isinstance(item, dict) for item in value.values()):
        raise SettingsError(f"{path}: [source] holds lines such as  mills = {{ citation = '...' }}")
    for key, record in value.items():
        check(record, _SOURCE, f"{path}, source {key}")
        records.source[key] = {**record, "where": f"{path}, source {key}"}


def _read_tables(records: Records, kind: str, value: Any, path: Path) -> None:
    if not _TABLES.fits(value):
        raise SettingsError(f"{path}: write [[{kind}]], with two brackets, before each {kind}")
    by_id: dict[str, Record] = getattr(records, kind)
    name = "code" if kind == "muscle" else "id"
    for number, record in enumerate(value, start=1):
        identity = record.get(name)
        if not isinstance(identity, str) or not identity:
            raise SettingsError(f"{path}: [[{kind}]] number {number} needs {name} = '...'")
        where = f"{path}, {kind} {identity}"
        if identity in by_id:
            raise SettingsError(f"{where}: given twice")
        check(record, _KEYS[kind], where)
        for member in record.get("members", []):
            check(member, _MEMBER, f"{where}, member {member.get('name', '?')}")
        by_id[identity] = {**record, "where": where}


def check(record: Record, keys: dict[str, _Kind], where: str) -> None:
    """Refuse keys that are not known and values of another kind."""
    for key, value in record.items():
        if key not in keys:
            raise SettingsError(f"{where}: {_unknown(key, keys)}")
        if not keys[key].fits(value):
            raise SettingsError(f"{where}: {key} must be {keys[key].says}, not {str(value)[:60]!r}")


def _unknown(key: str, known: Iterable[str]) -> str:
    near = difflib.get_close_matches(key, list(known), n=1)
    return f"unknown key {key!r}; " + (
        f"did you mean {near[0]!r}?" if near else f"known are {', '.join(known)}"
    )


def merge(parts: Iterable[Records]) -> Records:
    """Let later records change the keys that they give in earlier ones of the same id; add the others."""
    result = Records()
    for part in parts:
        for kind in ("muscle", "sling", "pair", "merge", "source"):
            old: dict[str, Record] = getattr(result, kind)
            for identity, record in getattr(part, kind).items():
                old[identity] = {**old.get(identity, {}), **record}
        result.count_as = part.count_as or result.count_as
    return result
