"""Landmarks and cues of every muscle."""

from __future__ import annotations

import pytest

from emgsmr.anatomy import load_catalog
from emgsmr.gui.placement import Guide, guide, guides
from emgsmr.recording import default_montage


def test_every_muscle_of_the_catalog_has_its_guide_and_no_other():
    assert set(guides()) == set(load_catalog().muscles)
    assert {site[:-2] for site in default_montage().sites} <= set(guides())


@pytest.mark.parametrize("code", sorted(guides()))
def test_a_guide_says_where_how_and_after_whom(code):
    one = guide(code)
    assert one.landmarks.endswith(".")
    assert one.cue.endswith(".")
    assert len(one.cue) < 100
    assert len(one.landmarks) < 200
    assert "Pair " in one.landmarks
    assert ("seniam.org" in one.source) != ("no SENIAM site" in one.source)
    assert one.read is (".html" in one.source)


def test_a_group_is_its_first_muscle_and_an_unknown_one_is_empty():
    assert guide("CALF") == guide("MGAS")
    assert guide("XYZ") == Guide()
