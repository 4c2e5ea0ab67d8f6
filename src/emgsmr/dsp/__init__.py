"""Signal processing: arrays in, arrays out, explicit state; no clock, file or thread.

Signals are ``(n_samples, n_channels)``. A function that can go on where it stopped takes ``state`` (``None``
= start here) and returns it; feeding a signal in pieces gives the bits that feeding it whole gives.
"""

from emgsmr.dsp.amplitude import arv, binned_power, hop_power, moving_rms, noise_corrected, rms
from emgsmr.dsp.charts import cusum, cusum_arl, cusum_limit, robust_center, robust_scale
from emgsmr.dsp.clock import ClockState, fit_clock
from emgsmr.dsp.envelope import linear_envelope
from emgsmr.dsp.filters import bandpass, design_bandpass, design_lowpass, group_delay, settling_samples
from emgsmr.dsp.interpolation import interpolate
from emgsmr.dsp.mains import Mains, remove_mains
from emgsmr.dsp.onset import BurstEdges, double_threshold_edges, likelihood_edges
from emgsmr.dsp.quality import SignalMeasures, signal_measures
from emgsmr.dsp.rhythm import Rhythm, find_rhythm
from emgsmr.dsp.spectrum import (
    Interval,
    PooledIndices,
    band_slice,
    burst_spectrum,
    pooled_indices,
    spectral_indices,
)
from emgsmr.dsp.timing import burst_delay_s, circular_center, circular_mean, circular_sd, quiet_part
from emgsmr.dsp.trend import Trend, adjusted_theil_sen, theil_sen
from emgsmr.dsp.zero_phase import filtfilt_bandpass, filtfilt_envelope

__all__ = [
    "BurstEdges",
    "ClockState",
    "Interval",
    "Mains",
    "PooledIndices",
    "Rhythm",
    "SignalMeasures",
    "Trend",
    "adjusted_theil_sen",
    "arv",
    "band_slice",
    "bandpass",
    "binned_power",
    "burst_delay_s",
    "burst_spectrum",
    "circular_center",
    "circular_mean",
    "circular_sd",
    "cusum",
    "cusum_arl",
    "cusum_limit",
    "design_bandpass",
    "design_lowpass",
    "double_threshold_edges",
    "filtfilt_bandpass",
    "filtfilt_envelope",
    "find_rhythm",
    "fit_clock",
    "group_delay",
    "hop_power",
    "interpolate",
    "likelihood_edges",
    "linear_envelope",
    "moving_rms",
    "noise_corrected",
    "pooled_indices",
    "quiet_part",
    "remove_mains",
    "rms",
    "robust_center",
    "robust_scale",
    "settling_samples",
    "signal_measures",
    "spectral_indices",
    "theil_sen",
]
