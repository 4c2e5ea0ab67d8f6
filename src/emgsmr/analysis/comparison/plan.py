"""What is declared before the second look: which bouts, which pairs count, and what is asked of them."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any, Literal, get_args

from emgsmr.errors import SettingsError

Electrodes = Literal["kept", "replaced"]


@dataclass(frozen=True, slots=True)
class ComparisonPlan:
    """How before and after are compared.

    Attributes
    ----------
    before, after : tuple of str
        Labels of the phases that are bouts. Empty = A1 and A2, else before; B, else after. Two labels before
        are two untreated sets: they tell the person's own error.
    primary : tuple of str
        Pairs that count, on both legs; their p-values are corrected together (Holm). Other pairs that are
        watched are exploratory.
    margin_pct : float, optional, %
        A change of the ratio within this margin would not matter: test for equivalence.
    treated : {"L", "R"}, optional
        The other leg is the control.
    electrodes : {"kept", "replaced"}, optional
        Whether they stayed on between two recordings. None = kept if the same sensors were on the same
        muscles within `SAME_SESSION_H` hours.
    exercise : str, optional
        Only bouts of this exercise, where several were done.
    paired : bool
        Each bout after belongs to the one of the same number before (the same speed or load).
    sides_checked : bool
        Somebody made sure that left and right were not exchanged.

    Examples
    --------
    >>> ComparisonPlan(margin_pct=-5)
    Traceback (most recent call last):
    emgsmr.errors.SettingsError: The margin of equivalence must lie between 0 and 100 %, not -5.
    """

    before: tuple[str, ...] = ()
    after: tuple[str, ...] = ()
    primary: tuple[str, ...] = ("P1", "P2")
    margin_pct: float | None = None
    treated: Literal["L", "R"] | None = None
    electrodes: Electrodes | None = None
    exercise: str | None = None
    paired: bool = False
    sides_checked: bool = False

    def __post_init__(self) -> None:
        if self.margin_pct is not None and not 0.0 < self.margin_pct < 100.0:
            raise SettingsError(
                f"The margin of equivalence must lie between 0 and 100 %, not {self.margin_pct:g}."
            )
        if self.treated not in (None, "L", "R"):
            raise SettingsError(f"The treated leg is L or R, not {self.treated!r}.")
        if self.electrodes not in (None, *get_args(Electrodes)):
            raise SettingsError(f"Electrodes were kept or replaced, not {self.electrodes!r}.")
        if not self.primary:
            raise SettingsError("At least one pair must be primary, such as P1.")

    def as_dict(self) -> dict[str, Any]:
        """For ``session.json``."""
        return asdict(self)


SAME_SESSION_H = 4.0
"""Recordings further apart than this are two sessions, if nobody says otherwise: nobody runs in between with
electrodes on."""
