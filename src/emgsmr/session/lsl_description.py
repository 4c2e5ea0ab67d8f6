"""What a stream of Lab Streaming Layer says about itself.

Names and nesting follow the XDF project's recommendations (those for EEG); what they have no name for stands
in an element ``emgsmr``.
"""

from __future__ import annotations

import platform
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping
    from types import ModuleType

    from emgsmr.recording import SensorInfo

MICROVOLTS = "microvolts"
COUNTS = "counts"


def unit(info: SensorInfo) -> str:
    """Unit of what is sent: counts, where the scale is unknown.

    Examples
    --------
    >>> from emgsmr.recording import SensorInfo
    >>> unit(SensorInfo(1, "npg_lite", "", "NPG-01", "", 500.0, 3, "<i2", 805.9, "unknown"))
    'counts'
    """
    return COUNTS if info.scale_known == "unknown" else MICROVOLTS


def source_id(info: SensorInfo) -> str:
    """Same for the same sensor in every session, so that readers find it again.

    Examples
    --------
    >>> from emgsmr.recording import SensorInfo
    >>> info = SensorInfo(1, "umyo", "E1:00:00:00:00:02", "uMyo-02", "", 1116.0, 1, "<i2", 2.75, "estimated")
    >>> source_id(info)
    'emgsmr-E1:00:00:00:00:02'
    """
    return f"emgsmr-{info.address or info.name}"


def describe_sensor(lsl: ModuleType, info: SensorInfo, sites: Mapping[int, str], *, zero_s: float) -> Any:
    """The ``StreamInfo`` of a sensor.

    Parameters
    ----------
    lsl : module
        pylsl.
    info : SensorInfo
    sites : mapping of int (channel, from 0) to str
    zero_s : float, s
        LSL's clock at time 0 of the session.
    """
    from emgsmr.anatomy import load_catalog, parse_site
    from emgsmr.sensors import FAMILIES

    described = lsl.StreamInfo(
        f"emgsmr {info.name}", "EMG", info.channels, info.rate_hz, "float32", source_id(info)
    )
    catalog = load_catalog()
    channels = described.desc().append_child("channels")
    for number in range(info.channels):
        site = sites.get(number)
        said = {"label": site or f"channel {number + 1}", "unit": unit(info), "type": "EMG"}
        if site is not None:
            where = parse_site(site, codes=catalog.muscles)
            said["muscle"] = " and ".join(catalog.muscles[code].name for code in where.muscles)
            said["side"] = {"L": "left", "R": "right"}[where.side]
        _append(channels.append_child("channel"), said)
    family = FAMILIES.get(info.family)
    _append(
        described.desc().append_child("acquisition"),
        {
            "manufacturer": family.maker if family else "",
            "model": family.name if family else info.family,
            "serial_number": info.address,
            "firmware": info.firmware,
            "precision": str(family.bits) if family else "",
        },
    )
    # Importers draw a straight line through the stamps of a regular stream, across its gaps too, unless it
    # says that it can drop samples.
    _append(described.desc().append_child("synchronization"), {"can_drop_samples": "true"})
    own = {"scale_uv": repr(info.scale_uv), "scale_known": info.scale_known, "zero_s": repr(zero_s)}
    _append(described.desc().append_child("emgsmr"), own)
    return described


def describe_markers(lsl: ModuleType, *, zero_s: float) -> Any:
    """The ``StreamInfo`` of the markers; one such stream for each computer."""
    described = lsl.StreamInfo(
        "emgsmr markers", "Markers", 1, lsl.IRREGULAR_RATE, "string", f"emgsmr-markers-{platform.node()}"
    )
    channel = described.desc().append_child("channels").append_child("channel")
    _append(channel, {"label": "markers", "type": "Markers", "format": "JSON"})
    _append(described.desc().append_child("emgsmr"), {"zero_s": repr(zero_s)})
    return described


def _append(element: Any, said: Mapping[str, str]) -> None:
    for name, value in said.items():
        if value:
            element.append_child_value(name, value)
