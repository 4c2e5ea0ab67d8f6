"""What a guide says in each language where a protocol has no words of its own."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from functools import cache
from importlib import resources


def guide_languages() -> tuple[str, ...]:
    """Codes of the languages that there are words for.

    Examples
    --------
    >>> guide_languages()
    ('de', 'en')
    """
    files = resources.files("emgsmr.analysis.protocols").joinpath("texts").iterdir()
    return tuple(sorted(file.name.removesuffix(".toml") for file in files if file.name.endswith(".toml")))


def guide_words(lang: str = "en") -> dict[str, str]:
    """Words by their keys, such as ``cue.rest``; English ones where there are none in a language.

    Examples
    --------
    >>> guide_words("de")["title.rest"], guide_words("fr")["title.rest"]
    ('Pause', 'Rest')
    """
    return dict(_words(lang if lang in guide_languages() else "en"))


@cache
def _words(code: str) -> Mapping[str, str]:
    file = resources.files("emgsmr.analysis.protocols").joinpath("texts", f"{code}.toml")
    content = tomllib.loads(file.read_text(encoding="utf-8"))
    return {f"{part}.{key}": text for part, texts in content.items() for key, text in texts.items()}
