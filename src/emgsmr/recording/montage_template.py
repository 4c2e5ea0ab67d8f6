"""A montage file to fill in, from what a scan found."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from emgsmr.recording.montage import MontageSensor


def montage_template(
    found: Iterable[MontageSensor], *, channel_counts: Mapping[str, int] | None = None
) -> str:
    """Text of a montage file to fill in, with one table for each sensor that a scan found.

    Parameters
    ----------
    found : iterable of MontageSensor
        Their names, addresses and families; channels that have a site already keep it.
    channel_counts : mapping of family to int, optional
        How many channels to offer for a sensor of that family (1, if it is not in there; 0 for a device
        without EMG).
    """
    lines = [
        "# Which channel sits on which muscle. Take away the # of a line and write the site: muscle code and",
        "# side, such as GMAX_L, BFLH_R, ST_L, MGAS_R, LGAS_L (`emgsmr slings` shows what each tells).",
        "# A sensor that may be absent: required = false. Channels without a site are recorded too.",
        "# A heart rate strap or foot pod has no channels. Take out what is not yours.",
        "",
        "# mains_hz = 50   # 60 in the Americas and parts of Asia; found from the signal if left out",
        "# [person]",
        '# code = "P01"    # a code, no name',
    ]
    for sensor in found:
        lines += ["", "[[sensor]]"]
        for key in ("name", "address", "family"):
            if (value := getattr(sensor, key)) is not None:
                lines.append(f"{key} = {_quoted(value)}")
        if not sensor.required:
            lines.append("required = false")
        count = max([(channel_counts or {}).get(sensor.family or "", 1), *sensor.channels])
        if count:
            lines.append("[sensor.channels]")
        for channel in range(1, count + 1):
            site = sensor.channels.get(channel)
            lines.append(f"{channel} = {_quoted(site)}" if site else f'# {channel} = "GMAX_L"')
    return "\n".join(lines) + "\n"


def _quoted(text: str) -> str:
    escaped = text.replace("\\", "\\\\").replace('"', '\\"')
    return '"' + "".join(c if c.isprintable() else f"\\U{ord(c):08x}" for c in escaped) + '"'
