"""Words of the window."""

from __future__ import annotations

import pytest

from emgsmr.gui.words import does, listed, pair_title, signal_light, site_title


def test_names():
    assert site_title("BFLH_L") == "left biceps femoris, long head"
    assert pair_title("L", "HAM", "CALF") == "Left calf : hamstrings"
    assert does("GMAX", "less") == "gluteus maximus does less"
    assert listed(["a", "b"]) == "a and b"
    assert listed(["a"]) == "a"


@pytest.mark.parametrize(("dbm", "word"), [(-40, "strong"), (-65, "strong"), (-66, "fair"), (-81, "weak")])
def test_strength(dbm, word):
    assert signal_light(dbm).word == word
