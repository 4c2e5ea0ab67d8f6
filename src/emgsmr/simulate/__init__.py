"""The simulated runner: scripts by name, and EMG with its ground truth from a script and a seed."""

from emgsmr.simulate.library import SCENARIOS
from emgsmr.simulate.mechanism import ENGINES, Engine
from emgsmr.simulate.motion import Motion, sensor_motion
from emgsmr.simulate.profile import PROFILES
from emgsmr.simulate.runner import Run, simulate_runner
from emgsmr.simulate.scenario import Scenario
from emgsmr.simulate.spectrum import Spectrum, shaped_noise
from emgsmr.simulate.treatment import TREATMENTS, treatment_session

__all__ = [
    "ENGINES",
    "PROFILES",
    "SCENARIOS",
    "TREATMENTS",
    "Engine",
    "Motion",
    "Run",
    "Scenario",
    "Spectrum",
    "sensor_motion",
    "shaped_noise",
    "simulate_runner",
    "treatment_session",
]
