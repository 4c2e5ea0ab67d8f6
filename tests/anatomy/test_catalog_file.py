"""A practitioner's own file: what it adds and changes, and how it is told what is wrong."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from emgsmr.anatomy import load_catalog
from emgsmr.errors import SettingsError

OWN = """
count_as = "arms_paired"

[source]
mine = { citation = "Own observation, 2024" }

[[muscle]]
code = "SCM"
name = "sternocleidomastoid"

[[pair]]
id = "P5"
enabled = true

[[pair]]
id = "NECK"
prime = ["SCM"]
compensator = ["BFLH", "ST"]
run_window_pct = [0, 30]
evidence = "own observation"
sources = ["mine"]

[[sling]]
id = "NL"
name = "Neck Line"
system = "own"
evidence = "own observation"
sources = ["mine"]
pairs = ["NECK"]
members = [{ name = "sternocleidomastoid", site = "SCM" }, { name = "jaw", muscle = false }]
"""


@pytest.fixture
def write(tmp_path):
    def write(text):
        path = tmp_path / "own.toml"
        path.write_bytes(text.encode("utf-8") if isinstance(text, str) else text)
        return path

    return write


def test_an_own_file_adds_and_changes(write):
    catalog = load_catalog(write(OWN))
    assert len(catalog.slings) == 16
    assert catalog.slings[-1].id == "NL"
    assert catalog.slings[-1].sources[0].citation == "Own observation, 2024"
    assert catalog.pairs["P5"].enabled
    assert catalog.pairs["P5"].level == "C+"  # what is not given stays
    neck = catalog.pairs["NECK"]
    assert (neck.prime_name, neck.compensator_name, neck.enabled) == ("SCM", "HAM", False)
    assert str(catalog.parse_site("SCM_R")) == "SCM_R"
    assert list(catalog.measured(catalog.slings[-1], ["SCM_R"])["R"].values()) == ["SCM_R"]
    assert not load_catalog().pairs["P5"].enabled  # the shipped one is untouched
    assert "SCM" not in load_catalog().muscles


@pytest.mark.parametrize(("rule", "n"), [("arms_paired", 10), ("functional_once", 10), ("atomic", 12)])
def test_how_lines_are_counted_can_be_chosen(write, rule, n):
    catalog = load_catalog(write(f'count_as = "{rule}"'))
    assert sum(sling.system == "anatomy_trains" for sling in catalog.slings) == n
    assert len(catalog.lines) == 12
    assert len({sling.id for sling in catalog.slings}) == len(catalog.slings) == n + 5


def test_a_file_without_content_changes_nothing(write):
    assert load_catalog(write("")).slings == load_catalog().slings


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("[[sling", "is not TOML"),
        (b"\xff\xfe\x00", "save it as UTF-8"),
        ("[[slings]]\nid = 'X'", "did you mean 'sling'?"),
        ("[sling]\nid = 'X'", "two brackets"),
        ("sling = 3", "two brackets"),
        ("count_as = 'eleven'", "count_as must be one of"),
        ("count_as = ['atomic']", "count_as must be one of"),
        ("source = 3", "[source] holds lines"),
        ("[source]\nmine = 'x'", "[source] holds lines"),
        ("[source]\nmine = {}", "citation is missing"),
        ("[[pair]]\nenabled = true", "number 1 needs id"),
        ("[[muscle]]\ncode = 3", "number 1 needs code"),
        ("[[pair]]\nid = 'P5'\n[[pair]]\nid = 'P5'", "pair P5: given twice"),
        ("[[pair]]\nid = 'P5'\nenable = true", "did you mean 'enabled'?"),
        ("[[pair]]\nid = 'P5'\nenabled = 'yes'", "enabled must be true or false, not 'yes'"),
        ("[[pair]]\nid = 'P5'\nrun_window_pct = [20, -10]", "start before stop"),
        ("[[pair]]\nid = 'P5'\nrun_window_pct = [nan, 10]", "start before stop"),
        ("[[pair]]\nid = 'P5'\nrun_window_pct = [-50, 90]", "longer than a stride"),
        ("[[pair]]\nid = 'P5'\nprime = ['GLUTE']", "unknown muscle 'GLUTE'"),
        ("[[pair]]\nid = 'P5'\nsources = ['nobody']", "unknown source 'nobody'"),
        ("[[pair]]\nid = 'P5'\nderived_from = 'P0'", "unknown pair 'P0'"),
        ("[[pair]]\nid = 'P3'\nenabled = true", "no surface EMG"),
        ("[[pair]]\nid = 'NEW'\nprime = ['GMAX']", "compensator is missing"),
        ("[[muscle]]\ncode = 'SCM'", "name is missing"),
        ("[[muscle]]\ncode = 'scm'\nname = 'x'", "ten capitals and digits"),
        ("[[muscle]]\ncode = 'HAM'\nname = 'x'", "no group's name"),
        ("[[muscle]]\ncode = 'GMAX'\ngroup = 'HAM'", "the groups are fixed"),
        ("[[muscle]]\ncode = 'GMAX'\nsemg = 'no'", "semg must be one of yes, partly"),
        ("[[sling]]\nid = 'X'\nname = 'x'\nsystem = 'own'\nevidence = 'x'", "members is missing"),
        ("[[sling]]\nid = 'SBL'\nmembers = []", "needs members"),
        ("[[sling]]\nid = 'SBL'\nmembers = ['GMAX']", "members must be a list of tables"),
        ("[[sling]]\nid = 'SBL'\nmembers = [{site = 'GMAX'}]", "a member needs a name"),
        ("[[sling]]\nid = 'SBL'\nmembers = [{name = 'x', site = 'GMAX_L'}]", "a code without a side"),
        ("[[sling]]\nid = 'SBL'\nmembers = [{name = 'x', depth = 'low'}]", "depth must be one of"),
        ("[[sling]]\nid = 'SBL'\nmembers = [{name = 'x', site = 'TA', depth = 'deep'}]", "has no site"),
        ("[[sling]]\nid = 'SBL'\npairs = ['P77']", "unknown pair 'P77'"),
        ("[[merge]]\nid = 'FAL'\nlines = ['ABC']", "unknown line 'ABC'"),
        ("x = " + "[" * 5000, "is not TOML"),
        ("# " + "x" * 1_000_001, "larger than a catalog"),
    ],
)
def test_what_is_wrong_is_said_in_one_sentence_with_its_place(write, text, says):
    path = write(text)
    with pytest.raises(SettingsError) as caught:
        load_catalog(path)
    assert says in str(caught.value)
    assert str(path) in str(caught.value)


def test_a_file_that_is_not_there(tmp_path):
    for path in (tmp_path / "none.toml", tmp_path):
        with pytest.raises(SettingsError, match="cannot be read"):
            load_catalog(path)


@given(st.binary(max_size=60))
def test_any_bytes_are_a_catalog_or_refused(tmp_path_factory, raw):
    path = tmp_path_factory.mktemp("catalog") / "own.toml"
    path.write_bytes(raw)
    try:
        catalog = load_catalog(path)
    except SettingsError:
        return
    assert len(catalog.slings) >= 15
