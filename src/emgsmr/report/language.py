"""What pages say, in several languages: one file of texts for each, all with the same keys.

A sentence that the analysis has said in English is recognized by its pattern and said again
(`Language.said`); one that is not known stays as it is.
"""

from __future__ import annotations

import math
import re
import tomllib
from collections.abc import Iterator, Mapping
from functools import cache
from importlib import resources
from typing import Any

from emgsmr.analysis.finding import muscle_name
from emgsmr.errors import ArgumentError

FOLDER = "texts"

_PLACES = {
    "look": "before and after|before|after",
    "n": r"\d+",
    "count": r"\d+ bouts?",
    "leg_title": "Left|Right|One",
    "pattern": "[^.0-9]+",
    "one_pair": r"P\d+",
    "other_pair": r"P\d+",
    "site": r"\w+_[LR]",
}
"""What can stand in some places of a pattern; in others, anything."""

_PART_END = re.compile("; ")
_SENTENCE_END = re.compile(r"(?<=\.) (?=[A-Z])")


class Language:
    r"""The texts of one language.

    Examples
    --------
    >>> english, german = load_language("en"), load_language("de")
    >>> english("side.L"), german("side.L"), german.muscle("HAM")
    ('left', 'links', 'Hamstrings')
    >>> german.number(12.5), english.percent(-3.2), german.percent(float("nan"))
    ('12,5', '−3\xa0%', '–')
    """

    def __init__(self, code: str, texts: Mapping[str, str], english: Mapping[str, str]) -> None:
        self.code = code
        self._texts = texts
        self._english = code == "en"
        self._patterns = [
            (_pattern(text), key) for key, text in english.items() if key.startswith(("said.", "muscle."))
        ]

    def __call__(self, key: str, **values: object) -> str:
        """The text of a key, with values in its places."""
        return self._texts[key].format(**values) if values else self._texts[key]

    def has(self, key: str) -> bool:
        """Whether there is such a text."""
        return key in self._texts

    def either(self, key: str, fallback: str) -> str:
        """The text of a key, or what stands in for it."""
        return self._texts.get(key, fallback)

    def muscle(self, code: str) -> str:
        """Name of a muscle or group; its Latin name where this language has no other."""
        return self.either(f"muscle.{code}", muscle_name(code))

    def site(self, site: str) -> str:
        """Name of a site, such as left gluteus maximus."""
        code, _, side = site.rpartition("_")
        return self("site", muscle=self.muscle(code), side=self.either(f"side.{side}", side))

    def pair(self, prime: str, compensator: str) -> str:
        """What a pair's ratio compares."""
        return self("pair", compensator=self.muscle(compensator), prime=self.muscle(prime))

    def number(self, value: float, form: str = "g") -> str:
        """A number with this language's decimal sign."""
        return f"{value:{form}}".replace("-", "−").replace(".", self("decimal"))

    def percent(self, value: float | None, *, signed: bool = True, digits: int = 0) -> str:
        """A percentage with a real minus sign; a dash where there is none."""
        if value is None or not math.isfinite(value):
            return "–"
        rounded = round(value, digits) + 0.0
        text = self.number(abs(rounded), f".{digits}f")
        sign = "−" if rounded < 0 else "+" if signed and rounded > 0 else ""
        return f"{sign}{text}\N{NO-BREAK SPACE}%"

    def said(self, sentence: str) -> str:
        """What the analysis said in English, in this language; unchanged where it is not known.

        Examples
        --------
        >>> load_language("de").said("only 2 bouts after can be used, 3 are needed")
        'nur 2 Durchgänge nachher können verwendet werden, 3 sind nötig'
        >>> load_language("de").said("something new")
        'something new'
        """
        if self._english:
            return sentence
        for pattern, key in self._patterns:
            if found := pattern.fullmatch(sentence):
                values = {name: self.said(value) for name, value in found.groupdict().items()}
                return self(key, **values) if values else self(key)
        for end, between in ((_SENTENCE_END, " "), (_PART_END, "; ")):
            parts = end.split(sentence)
            if len(parts) > 1:
                return between.join(map(self.said, parts))
        return sentence


def languages() -> tuple[str, ...]:
    """Codes of the languages that there are texts for.

    Examples
    --------
    >>> languages()
    ('de', 'en')
    """
    files = resources.files("emgsmr.report").joinpath(FOLDER).iterdir()
    return tuple(sorted(file.name.removesuffix(".toml") for file in files if file.name.endswith(".toml")))


@cache
def load_language(code: str = "en") -> Language:
    """The texts of a language.

    Raises
    ------
    ArgumentError
        There are no texts in it.
    """
    if code not in languages():
        raise ArgumentError(f"There is no language {code!r}; use {' or '.join(languages())}.")
    return Language(code, read_texts(code), read_texts("en"))


def read_texts(code: str) -> dict[str, str]:
    """All texts of a language by their keys, such as ``side.L``."""
    file = resources.files("emgsmr.report").joinpath(FOLDER, f"{code}.toml")
    return dict(_flat(tomllib.loads(file.read_text(encoding="utf-8")), ""))


def _flat(content: Mapping[str, Any], start: str) -> Iterator[tuple[str, str]]:
    for name, value in content.items():
        if isinstance(value, dict):
            yield from _flat(value, f"{start}{name}.")
        else:
            yield f"{start}{name}", " ".join(str(value).split())


def _pattern(text: str) -> re.Pattern[str]:
    """Matches the sentences that an English text makes, with its places as groups."""
    parts = re.split(r"\{(\w+)\}", text)
    wanted = [
        f"(?P<{part}>{_PLACES.get(part, '.+?')})" if k % 2 else re.escape(part)
        for k, part in enumerate(parts)
    ]
    return re.compile("".join(wanted), flags=re.DOTALL)
