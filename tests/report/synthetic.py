"""A made-up analysis: what `emgsmr.analysis.analyze` hands out, without its arithmetic.

Fifteen minutes at 88 strides per minute. On the right the gluteus maximus falls and the hamstrings rise
from minute 8 on (flagged); the left stays as it was. The right calf's sensor drops out at minute 5, and
there are a few seconds of motion. Numbers are drawn, not measured: tests need their shape only.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pandas as pd

MUSCLES = ("GMAX", "BFLH", "ST", "MGAS", "LGAS")
SITES = tuple(f"{muscle}_{side}" for side in "LR" for muscle in MUSCLES)
PAIRS = {"P1": ("GMAX", "HAM"), "P2": ("HAM", "CALF")}
CENTER = {"GMAX": 5.0, "BFLH": 93.0, "ST": 92.0, "MGAS": 8.0, "LGAS": 9.0}
LEVEL = {"GMAX": 55.0, "BFLH": 80.0, "ST": 95.0, "MGAS": 140.0, "LGAS": 110.0}
ONSET_S, BASELINE = 480.0, (120.0, 420.0)
GAP = (300.0, 321.0)


@dataclass
class Analysis:
    """The attributes that `emgsmr.analysis.Analysis` promises."""

    strides: pd.DataFrame
    activation: pd.DataFrame
    ratios: pd.DataFrame
    slings: pd.DataFrame
    fatigue: pd.DataFrame
    findings: pd.DataFrame
    quality: pd.DataFrame
    gaps: pd.DataFrame
    events: pd.DataFrame
    readings: pd.DataFrame
    covariates: pd.DataFrame
    profiles: pd.DataFrame
    bursts: pd.DataFrame
    spectra: pd.DataFrame
    measures: pd.DataFrame
    references: pd.DataFrame
    excess: pd.DataFrame
    hints: pd.DataFrame
    watch: pd.DataFrame
    rest: pd.DataFrame
    baseline: tuple[float, float] | None
    session: dict[str, Any]
    duration_s: float
    settings: Any = None
    sentences: list[str] = field(default_factory=list)

    def summary(self) -> list[str]:
        return list(self.sentences)


def analysis(*, minutes: float = 15.0, seed: int = 1, flagged: bool = True) -> Analysis:
    """The run described above; without ``flagged`` nothing shifts."""
    rng = np.random.default_rng(seed)
    duration = minutes * 60
    strides = _strides(rng, duration)
    activation = _activation(rng, strides, flagged=flagged)
    ratios = _ratios(activation, strides)
    return Analysis(
        strides=strides,
        activation=activation,
        ratios=ratios,
        slings=_slings(activation, duration),
        fatigue=_fatigue(duration),
        findings=_findings(duration, ratios) if flagged else empty("findings"),
        quality=_quality(rng, duration),
        gaps=pd.DataFrame(
            {
                "sensor": ["calf R"],
                "t_start_s": [GAP[0]],
                "t_end_s": [GAP[1]],
                "n_missing": [10500],
                "cause": ["link"],
            }
        ),
        events=_events(),
        readings=_readings(duration),
        covariates=empty("covariates"),
        profiles=_profiles(flagged=flagged),
        **{name: empty(name) for name in WITHOUT_ROWS},
        baseline=BASELINE,
        session=session(),
        duration_s=duration,
        sentences=["Right leg: hamstrings relative to gluteus maximus rose (made-up numbers)."]
        if flagged
        else [],
    )


def session() -> dict[str, Any]:
    """What `session.json` records."""
    names = ("glute L", "thigh L", "calf L", "glute R", "thigh R", "calf R")
    places = (("GMAX",), ("BFLH", "ST"), ("MGAS", "LGAS"))
    sensors, placements = [], {}
    for number, name in enumerate(names):
        umyo = name.startswith("glute")
        for muscle in places[number % 3]:
            placements[f"{muscle}_{name[-1]}"] = name
        sensors.append(
            {
                "name": name,
                "family": "umyo" if umyo else "npg_lite",
                "rate_hz": 1116.0 if umyo else 500.0,
                "channels": 1 if umyo else 3,
                "scale_uv": 2.75 if umyo else 0.74,
                "scale_known": "estimated" if umyo else "unknown",
                "band_hz": [30.0, 450.0 if umyo else 225.0],
                "settling_samples": 120,
                "clock": {"rate_hz": 500.01, "drift_ppm": 20.0, "residual_ms": 3.2, "unknown_ms": 0.8},
                "n_gaps": int(name == "calf R"),
                "n_missing": 10500 * (name == "calf R"),
            }
        )
    normal = {
        "reference": "own baseline",
        "source": "after the warm-up",
        "t0_s": BASELINE[0],
        "t1_s": BASELINE[1],
        "gait": "run",
        "n_strides": 430,
        "cadence_spm": 176.0,
        "noise_uv": {"GMAX_L": 3.1},
    }
    chart = {"n_baseline_points": 43, "sigma": 0.05, "k": 0.25, "limit": 15.2, "sdc_pct": 14.9, "reason": ""}
    return {
        "software": {"name": "emgsmr", "version": "0.1.0", "python": "3.11.9"},
        "settings": {
            "low_hz": 30.0,
            "high_hz": 450.0,
            "hours_per_false_alarm": 10.0,
            "floor_pct": 20.0,
            "block_strides": 10,
            "cusum_k": 0.25,
        },
        "settings_sha256": "8c1f0a5b9d3e77ab8c1f0a5b9d3e77ab8c1f0a5b9d3e77ab8c1f0a5b9d3e77ab",
        "sensors": sensors,
        "placements": placements,
        "normalization": {"L": normal, "R": dict(normal)},
        "charts": [
            {"pair": pair, "side": side, "prime_sites": [], "compensator_sites": [], **chart}
            for side in "LR"
            for pair in PAIRS
        ],
        "exclusions": {"strides": {}, "sites": {}, "n_strides": 0, "n_valid": 0},
    }


WITHOUT_ROWS = ("bursts", "spectra", "measures", "references", "excess", "hints", "watch", "rest")
"""Tables that the page says nothing about, or that stay empty here."""


def empty(table: str) -> pd.DataFrame:
    """A table without rows, with the columns of the contract."""
    return pd.DataFrame({column: [] for column in COLUMNS[table]})


def without_rows() -> Analysis:
    """What is left when nothing could be measured."""
    tables = {name: empty(name) for name in COLUMNS if name != "comparison"}
    return Analysis(**tables, baseline=None, session={}, duration_s=0.0)


def one_channel() -> Analysis:
    """One electrode on one muscle: no pair, no ratio, no finding."""
    full = analysis(minutes=9, flagged=False)
    return Analysis(
        strides=full.strides[full.strides.side == "R"].reset_index(drop=True),
        activation=full.activation[full.activation.site == "GMAX_R"].reset_index(drop=True),
        ratios=empty("ratios"),
        slings=full.slings[full.slings.site == "GMAX_R"]
        .assign(share=1.0, n_measured=1)
        .reset_index(drop=True),
        fatigue=empty("fatigue"),
        findings=empty("findings"),
        quality=full.quality[full.quality.site == "GMAX_R"].reset_index(drop=True),
        gaps=empty("gaps"),
        events=empty("events"),
        readings=empty("readings"),
        covariates=empty("covariates"),
        profiles=full.profiles[full.profiles.site == "GMAX_R"].reset_index(drop=True),
        **{name: empty(name) for name in WITHOUT_ROWS},
        baseline=full.baseline,
        session=full.session,
        duration_s=full.duration_s,
    )


def _strides(rng: np.random.Generator, duration: float) -> pd.DataFrame:
    frames = []
    for side, phase in (("L", 0.0), ("R", 0.34)):
        period = 60 / 88 * np.exp(rng.normal(0, 0.01, int(duration * 1.6)))
        start = phase + np.concatenate([[0.0], np.cumsum(period)])
        start = start[start < duration - 1]
        frame = pd.DataFrame({"side": side, "t_start_s": start[:-1], "t_end_s": start[1:]})
        frame.insert(0, "stride", np.arange(len(frame)))
        frames.append(frame)
    strides = pd.concat(frames, ignore_index=True)
    strides["cadence_spm"] = 120 / (strides.t_end_s - strides.t_start_s)
    strides["source"] = "emg"
    reason = np.where((strides.t_start_s > 60) & (strides.t_start_s < 66), "irregular", "")
    strides["valid"] = reason == ""
    strides["reject_reason"] = np.where(reason == "", None, reason)
    return strides


def _activation(rng: np.random.Generator, strides: pd.DataFrame, *, flagged: bool) -> pd.DataFrame:
    frames = []
    for site in SITES:
        muscle, side = site.split("_")
        own = strides[strides.side == side]
        t = own.t_start_s.to_numpy()
        ramp = np.clip((t - ONSET_S) / 120, 0, 1) * (side == "R") * flagged
        shift = {"GMAX": -0.17, "BFLH": 0.15, "ST": 0.13}.get(muscle, 0.0) * ramp
        slow = 0.02 * np.sin(t / 90 + len(muscle))
        level = shift + slow + rng.normal(0, 0.16, len(own))
        gap = (t > GAP[0] - 1) & (t < GAP[1]) & (site in ("MGAS_R", "LGAS_R"))
        motion = (t > 700) & (t < 707) & (site == "BFLH_L")
        valid = own.valid.to_numpy() & ~gap & ~motion
        rel = np.where(valid, np.exp(level), np.nan)
        spectral = 95.0 * np.exp(
            -0.05 * np.clip(ramp, 0, 1) * (muscle == "BFLH") + rng.normal(0, 0.05, len(own))
        )
        frames.append(
            pd.DataFrame(
                {
                    "stride": own["stride"].to_numpy(),
                    "site": site,
                    "t_s": t,
                    "rms_uV": rel * LEVEL[muscle],
                    "rel": rel,
                    "mnf_hz": np.where(valid, spectral * 1.15, np.nan),
                    "mdf_hz": np.where(valid, spectral, np.nan),
                    "ln_fi": np.nan,
                    "burst_center_pct": np.where(valid, CENTER[muscle] + rng.normal(0, 2, len(own)), np.nan),
                    "valid": valid,
                    "reject_reason": np.where(gap, "gap", np.where(motion, "motion", own.reject_reason)),
                }
            )
        )
    return pd.concat(frames, ignore_index=True)


def _ratios(activation: pd.DataFrame, strides: pd.DataFrame) -> pd.DataFrame:
    wide = np.log(activation.pivot(index="stride", columns="site", values="rel"))
    frames = []
    for side in "LR":
        groups = {
            "GMAX": wide[f"GMAX_{side}"],
            "HAM": (wide[f"BFLH_{side}"] + wide[f"ST_{side}"]) / 2,
            "CALF": (wide[f"MGAS_{side}"] + wide[f"LGAS_{side}"]) / 2,
        }
        own = strides[strides.side == side].set_index("stride")
        for pair, (prime, compensator) in PAIRS.items():
            log_ratio = (groups[compensator] - groups[prime]).reindex(own.index).to_numpy()
            frames.append(
                pd.DataFrame(
                    {
                        "stride": own.index,
                        "side": side,
                        "pair": pair,
                        "prime": prime,
                        "compensator": compensator,
                        "t_s": own.t_start_s.to_numpy(),
                        "log_ratio": log_ratio,
                        "ratio": np.exp(log_ratio),
                        "share": 1 / (1 + np.exp(-log_ratio)),
                        "z": log_ratio / 0.2,
                        "valid": np.isfinite(log_ratio),
                    }
                )
            )
    return pd.concat(frames, ignore_index=True)


def _slings(activation: pd.DataFrame, duration: float) -> pd.DataFrame:
    members = {
        "SBL": (("MGAS", "LGAS", "BFLH", "ST"), 6),
        "BFL": (("GMAX",), 3),
        "POS": (("GMAX",), 3),
        "DLS": (("BFLH",), 5),
        "SL": (("BFLH",), 7),
        "LL": (("GMAX",), 6),
    }
    rows = []
    for block, t in enumerate(np.arange(0, duration, 60.0)):
        chunk = activation[(activation.t_s >= t) & (activation.t_s < t + 60)].groupby("site").rel.median()
        for side in "LR":
            for sling, (codes, total) in members.items():
                level = np.array([chunk.get(f"{code}_{side}", np.nan) for code in codes])
                for code, value in zip(codes, level / level.sum(), strict=True):
                    rows.append((block, t, side, sling, f"{code}_{side}", value, len(codes), total))
    return pd.DataFrame(rows, columns=list(COLUMNS["slings"]))


def _fatigue(duration: float) -> pd.DataFrame:
    rows = []
    for t in np.arange(180.0, duration, 60.0):
        for site in SITES:
            tired = site == "BFLH_R" and t > 720
            slope = (0.03, -0.02) if tired else (0.002, 0.001)
            rows.append(
                (
                    t,
                    site,
                    *slope,
                    slope[0] - 0.01,
                    slope[0] + 0.01,
                    slope[1] - 0.01,
                    slope[1] + 0.01,
                    "fatigue" if tired else "none",
                    None if tired else "a slope's interval includes 0",
                )
            )
    return pd.DataFrame(rows, columns=list(COLUMNS["fatigue"]))


def _findings(duration: float, ratios: pd.DataFrame) -> pd.DataFrame:
    after = ratios[(ratios.side == "R") & (ratios.pair == "P1") & (ratios.t_s > 545) & ratios.valid]
    change = 100 * (np.exp(after.log_ratio.median()) - 1)
    text = (
        f"Right leg: hamstring activation relative to gluteus maximus rose {change:.0f} % "
        "(95 % CI 31-41 %) against the baseline: a pattern consistent with compensation."
    )
    row = dict.fromkeys(COLUMNS["findings"])
    row |= {
        "finding": 1,
        "pair": "P1",
        "side": "R",
        "prime": "GMAX",
        "compensator": "HAM",
        "t_onset_s": 486.4,
        "t_alarm_s": 545.2,
        "t_tier2_s": 552.0,
        "t_tier3_s": np.nan,
        "t_end_s": duration,
        "tier": 2,
        "change_pct": change,
        "ci_low_pct": change - 5,
        "ci_high_pct": change + 5,
        "d_prime_pct": -15.2,
        "d_compensator_pct": 14.6,
        "z": 6.1,
        "pattern": "compensation",
        "overload_index": 38.0,
        "n_strides": len(after),
        "text": text,
    }
    notice = row | {
        "finding": 2,
        "pair": "P2",
        "side": "L",
        "prime": "HAM",
        "compensator": "CALF",
        "t_onset_s": 640.0,
        "t_alarm_s": 660.0,
        "t_tier2_s": np.nan,
        "t_end_s": 720.0,
        "tier": 0,
        "change_pct": 6.0,
        "ci_low_pct": -1.0,
        "ci_high_pct": 13.0,
        "d_prime_pct": -1.0,
        "d_compensator_pct": 5.0,
        "z": 1.2,
        "pattern": "gain_drift",
        "overload_index": np.nan,
        "n_strides": 80,
        "text": "Left calf: all phases of the stride changed alike; suspected electrode or gain drift.",
    }
    return pd.DataFrame([row, notice], columns=list(COLUMNS["findings"]))


def _quality(rng: np.random.Generator, duration: float) -> pd.DataFrame:
    t = np.arange(0.0, duration, 1.0)
    frames = []
    for site in SITES:
        state = np.full(len(t), "good", dtype=object)
        if site == "BFLH_L":
            state[(t >= 700) & (t < 707)] = "motion"
            state[(t >= 60) & (t < 90)] = "noisy"
        if site == "GMAX_R":
            state[(t >= 30) & (t < 41)] = "off"
        if site == "ST_L":
            state[(t >= 200) & (t < 212)] = "clipped"
        if site in ("MGAS_R", "LGAS_R"):
            state[(t >= GAP[0]) & (t < GAP[1])] = "gap"
        missing = state == "gap"
        frames.append(
            pd.DataFrame(
                {
                    "t_s": t,
                    "site": site,
                    "state": state,
                    "reason": np.where(state == "good", None, state),
                    "mains_db": np.where(missing, np.nan, rng.normal(-8, 1, len(t))),
                    "clipped_pct": np.where(missing, np.nan, np.where(state == "clipped", 3.0, 0.0)),
                    "motion_ratio": np.where(missing, np.nan, rng.normal(20, 2, len(t))),
                }
            )
        )
    return pd.concat(frames, ignore_index=True)


def _events() -> pd.DataFrame:
    rows = [
        (0.0, 120.0, "phase", None, None, "warm-up", None),
        (120.0, 300.0, "phase", None, None, "baseline", None),
        (300.0, 21.0, "gap", None, None, None, "calf R"),
        (545.2, None, "flag", "R", None, "P1", None),
        (840.0, None, "fatigue", "R", "BFLH_R", "Borg 15", "tight, not painful"),
    ]
    return pd.DataFrame(rows, columns=list(COLUMNS["events"]))


def _readings(duration: float) -> pd.DataFrame:
    t = np.arange(0.4, duration, 1.0)
    heart = np.round(150 - 55 * np.exp(-t / 120) + 8 * (t > ONSET_S))
    speed = 3.1 + 0.05 * np.sin(t / 7)
    parts = [("strap", "heart_rate_bpm", heart), ("pod", "speed_mps", speed)]
    frames = [pd.DataFrame({"t_s": t, "source": s, "quantity": q, "value": v}) for s, q, v in parts]
    return pd.concat(frames, ignore_index=True).sort_values(["t_s", "source"], ignore_index=True)


def _profiles(*, flagged: bool) -> pd.DataFrame:
    pct = np.arange(0.0, 100.0, 2.0)
    frames = []
    for site in SITES:
        muscle, side = site.split("_")
        distance = (pct - CENTER[muscle] + 50) % 100 - 50
        shape = LEVEL[muscle] * (
            0.08 + 1.6 * np.exp(-0.5 * (distance / 9) ** 2) + 0.12 * np.exp(-0.5 * ((pct - 55) / 8) ** 2)
        )
        factor = {"GMAX": 0.85, "BFLH": 1.15, "ST": 1.13}.get(muscle, 1.0) if side == "R" else 1.0
        periods = [("all", 1.0, 1180), ("baseline", 1.0, 430)]
        if flagged and side == "R":
            periods.append(("flagged", factor, 510))
        for period, scale, n in periods:
            frames.append(
                pd.DataFrame(
                    {
                        "site": site,
                        "period": period,
                        "pct": pct,
                        "mean_uV": shape * scale,
                        "sd_uV": shape * scale * 0.22,
                        "n": n,
                    }
                )
            )
    return pd.concat(frames, ignore_index=True)


# The tables of the contract, column by column. Written down here a second time on purpose: the tests compare.
_COLUMNS = """
strides: stride side t_start_s t_end_s cadence_spm source valid reject_reason
activation: stride site t_s rms_uV rel mnf_hz mdf_hz ln_fi burst_center_pct valid reject_reason
ratios: stride side pair prime compensator t_s log_ratio ratio share z valid
slings: block t_s side sling site share n_measured n_members
fatigue: t_s site d_ln_rms_per_min d_ln_mnf_per_min d_ln_rms_ci_low d_ln_rms_ci_high d_ln_mnf_ci_low
    d_ln_mnf_ci_high jasa reason
findings: finding pair side prime compensator t_onset_s t_alarm_s t_tier2_s t_tier3_s t_end_s tier
    change_pct ci_low_pct ci_high_pct d_prime_pct d_compensator_pct z pattern overload_index n_strides
    text
comparison: pair side before after n_before n_after change_pct ci_low_pct ci_high_pct d_prime_pct
    d_compensator_pct sdc_pct p p_holm verdict text
quality: t_s site state reason mains_db clipped_pct motion_ratio
gaps: sensor t_start_s t_end_s n_missing cause
events: t_s duration_s kind side site label note
readings: t_s source quantity value
covariates: stride side t_s heart_rate_bpm speed_mps pod_cadence_spm
bursts: stride site t_on_s t_off_s on_pct off_pct duration_s snr_db valid reject_reason
spectra: t_s t_end_s site n_bursts rms_uV snr_db mnf_hz mnf_ci_low_hz mnf_ci_high_hz mdf_hz mdf_ci_low_hz
    mdf_ci_high_hz ln_fi ln_fi_ci_low ln_fi_ci_high cadence_spm state reason
measures: period t_start_s t_end_s quantity side subject value ci_low ci_high unit n reference note
profiles: site period pct mean_uV sd_uV n
references: site normalization reference_uV noise_uV noise_source t_start_s t_end_s n source note
excess: stride side pair t_s excess
hints: t_s t_end_s site other_site kind text
watch: t_start_s t_end_s t_said_s site level_uV level_pct rest_uV n_strides kind reason text
rest: t_start_s t_end_s site source n_seconds rms_uV n_spikes spikes_per_min state reason
"""
COLUMNS: dict[str, tuple[str, ...]] = {}
for _line in _COLUMNS.replace("\n    ", " ").strip().splitlines():
    _name, _, _names = _line.partition(": ")
    COLUMNS[_name] = tuple(_names.split())
