"""Which columns each result table has: a contract with other people's scripts."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import pandas as pd

COLUMNS: dict[str, tuple[str, ...]] = {
    "strides": (
        "stride", "side", "t_start_s", "t_end_s", "cadence_spm", "source", "valid", "reject_reason",
    ),
    "activation": (
        "stride", "site", "t_s", "rms_uV", "rel", "mnf_hz", "mdf_hz", "ln_fi", "burst_center_pct", "valid",
        "reject_reason",
    ),
    "ratios": (
        "stride", "side", "pair", "prime", "compensator", "t_s", "log_ratio", "ratio", "share", "z", "valid",
    ),
    "slings": ("block", "t_s", "side", "sling", "site", "share", "n_measured", "n_members"),
    "fatigue": (
        "t_s", "site", "d_ln_rms_per_min", "d_ln_mnf_per_min", "d_ln_rms_ci_low", "d_ln_rms_ci_high",
        "d_ln_mnf_ci_low", "d_ln_mnf_ci_high", "jasa", "reason",
    ),
    "findings": (
        "finding", "pair", "side", "prime", "compensator", "t_onset_s", "t_alarm_s", "t_tier2_s", "t_tier3_s",
        "t_end_s", "tier", "change_pct", "ci_low_pct", "ci_high_pct", "d_prime_pct", "d_compensator_pct", "z",
        "pattern", "overload_index", "n_strides", "text",
    ),
    "quality": ("t_s", "site", "state", "reason", "mains_db", "clipped_pct", "motion_ratio"),
    "gaps": ("sensor", "t_start_s", "t_end_s", "n_missing", "cause"),
    "events": ("t_s", "duration_s", "kind", "side", "site", "label", "note"),
    "readings": ("t_s", "source", "quantity", "value"),
    "covariates": ("stride", "side", "t_s", "heart_rate_bpm", "speed_mps", "pod_cadence_spm"),
    "bursts": (
        "stride", "site", "t_on_s", "t_off_s", "on_pct", "off_pct", "duration_s", "snr_db", "valid",
        "reject_reason",
    ),
    "spectra": (
        "t_s", "t_end_s", "site", "n_bursts", "rms_uV", "snr_db", "mnf_hz", "mnf_ci_low_hz", "mnf_ci_high_hz",
        "mdf_hz", "mdf_ci_low_hz", "mdf_ci_high_hz", "ln_fi", "ln_fi_ci_low", "ln_fi_ci_high", "cadence_spm",
        "state", "reason",
    ),
    "measures": (
        "period", "t_start_s", "t_end_s", "quantity", "side", "subject", "value", "ci_low", "ci_high", "unit",
        "n", "reference", "note",
    ),
    "profiles": ("site", "period", "pct", "mean_uV", "sd_uV", "n"),
    "references": (
        "site", "normalization", "reference_uV", "noise_uV", "noise_source", "t_start_s", "t_end_s", "n",
        "source", "note",
    ),
    "excess": ("stride", "side", "pair", "t_s", "excess"),
    "hints": ("t_s", "t_end_s", "site", "other_site", "kind", "text"),
    "watch": (
        "t_start_s", "t_end_s", "t_said_s", "site", "level_uV", "level_pct", "rest_uV", "n_strides", "kind",
        "reason", "text",
    ),
    "rest": (
        "t_start_s", "t_end_s", "site", "source", "n_seconds", "rms_uV", "n_spikes", "spikes_per_min",
        "state", "reason",
    ),
}  # fmt: skip
"""Columns of each table, in order: a contract with other people's scripts."""


def frame(name: str, rows: Iterable[dict[str, Any]]) -> pd.DataFrame:
    """A table of `COLUMNS`; values that a row lacks are missing."""
    return pd.DataFrame(list(rows), columns=list(COLUMNS[name]))
