"""One sensor as a session sees it: what the montage wants, its link, its numbered samples."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from emgsmr.errors import PacketError
from emgsmr.radio.assembler import Assembler
from emgsmr.recording import SampleBlock, SensorInfo
from emgsmr.sensors.counter import Numbering

if TYPE_CHECKING:
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
        Received, and known to be missing.
    battery_pct : int or None
    """

    name: str
    family: str
    sites: tuple[str, ...]
    state: LinkState
    since_s: float
    samples: int
    missing: int
    battery_pct: int | None


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
        self.id = id_
        self.wanted = wanted
        self.link = link
        self.assembler = Assembler(id_, _numbering(link.family))
        self._held: list[SampleBlock] = []

    def take(self, arrival_ns: int, uuid: str, payload: bytes) -> list[SampleBlock]:
        """The blocks that are known after a notification."""
        try:
            packets = self.link.family.decode(uuid, payload)
        except PacketError as error:
            self.assembler.refuse(error)
            return []
        return self.assembler.take(arrival_ns, packets)

    def collect(self, block: SampleBlock, *, seconds: float) -> list[SampleBlock]:
        """Join blocks until they last for so long; gives the joined ones."""
        ready = self.collected() if self._held and self._held[-1].end_index != block.first_index else []
        self._held.append(block)
        if self._held[-1].end_index - self._held[0].first_index >= seconds * self.link.family.rate_hz:
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

        The number of channels is that of its packets; of a sensor that has sent nothing yet, that of the
        smallest unit which fits the montage.
        """
        family = self.link.family
        needed = max(self.wanted.channels, default=1)
        fitting = [n for n in family.channel_counts if n >= needed] or [max(family.channel_counts)]
        return SensorInfo(
            id=self.id,
            family=family.key,
            address=self.link.found.address,
            name=self.link.label,
            firmware=self.link.firmware,
            rate_hz=family.rate_hz,
            channels=self.assembler.channels or min(fitting),
            dtype=family.dtype,
            scale_uv=family.scale_uv,
            scale_known=family.scale_known,
        )

    def status(self, now_ns: int) -> SensorStatus:
        """How it is doing."""
        return SensorStatus(
            name=self.link.label,
            family=self.link.family.name,
            sites=tuple(site for _, site in self.sites),
            state=self.link.state,
            since_s=(now_ns - self.link.since_ns) / 1e9,
            samples=self.assembler.samples,
            missing=self.assembler.missing,
            battery_pct=self.link.battery_pct,
        )


def _numbering(family: Family) -> Numbering:
    return Numbering(family.rate_hz, family.counter_modulus, restarts=family.counter_restarts)
