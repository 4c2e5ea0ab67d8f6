"""A muscle that a surface electrode can pick up, and the groups that muscles form."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

GROUPS: dict[str, tuple[str, ...]] = {"HAM": ("BFLH", "ST"), "CALF": ("MGAS", "LGAS")}
"""Groups and their muscles: the geometric mean of those measured on a side (the soleus stands apart)."""


@dataclass(frozen=True, slots=True)
class Muscle:
    """One muscle of the catalog.

    Attributes
    ----------
    code, name : str
        ``GMAX``, gluteus maximus.
    semg : {"yes", "partly"}
        Whether a bipolar surface electrode measures it; "partly" = with cross-talk or depth caveats.
    limit : str
        What disturbs it, in plain words.
    group : str, optional
        Key of `GROUPS`.
    center_run_pct, center_walk_pct : float, % of the stride, optional
        Circular center of the main burst; 0 = foot contact of the same leg.
    walk_window : (float, float), % of the stride, optional
        Start and stop of the main burst in walking; a negative start = late swing before the contact.
    posture, electrode, direction, test : str
        Where the electrode pair goes, and the contraction that shows it is right; empty where not known.
    limit_source, timing_source, placement_source : tuple of str
        Keys of the catalog's ``sources``; ``knowledge`` = textbook, not re-checked here.
    """

    code: str
    name: str
    semg: Literal["yes", "partly"] = "yes"
    limit: str = ""
    group: str | None = None
    center_run_pct: float | None = None
    center_walk_pct: float | None = None
    walk_window: tuple[float, float] | None = None
    posture: str = ""
    electrode: str = ""
    direction: str = ""
    test: str = ""
    limit_source: tuple[str, ...] = ()
    timing_source: tuple[str, ...] = ()
    placement_source: tuple[str, ...] = ()
