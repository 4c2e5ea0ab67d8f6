"""What a sensor's own sample counter is worth, and how one that wraps becomes an index that does not."""

from __future__ import annotations

from dataclasses import dataclass

from emgsmr.errors import ArgumentError

_TELLS_OLD = 64  # a counter of this range or more has room to tell an old packet from a lost one


@dataclass(frozen=True, slots=True)
class Numbering:
    """How a sensor numbers its samples.

    Attributes
    ----------
    rate_hz : float, Hz
        Nominal samples per second and channel.
    modulus : int, samples; None
        The counter wraps here; None for a sensor that does not count.
    restarts : bool
        Whether a (re)start of the stream sets the counter to 0.
    certain : bool
        Whether the counter is one that the sensor sends. False: it is a hint, what it shows is possible loss.
    rate_tolerance : float
        By which part the true rate may differ from the nominal one. It is learned within this tolerance: if
        that is too wide, a long gap in the first seconds may be counted wrong by a turn of a short counter;
        if too narrow, any may.
    late_packets : int
        Behind how many packets a late one may come; after a jump of the counter so many are waited for.
        0 = never wait.

    Examples
    --------
    >>> npg_lite = Numbering(500.0, 256, restarts=True)
    >>> npg_lite.turn_s, npg_lite.back
    (0.512, 64)
    """

    rate_hz: float
    modulus: int | None
    restarts: bool = False
    certain: bool = True
    rate_tolerance: float = 0.03
    late_packets: int = 3

    def __post_init__(self) -> None:
        if not self.rate_hz > 0 or not 0 <= self.rate_tolerance < 1:
            raise ArgumentError("a sensor's rate is positive, and its tolerance a part of it")
        if self.modulus is not None and self.modulus < 1:
            raise ArgumentError(f"a counter cannot wrap at {self.modulus}")

    @property
    def turn_s(self) -> float:
        """Time in which the counter goes round; infinite without one."""
        return float("inf") if self.modulus is None else self.modulus / self.rate_hz

    @property
    def back(self) -> int:
        """By how many samples an old packet is still known by its counter."""
        if self.modulus is None or self.modulus < _TELLS_OLD:
            return 0
        return min(self.modulus // 4, 1024)


def unwrap(counter: int, *, modulus: int, expected: int, back: int = 0) -> int:
    """Lowest index that a counter can stand for, from ``back`` samples before ``expected`` on.

    Parameters
    ----------
    counter : int
        As the sensor sent it (or shifted, if it did not start at 0), 0 to ``modulus - 1``.
    modulus : int, samples
        The counter's range; 256 for a byte.
    expected : int
        Index of the sample after the last one received: what comes if nothing is lost.
    back : int, samples
        How far an old packet may lie back, sent twice or out of order.

    Returns
    -------
    index : int
        If it is below ``expected``, the packet is an old one. If more than ``modulus - back`` samples were
        lost, the true index is a multiple of ``modulus`` higher: only a clock can tell.

    Raises
    ------
    ArgumentError
        If the counter is not in its range.

    Examples
    --------
    Nothing lost, six samples lost over the wrap, and a packet of ten that came twice:

    >>> unwrap(4, modulus=256, expected=260, back=64)
    260
    >>> unwrap(4, modulus=256, expected=254, back=64)
    260
    >>> unwrap(250, modulus=256, expected=260, back=64)
    250
    """
    if not 0 <= counter < modulus:
        raise ArgumentError(f"a counter of range {modulus} cannot be {counter}")
    lowest = expected - back
    return lowest + (counter - lowest) % modulus
