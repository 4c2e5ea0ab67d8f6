"""The byte vectors of ``firmware_notes/``, both ways."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path

import numpy as np
import pytest

from emgsmr.errors import PacketError
from emgsmr.sensors import DEVICES, Facts, Packet, signal_of

NOTES = Path(__file__).parents[2] / "firmware_notes"
PAGES = {"open": "open_profile", "shimmer3": "shimmer3r"}  # others are called as their family


def page_of(device):
    """A variant shares its family's page."""
    key = device.variant_of or device.key
    return NOTES / f"{PAGES.get(key, key)}.md"


def vectors():
    pages = {page_of(device): key for key, device in reversed(DEVICES.items())}
    for (
        page,
        key,
    ) in pages.items():  # `variant = "key"` in a vector says whose it is where several share a page
        text = page.read_text("utf-8")
        for block in re.findall(r"^```vectors\n(.*?)^```", text, re.MULTILINE | re.DOTALL):
            for vector in tomllib.loads(block)["vector"]:
                device = DEVICES[vector.get("variant", key)]
                yield pytest.param(device, vector, id=f"{device.key}: {vector['name']}")


@pytest.mark.parametrize(("family", "vector"), list(vectors()))
def test_bytes_become_counts_and_back(family, vector):
    facts = Facts(software=vector.get("software", ""), channels=vector.get("channels", 0))
    decoder = family.decoder(facts)
    uuid = vector["characteristic"]
    assert vector["origin"] in ("captured", "documented", "synthetic")
    for before in vector.get("before", ()):
        earlier = before if isinstance(before, dict) else {"characteristic": uuid, "hex": before}
        decoder.feed(earlier["characteristic"], bytes.fromhex(earlier["hex"]))
    payload = bytes.fromhex(vector["hex"])
    if vector.get("error"):
        with pytest.raises(PacketError):
            decoder.feed(uuid, payload)
        return
    found = decoder.feed(uuid, payload)
    packets = [item for item in found if isinstance(item, Packet)]
    readings = [item for item in found if not isinstance(item, Packet)]
    expected = vector.get("packets", [])
    assert [packet.counter for packet in packets] == [packet.get("counter") for packet in expected]
    for packet, wanted in zip(packets, expected, strict=True):
        assert packet.counts.tolist() == wanted["counts"]
        signal = signal_of(decoder) or family
        assert packet.counts.dtype == np.dtype(signal.dtype)
        assert not packet.counts.flags.writeable
    told = vector.get("readings", {})
    assert {item.quantity for item in readings} == set(told)
    for quantity, wanted in told.items():
        several = wanted if isinstance(wanted[0], list) else [wanted]
        values = [item.values for item in readings if item.quantity == quantity]
        assert values == [pytest.approx(each, abs=1e-4) for each in several]
    if vector["encodes"]:
        unit = family.unit(facts)
        if packets:
            [packet] = packets
            assert unit.encode(packet.counter or 0, packet.counts) == [(uuid, payload)]
        else:
            made = [notification for item in readings for notification in unit.encode_reading(item)]
            assert made == [(uuid, payload)]


@pytest.mark.parametrize("key", DEVICES)
def test_every_family_has_a_page_with_vectors(key):
    device = DEVICES[key]
    text = page_of(device).read_text("utf-8")
    assert re.search(r"^```vectors$", text, re.MULTILINE)
    for uuid in (*device.services, *device.notify_uuids, *device.required_uuids):
        assert uuid in text or uuid[4:8] in text


def test_the_list_of_pages_is_complete():
    text = (NOTES / "README.md").read_text("utf-8")
    for device in DEVICES.values():
        assert f"({page_of(device).name})" in text
