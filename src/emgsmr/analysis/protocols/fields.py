"""Reads the fields of a protocol's file, and refuses what is wrong with it in one sentence."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from string import Formatter
from typing import Any, NamedTuple

from emgsmr.errors import SettingsError

CUES = ("prepare", "quiet", "warm_up", "ready", "bout", "rest", "end")
"""What can be said; a cue may name ``{side}``, ``{number}`` and ``{total}``."""

SIDES = ("L", "R", "both")

_LANGUAGE = re.compile("[a-z]{2}")


class Translation(NamedTuple):
    """A protocol's words in another language; what is not there stays as it is."""

    title: str | None
    cues: Mapping[str, str]
    sides: Mapping[str, str]


def _can_be_filled(words: str) -> bool:
    """Whether braces hold nothing but what a cue may name."""
    try:
        parts = list(Formatter().parse(words))
    except ValueError:
        return False
    return all(
        name is None or (name in ("side", "number", "total") and not spec and conversion is None)
        for _, name, spec, conversion in parts
    )


class ProtocolFields:
    """Reads fields of a protocol's file, and refuses what is wrong with it in one sentence."""

    def __init__(
        self,
        content: Mapping[str, Any],
        source: str,
        *,
        known: Sequence[str] = ("bout_s", "repetitions", "repetition_s"),
    ) -> None:
        self._content = content
        self._source = source
        self._known = set(known)

    def text(self, key: str, default: str | None) -> str | None:
        """Words, or what stands in for them."""
        value = self._get(key, default)
        if value is not None and (not isinstance(value, str) or not value.strip()):
            raise SettingsError(f"{self._source}: {key} is {value!r}: write words between quotation marks.")
        return value

    def whole(self, key: str, least: int, most: int) -> int:
        """A whole number within limits."""
        value = self._get(key, None)
        if isinstance(value, bool) or not isinstance(value, int):
            raise SettingsError(f"{self._source}: {key} is {value!r}: write a whole number.")
        self._within(key, value, least, most)
        return value

    def number(self, key: str, default: float | None, least: float, most: float) -> float:
        """A number of seconds within limits."""
        value = self._get(key, default)
        if isinstance(value, bool) or not isinstance(value, int | float):
            raise SettingsError(f"{self._source}: {key} is {value!r}: write a number of seconds.")
        self._within(key, value, least, most)
        return float(value)

    def names(self, key: str, default: tuple[str, ...]) -> tuple[str, ...]:
        """A list of names."""
        value = self._get(key, list(default))
        if not isinstance(value, list) or not value or not all(isinstance(name, str) for name in value):
            raise SettingsError(f'{self._source}: {key} is {value!r}: write a list such as ["P1", "P2"].')
        return tuple(value)

    def texts(self, table: str, keys: Sequence[str]) -> dict[str, str]:
        """A table of words with some keys: cues, or names of sides."""
        value = self._get(table, {})
        if not isinstance(value, dict):
            raise SettingsError(f"{self._source}: {table} is {value!r}: write a table [{table}].")
        what = "cue" if table == "cues" else "side"
        for key, words in value.items():
            if key not in keys:
                raise SettingsError(f"{self._source}: no {what} is called {key!r}: use {', '.join(keys)}.")
            if not isinstance(words, str):
                raise SettingsError(f"{self._source}: the {what} {key} is {words!r}: write words.")
            if not _can_be_filled(words):
                raise SettingsError(
                    f"{self._source}: between braces the {what} {key} can name {{side}}, {{number}} and "
                    "{total} only."
                )
        return dict(value)

    def languages(self) -> dict[str, Translation]:
        """Tables named by a language's code, such as [de] with [de.cues]."""
        found = {}
        for code in filter(_LANGUAGE.fullmatch, self._content):
            content = self._get(code, {})
            if not isinstance(content, dict):
                raise SettingsError(f"{self._source}: {code} is {content!r}: write a table [{code}].")
            own = ProtocolFields(content, f"{self._source}: [{code}]", known=())
            found[code] = Translation(
                own.text("title", None), own.texts("cues", CUES), own.texts("sides", SIDES)
            )
            own.check_all_known()
        return found

    def check_all_known(self) -> None:
        """Refuse fields that nobody has asked for."""
        unknown = sorted(set(self._content) - self._known)
        if unknown:
            raise SettingsError(
                f"{self._source}: {unknown[0]} is unknown: use {', '.join(sorted(self._known))}."
            )

    def _get(self, key: str, default: Any) -> Any:
        self._known.add(key)
        return self._content.get(key, default)

    def _within(self, key: str, value: float, least: float, most: float) -> None:
        if not least <= value <= most:
            raise SettingsError(
                f"{self._source}: {key} must lie between {least:g} and {most:g}, not {value:g}."
            )
