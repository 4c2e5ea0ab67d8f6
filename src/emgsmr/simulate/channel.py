"""What happens to a whole channel, noise included: gain, an electrode in the air, an amplifier at its end."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from emgsmr.simulate import artifact
from emgsmr.simulate.maximal import electrode_gain
from emgsmr.simulate.person import generator
from emgsmr.simulate.scenario import Scenario

FloatArray = NDArray[np.float64]


def through_channel(
    scenario: Scenario, site: str, emg: FloatArray, t_s: FloatArray, *, seed: int
) -> FloatArray:
    """Apply what the script does to a site's channel to its voltage (µV) at ``t_s``."""
    out = emg * electrode_gain(seed, site, scenario.electrode_gain) if scenario.electrode_gain else emg
    for gain in scenario.gains:
        if gain.site == site:
            out = out * np.interp(t_s, [t for t, _ in gain.points], [v for _, v in gain.points])
    for off in scenario.off:
        if off.site == site:
            in_air = (t_s >= off.start_s) & (t_s < off.stop_s)
            out = out.copy()
            out[in_air] = artifact.open_electrode(
                t_s[in_air], hz=scenario.hum_hz, rng=generator(seed, "off", site)
            )
    for clip in scenario.clips:
        if clip.site == site:
            limit = np.where((t_s >= clip.start_s) & (t_s < clip.stop_s), clip.limit_uv, np.inf)
            out = np.clip(out, -limit, limit)
    return out
