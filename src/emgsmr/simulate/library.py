"""The scenarios that come with emgsmr, by name.

Each of them but ``demo``, ``walk``, ``standing`` and ``symmetric`` has the same outline: 20 s standing,
running from then on, the baseline from 2:00 to 8:00, and what it is about after that. Nine must stay silent
(no alarm, notices at most): healthy, fatigue_only, speed_ramp, gain_step, sweat, noisy, crosstalk,
interference and symmetric. A cramp is no compensation either.
"""

from __future__ import annotations

from emgsmr.simulate.incident import Cramp, CrossTalk, Hum, LooseCable, Pause
from emgsmr.simulate.scenario import (
    ChannelGain,
    Clip,
    Contraction,
    DropOut,
    ElectrodeOff,
    Expected,
    Fatigue,
    MuscleChange,
    Phase,
    Scenario,
    Shift,
)

_BASELINE = (Phase("rest", 0.0, 20.0), Phase("baseline", 120.0, 480.0))
_ALL_SITES = tuple(f"{muscle}_{side}" for muscle in ("GMAX", "BFLH", "ST", "MGAS", "LGAS") for side in "LR")

_TRIALS = tuple(
    Contraction(12.0 + 8.0 * number, 16.0 + 8.0 * number, muscles)
    for number, muscles in enumerate(3 * (("GMAX",), ("BFLH", "ST"), ("MGAS", "LGAS")))
)
"""Three trials of four seconds for each muscle group; in life with a minute of rest between two."""
_MAXIMA_FIRST = (
    Phase("rest", 0.0, 10.0),
    *(Phase("mvc", trial.start_s - 0.5, trial.stop_s + 0.5) for trial in _TRIALS),
    Phase("baseline", 120.0, 300.0),
)

_LIST = (
    Scenario(
        "demo",
        "The right hamstrings take over for the right glute after three minutes; two short radio drop-outs.",
        minutes=6.0,
        phases=(Phase("rest", 0.0, 20.0), Phase("baseline", 40.0, 160.0)),
        shifts=(Shift("P1", "R", 0.25, onset_s=180.0, ramp_s=40.0),),
        dropouts=(DropOut("MGAS_L", 130.0, 130.8), DropOut("GMAX_R", 275.0, 276.2)),
    ),
    Scenario(
        "healthy",
        "Nothing happens; a detector must stay silent.",
        minutes=30.0,
        phases=_BASELINE,
    ),
    Scenario(
        "glute_inhibition",
        "The right hamstrings take over for the right glute: 25 % within a minute after the baseline.",
        minutes=20.0,
        load=0.4,
        phases=_BASELINE,
        shifts=(Shift("P1", "R", 0.25, onset_s=480.0, ramp_s=60.0),),
    ),
    Scenario(
        "hamstring_inhibition",
        "The left calf takes over for the left hamstrings: 25 % within a minute after the baseline.",
        minutes=20.0,
        load=0.4,
        phases=_BASELINE,
        shifts=(Shift("P2", "L", 0.25, onset_s=480.0, ramp_s=60.0),),
    ),
    Scenario(
        "chain",
        "As glute_inhibition; then the right hamstrings tire (frequencies fall and amplitude rises by 15 %).",
        minutes=30.0,
        load=0.4,
        phases=_BASELINE,
        shifts=(Shift("P1", "R", 0.25, onset_s=480.0, ramp_s=60.0),),
        fatigue=(Fatigue(("BFLH_R", "ST_R"), 720.0, 1500.0, scale=0.85, gain=1.15),),
    ),
    Scenario(
        "glute_down",
        "The right glute falls by 35 % and nothing takes over.",
        minutes=20.0,
        phases=_BASELINE,
        changes=(MuscleChange("GMAX_R", ((480.0, 1.0), (540.0, 0.65))),),
        expected=(Expected("finding", "prime_down", 480.0, side="R", pair="P1"),),
    ),
    Scenario(
        "fatigue_only",
        "All muscles tire alike (frequencies fall and amplitude rises by 15 %): no compensation.",
        minutes=30.0,
        load=0.55,
        phases=_BASELINE,
        fatigue=(Fatigue(_ALL_SITES, 480.0, 1800.0, scale=0.85, gain=1.15),),
    ),
    Scenario(
        "speed_ramp",
        "The runner goes 25 % faster between minutes 10 and 15: all muscles and the cadence rise.",
        minutes=25.0,
        phases=_BASELINE,
        speed=((600.0, 1.0), (900.0, 1.25)),
        expected=(Expected("notice", "speed_change", 600.0),),
    ),
    Scenario(
        "gain_step",
        "The right glute's electrode settles at 70 % of its gain, noise included, in minute 12.",
        minutes=20.0,
        phases=_BASELINE,
        gains=(ChannelGain("GMAX_R", ((720.0, 1.0), (720.5, 0.7))),),
    ),
    Scenario(
        "sweat",
        "Sweat takes the left glute's channel, noise included, down to 70 % over ten minutes.",
        minutes=25.0,
        phases=_BASELINE,
        gains=(ChannelGain("GMAX_L", ((600.0, 1.0), (1200.0, 0.7))),),
    ),
    Scenario(
        "electrode_off",
        "The right biceps femoris electrode comes off in minute 12 and stays off.",
        minutes=20.0,
        phases=_BASELINE,
        off=(ElectrodeOff("BFLH_R", 720.0),),
        expected=(Expected("notice", "signal", 720.0, side="R", site="BFLH_R"),),
    ),
    Scenario(
        "dropouts",
        "Nothing happens but the radio: drop-outs of 0.2 to 12 s on four sensors.",
        minutes=20.0,
        phases=_BASELINE,
        dropouts=(
            DropOut("GMAX_R", 90.0, 90.2),
            DropOut("BFLH_L", 200.0, 200.6),
            DropOut("GMAX_R", 300.0, 304.0),
            DropOut("BFLH_R", 420.0, 421.0),
            DropOut("MGAS_L", 600.0, 601.5),
            DropOut("BFLH_L", 700.0, 712.0),
            DropOut("GMAX_R", 800.0, 800.5),
            DropOut("MGAS_L", 900.0, 905.0),
        ),
    ),
    Scenario(
        "noisy",
        "Nothing happens to the muscles; hum, strong motion artifacts and one channel that clips.",
        minutes=20.0,
        phases=_BASELINE,
        motion_uv=120.0,
        hum_uv=15.0,
        clips=(Clip("LGAS_L", 150.0, 720.0),),
    ),
    Scenario(
        "walk",
        "Ten minutes of walking; nothing happens.",
        minutes=10.0,
        phases=(Phase("rest", 0.0, 20.0), Phase("baseline", 60.0, 300.0)),
        gait="walk",
        motion_uv=6.0,
    ),
    Scenario(
        "cramp",
        "The right medial calf cramps in minute 12, and in minute 14 until the runner stops for a while.",
        minutes=18.0,
        phases=_BASELINE,
        cramps=(Cramp("MGAS_R", 720.0, 20.0, 0.25), Cramp("MGAS_R", 840.0, 45.0, 0.4)),
        pauses=(Pause(850.0, 900.0),),
    ),
    Scenario(
        "crosstalk",
        "Electrodes pick up 12 % (right calf) and 20 % (left hamstrings) of their neighbors; no change.",
        minutes=20.0,
        phases=_BASELINE,
        cross_talk=(
            CrossTalk("MGAS_R", "LGAS_R", 0.12),
            CrossTalk("LGAS_R", "MGAS_R", 0.12),
            CrossTalk("BFLH_L", "ST_L", 0.20),
            CrossTalk("ST_L", "BFLH_L", 0.20),
        ),
    ),
    Scenario(
        "interference",
        "Nothing happens to the muscles; hum begins in minute 10 and ends in 15, two cables come loose.",
        minutes=20.0,
        phases=_BASELINE,
        hums=(Hum(30.0, 600.0, 900.0), Hum(80.0, 960.0, 1020.0, site="GMAX_L")),
        loose=(LooseCable("MGAS_R", 720.0, 735.0), LooseCable("BFLH_L", 1080.0, 1095.0)),
        flicker_uv=5.0,
    ),
    Scenario(
        "standing",
        "After maximal contractions, a run in which the right hamstrings carry 40 % more from the start.",
        minutes=5.5,
        start_s=90.0,
        phases=_MAXIMA_FIRST,
        changes=tuple(MuscleChange(site, ((0.0, 1.4),)) for site in ("BFLH_R", "ST_R")),
        expected=(Expected("finding", "standing", 90.0, side="R", pair="P1"),),
        contractions=_TRIALS,
        electrode_gain=0.15,
    ),
    Scenario(
        "symmetric",
        "After maximal contractions, a run with equal legs under electrodes whose gains differ by 15 %.",
        minutes=5.5,
        start_s=90.0,
        phases=_MAXIMA_FIRST,
        contractions=_TRIALS,
        electrode_gain=0.15,
    ),
)

SCENARIOS: dict[str, Scenario] = {scenario.name: scenario for scenario in _LIST}
"""The scenarios that come with emgsmr, by name."""
