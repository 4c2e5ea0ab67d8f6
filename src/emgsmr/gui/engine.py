"""What the presenter needs of the live session that runs in its own thread."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING
from typing import Protocol as Interface

if TYPE_CHECKING:
    from collections.abc import Sequence

    from emgsmr.analysis.protocols import Protocol, Step
    from emgsmr.recording import Montage, SampleBlock
    from emgsmr.session.snapshot import Snapshot


class Engine(Interface):
    """A live session that runs elsewhere; nothing here blocks, and requests show in the next snapshots."""

    def scan(self, seconds: float = 8.0) -> None:
        """Look for sensors; they are in `Snapshot.found` when the stage is ``idle`` again."""
        ...

    def connect(self, montage: Montage | None) -> None:
        """Connect and stream without recording; None = all in range, or a virtual radio's own montage."""
        ...

    def begin(self, montage: Montage, out: Path) -> None:
        """Record and analyze from now on, over the same links; the montage says which channel sits where."""
        ...

    def mark(
        self,
        kind: str,
        *,
        label: str | None = None,
        side: str | None = None,
        site: str | None = None,
        note: str | None = None,
        duration_s: float | None = None,
    ) -> None:
        """Add an event to the recording, now."""
        ...

    def guide(self, protocol: Protocol, sets: Sequence[Sequence[Step]]) -> None:
        """Lead through a protocol while it is recorded; with its end the recording ends."""
        ...

    def go_on(self) -> None:
        """The protocol's treatment is done."""
        ...

    def break_off(self) -> None:
        """Leave the protocol; the recording goes on."""
        ...

    def stop(self) -> None:
        """End the recording cleanly (or the preview); the stage becomes ``ended``."""
        ...

    def snapshot(self) -> Snapshot:
        """The newest."""
        ...

    def blocks(self) -> Sequence[SampleBlock]:
        """Samples that came since the last call, of all sensors; if nobody calls, the oldest are dropped."""
        ...

    def close(self) -> None:
        """End everything and its thread; waits for the file to be closed."""
        ...
