"""One sensor as a session sees it: what the montage wants, its link, its numbered samples."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from emgsmr.errors import PacketError
from emgsmr.radio.assembler import Assembler
from emgsmr.recording import SampleBlock, SensorInfo, TimedReading
from emgsmr.sensors import Family, Packet, Reading, Signal

if TYPE_CHECKING:
    from emgsmr.radio.connection import Arrived
    from emgsmr.radio.link import Link, LinkState
    from emgsmr.recording import MontageSensor
    from emgsmr.sensors import Family


@dataclass(frozen=True, slots=True)
class SensorStatus:
    """One sensor, now.

    Attributes
    ----------
    name, family : str
    sites : tuple of str
    state : LinkState
    since_s : float, s
        How long it has been in this state.
    samples, missing : int
        Received, and missing (seemingly, where ``loss_known`` says "possible"); of a device without EMG,
        readings, of which none is ever known to be missing.
    loss_known : {"exact", "possible"}
        Whether the sensor numbers its samples, so that what is missing is counted, or it is only suspected.
    battery_pct : int or None
    latest : mapping of quantity to values, or None
        What a device without EMG said last, empty while it is lost; None for an EMG sensor.
    """

    name: str
    family: str
    sites: tuple[str, ...]
    state: LinkState
    since_s: float
    samples: int
    missing: int
    loss_known: str
    battery_pct: int | None
    latest: Mapping[str, tuple[float, ...]] | None = None


class Companion:
    """A device without EMG in a session: a heart rate strap, a foot pod.

    Parameters
    ----------
    wanted : MontageSensor
    link : Link
    """

    def __init__(self, wanted: MontageSensor, link: Link) -> None:
        self.wanted = wanted
        self.link = link
        self.readings = self.refused = self.missing = 0
        self._latest: dict[str, tuple[float, ...]] = {}

    def take(self, arrived: Arrived) -> list[SampleBlock | TimedReading]:
        """What a notification holds."""
        try:
            found = _read(arrived)
        except PacketError:
            self.refused += 1
            return []
        label = self.link.label
        readings = [
            TimedReading(label, None, item.quantity, arrived.arrival_ns, item.values)
            for item in found
            if isinstance(item, Reading)
        ]
        self.readings += len(readings)
        if arrived.decoder is not None:
            # of this notification only: a heart rate ends with the contact
            self._latest = {item.quantity: item.values for item in readings}
        return list(readings)

    def restart(self) -> list[SampleBlock]:
        """The link is a new one: what was said before is of no use now."""
        self._latest = {}
        return []

    def collected(self) -> list[SampleBlock]:
        """Nothing is kept."""
        return []

    def status(self, now_ns: int) -> SensorStatus:
        """How it is doing."""
        link = self.link
        return SensorStatus(
            name=link.label,
            family=link.device.name,
            sites=(),
            state=link.state,
            since_s=(now_ns - link.since_ns) / 1e9,
            samples=self.readings,
            missing=0,
            loss_known="possible",
            battery_pct=link.battery_pct,
            latest=self._latest,
        )


def _read(arrived: Arrived) -> list[Packet | Reading]:
    if arrived.decoder is None:
        return [Reading("battery_pct", (float(arrived.payload[0]),))]
    return list(arrived.decoder.feed(arrived.uuid, arrived.payload))


def _declared(family: Family) -> Signal:
    """What all units of a family send."""
    return Signal(
        rate_hz=family.rate_hz,
        channels=max(family.channel_counts),
        bits=family.bits,
        rails=family.rails,
        dtype=family.dtype,
        scale_uv=family.scale_uv,
        scale_known=family.scale_known,
    )


class Channel:
    """What belongs to one sensor of a session.

    Parameters
    ----------
    id_ : int
        Its number in the recording, from 1.
    wanted : MontageSensor
    link : Link
    """

    def __init__(self, id_: int, wanted: MontageSensor, link: Link) -> None:
        assert isinstance(link.device, Family)
        self.id = id_
        self.wanted = wanted
        self.link = link
        self.family = link.device
        self._held: list[SampleBlock] = []
        self._before = (0, 0)  # samples that came and were missing before they counted
        self.begin()

    def begin(self) -> None:
        """Number from the first sample on; a unit that describes itself has done so by now."""
        self.signal = self.link.signal or _declared(self.family)
        self.assembler = Assembler(self.id, self.family.numbering(self.signal.rate_hz))

    def sit(self, id_: int, wanted: MontageSensor) -> None:
        """From now on it has another number, and other sites."""
        self.id = self.assembler.sensor = id_
        self.wanted = wanted
        if wanted.name is not None:
            self.link.label = wanted.name

    def count_anew(self) -> None:
        """Number from the next sample on, and let what came and was missing so far not count."""
        self.assembler.number_anew()
        self._before = (self.assembler.samples, self.missing)

    def take(self, arrived: Arrived) -> list[SampleBlock | TimedReading]:
        """The blocks that a notification completes, and what else it holds."""
        assembler = self.assembler
        try:
            found = _read(arrived)
        except PacketError as error:
            assembler.refuse(error)
            return []
        packets = [item for item in found if isinstance(item, Packet)]
        taken: list[SampleBlock | TimedReading] = []
        if packets:
            taken += assembler.take(arrived.arrival_ns, packets)
        if len(packets) < len(found):
            taken += [
                TimedReading(
                    self.link.label,
                    self.id,
                    item.quantity,
                    arrived.arrival_ns,
                    item.values,
                    sample_index=assembler.end_index,
                )
                for item in found
                if isinstance(item, Reading)
            ]
        return taken

    @property
    def missing(self) -> int:
        """Samples known to be missing; of a sensor that cannot know, those that seem to be."""
        known = self.assembler.missing  # also what an outage cost, of a sensor that cannot count
        return known if self.family.loss_known == "exact" else known + self.assembler.possibly_missing

    def restart(self) -> list[SampleBlock]:
        """The link is a new one; gives the blocks that waited for more."""
        return self.assembler.restart()

    def collect(self, block: SampleBlock, *, seconds: float) -> list[SampleBlock]:
        """Join blocks until they last for so long; gives the joined ones."""
        ready = self.collected() if self._held and self._held[-1].end_index != block.first_index else []
        self._held.append(block)
        if self._held[-1].end_index - self._held[0].first_index >= seconds * self.signal.rate_hz:
            ready += self.collected()
        return ready

    def collected(self) -> list[SampleBlock]:
        """What `collect` has kept."""
        held, self._held = self._held, []
        return [SampleBlock.join(held)] if held else []

    @property
    def sites(self) -> list[tuple[int, str]]:
        """Placed channels (from 0) and their sites."""
        return [(number - 1, site) for number, site in sorted(self.wanted.channels.items())]

    def info(self) -> SensorInfo:
        """What a recording says about it.

        The number of channels is that of its packets; of a sensor that has sent nothing yet, what it said of
        itself, or that of the smallest unit which fits the montage.
        """
        family, signal = self.family, self.signal
        needed = max(self.wanted.channels, default=1)
        fitting = [n for n in family.channel_counts if n >= needed] or [max(family.channel_counts)]
        return SensorInfo(
            id=self.id,
            family=family.key,
            address=self.link.found.address,
            name=self.link.label,
            firmware=self.link.information.get("firmware", ""),
            rate_hz=signal.rate_hz,
            channels=self.assembler.channels
            or (self.link.signal.channels if self.link.signal else min(fitting)),
            dtype=signal.dtype,
            scale_uv=signal.scale_uv,
            scale_known=signal.scale_known,
        )

    def status(self, now_ns: int) -> SensorStatus:
        """How it is doing."""
        return SensorStatus(
            name=self.link.label,
            family=self.family.name,
            sites=tuple(site for _, site in self.sites),
            state=self.link.state,
            since_s=(now_ns - self.link.since_ns) / 1e9,
            samples=self.assembler.samples - self._before[0],
            missing=max(self.missing - self._before[1], 0),
            loss_known=self.family.loss_known,
            battery_pct=self.link.battery_pct,
        )
