"""The session file: its recorder and reader, the montage, events and gaps, and importers."""

from emgsmr.recording.block import SampleBlock
from emgsmr.recording.event import KINDS, Event
from emgsmr.recording.gaps import Gap
from emgsmr.recording.montage import Montage, MontageSensor, default_montage, load_montage, montage_template
from emgsmr.recording.reader import Recording, open_recording
from emgsmr.recording.recorder import Recorder
from emgsmr.recording.sensor_info import ClockRow, Placement, SensorInfo
from emgsmr.recording.wiring import Wiring

__all__ = [
    "KINDS",
    "ClockRow",
    "Event",
    "Gap",
    "Montage",
    "MontageSensor",
    "Placement",
    "Recorder",
    "Recording",
    "SampleBlock",
    "SensorInfo",
    "Wiring",
    "default_montage",
    "load_montage",
    "montage_template",
    "open_recording",
]
