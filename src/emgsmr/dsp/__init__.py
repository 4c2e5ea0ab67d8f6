"""Signal processing: arrays in, arrays out, explicit state; no clock, file or thread.

Signals are ``(n_samples, n_channels)``. A function that can go on where it stopped takes ``state`` (``None``
= start here) and returns it; feeding a signal in pieces gives the bits that feeding it whole gives.
"""

from emgsmr.dsp.activation import ActivationState, joint_activation, two_levels
from emgsmr.dsp.amplitude import binned_power, hop_power, noise_corrected
from emgsmr.dsp.bursts import Burst, BurstState, find_bursts
from emgsmr.dsp.charts import cusum, cusum_arl, cusum_limit, robust_center, robust_scale
from emgsmr.dsp.clock import ClockState, fit_clock
from emgsmr.dsp.filters import bandpass, design_bandpass, settling_samples
from emgsmr.dsp.interpolation import interpolate
from emgsmr.dsp.mains import Mains, remove_mains
from emgsmr.dsp.onset import BurstEdges, double_threshold_edges, likelihood_edges
from emgsmr.dsp.quality import SignalMeasures, signal_measures
from emgsmr.dsp.rhythm import Rhythm, find_rhythm
from emgsmr.dsp.spectrum import burst_spectrum, spectral_indices
from emgsmr.dsp.timing import burst_delay_s, circular_center, circular_mean, circular_sd, quiet_part

__all__ = [
    "ActivationState",
    "Burst",
    "BurstEdges",
    "BurstState",
    "ClockState",
    "Mains",
    "Rhythm",
    "SignalMeasures",
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
    "double_threshold_edges",
    "find_bursts",
    "find_rhythm",
    "fit_clock",
    "hop_power",
    "interpolate",
    "joint_activation",
    "likelihood_edges",
    "noise_corrected",
    "quiet_part",
    "remove_mains",
    "robust_center",
    "robust_scale",
    "settling_samples",
    "signal_measures",
    "spectral_indices",
    "two_levels",
]
