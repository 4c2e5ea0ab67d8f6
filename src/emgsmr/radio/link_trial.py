"""A trial of the links: stream for some seconds, record nothing, and say how good each link was."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

import numpy as np

from emgsmr.radio.channel import Channel
from emgsmr.radio.link import LinkState, StateChange
from emgsmr.radio.receiver import Receiver
from emgsmr.recording import SampleBlock

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

    from emgsmr.radio.air import Air
    from emgsmr.radio.connection import Arrived
    from emgsmr.radio.gather import Ask
    from emgsmr.recording import Montage

MANY_LINKS = 4
"""Up to here one adapter is expected to serve; an estimate (Bluetooth adapters differ), not a limit."""

LOSS_PCT, PAUSE_S, WEAK_DBM, RATE_PART = 1.0, 0.5, -80, 0.05
"""From here on something is said: loss, a pause of the stream, a weak signal, a rate off its nominal one."""


@dataclass(frozen=True, slots=True)
class LinkReport:
    """How one link did in a trial.

    Attributes
    ----------
    sensor, family : str
    address : str
    rssi_dbm : int
    battery_pct : int or None
    seconds : float, s
        Of streaming.
    notifications, samples, missing, repeated, refused : int
        Samples are known to be missing where ``loss_known`` is "exact".
    loss_known : {"exact", "possible"}
    rate_hz, nominal_hz : float, Hz
        Samples per second as they came (NaN if too few came), and as declared.
    longest_pause_s : float, s
        Between two notifications.
    late_ms : float, ms
        How late notifications came against the earliest, 95th percentile: bunching and radio stalls.
    drops : int
        How often the link broke.
    advice : tuple of str
        Empty for a link without fault.
    """

    sensor: str
    family: str
    address: str
    rssi_dbm: int
    battery_pct: int | None
    seconds: float
    notifications: int
    samples: int
    missing: int
    repeated: int
    refused: int
    loss_known: str
    rate_hz: float
    nominal_hz: float
    longest_pause_s: float
    late_ms: float
    drops: int
    advice: tuple[str, ...] = ()

    @property
    def loss_pct(self) -> float:
        """Part of the samples that is missing, %."""
        return 100 * self.missing / max(1, self.samples + self.missing)


@dataclass(slots=True)
class _Seen:
    arrivals: list[NDArray[np.int64]] = field(default_factory=list)
    drops: int = 0


async def try_links(
    air: Air,
    montage: Montage | None,
    *,
    seconds: float,
    ask: Ask | None = None,
    tap: Callable[[str, Arrived], None] | None = None,
    on_progress: Callable[[float], None] | None = None,
) -> list[LinkReport]:
    """Stream from all sensors at once for some seconds.

    Parameters
    ----------
    air : Air
        Opened.
    montage : Montage or None
        None = every EMG sensor in range.
    seconds : float, s
    ask : callable, optional
        Asked about missing sensors.
    tap : callable, optional
        ``tap(address, arrived)`` is told every notification.
    on_progress : callable, optional
        Told the part (0 to 1) that is done.

    Raises
    ------
    SensorError
    """
    receiver = Receiver(air, montage, ask=ask, tap=tap)
    await receiver.connect()
    seen = {channel: _Seen() for channel in receiver.channels}
    await receiver.start()
    ending = asyncio.create_task(_end_after(air, receiver, seconds, on_progress))
    try:
        async for batch in receiver.batches():
            for source, item in batch:
                if not isinstance(source, Channel):
                    continue
                if isinstance(item, SampleBlock):
                    seen[source].arrivals.append(item.arrivals)
                elif isinstance(item, StateChange) and item.state is LinkState.LOST:
                    seen[source].drops += 1
    finally:
        ending.cancel()
        await asyncio.gather(ending, return_exceptions=True)
        await receiver.stop()
    return [_report(channel, seen[channel], seconds) for channel in receiver.channels]


async def _end_after(
    air: Air, receiver: Receiver, seconds: float, on_progress: Callable[[float], None] | None
) -> None:
    steps = max(1, round(seconds / 0.5))
    for step in range(steps):
        await air.sleep(seconds / steps)
        if on_progress is not None:
            on_progress((step + 1) / steps)
    await receiver.stop()


def _report(channel: Channel, seen: _Seen, seconds: float) -> LinkReport:
    parts = [part for part in seen.arrivals if len(part)]
    arrivals = np.concatenate(parts) if parts else np.empty((0, 2), dtype=np.int64)
    rate_hz, late_ms, pause_s = _timing(arrivals)
    assembler, link = channel.assembler, channel.link
    report = LinkReport(
        sensor=link.label,
        family=channel.family.key,
        address=link.found.address,
        rssi_dbm=link.found.rssi,
        battery_pct=link.battery_pct,
        seconds=seconds,
        notifications=len(arrivals),
        samples=assembler.samples,
        missing=channel.missing,
        repeated=assembler.repeated,
        refused=assembler.refused,
        loss_known=channel.family.loss_known,
        rate_hz=rate_hz,
        nominal_hz=channel.signal.rate_hz,
        longest_pause_s=pause_s,
        late_ms=late_ms,
        drops=seen.drops,
    )
    return _advised(report, last_error=str(assembler.last_error or ""))


def _timing(arrivals: NDArray[np.int64]) -> tuple[float, float, float]:
    """Rate (Hz), lateness (ms) and longest pause (s) of notifications (sample index, ns)."""
    if len(arrivals) < 10:
        return float("nan"), float("nan"), float("nan")
    index, t_s = arrivals[:, 0].astype(np.float64), (arrivals[:, 1] - arrivals[0, 1]) / 1e9
    slope, _ = np.polyfit(index, t_s, 1)
    late = t_s - slope * index
    late_ms = 1e3 * float(np.percentile(late - late.min(), 95))
    return float(1 / slope) if slope > 0 else float("nan"), late_ms, float(np.diff(t_s).max())


def _advised(report: LinkReport, *, last_error: str) -> LinkReport:
    advice = []
    if not report.samples:
        wrong = f" ({last_error})" if last_error else ""
        advice.append(f"it connected, but sent nothing that could be read{wrong}: switch it off and on")
    if report.loss_pct > LOSS_PCT:
        advice.append(
            f"{report.loss_pct:.2g} % of its samples were lost: bring the computer within two meters and in "
            "sight, use a USB adapter on an extension cable, and turn 2.4 GHz Wi-Fi off"
        )
    if report.longest_pause_s > PAUSE_S:
        advice.append(
            f"nothing came for {report.longest_pause_s:.1f} s at a time: close other programs that use "
            "Bluetooth, and disconnect headphones and mice"
        )
    if report.drops:
        advice.append(f"the link broke {report.drops} time(s): charge the sensor and bring it nearer")
    if report.rssi_dbm < WEAK_DBM:
        advice.append(f"its signal is weak ({report.rssi_dbm} dBm): bring it nearer")
    if abs(report.rate_hz / report.nominal_hz - 1) > RATE_PART:
        advice.append(
            f"it sends {report.rate_hz:.0f} samples per second instead of {report.nominal_hz:.0f}: check its "
            "firmware"
        )
    if report.refused and report.samples:
        advice.append(f"{report.refused} notifications could not be read ({last_error}): update its firmware")
    return replace(report, advice=tuple(advice))
