"""Where to place electrodes in words, and how to contract each muscle."""

from __future__ import annotations

from dataclasses import dataclass

from emgsmr.anatomy import load_catalog
from emgsmr.anatomy.muscle import GROUPS


@dataclass(frozen=True, slots=True)
class Guide:
    """How to find and to contract a muscle; ``source`` is where the landmarks come from."""

    landmarks: str
    cue: str
    source: str


def guide(code: str) -> Guide:
    """Look a muscle up; of a group, its first muscle; empty for one that is not known.

    Examples
    --------
    >>> guide("GMAX").cue
    'lift the whole leg ...'
    """
    muscle = load_catalog().muscles.get(GROUPS.get(code, (code,))[0])
    if muscle is None:
        return Guide("", "", "")
    return Guide(muscle.electrode, muscle.test, ", ".join(muscle.placement_source))
