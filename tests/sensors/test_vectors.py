"""The byte vectors of ``firmware_notes/``, both ways."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path

import numpy as np
import pytest

from emgsmr.errors import PacketError
from emgsmr.sensors import FAMILIES

NOTES = Path(__file__).parents[2] / "firmware_notes"


def vectors():
    for key in FAMILIES:
        text = (NOTES / f"{key}.md").read_text("utf-8")
        for block in re.findall(r"^```vectors\n(.*?)^```", text, re.MULTILINE | re.DOTALL):
            for vector in tomllib.loads(block)["vector"]:
                yield pytest.param(FAMILIES[key], vector, id=f"{key}: {vector['name']}")


@pytest.mark.parametrize(("family", "vector"), list(vectors()))
def test_bytes_become_counts_and_back(family, vector):
    payload = bytes.fromhex(vector["hex"])
    uuid = vector["characteristic"]
    assert vector["origin"] in ("captured", "documented", "synthetic")
    if vector.get("error"):
        with pytest.raises(PacketError):
            family.decode(uuid, payload)
        return
    packets = family.decode(uuid, payload)
    assert [packet.counter for packet in packets] == [packet["counter"] for packet in vector["packets"]]
    for packet, expected in zip(packets, vector["packets"], strict=True):
        assert packet.counts.tolist() == expected["counts"]
        assert packet.counts.dtype == np.dtype(family.dtype)
        assert not packet.counts.flags.writeable
    if vector["encodes"]:
        [packet] = packets
        assert family.encode(packet.counter, packet.counts) == (uuid, payload)


@pytest.mark.parametrize("key", FAMILIES)
def test_every_family_has_a_page_with_vectors(key):
    assert any(param.id.startswith(f"{key}: ") for param in vectors())
    text = (NOTES / f"{key}.md").read_text("utf-8")
    family = FAMILIES[key]
    for uuid in (*family.services, *family.notify_uuids, *family.required_uuids):
        assert uuid in text
