"""A session's new recording: who recorded, with what, and which sensors."""

from __future__ import annotations

import platform
from dataclasses import asdict
from typing import TYPE_CHECKING, Any

from emgsmr.recording import Recorder

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from emgsmr.radio.air import Air
    from emgsmr.radio.channel import Channel
    from emgsmr.recording import Montage


def new_file(
    out: Path,
    channels: Sequence[Channel],
    air: Air,
    montage: Montage | None,
    started_ns: int,
    facts: dict[str, Any],
) -> Recorder:
    """Open a recording and enter its sensors; where that fails, no file is left."""
    said = {"source": "radio", "radio": air.name, **air.facts, **facts}
    said |= {"platform": platform.platform(), "python": platform.python_version()}
    recorder = Recorder(out, session=said, montage=montage, started_ns=started_ns)
    try:
        for channel in channels:
            entry = asdict(channel.info())
            del entry["id"]  # sensors are numbered in the order in which they are entered, as channels are
            recorder.add_sensor(**entry, placements=channel.sites)
    except BaseException:
        recorder.close()
        out.unlink(missing_ok=True)  # nothing was recorded yet
        raise
    return recorder
