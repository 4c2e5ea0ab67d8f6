"""The catalog as shipped: complete, cited, and without a loose end."""

from __future__ import annotations

import pytest

from emgsmr.anatomy import GROUPS, load_catalog
from emgsmr.errors import MontageError

CATALOG = load_catalog()
CODES = "GMAX GMED TFL BFLH ST MGAS LGAS SOL TA PL VL VM RF ADDL ADDM ES MF LD EO IO RA"
SLINGS = "SBL SFL LL SL DFL BFL FFL IFL FAL BAL ISS AOS POS DLS LS"
LINES = "SBL SFL LL SL DFL BFL FFL IFL SFAL DFAL SBAL DBAL"
DEFAULT = [f"{code}_{side}" for code in ("GMAX", "BFLH", "ST", "MGAS", "LGAS") for side in "LR"]


def sling(name):
    return next(sling for sling in CATALOG.slings if sling.id == name)


def test_fifteen_slings_of_twelve_lines_and_five_subsystems():
    assert " ".join(s.id for s in CATALOG.slings) == SLINGS
    assert " ".join(line.id for line in CATALOG.lines) == LINES
    assert [s.system for s in CATALOG.slings] == ["anatomy_trains"] * 10 + ["core_subsystem"] * 5
    shown = [line.id for s in CATALOG.slings if s.system == "anatomy_trains" for line in (s.lines or (s,))]
    assert " ".join(shown) == LINES
    assert [line.id for line in sling("FAL").lines] == ["SFAL", "DFAL"]


def test_the_muscles_are_those_of_the_sites():
    assert " ".join(CATALOG.muscles) == CODES
    assert all(CATALOG.muscles[code].group == name for name, codes in GROUPS.items() for code in codes)


@pytest.mark.parametrize("one", [*CATALOG.slings, *CATALOG.lines], ids=lambda one: one.id)
def test_every_sling_is_cited_and_whole(one):
    assert one.name
    assert one.evidence
    assert one.sources
    assert all(source.citation for source in one.sources)
    assert len(set(one.members)) == len(one.members) >= 3
    assert set(one.muscles) <= set(CATALOG.muscles)
    assert set(one.pairs) <= set(CATALOG.pairs)
    for member in one.members:
        assert member.site is None or (member.muscle and member.depth != "deep")
        assert member.site is None or (member.depth == "partly") >= (
            CATALOG.muscles[member.site].semg == "partly"
        )


def test_the_plantar_fascia_cannot_be_measured():
    [fascia] = [member for member in sling("SBL").members if member.name == "plantar fascia"]
    assert not fascia.muscle
    assert fascia.site is None
    assert not CATALOG.pairs["P3"].measurable
    assert CATALOG.pairs["P3"].derived_from == "P2"


def test_the_main_pair_lies_in_no_single_sling():
    """The gluteus maximus is not on the Superficial Back Line, the hamstrings' line."""
    for one in CATALOG.slings:
        assert not {"GMAX", "ST"} <= set(one.muscles)


@pytest.mark.parametrize("one", CATALOG.pairs.values(), ids=lambda one: one.id)
def test_every_pair_is_cited_and_whole(one):
    assert {*one.prime, *one.compensator} <= set(CATALOG.muscles)
    assert one.prime
    assert one.sources
    assert one.evidence
    assert one.level[0] in "ABCD"
    assert -50 <= one.run_window[0] < one.run_window[1] <= 100
    assert not one.enabled or one.measurable


def test_the_pairs_that_are_on():
    assert list(CATALOG.pairs) == [f"P{number}" for number in range(1, 10)]
    assert [pair.id for pair in CATALOG.pairs.values() if pair.enabled] == ["P1", "P2"]
    assert [pair.id for pair in CATALOG.pairs.values() if pair.status == "optional"] == ["P4", "P5", "P8"]
    p1, p2 = CATALOG.pairs["P1"], CATALOG.pairs["P2"]
    assert (p1.prime, p1.compensator, p1.run_window) == (("GMAX",), ("BFLH", "ST"), (-15, 20))
    assert (p2.prime, p2.compensator, p2.run_window) == (("BFLH", "ST"), ("MGAS", "LGAS"), (-15, 25))
    assert (p1.prime_name, p1.compensator_name, p2.compensator_name) == ("GMAX", "HAM", "CALF")


@pytest.mark.parametrize("muscle", CATALOG.muscles.values(), ids=lambda muscle: muscle.code)
def test_every_muscle_says_where_and_what_to_watch(muscle):
    assert muscle.limit
    assert muscle.electrode
    assert {*muscle.limit_source, *muscle.timing_source, *muscle.placement_source} <= set(CATALOG.sources)
    if muscle.direction:
        assert muscle.placement_source
    if muscle.center_walk_pct is not None:
        assert muscle.timing_source
        start, stop = muscle.walk_window
        center = muscle.center_walk_pct
        assert start <= center <= stop or start <= center - 100 <= stop


def test_centers_of_the_main_muscles():
    centers = {code: CATALOG.muscles[code] for code in ("GMAX", "BFLH", "ST", "MGAS", "LGAS", "SOL")}
    assert {code: muscle.center_run_pct for code, muscle in centers.items()} == {
        "GMAX": 4, "BFLH": 95, "ST": 94, "MGAS": 6, "LGAS": 6, "SOL": 8,
    }  # fmt: skip
    assert {code: muscle.center_walk_pct for code, muscle in centers.items()} == {
        "GMAX": 4, "BFLH": 95, "ST": 95, "MGAS": 41, "LGAS": 41, "SOL": 45,
    }  # fmt: skip


def test_what_the_default_montage_measures():
    measured = {
        one.id: [member.site for member in CATALOG.measured(one, DEFAULT)["L"]] for one in CATALOG.slings
    }
    assert {name: sites for name, sites in measured.items() if sites} == {
        "SBL": ["MGAS", "LGAS", "BFLH", "ST"],
        "LL": ["GMAX"],
        "SL": ["BFLH"],
        "BFL": ["GMAX"],
        "POS": ["GMAX"],
        "DLS": ["BFLH"],
    }


def test_opposite_members_are_measured_on_the_other_side():
    found = CATALOG.measured(sling("POS"), ["GMAX_L", "LD_R", "LD_L"])
    assert list(found["L"].values()) == ["GMAX_L", "LD_R"]
    assert list(found["R"].values()) == ["LD_L"]


def test_a_group_electrode_counts_where_the_whole_group_belongs():
    back = CATALOG.measured(sling("SBL"), ["HAM_L"])["L"]
    assert [(member.site, site) for member, site in back.items()] == [("BFLH", "HAM_L"), ("ST", "HAM_L")]
    assert CATALOG.measured(sling("DLS"), ["HAM_L"])["L"] == {}  # nobody knows whether it sees biceps femoris
    both = CATALOG.measured(sling("SBL"), ["ST_L", "HAM_L"])["L"]
    assert list(both.values()) == ["HAM_L", "ST_L"]


def test_pairs_are_measured_per_side():
    sites = ["GMAX_L", "HAM_L", "ES_R", "HAM_R", "LGAS_R"]
    measured = {name: CATALOG.pair_measured(pair, sites) for name, pair in CATALOG.pairs.items()}
    assert measured["P1"] == {"L": True, "R": False}
    assert measured["P2"] == {"L": False, "R": True}
    assert measured["P3"] == {"L": False, "R": False}
    assert measured["P4"] == {"L": True, "R": False}  # the erector spinae of either side


def test_unknown_sites_are_refused():
    with pytest.raises(MontageError, match="unknown site"):
        CATALOG.measured(CATALOG.slings[0], ["GMAX_L", "NECK_L"])


def test_the_catalog_is_loaded_once_and_cannot_be_changed():
    assert load_catalog() is CATALOG
    with pytest.raises(TypeError):
        CATALOG.muscles["X"] = CATALOG.muscles["GMAX"]
