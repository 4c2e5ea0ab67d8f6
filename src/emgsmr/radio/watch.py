"""What is watched during a session: silent streams, lost samples, the adapter, the computer's sleep."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from emgsmr.errors import BluetoothUnavailableError, ConnectionLostError
from emgsmr.radio.battery import BatteryWarning
from emgsmr.radio.link import LinkState

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from emgsmr.radio.air import Air
    from emgsmr.radio.channel import Channel, Companion

WATCH_S = 0.5
"""How often is looked."""

GIVE_UP_S = 120.0
"""With all EMG sensors lost for so long, a session ends."""

ADAPTER_S = 15.0
"""With Bluetooth itself gone for so long: a dongle that was pushed in again is back by then."""

SLEPT_S = 5.0
"""A computer that slept this long has lost all links, and its clock stood still."""

LOSS_PART, LOSS_OVER_S, LOSS_AGAIN_S = 0.01, 5.0, 60.0
"""Told when a sensor loses more than this part of its samples within so long, at most once in so long."""


RECORDED, LOOKED_ON = "the recording ended, and is kept", "nothing was recorded yet"
"""What the end of a session means."""


@dataclass(frozen=True, slots=True)
class Notice:
    """Something about a sensor that its user should know, and can do something about.

    Attributes
    ----------
    t_ns : int
        On the air's clock.
    sensor : str
        What the user calls it.
    kind : str
        "battery", "loss" or "resumed".
    text : str
        One sentence.
    """

    t_ns: int
    sensor: str
    kind: str
    text: str


class Watch:
    """Looks at all links of a session now and then.

    Parameters
    ----------
    air : Air
    channels : sequence of Channel
    companions : sequence of Companion
    meaning : callable
        Gives what it would mean if the session ended now.
    """

    def __init__(
        self,
        air: Air,
        channels: Sequence[Channel],
        companions: Sequence[Companion],
        meaning: Callable[[], str] = lambda: RECORDED,
    ) -> None:
        self._air = air
        self._meaning = meaning
        self._channels = channels
        self._slept_ns = air.slept_ns()
        self._looked_ns = air.now_ns()
        links = [channel.link for channel in channels] + [companion.link for companion in companions]
        self._batteries = {link: BatteryWarning(link.label) for link in links}
        self._losses = {id(channel): _Loss(air.now_ns()) for channel in channels}

    def look(self) -> list[Notice]:
        """Look at everything once.

        Raises
        ------
        ConnectionLostError
            All EMG sensors are lost for good, or the computer slept.
        BluetoothUnavailableError
            The adapter is gone for good.
        """
        now_ns = self._air.now_ns()
        # A program that was held up finds all its sensors silent: what they sent is still to be read.
        on_time = now_ns - self._looked_ns < 2 * WATCH_S * 1e9
        self._looked_ns = now_ns
        self._check_sleep()
        notices = []
        for link, battery in self._batteries.items():
            if on_time:
                link.check(now_ns)
            if text := battery.take(link.battery_pct):
                notices.append(Notice(now_ns, link.label, "battery", text))
        self._check_links(now_ns)
        return notices + [
            notice for channel in self._channels for notice in self._losses[id(channel)].look(channel, now_ns)
        ]

    def _check_sleep(self) -> None:
        slept_s = (self._air.slept_ns() - self._slept_ns) / 1e9
        if slept_s > SLEPT_S:
            raise ConnectionLostError(
                f"the computer slept for {slept_s:.0f} s, which cut all links: {self._meaning()}; connect "
                "anew"
            )

    def _check_links(self, now_ns: int) -> None:
        links = [channel.link for channel in self._channels]
        if any(link.state is LinkState.STREAMING for link in links):
            return
        gone_s = (now_ns - max(link.lost_ns or now_ns for link in links)) / 1e9
        if gone_s > ADAPTER_S and all(link.unavailable for link in links):
            raise BluetoothUnavailableError(
                f"Bluetooth is gone since {gone_s:.0f} s: {self._meaning()}; plug the adapter in or switch "
                "Bluetooth on, then connect anew"
            )
        if gone_s > GIVE_UP_S:
            raise ConnectionLostError(
                f"all sensors are lost since {gone_s:.0f} s: {self._meaning()}; switch them on, connect anew"
            )


class _Loss:
    """How much one sensor loses while it streams."""

    def __init__(self, now_ns: int) -> None:
        self._since = (now_ns, 0, 0)
        self._away = False
        self._told_ns: int | None = None

    def look(self, channel: Channel, now_ns: int) -> list[Notice]:
        since_ns, samples, missing = self._since
        assembler = channel.assembler
        if channel.link.state is not LinkState.STREAMING or (self._away and assembler.samples == samples):
            # what a lost link costs is known, and told, with the first samples after it
            self._away = True
            self._since = (now_ns, assembler.samples, channel.missing)
            return []
        if self._away:
            self._away = False
            self._since = (now_ns, assembler.samples, channel.missing)
            return []
        if now_ns - since_ns < LOSS_OVER_S * 1e9:
            return []
        came, lost = assembler.samples - samples, channel.missing - missing
        self._since = (now_ns, assembler.samples, channel.missing)
        told_recently = self._told_ns is not None and now_ns - self._told_ns < LOSS_AGAIN_S * 1e9
        if told_recently or lost <= LOSS_PART * (came + lost):
            return []
        self._told_ns = now_ns
        part = 100 * lost / (came + lost)
        label = channel.link.label
        return [
            Notice(
                now_ns,
                label,
                "loss",
                f"{label} lost {part:.2g} % of its samples in the last {LOSS_OVER_S:g} s: bring the computer "
                "nearer, or keep the body out of the way",
            )
        ]
