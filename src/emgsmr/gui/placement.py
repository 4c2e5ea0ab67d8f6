"""Where to place electrodes in words, and how to contract each muscle: the data of ``placement.toml``."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from functools import cache
from importlib import resources

from emgsmr.anatomy.muscle import GROUPS


@dataclass(frozen=True, slots=True)
class Guide:
    """How to find and to contract a muscle.

    Attributes
    ----------
    landmarks, cue : str
        For people; empty for a muscle that is not known.
    source : str
        Whose site it is.
    read : bool
        Whether that source itself was read; otherwise it is textbook knowledge.
    """

    landmarks: str = ""
    cue: str = ""
    source: str = ""
    read: bool = False


@cache
def guides() -> dict[str, Guide]:
    """All guides, by the muscle's code."""
    raw = resources.files("emgsmr.gui").joinpath("placement.toml").read_bytes()
    return {code: Guide(**table) for code, table in tomllib.loads(raw.decode("utf-8")).items()}


def guide(code: str) -> Guide:
    """Look a muscle up; of a group, its first.

    Examples
    --------
    >>> guide("GMAX").cue
    'Stand and squeeze the buttock hard, the leg pushed back.'
    >>> guide("HAM") == guide("BFLH")
    True
    """
    return guides().get(GROUPS.get(code, (code,))[0], Guide())
