"""An emulated sensor's advertisement as bytes."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bumble import core
from bumble.core import AdvertisingData

if TYPE_CHECKING:
    from emgsmr.sensors import Advertisement

_BASE = "-0000-1000-8000-00805f9b34fb"  # of standard UUIDs, which are 16 bits within it
_LEGACY_BYTES = 31  # what an advertisement holds; more goes into the scan response
_FLAGS = (AdvertisingData.Type.FLAGS, b"\x06")


def advertising_data(said: Advertisement) -> tuple[bytes, bytes]:
    """Bytes of the advertisement and of the scan response that say it."""
    kind = AdvertisingData.Type
    rest: list[tuple[int, bytes]] = []
    if said.manufacturer:
        rest.append((kind.MANUFACTURER_SPECIFIC_DATA, said.manufacturer))
    if said.name:
        rest.append((kind.COMPLETE_LOCAL_NAME, said.name.encode()))
    for uuid in said.service_uuids:
        short = uuid.startswith("0000") and uuid.endswith(_BASE)
        packed = bytes(core.UUID(uuid[4:8] if short else uuid))
        rest.append(
            (kind.COMPLETE_LIST_OF_16_BIT_SERVICE_CLASS_UUIDS, packed)
            if short
            else (kind.COMPLETE_LIST_OF_128_BIT_SERVICE_CLASS_UUIDS, packed)
        )
    first: list[tuple[int, bytes]] = [_FLAGS]
    later: list[tuple[int, bytes]] = []
    for structure in rest:
        fits = len(bytes(AdvertisingData([*first, structure]))) <= _LEGACY_BYTES
        (first if fits else later).append(structure)
    return bytes(AdvertisingData(first)), bytes(AdvertisingData(later))
