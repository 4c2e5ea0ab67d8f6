"""What the sensors sent against what the recording holds: nothing twice, none lost unreported."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
from sensor import sample_counts

from emgsmr.recording import Gap, SampleBlock, open_recording
from emgsmr.sensors import FAMILIES

EDGE_S = (
    1.0  # so close to a link's end, and to a stream's begin before it was asked for, a packet may be lost
)
NUMBERING_S = 1.0  # how far off the clock may put a stream whose counter began again with its connection


@dataclass
class Verdict:
    """How one sensor fared; everything in samples, but for the lists."""

    name: str
    sent: int = 0
    stored: int = 0
    withheld: int = 0  # left out by the sensor while it streamed
    in_flight: int = 0  # sent, and lost where a link began or ended
    away: int = 0  # taken while there was no stream
    gaps: int = 0  # missing by the recording
    shifts: list[int] = field(default_factory=list)  # the sensor's index less the file's, for each connection
    back_s: list[float] = field(default_factory=list)  # from advertising again to the first stored sample
    delays_ms: list[float] = field(default_factory=list)  # from the adapter to the program
    faults: list[str] = field(default_factory=list)


@dataclass(frozen=True)
class Place:
    """Where a block of the file belongs."""

    connection: int
    own: int  # the sensor's index of its first sample
    block: SampleBlock

    @property
    def own_end(self) -> int:
        """The sensor's index after its last sample."""
        return self.own + self.block.n


def compare(truth: dict[str, Any], summary: dict[str, Any], recording: Path) -> list[Verdict]:
    """One verdict for each sensor: ``truth`` is what they tell, ``summary`` what the program said."""
    with open_recording(recording) as opened:
        ids = {sensor.address: sensor.id for sensor in opened.sensors}
        blocks: dict[int, list[SampleBlock]] = {number: [] for number in ids.values()}
        for block in opened.blocks(seconds=0):
            blocks[block.sensor].append(block)
        gaps = opened.gaps()
    said_missing = {sensor["name"]: sensor["missing"] for sensor in summary["sensors"]}
    verdicts = []
    for told in truth["sensors"]:
        comparison = Comparison(told, truth["stopped_ns"])
        number = ids.get(told["address"], -1)
        comparison.judge(blocks.get(number, []), [gap for gap in gaps if gap.sensor == number])
        verdict = comparison.verdict
        if said_missing.get(told["name"]) != verdict.gaps:
            verdict.faults.append(
                f"the summary says that {said_missing.get(told['name'])} samples are missing"
            )
        verdicts.append(verdict)
    return verdicts


class Comparison:
    """One sensor's diary against its blocks in the file."""

    def __init__(self, told: dict[str, Any], stopped_ns: int) -> None:
        self.verdict = Verdict(told["name"])
        self._told = told
        self._diary = told["diary"]
        self._family = FAMILIES[told["family"]]
        self._stopped_ns = stopped_ns
        self._sent_ns = {first + n: at for link in self._diary for first, n, at in link["sent"]}

    def judge(self, blocks: list[SampleBlock], gaps: list[Gap]) -> None:
        """Fill in the verdict."""
        if not blocks:
            self._fault("has no samples in the recording")
            return
        places = self._find_places(blocks)
        if not self.verdict.faults:
            self._count(places)
            self._check_gaps(places, gaps)
            self._check_return(places)

    def _fault(self, text: str) -> None:
        self.verdict.faults.append(text)

    # -- where each block belongs ---

    def _find_places(self, blocks: list[SampleBlock]) -> list[Place]:
        places: list[Place] = []
        connection, shift = -1, 0
        for block in blocks:
            if connection < 0 or not self._is_at(block, block.first_index + shift):
                found = self._search(block)
                span = f"the file's samples {block.first_index} to {block.end_index}"
                if found is None:
                    self._fault(f"{span} were never sent like that")
                    return places
                if found[0] == connection:
                    wrong = found[1] - block.first_index - shift
                    self._fault(f"{span} are numbered {-wrong} too high, within one connection")
                    return places
                shift = found[1] - block.first_index
            own = block.first_index + shift
            number = self._connection_of(own)
            if number != connection:
                connection = number
                self.verdict.shifts.append(shift)
            places.append(Place(connection, own, block))
        return places

    def _is_at(self, block: SampleBlock, own: int) -> bool:
        if own < 0 or self._connection_of(own) < 0:
            return False
        return np.array_equal(block.counts, sample_counts(self._family, self._told["number"], own, block.n))

    def _search(self, block: SampleBlock) -> tuple[int, int] | None:
        """Connection and own index of a block: the latest that was sent before it came."""
        arrival_ns = int(block.arrivals[-1, 1])
        for number in reversed(range(len(self._diary))):
            for first, n, at in reversed(self._diary[number]["sent"]):
                for own in range(first, first + max(1, n - block.n + 1)):
                    if at <= arrival_ns and self._is_at(block, own):
                        return number, own
        return None

    def _connection_of(self, own: int) -> int:
        """Number of the connection during which a sample was taken, -1 if none."""
        for number, link in enumerate(self._diary):
            if link["sent"] and link["sent"][0][0] <= own < sum(link["sent"][-1][:2]):
                return number
        return -1

    # -- what is there, and what is not ---

    def _count(self, places: list[Place]) -> None:
        """Each sample at most once; what was sent and is missing was in flight at a link's end."""
        verdict = self.verdict
        own = [index for place in places for index in range(place.own, place.own_end)]
        stored = set(own)
        verdict.stored = len(own)
        if len(own) > len(stored):
            self._fault(f"{len(own) - len(stored)} samples are there twice")
        for place in places:
            if place.own_end in self._sent_ns:
                arrival_ns = int(place.block.arrivals[-1, 1])
                verdict.delays_ms.append((arrival_ns - self._sent_ns[place.own_end]) / 1e6)
        for link in self._diary:
            end_ns = min(link["ended_ns"] or self._stopped_ns, self._stopped_ns)
            for first, n, at in link["sent"]:
                if first < places[0].own or first >= places[-1].own_end:
                    continue  # before the recording and after it
                lost = sum(index not in stored for index in range(first, first + n))
                verdict.sent += n
                verdict.in_flight += lost
                late = (at - link["sent"][0][2]) / 1e9
                if (
                    lost
                    and (end_ns - at) / 1e9 > EDGE_S
                    and (late > EDGE_S or not self._family.starts_on_subscribe)
                ):
                    self._fault(
                        f"{lost} samples sent {late:.2f} s after the stream began were lost on the way"
                    )
        if (
            self._stopped_ns - max(self._sent_ns[p.own_end] for p in places if p.own_end in self._sent_ns)
            > EDGE_S * 1e9
        ):
            self._fault("its last samples were not recorded")

    def _check_gaps(self, places: list[Place], gaps: list[Gap]) -> None:
        """The recording misses what the sensor did not deliver: exactly, if its counter goes on."""
        verdict = self.verdict
        begin, end = places[0].own, places[-1].own_end
        verdict.withheld = sum(n for first, n in self._told["withheld"] if begin <= first < end)
        verdict.away = end - begin - verdict.stored - verdict.withheld - verdict.in_flight
        verdict.gaps = sum(gap.n_missing for gap in gaps)
        undelivered = end - begin - verdict.stored
        tolerance = 0
        if self._family.counter_restarts or self._family.counter_modulus is None:
            tolerance = round(NUMBERING_S * self._family.rate_hz) * (len(verdict.shifts) - 1)
        if abs(verdict.gaps - undelivered) > tolerance:
            self._fault(f"gaps of {verdict.gaps} samples are recorded, {undelivered} are missing")

    def _check_return(self, places: list[Place]) -> None:
        """Each time it came back, it resumed into the same recording."""
        for back_ns in self._told["back_ns"]:
            number = next((i for i, link in enumerate(self._diary) if link["at_ns"] > back_ns), -1)
            arrivals = [int(p.block.arrivals[0, 1]) for p in places if p.connection == number]
            if not arrivals:
                self._fault("did not resume")
            else:
                self.verdict.back_s.append((arrivals[0] - back_ns) / 1e9)


def table(verdicts: list[Verdict]) -> str:
    """The verdicts for people."""
    heads = (
        "links",
        "sent",
        "stored",
        "withheld",
        "in flight",
        "away",
        "gaps",
        "back after s",
        "delay ms",
        "95 %",
    )
    lines = [f"{'sensor':14}" + "".join(f"{head:>{max(8, len(head) + 2)}}" for head in heads)]
    for v in verdicts:
        median, high = np.percentile(v.delays_ms, [50, 95]) if v.delays_ms else (np.nan, np.nan)
        back = ", ".join(f"{seconds:.1f}" for seconds in v.back_s) or "-"
        values = (
            *(len(v.shifts), v.sent, v.stored, v.withheld, v.in_flight, v.away, v.gaps),
            *(back, f"{median:.0f}", f"{high:.0f}"),
        )
        cells = (f"{value:>{max(8, len(head) + 2)}}" for head, value in zip(heads, values, strict=True))
        lines += [f"{v.name:14}" + "".join(cells), *(f"  FAULT: {fault}" for fault in v.faults)]
    good = not any(v.faults for v in verdicts)
    lines.append("No sample twice, none lost unreported." if good else "The recording is not what was sent.")
    return "\n".join(lines)
