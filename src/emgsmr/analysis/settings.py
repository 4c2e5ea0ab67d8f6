"""The settings of an analysis: every number that a result depends on, and their fingerprint."""

from __future__ import annotations

import hashlib
import json
from dataclasses import asdict, dataclass
from typing import Any, Literal, get_args

from emgsmr.errors import SettingsError

Cycles = Literal["auto", "events", "imu", "emg", "bursts", "windows"]
Normalization = Literal["baseline", "mvc", "reference", "none"]
OnsetMethod = Literal["likelihood", "double_threshold"]


@dataclass(frozen=True, slots=True)
class Settings:
    """What an analysis can be told.

    Attributes
    ----------
    low_hz, high_hz : float, Hz
        Corners of the causal band-pass; the upper one is lowered to 0.45 of the sampling rate where needed.
        30 Hz keeps the impacts of running out; 20 Hz is usual for slow tasks.
    filter_order : int
        Of each edge of the Butterworth band-pass.
    mains_hz : float, optional
        50 or 60; None = the stronger of both, per second.
    remove_mains : bool
        Subtract mains hum where it is found.
    cycles : {"auto", "events", "imu", "emg", "bursts", "windows"}
        Where strides or repetitions come from. "auto" = foot contacts among the events of a side, else the
        motion of a sensor, else the EMG's rhythm, and in phases that name an exercise its repetitions;
        "bursts" = repetitions of an exercise; "windows" = equal windows of a held contraction.
    normalization : {"baseline", "mvc", "reference", "none"}
        What an activation of 1 is.
    onset_method : {"likelihood", "double_threshold"}
        How a burst's beginning and end are found.
    onset_snr_db, spectrum_snr_db : float, dB
        Below these signal-to-noise ratios no onset or center, and no spectrum, is claimed.
    spectrum_bursts : int
        Bursts of the same phase whose spectra are pooled.
    baseline : tuple of float, optional, s
        Start and end of the baseline on the recording's clock. None = the ``phase`` events labeled baseline;
        without those, ``baseline_s`` seconds that begin ``warmup_s`` seconds after the first stride.
    warmup_s, baseline_s : float, s
    pairs : tuple of str, optional
        Compensation pairs to watch; None = those that are on in the catalog (P1, P2).
    catalog : str, optional
        TOML file with muscles, slings and pairs of the user's own (`emgsmr.anatomy.load_catalog`).
    block_strides : int
        Consecutive valid strides whose median is one point of a control chart.
    cusum_k : float
        Allowance of the chart, in standard deviations of a point; a short baseline needs more.
    hours_per_false_alarm : float, h
        Over all charts together.
    floor_pct : float, %
        No alarm for a smaller change of the ratio, however certain.
    cadence_tolerance_pct : float, %
        Strides whose cadence differs more from the baseline's count only as far as the baseline tells what
        pace does.

    Examples
    --------
    >>> Settings().fingerprint() == Settings(floor_pct=20.0).fingerprint()
    True
    >>> Settings(baseline=(60, 30))
    Traceback (most recent call last):
        ...
    emgsmr.errors.SettingsError: The baseline must end after it begins, not 60:30.
    """

    low_hz: float = 30.0
    high_hz: float = 450.0
    filter_order: int = 4
    mains_hz: float | None = None
    remove_mains: bool = True
    cycles: Cycles = "auto"
    normalization: Normalization = "baseline"
    onset_method: OnsetMethod = "likelihood"
    onset_snr_db: float = 15.0
    spectrum_snr_db: float = 10.0
    spectrum_bursts: int = 20
    baseline: tuple[float, float] | None = None
    warmup_s: float = 480.0
    baseline_s: float = 300.0
    pairs: tuple[str, ...] | None = None
    catalog: str | None = None
    block_strides: int = 10
    cusum_k: float = 0.25
    hours_per_false_alarm: float = 10.0
    floor_pct: float = 20.0
    cadence_tolerance_pct: float = 3.0

    def __post_init__(self) -> None:
        if self.baseline is not None and not self.baseline[1] > self.baseline[0]:
            raise SettingsError(
                f"The baseline must end after it begins, not {self.baseline[0]:g}:{self.baseline[1]:g}."
            )
        if not 0 < self.low_hz < self.high_hz:
            raise SettingsError(
                f"The band must lie above 0 Hz and have a width, not {self.low_hz:g}-{self.high_hz:g} Hz."
            )
        if self.mains_hz not in (None, 50.0, 60.0):
            raise SettingsError(f"The mains frequency is 50 or 60 Hz, not {self.mains_hz:g}.")
        for name, choices in (
            ("cycles", Cycles),
            ("normalization", Normalization),
            ("onset_method", OnsetMethod),
        ):
            if getattr(self, name) not in get_args(choices):
                raise SettingsError(
                    f"{name} is one of {', '.join(get_args(choices))}, not {getattr(self, name)!r}."
                )
        if self.spectrum_bursts < 4:
            raise SettingsError(f"spectrum_bursts must be 4 or more, not {self.spectrum_bursts}.")
        for name in ("filter_order", "block_strides"):
            if getattr(self, name) < 1:
                raise SettingsError(f"{name} must be 1 or more, not {getattr(self, name)}.")
        for name in ("baseline_s", "cusum_k", "hours_per_false_alarm"):
            if not 0 < getattr(self, name) < float("inf"):
                raise SettingsError(f"{name} must be above 0, not {getattr(self, name):g}.")
        for name in ("warmup_s", "floor_pct", "cadence_tolerance_pct", "onset_snr_db", "spectrum_snr_db"):
            if not 0 <= getattr(self, name) < float("inf"):
                raise SettingsError(f"{name} must be 0 or more, not {getattr(self, name):g}.")

    def as_dict(self) -> dict[str, Any]:
        """All settings, ready for JSON."""
        return asdict(self)

    def fingerprint(self) -> str:
        """SHA-256 of the settings in canonical JSON: equal settings, equal fingerprint."""
        text = json.dumps(self.as_dict(), sort_keys=True, separators=(",", ":"))
        return hashlib.sha256(text.encode()).hexdigest()
