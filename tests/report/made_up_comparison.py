"""A made-up comparison: rows as `judge` makes them from bouts that are written down here."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd

from emgsmr.analysis.comparison import Comparison, ComparisonPlan
from emgsmr.analysis.comparison.bouts import Bout, BoutValue
from emgsmr.analysis.comparison.frames import bouts_frame, comparison_frame, tests_frame
from emgsmr.analysis.comparison.judged import judge
from emgsmr.analysis.comparison.measured import PairOnLeg
from emgsmr.analysis.comparison.pictured import CYCLE_COLUMNS, PEAK, PROFILE_COLUMNS, QUALITY_COLUMNS
from emgsmr.analysis.comparison.received import LeftOut
from emgsmr.analysis.settings import Settings
from emgsmr.anatomy import load_catalog

SETS = (("A1", 0.0), ("A2", 300.0), ("B", 900.0))
SCATTER = (-0.02, 0.0, 0.02)


def bouts(
    side: str, shift: float, scatter: tuple[float, ...] = SCATTER
) -> tuple[list[BoutValue], list[BoutValue]]:
    """Three bouts of each set; in B hamstrings rise by ``shift`` and gluteus falls by as much (log)."""
    found: dict[str, list[BoutValue]] = {}
    for label, t0_s in SETS:
        for k, noise in enumerate(scatter):
            bout = Bout(label, k + 1, t0_s + 90 * k, t0_s + 90 * k + 60)
            moved = shift if label == "B" else 0.0
            y = 2 * moved + noise + (0.01 if side == "L" else 0.0)
            found.setdefault(label, []).append(BoutValue(bout, y, -moved, y - moved, 80, 172.0))
    return [*found["A1"], *found["A2"]], found["B"]


def comparison(
    shift: float = 0.15,
    *,
    reason: str = "",
    notes: tuple[str, ...] = (),
    sensor: str = "file.csv",
    margin_pct: float | None = None,
    replaced: bool = False,
    rows: bool = True,
    left_out: str = "",
    names: tuple[str, ...] = ("P1",),
    scatter: tuple[float, ...] = SCATTER,
) -> Comparison:
    """Pairs of the right leg shift; the left leg's do not, or cannot be compared for a reason."""
    pairs = [load_catalog().pairs[name] for name in names]
    plan = ComparisonPlan(margin_pct=margin_pct, treated="R")
    right, left = (
        tuple(map(tuple, bouts(side, moved, scatter))) for side, moved in (("R", shift), ("L", 0.0))
    )
    found = [
        of
        for pair in pairs
        for of in (
            PairOnLeg(pair, "L", reason=reason) if reason else PairOnLeg(pair, "L", *left),
            PairOnLeg(pair, "R", *right, notes=notes),
        )
    ]
    if left_out:
        last = LeftOut("after", Bout("B", 4, 1170.0, 1230.0), left_out)
        found = [replace(of, left_out=(last,), notes=(*of.notes, last.sentence)) for of in found]
    judged = judge(found if rows else [], plan, before_labels=("A1", "A2"), replaced=replaced)
    return Comparison(
        table=comparison_frame(judged, plan),
        bouts=bouts_frame(judged),
        tests=tests_frame(judged),
        rows=tuple(judged),
        plan=plan,
        settings=Settings(),
        session=_session(sensor, replaced=replaced),
        profiles=_profiles(shift, len(names)) if rows else pd.DataFrame(columns=list(PROFILE_COLUMNS)),
        quality=_quality() if rows else pd.DataFrame(columns=list(QUALITY_COLUMNS)),
        cycles=_cycles() if rows else pd.DataFrame(columns=list(CYCLE_COLUMNS)),
    )


def _session(sensor: str, *, replaced: bool) -> dict[str, object]:
    looks = {}
    for name, labels in (("before", ("A1", "A2")), ("after", ("B",))):
        spans = [(label, k, dict(SETS)[label] + 90 * k) for label in labels for k in range(3)]
        looks[name] = {
            "recording": "session.emgsmr",
            "labels": list(labels),
            "exercise": None,
            "bouts": [
                {"label": label, "number": k + 1, "side": None, "t0_s": t, "t1_s": t + 60}
                for label, k, t in spans
            ],
            "sensors": [{"name": sensor, "family": "file", "rate_hz": 500.0, "band_hz": [30.0, 225.0]}],
            "placements": {f"{code}_{side}": sensor for code in ("GMAX", "BFLH") for side in "LR"},
            "exclusions": {},
        }
    electrodes = (
        {"state": "replaced", "why": "recorded 7 days apart"}
        if replaced
        else {"state": "kept", "why": "one recording"}
    )
    return {
        "software": {"name": "emgsmr", "version": "0.1.0"},
        "settings_sha256": "8c1f0a5b9d3e77ab",
        "electrodes": electrodes,
        "family": ["P1 L", "P1 R"],
        "alpha": 0.05,
        "looks": looks,
        "summary": ["Compared."],
    }


def _profiles(shift: float, n_pairs: int = 1) -> pd.DataFrame:
    pct = 2.0 * np.arange(50)
    frames = []
    muscles = [("GMAX", 5, -1), ("BFLH", 92, 1)]
    muscles += [("ST", 90, 1), ("MGAS", 40, 0), ("LGAS", 42, 0)] if n_pairs > 1 else []
    for site, center, sign in [
        (f"{muscle}_{side}", center, sign * (side == "R"))
        for muscle, center, sign in muscles
        for side in "LR"
    ]:
        distance = (pct - center + 50) % 100 - 50
        shape = 5 + 95 * np.exp(-0.5 * (distance / 9) ** 2)
        for condition, scale in (("before", 1.0), ("after", float(np.exp(sign * shift)))):
            frames.append(
                pd.DataFrame(
                    {
                        "site": site, "condition": condition, "pct": pct, "mean": scale * shape,
                        "sd": 0.2 * scale * shape, "n": 240, "unit": PEAK,
                    }
                )
            )  # fmt: skip
    return pd.concat(frames, ignore_index=True)[list(PROFILE_COLUMNS)]


def _quality() -> pd.DataFrame:
    rows = []
    for condition, labels in (("before", ("A1", "A2")), ("after", ("B",))):
        for site in ("GMAX_L", "BFLH_L", "GMAX_R", "BFLH_R"):
            for label in labels:
                for k in range(3):
                    t = dict(SETS)[label] + 90 * k
                    state = "motion" if (site, label, k) == ("BFLH_R", "B", 1) else "good"
                    about = (condition, label, k + 1)
                    rows += [(*about, t, t + 50, site, "good"), (*about, t + 50, t + 60, site, state)]
    return pd.DataFrame(rows, columns=list(QUALITY_COLUMNS))


def _cycles() -> pd.DataFrame:
    rows = [
        ("before", "L", 480, 478, "irregular", 2),
        ("before", "R", 480, 480, "", 0),
        ("after", "L", 240, 240, "", 0),
        ("after", "R", 240, 237, "too short for a stride", 3),
    ]
    return pd.DataFrame(rows, columns=list(CYCLE_COLUMNS))
