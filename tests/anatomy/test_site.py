"""Sites: read, written, and refused with a suggestion."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from emgsmr.anatomy import GROUPS, SIDES, Site, load_catalog, parse_site
from emgsmr.errors import MontageError

KNOWN = [f"{code}_{side}" for code in (*load_catalog().muscles, *GROUPS) for side in SIDES]


@pytest.mark.parametrize("text", KNOWN)
def test_there_and_back(text):
    site = parse_site(text)
    assert str(site) == text
    assert site.opposite.opposite == site
    assert site.opposite.side != site.side
    assert site.is_group == (site.muscle in GROUPS)
    assert site.muscles == GROUPS.get(site.muscle, (site.muscle,))


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("GMX_L", "did you mean GMAX_L?"),
        ("gmax_l", "did you mean GMAX_L?"),
        ("GMAX-R", "did you mean GMAX_R?"),
        ("GMAX", "say which side, GMAX_L or GMAX_R"),
        ("ham", "say which side, HAM_L or HAM_R"),
        ("HAMS_R", "did you mean HAM_R?"),
        ("GMAX_X", "did you mean GMAX_"),
        ("", "a site is a muscle code and a side"),
        ("???????", "a site is a muscle code and a side"),
    ],
)
def test_a_slip_is_answered_with_the_nearest_site(text, says):
    with pytest.raises(MontageError) as caught:
        parse_site(text)
    assert says in str(caught.value)
    assert "'emgsmr slings'" in str(caught.value)


@given(st.text(max_size=200))
def test_any_text_is_a_site_or_one_short_sentence(text):
    if text in KNOWN:
        return
    with pytest.raises(MontageError) as caught:
        parse_site(text)
    assert len(str(caught.value)) < 500
    assert "\n" not in str(caught.value)


def test_own_muscles_are_known_where_they_are_given():
    assert parse_site("SCM_L", codes={"SCM"}) == Site("SCM", "L")
    assert parse_site("HAM_L", codes={"SCM"}).is_group
    with pytest.raises(MontageError):
        parse_site("GMAX_L", codes={"SCM"})
