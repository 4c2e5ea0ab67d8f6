"""Signal processing: arrays in, arrays out, explicit state; no clock, file or thread.

Signals are ``(n_samples, n_channels)``. A function that can go on where it stopped takes ``state`` (``None``
= start here) and returns it; feeding a signal in pieces gives the bits that feeding it whole gives.
"""

from emgsmr.dsp.amplitude import binned_power, hop_power, noise_corrected
from emgsmr.dsp.charts import cusum, cusum_arl, cusum_limit, robust_center, robust_scale
from emgsmr.dsp.clock import ClockState, fit_clock
from emgsmr.dsp.filters import bandpass, design_bandpass, settling_samples
from emgsmr.dsp.impacts import aperiodic_power, contact_phase, fold, rolled, shift_between, shock_power
from emgsmr.dsp.interpolation import interpolate
from emgsmr.dsp.quality import SignalMeasures, signal_measures
from emgsmr.dsp.rhythm import Rhythm, find_rhythm, stride_frequency, without_knocks
from emgsmr.dsp.spectrum import burst_spectrum, spectral_indices
from emgsmr.dsp.timing import circular_center

__all__ = [
    "ClockState",
    "Rhythm",
    "SignalMeasures",
    "aperiodic_power",
    "bandpass",
    "binned_power",
    "burst_spectrum",
    "circular_center",
    "contact_phase",
    "cusum",
    "cusum_arl",
    "cusum_limit",
    "design_bandpass",
    "find_rhythm",
    "fit_clock",
    "fold",
    "hop_power",
    "interpolate",
    "noise_corrected",
    "robust_center",
    "robust_scale",
    "rolled",
    "settling_samples",
    "shift_between",
    "shock_power",
    "signal_measures",
    "spectral_indices",
    "stride_frequency",
    "without_knocks",
]
