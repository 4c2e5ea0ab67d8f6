"""A compensation pair: a prime mover, and the muscle said to do its work."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from emgsmr.anatomy.sling import Source

PairStatus = Literal["on", "optional", "note", "described"]


@dataclass(frozen=True, slots=True)
class Pair:
    """One pair of the catalog.

    Attributes
    ----------
    id : str
        P1 to P9, or one of the user's own.
    prime, compensator : tuple of str
        Muscle codes; ``compensator`` is empty where it cannot be measured (P3, P6).
    prime_name, compensator_name : str
        What tables call them: GMAX, HAM, CALF, ...
    enabled : bool
        Whether it is computed and charted.
    status : {"on", "optional", "note", "described"}
        As shipped: on; optional; a note derived from ``derived_from``; described only.
    run_window : (float, float), % of the stride
        Where the two share their task in running; 0 = foot contact, negative = late swing before it.
    compensator_side : {"same", "opposite", "both"}
    level : str
        A trial; B some human EMG; C indirect; D doctrine.
    evidence, note, shared_task : str
    sources : tuple of Source
    """

    id: str
    prime: tuple[str, ...]
    compensator: tuple[str, ...]
    prime_name: str
    compensator_name: str
    enabled: bool
    status: PairStatus
    run_window: tuple[float, float]
    level: str
    evidence: str
    shared_task: str
    sources: tuple[Source, ...]
    note: str = ""
    compensator_side: Literal["same", "opposite", "both"] = "same"
    derived_from: str | None = None

    @property
    def measurable(self) -> bool:
        """Whether surface electrodes can measure both of its parts."""
        return bool(self.prime and self.compensator)
