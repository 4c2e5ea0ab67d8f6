"""The linear envelope, causal: rectified and low-passed."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from emgsmr.dsp.filters import bandpass

FloatArray = NDArray[np.float64]


def linear_envelope(
    x: FloatArray, *, sos: FloatArray, state: FloatArray | None = None
) -> tuple[FloatArray, FloatArray]:
    """Rectify and low-pass, going on from ``state``.

    Parameters
    ----------
    x : ndarray, shape (n_samples, n_channels), µV
        Band-passed EMG.
    sos : ndarray, shape (n_sections, 6)
        Of `design_lowpass`.
    state : ndarray, shape (n_sections, 2, n_channels), optional
        From the previous call; omitted at a start or after a gap: then the filter begins in the steady state
        of the first sample.

    Returns
    -------
    envelope : ndarray, shape (n_samples, n_channels), µV
        On average the ARV. After a steep fall it may dip below 0 by a few percent of the fall.
    state : ndarray, shape (n_sections, 2, n_channels)

    Notes
    -----
    Causal. The delay is ``group_delay(sos, fs=fs, freqs=0)``: 69 ms for 6 Hz of order 4, so a picture that
    compares with events needs `filtfilt_envelope`. The first `settling_samples` after a start are not to be
    used. For ratios use the power in a window, which needs no corner frequency.

    Examples
    --------
    >>> from emgsmr.dsp import design_lowpass
    >>> x = np.random.default_rng(1).normal(0, 50, (100, 2))
    >>> sos = design_lowpass(cutoff_hz=6, fs=1000)
    >>> whole, _ = linear_envelope(x, sos=sos)
    >>> head, state = linear_envelope(x[:33], sos=sos)
    >>> np.array_equal(np.concatenate([head, linear_envelope(x[33:], sos=sos, state=state)[0]]), whole)
    True
    """
    return bandpass(np.abs(x), sos=sos, state=state)
