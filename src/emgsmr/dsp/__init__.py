"""Signal processing: arrays in, arrays out, explicit state; no clock, file or thread.

Signals are ``(n_samples, n_channels)``. A function that can go on where it stopped takes ``state`` (``None``
= start here) and returns it; feeding a signal in pieces gives the bits that feeding it whole gives.
"""

from emgsmr.dsp.activation import ActivationState, joint_activation, two_levels
from emgsmr.dsp.amplitude import arv, binned_power, hop_power, moving_rms, noise_corrected, rms
from emgsmr.dsp.bootstrap import N_RESAMPLES, block_length, resample_counts, resampled_mean, resampled_median
from emgsmr.dsp.bursts import Burst, BurstState, find_bursts
from emgsmr.dsp.charts import (
    PageHinkley,
    cusum,
    cusum_arl,
    cusum_limit,
    ewma,
    ewma_arl,
    page_hinkley,
    robust_center,
    robust_scale,
)
from emgsmr.dsp.clock import ClockState, fit_clock
from emgsmr.dsp.control_limit import (
    Z_MOST,
    Calibration,
    autocorrelation,
    calibrated_cusum,
    center_and_scale,
    median_sd,
    window_medians,
)
from emgsmr.dsp.envelope import linear_envelope
from emgsmr.dsp.filters import bandpass, design_bandpass, design_lowpass, group_delay, settling_samples
from emgsmr.dsp.impacts import aperiodic_power, contact_phase, fold, rolled, shift_between, shock_power
from emgsmr.dsp.indices import (
    coefficient_of_variation,
    falconer_winter_cocontraction,
    rudolph_cocontraction,
    symmetry_angle,
    symmetry_index,
    variance_ratio,
)
from emgsmr.dsp.interpolation import interpolate
from emgsmr.dsp.intervals import bca_interval, percentile_interval
from emgsmr.dsp.mains import Mains, remove_mains
from emgsmr.dsp.onset import BurstEdges, double_threshold_edges, likelihood_edges
from emgsmr.dsp.quality import SignalMeasures, signal_measures
from emgsmr.dsp.regression import RobustFit, robust_fit
from emgsmr.dsp.rhythm import Muscles, Rhythm, find_rhythm, find_rhythms, stride_frequency
from emgsmr.dsp.spectrum import (
    Interval,
    PooledIndices,
    band_slice,
    burst_spectrum,
    pooled_indices,
    spectral_indices,
)
from emgsmr.dsp.spikes import count_spikes, least_and_most
from emgsmr.dsp.steady import without_knocks
from emgsmr.dsp.timing import burst_delay_s, circular_center, circular_mean, circular_sd, quiet_part
from emgsmr.dsp.trend import Trend, adjusted_theil_sen, theil_sen
from emgsmr.dsp.zero_phase import filtfilt_bandpass, filtfilt_envelope

__all__ = [
    "N_RESAMPLES",
    "Z_MOST",
    "ActivationState",
    "Burst",
    "BurstEdges",
    "BurstState",
    "Calibration",
    "ClockState",
    "Interval",
    "Mains",
    "Muscles",
    "PageHinkley",
    "PooledIndices",
    "Rhythm",
    "RobustFit",
    "SignalMeasures",
    "Trend",
    "adjusted_theil_sen",
    "aperiodic_power",
    "arv",
    "autocorrelation",
    "band_slice",
    "bandpass",
    "bca_interval",
    "binned_power",
    "block_length",
    "burst_delay_s",
    "burst_spectrum",
    "calibrated_cusum",
    "center_and_scale",
    "circular_center",
    "circular_mean",
    "circular_sd",
    "coefficient_of_variation",
    "contact_phase",
    "count_spikes",
    "cusum",
    "cusum_arl",
    "cusum_limit",
    "design_bandpass",
    "design_lowpass",
    "double_threshold_edges",
    "ewma",
    "ewma_arl",
    "falconer_winter_cocontraction",
    "filtfilt_bandpass",
    "filtfilt_envelope",
    "find_bursts",
    "find_rhythm",
    "find_rhythms",
    "fit_clock",
    "fold",
    "group_delay",
    "hop_power",
    "interpolate",
    "joint_activation",
    "least_and_most",
    "likelihood_edges",
    "linear_envelope",
    "median_sd",
    "moving_rms",
    "noise_corrected",
    "page_hinkley",
    "percentile_interval",
    "pooled_indices",
    "quiet_part",
    "remove_mains",
    "resample_counts",
    "resampled_mean",
    "resampled_median",
    "rms",
    "robust_center",
    "robust_fit",
    "robust_scale",
    "rolled",
    "rudolph_cocontraction",
    "settling_samples",
    "shift_between",
    "shock_power",
    "signal_measures",
    "spectral_indices",
    "stride_frequency",
    "symmetry_angle",
    "symmetry_index",
    "theil_sen",
    "two_levels",
    "variance_ratio",
    "window_medians",
    "without_knocks",
]
