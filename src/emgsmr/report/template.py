"""Fills a template of the page: everything that comes from a recording is escaped."""

from __future__ import annotations

import math
from importlib import resources
from pathlib import Path
from typing import Any

import jinja2
import pandas as pd
from markupsafe import Markup

from emgsmr.errors import RecordingError
from emgsmr.report import words
from emgsmr.report.language import Language


def filled(template: str, language: Language, /, **content: Any) -> str:
    """The page of a template, with the style sheet in it."""
    environment = jinja2.Environment(
        loader=jinja2.PackageLoader("emgsmr.report", "."),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters |= {
        "percent": language.percent,
        "clock": words.clock,
        "site_name": language.site,
        "known": _known,
    }
    style = resources.files("emgsmr.report").joinpath("page.css").read_text(encoding="utf-8")
    page = environment.get_template(template)
    return page.render(style=Markup(style), say=language, words=words, **content)


def _known(value: Any) -> bool:
    """Whether a field holds a value (templates: missing is None, NaN or NA)."""
    if isinstance(value, float):
        return math.isfinite(value)
    return value is not None and value is not pd.NA and value != ""


def write_file(path: Path, content: str | bytes) -> Path:
    """Write a page; replaced where it exists, as it can be made again.

    Raises
    ------
    RecordingError
        The file cannot be written.
    """
    raw = content.encode("utf-8") if isinstance(content, str) else content
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(raw)
    except OSError as error:
        raise RecordingError(
            f"{path} cannot be written ({error.strerror}); choose another with -o"
        ) from error
    return path
