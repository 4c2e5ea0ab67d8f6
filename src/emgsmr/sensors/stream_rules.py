"""The rules that every EMG stream should keep: complete, in order, at its rate, in time."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np

from emgsmr.errors import PacketError
from emgsmr.sensors.conversation import Counts, Decoder, Packet
from emgsmr.sensors.counter import Numbering, unwrap
from emgsmr.sensors.family import Family
from emgsmr.sensors.trial import Arrival, Finding, Trial

RATE_TOLERANCE = 0.05
LOSS_TOLERANCE = 0.01
LATE_S, PAUSE_S = 0.1, 0.25
STOP_S = 0.5
RESTART_S = 0.5
LOAD_PER_S = 100.0
_BUNCHED_S = 0.2  # how late a packet may come: no clock for a counter that goes round in less
_MIN_SECONDS = 3.0
_ATT_BYTES = 3  # of the MTU, before the payload


@dataclass(slots=True)
class _Seen:
    """A stream, decoded: first and last index of each packet, when it came, what was lost or refused."""

    firsts: list[int] = field(default_factory=list)
    ends: list[int] = field(default_factory=list)
    arrivals_s: list[float] = field(default_factory=list)
    counts: list[Counts] = field(default_factory=list)
    gaps: list[int] = field(default_factory=list)
    repeated: int = 0
    refused: list[str] = field(default_factory=list)

    @property
    def seconds(self) -> float:
        return self.arrivals_s[-1] - self.arrivals_s[0] if self.arrivals_s else 0.0


def check_stream(
    family: Family, decoder: Decoder, trial: Trial, *, rate_hz: float, rails: tuple[int, int]
) -> list[Finding]:
    """Judge what a sensor sent.

    Parameters
    ----------
    family : Family
    decoder : Decoder
        Whose dialog is over; it is fed here.
    trial : Trial
    rate_hz : float
        Declared, by the unit or its family.
    rails : tuple of int
        Likewise.
    """
    seen = _decode(family, decoder, trial.stream, rate_hz)
    findings = [_packets(seen, trial), _size(trial)]
    if seen.seconds < _MIN_SECONDS:
        short = f"EMG came for {seen.seconds:.1f} s only: too short to judge"
        advice = "does it send after the start, and does the link hold?"
        findings.append(Finding("rate", passed=False, seen=short, advice=advice))
    else:
        findings += _timing(seen, rate_hz)
        findings += [_loss(family, seen), _order(family, seen), _rails(seen, rails), _life(seen)]
    findings.append(_stop(trial, _decode(family, decoder, trial.after_stop, rate_hz)))
    findings.append(_restart(family, seen, _decode(family, decoder, trial.restarted, rate_hz), rate_hz))
    return findings


def _decode(family: Family, decoder: Decoder, stream: Sequence[Arrival], rate_hz: float) -> _Seen:
    seen, modulus = _Seen(), family.counter_modulus
    for arrival_s, uuid, payload in stream:
        try:
            packets = [item for item in decoder.feed(uuid, payload) if isinstance(item, Packet)]
        except PacketError as error:
            seen.refused.append(str(error))
            continue
        for packet in packets:
            n, expected = len(packet.counts), max(seen.ends, default=0)
            if modulus is None or packet.counter is None:
                first = expected
            elif not seen.ends:
                first = packet.counter
            else:
                lost = round((arrival_s - seen.arrivals_s[-1]) * rate_hz) - n
                long = modulus / rate_hz > _BUNCHED_S
                if long and lost > modulus * 3 // 8:  # it may have gone round: the clock says how often
                    first = unwrap(
                        packet.counter, modulus=modulus, expected=expected + lost, back=modulus // 2
                    )
                else:
                    back = Numbering(rate_hz, modulus).back
                    first = unwrap(packet.counter, modulus=modulus, expected=expected, back=back)
            if seen.ends and first > expected:
                seen.gaps.append(first - expected)
            seen.repeated += min(n, max(0, expected - first)) if seen.ends else 0
            seen.firsts.append(first)
            seen.ends.append(first + n)
            seen.arrivals_s.append(arrival_s)
            seen.counts.append(packet.counts)
    return seen


def _packets(seen: _Seen, trial: Trial) -> Finding:
    text = f"{len(seen.counts)} packets in {len(trial.stream)} notifications, {len(seen.refused)} refused"
    if seen.counts and not seen.refused:
        return Finding("packets", passed=True, seen=text)
    reason = seen.refused[0] if seen.refused else "no EMG came"
    return Finding(
        "packets",
        passed=False,
        seen=f"{text}: {reason}",
        advice="compare the bytes with the specification of the packet",
    )


def _size(trial: Trial) -> Finding:
    longest = max((len(payload) for _, _, payload in trial.stream), default=0)
    if trial.mtu is None:
        return Finding(
            "size",
            passed=None,
            seen=f"longest notification {longest} bytes; the system does not tell the MTU",
        )
    good = longest <= trial.mtu - _ATT_BYTES
    text = f"longest notification {longest} bytes, MTU {trial.mtu}"
    return Finding(
        "size",
        passed=good,
        seen=text,
        advice="" if good else "take the MTU from the connection, less 3 bytes",
    )


def _timing(seen: _Seen, rate_hz: float) -> list[Finding]:
    arrivals_s, ends = np.array(seen.arrivals_s), np.array(seen.ends, dtype=float)
    slope, offset = np.polyfit(arrivals_s - arrivals_s[0], ends - ends[0], 1)
    off = slope / rate_hz - 1
    good_rate = abs(off) <= RATE_TOLERANCE
    findings = [
        Finding(
            "rate",
            passed=bool(good_rate),
            seen=f"{slope:.1f} Hz, declared {rate_hz:g} Hz ({off:+.1%})",
            advice="" if good_rate else "declare the true rate, or correct the timer that samples",
        )
    ]
    if good_rate:
        early_s = (ends - ends[0] - offset) / slope - (arrivals_s - arrivals_s[0])
        late_s = float(np.percentile(early_s.max() - early_s, 95))
        pause_s = float(np.diff(arrivals_s).max())
        good = late_s <= LATE_S and pause_s <= PAUSE_S
        text = f"95 % of the samples at most {late_s * 1e3:.0f} ms late, longest pause {pause_s * 1e3:.0f} ms"
        advice = "send packets of 20 to 40 ms, ask for a connection interval of 15 ms, come closer"
        findings.append(Finding("bunching", passed=good, seen=text, advice="" if good else advice))
    load = len(set(seen.arrivals_s)) / seen.seconds
    good = load <= LOAD_PER_S * (1 + RATE_TOLERANCE)
    text = f"{load:.0f} notifications per second"
    findings.append(
        Finding("load", passed=good, seen=text, advice="" if good else "put more samples into a notification")
    )
    return findings


def _loss(family: Family, seen: _Seen) -> Finding:
    if family.counter_modulus is None:
        return Finding(
            "loss", passed=None, seen="this sensor does not number its samples: loss cannot be counted"
        )
    missing = sum(seen.gaps)
    part = missing / max(1, max(seen.ends) - seen.firsts[0])
    longest = max(seen.gaps, default=0)
    text = f"{missing} samples missing ({part:.2%}) in {len(seen.gaps)} gaps, longest {longest}"
    good = part <= LOSS_TOLERANCE
    advice = "come closer, use fewer sensors; is the index that of samples, and the queue long enough?"
    return Finding("loss", passed=good, seen=text, advice="" if good else advice)


def _order(family: Family, seen: _Seen) -> Finding:
    if family.counter_modulus is None:
        return Finding("order", passed=None, seen="this sensor does not number its samples")
    good = seen.repeated == 0
    advice = "" if good else "send each sample once, and add their number to the index after each packet"
    return Finding("order", passed=good, seen=f"{seen.repeated} samples came again or late", advice=advice)


def _rails(seen: _Seen, rails: tuple[int, int]) -> Finding:
    low, high = min(int(c.min()) for c in seen.counts), max(int(c.max()) for c in seen.counts)
    good = rails[0] <= low and high <= rails[1]
    advice = "" if good else "check byte order, sign and the declared bits"
    return Finding(
        "rails", passed=good, seen=f"counts {low} to {high}, possible {rails[0]} to {rails[1]}", advice=advice
    )


def _life(seen: _Seen) -> Finding:
    channels = seen.counts[0].shape[1]
    alike = [counts for counts in seen.counts if counts.shape[1] == channels]
    spread = np.ptp(np.concatenate(alike), axis=0)
    dead = [str(channel + 1) for channel in np.flatnonzero(spread == 0)]
    if dead:
        text = f"one count only on channel {', '.join(dead)}"
        return Finding("life", passed=False, seen=text, advice="is the front end powered and connected?")
    return Finding("life", passed=True, seen=f"all {channels} channels move")


def _stop(trial: Trial, seen: _Seen) -> Finding:
    if trial.stopped_s is None:
        return Finding("stop", passed=None, seen="not tried")
    late_s = max((arrival_s - trial.stopped_s for arrival_s in seen.arrivals_s), default=0.0)
    good = late_s <= STOP_S
    text = f"last EMG {late_s:.2f} s after the stop" if seen.arrivals_s else "nothing came after the stop"
    return Finding(
        "stop",
        passed=good,
        seen=text,
        advice="" if good else "stop sending when told so, and empty the queue",
    )


def _restart(family: Family, seen: _Seen, again: _Seen, rate_hz: float) -> Finding:
    if not again.firsts:
        return Finding("restart", passed=None, seen="not tried, or nothing came")
    modulus = family.counter_modulus
    if modulus is None or family.counter_restarts or not seen.ends:
        return Finding(
            "restart", passed=None, seen="it streams again; its numbers do not tell what was between"
        )
    away_s = again.arrivals_s[0] - seen.arrivals_s[-1]
    if modulus < 8 * rate_hz * away_s:
        return Finding(
            "restart", passed=None, seen="it streams again; its counter is too short to tell what was between"
        )
    between = (again.firsts[0] - max(seen.ends)) % modulus
    counted = between - modulus if between > modulus // 2 else between
    by_clock = away_s * rate_hz - (again.ends[0] - again.firsts[0])
    good = abs(counted - by_clock) <= RESTART_S * rate_hz + RATE_TOLERANCE * abs(by_clock)
    text = f"the index went on by {counted} samples in {away_s:.2f} s ({by_clock:.0f} by the clock)"
    advice = (
        "" if good else "never set the index back, and let it go on while stopped: elapsed time times rate"
    )
    return Finding("restart", passed=good, seen=text, advice=advice)
