"""From a sensor's own sample counter, which wraps, to an index that does not.

What a caller keeps between packets is one number, ``expected``: the index after the last sample it accepted.
A counter that starts somewhere, or starts again, is shifted by the caller (``(counter + shift) % modulus``).
"""

from __future__ import annotations

from emgsmr.errors import ArgumentError


def unwrap(counter: int, *, modulus: int, expected: int, elapsed_samples: float | None = None) -> int:
    """Absolute index of a packet's first sample.

    Of all indices that this counter could stand for (they lie ``modulus`` apart), the one that fits best:
    within ``modulus // 8`` (at most 1024) samples before ``expected``, or after it. With ``elapsed_samples``,
    the one closest to ``expected + elapsed_samples``.

    Parameters
    ----------
    counter : int
        As the sensor sent it, 0 to ``modulus - 1``.
    modulus : int, samples
        The counter's range; 256 for a byte.
    expected : int
        Index of the sample after the last one received: what comes if nothing is lost.
    elapsed_samples : float, samples, optional
        How many samples must be missing before this packet by the host's clock (0 = none). Resolves losses
        longer than the counter's range, if right to within half of it. Leave it out while packets only come
        late: a radio stall delays packets by seconds and loses none, which one arrival time cannot tell from
        a loss.

    Returns
    -------
    index : int
        ``index - expected`` samples are missing before this packet. An index *below* ``expected`` is an old
        packet, sent twice or out of order: drop its samples up to ``expected``.

    Raises
    ------
    ArgumentError
        If the counter is not in its range.

    Examples
    --------
    Nothing lost, six samples lost over the wrap, and a packet of ten that came twice:

    >>> unwrap(4, modulus=256, expected=260)
    260
    >>> unwrap(4, modulus=256, expected=254)
    260
    >>> unwrap(250, modulus=256, expected=260)
    250

    256 lost samples look like none, unless the clock says otherwise:

    >>> unwrap(4, modulus=256, expected=260, elapsed_samples=249.0)
    516
    """
    if not 0 <= counter < modulus:
        raise ArgumentError(f"a counter of range {modulus} cannot be {counter}")
    if elapsed_samples is None:
        lowest = expected - min(modulus // 8, 1024)
    else:
        lowest = expected + round(elapsed_samples) - modulus // 2
    return lowest + (counter - lowest) % modulus
