"""A session on Lab Streaming Layer (LSL): one stream for each sensor, one for markers.

A sample's stamp is its time on the session's clock, as the analysis computes it, plus one constant. Nothing
is sent for a gap. LSL gives a reader only what is pushed after it has connected; so the first seconds are
kept until somebody listens.
"""

from __future__ import annotations

import json
import math
import time
from dataclasses import asdict
from typing import TYPE_CHECKING, Any, Self

import numpy as np
from numpy.typing import NDArray

from emgsmr.errors import ArgumentError, SettingsError
from emgsmr.session.lsl_description import MICROVOLTS, describe_markers, describe_sensor, unit
from emgsmr.session.stamper import Stamper

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from types import ModuleType

    from emgsmr.recording import Event, SampleBlock, SensorInfo, Wiring
    from emgsmr.session.listener import Update

FloatArray = NDArray[np.float64]

PATIENCE_S = 10.0
"""How long samples are kept for a reader that does not listen yet (by the computer's own clock)."""

LINGER_S = 1.0
"""How long streams stay open after the last sample: LSL cannot tell what has been delivered."""

_GLANCE_S = 0.2  # of a wait: Ctrl-C is heard only between calls to liblsl


class LslOutlets:
    """The streams of a session; one of its listeners. Leaving the ``with`` block closes them.

    Parameters
    ----------
    patience_s : float, s
        A stream that nobody has read yet keeps what it has to send for so long.
    linger_s : float, s
        A stream that is read stays open for so long after the last sample.

    Raises
    ------
    ModuleNotFoundError
        pylsl is not installed.
    ArgumentError
        pylsl is, but finds no liblsl.

    Examples
    --------
    >>> def main() -> None:
    ...     with LslOutlets() as outlets:
    ...         run_session(Session(montage, out="run.emgsmr", listeners=[outlets]))
    """

    def __init__(self, *, patience_s: float = PATIENCE_S, linger_s: float = LINGER_S) -> None:
        self._lsl = load_pylsl()
        self._patience_s, self._linger_s = patience_s, linger_s
        self._zero_s = 0.0
        self._started_ns = 0
        self._now_ns: Callable[[], int] | None = None
        self._stampers: dict[int, Stamper] = {}
        self._sensors: dict[int, _Stream] = {}
        self._markers: _Stream | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *error: object) -> None:
        self.close()

    def begin(self, wiring: Wiring, now_ns: Callable[[], int]) -> None:
        """Open the streams; anew, where a session that was only looked at begins to record."""
        self._stampers, self._sensors = {}, {}
        self._started_ns, self._now_ns = wiring.started_ns, now_ns
        self._zero_s = clock_offset_s(now_ns, self._lsl.local_clock) + wiring.started_ns / 1e9
        for info in wiring.sensors:
            sites = {p.channel: p.site for p in wiring.placements if p.sensor == info.id}
            described = describe_sensor(self._lsl, info, sites, zero_s=self._zero_s)
            self._sensors[info.id] = self._open(described)
            self._stampers[info.id] = Stamper(info, wiring.started_ns)
        self._markers = self._open(describe_markers(self._lsl, zero_s=self._zero_s))

    def take_block(self, block: SampleBlock) -> None:
        """Send what has its time; in a stream's first second that is nothing yet."""
        self._send(block.sensor, self._stampers[block.sensor].take(block))
        for stream in self._streams():
            stream.look()

    def take_event(self, event: Event) -> None:
        """Mark an event."""
        self._mark("event", event.t_s, asdict(event))

    def take_update(self, update: Update) -> None:
        """Mark a finding, at the time of the latest that is known of it, or a change of a link's state."""
        finding, change = update.finding, update.change
        if finding is not None:
            times = (finding.t_alarm_s, finding.t_tier2_s, finding.t_tier3_s, finding.t_end_s)
            self._mark("finding", max(t for t in times if t is not None), asdict(finding))
        if change is not None:
            said = {"sensor": change.sensor, "state": change.state.value, "reason": change.reason or None}
            self._mark("link", update.t_s, said)

    def finish(self) -> None:
        """Send the rest, and how many samples each stream has sent in all."""
        for sensor, stamper in self._stampers.items():
            self._send(sensor, stamper.rest())
        if self._now_ns is not None:
            sent = {self._stampers[sensor].info.name: s.pushed for sensor, s in self._sensors.items()}
            self._mark("end", (self._now_ns() - self._started_ns) / 1e9, {"samples": sent})

    def close(self) -> None:
        """Give late readers the rest of the patience, then close the streams."""
        streams = list(self._streams())
        for stream in streams:
            stream.wait()
        if any(stream.is_read() for stream in streams):
            time.sleep(self._linger_s)
        self._stampers, self._sensors, self._markers, self._now_ns = {}, {}, None, None

    def _open(self, described: Any) -> _Stream:
        try:
            return _Stream(self._lsl, described, patience_s=self._patience_s)
        except RuntimeError as error:
            raise SettingsError(
                f"Lab Streaming Layer cannot open the stream {described.name()} ({error}): "
                "look into its lsl_api.cfg, or record without --lsl"
            ) from error

    def _streams(self) -> Iterator[_Stream]:
        yield from self._sensors.values()
        if self._markers is not None:
            yield self._markers

    def _send(self, sensor: int, pieces: list[tuple[NDArray[Any], FloatArray]]) -> None:
        info = self._stampers[sensor].info
        for counts, t_s in pieces:
            self._sensors[sensor].push(values(counts, info), (self._zero_s + t_s).tolist())

    def _mark(self, what: str, t_s: float, said: dict[str, Any]) -> None:
        if self._markers is not None:
            known = {key: value for key, value in said.items() if _is_said(value)}
            text = json.dumps({"marker": what, **known, "t_s": t_s}, ensure_ascii=False, allow_nan=False)
            self._markers.push([[text]], [self._zero_s + t_s])


class _Stream:
    """One outlet; keeps what it is given until somebody listens, or its patience ends."""

    def __init__(self, lsl: ModuleType, described: Any, *, patience_s: float) -> None:
        self._outlet = lsl.StreamOutlet(described)
        self._clock: Callable[[], float] = lsl.local_clock
        self._until_s = self._clock() + patience_s
        self._kept: list[tuple[Any, list[float]]] | None = []
        self.pushed = 0

    def push(self, samples: Any, stamps: list[float]) -> None:
        """Send samples with their stamps, or keep them."""
        self.pushed += len(stamps)
        if self._kept is None:
            self._outlet.push_chunk(samples, stamps)
        else:
            self._kept.append((samples, stamps))

    def look(self) -> None:
        """Send what was kept, if somebody listens now, or nobody has come."""
        if self._kept is not None and (self.is_read() or self._clock() >= self._until_s):
            kept, self._kept = self._kept, None
            for samples, stamps in kept:
                self._outlet.push_chunk(samples, stamps)

    def wait(self) -> None:
        """Wait for somebody to listen, until the patience ends; nothing is kept afterwards."""
        if self._kept is not None:
            while (left_s := self._until_s - self._clock()) > 0:
                if self._outlet.wait_for_consumers(min(left_s, _GLANCE_S)):
                    break
            self._until_s = -math.inf
            self.look()

    def is_read(self) -> bool:
        """Whether a reader is connected."""
        return bool(self._outlet.have_consumers())


def values(counts: NDArray[Any], info: SensorInfo) -> NDArray[np.float32]:
    """What is sent for counts: µV where the scale is known or estimated, else the counts.

    Up to 24 bits nothing is lost: ``rint(value / scale_uv)`` gives the counts back.

    Examples
    --------
    >>> from emgsmr.recording import SensorInfo
    >>> info = SensorInfo(1, "umyo", "", "uMyo", "", 1116.0, 1, "<i2", 2.75, "estimated")
    >>> values(np.array([[8192], [-3]]), info).tolist()
    [[22528.0], [-8.25]]
    """
    scale = info.scale_uv if unit(info) == MICROVOLTS else 1.0
    return np.ascontiguousarray(counts * scale, dtype=np.float32)


def clock_offset_s(now_ns: Callable[[], int], local_clock: Callable[[], float], *, tries: int = 9) -> float:
    """LSL's clock minus the session's (s), at one moment: from the tightest of a few bracketed readings.

    Examples
    --------
    >>> ticks = iter([10.0, 10.5, 11.0, 11.001])  # the first reading was interrupted
    >>> clock_offset_s(lambda: 2_000_000_000, lambda: next(ticks), tries=2)
    9.00049999...
    """
    readings = []
    for _ in range(tries):
        before, ns, after = local_clock(), now_ns(), local_clock()
        readings.append((after - before, before + (after - before) / 2 - ns / 1e9))
    return min(readings)[1]


def load_pylsl() -> ModuleType:
    """The module pylsl, imported only where it is wanted."""
    try:
        import pylsl
    except RuntimeError as error:  # its wheels bring the library liblsl for most computers, not for all
        raise ArgumentError(
            "Lab Streaming Layer needs the library liblsl, which pylsl cannot load on this computer: install "
            "it (conda install -c conda-forge liblsl, or from github.com/sccn/liblsl/releases), "
            "or set PYLSL_LIB to its file"
        ) from error
    module: ModuleType = pylsl
    return module


def _is_said(value: Any) -> bool:
    return value is not None and not (isinstance(value, float) and not math.isfinite(value))
