"""What was seen of a sensor while it was tried out, and what is found about a rule."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import TypeAlias

Arrival: TypeAlias = tuple[float, str, bytes]
"""When a notification came (s on the host's clock), its characteristic, its payload."""


@dataclass(frozen=True, slots=True)
class Finding:
    """What was found about one rule.

    Attributes
    ----------
    rule : str
    passed : bool or None
        None where it could not be checked, or does not apply.
    seen : str
    advice : str
        What to do; empty where nothing is to be done.
    """

    rule: str
    passed: bool | None
    seen: str
    advice: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Trial:
    """What was seen of a sensor.

    Attributes
    ----------
    table : mapping of str to collection of str
        Characteristics (UUID) and their properties, in the words of the Bluetooth specification.
    stream : sequence of Arrival
        All notifications from the subscription (replies to commands, too: some decoders learn from them)
        to the moment when the stop was written.
    stopped_s : float, s; optional
        When the stop was written.
    after_stop : sequence of Arrival
        What came from then until the restart.
    restarted : sequence of Arrival
        What came after the stream was started again on the same connection.
    description : bytes, optional
        Of a sensor of the open profile, as read from its characteristic.
    mtu : int, bytes; optional
        None where the system does not tell (Linux).
    battery_pct : int, optional
        As read.
    """

    table: Mapping[str, Collection[str]]
    stream: Sequence[Arrival]
    stopped_s: float | None = None
    after_stop: Sequence[Arrival] = ()
    restarted: Sequence[Arrival] = ()
    description: bytes | None = None
    mtu: int | None = None
    battery_pct: int | None = None
