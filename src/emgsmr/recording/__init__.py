"""The session file: its recorder and reader, the montage, events and gaps, and importers."""

from emgsmr.recording.block import SampleBlock
from emgsmr.recording.event import KINDS, Event
from emgsmr.recording.events import add_event, read_events
from emgsmr.recording.gaps import Gap
from emgsmr.recording.importers import import_csv, import_file, import_npz
from emgsmr.recording.listing import Summary, list_recordings
from emgsmr.recording.montage import Montage, MontageSensor, default_montage, load_montage
from emgsmr.recording.montage_template import montage_template
from emgsmr.recording.reader import Recording, open_recording
from emgsmr.recording.reading import QUANTITIES, Quantity, ReadingSource, TimedReading
from emgsmr.recording.recorder import Recorder
from emgsmr.recording.recover import Recovery, recover
from emgsmr.recording.sensor_info import ClockRow, Placement, SensorInfo
from emgsmr.recording.wiring import Wiring

__all__ = [
    "KINDS",
    "QUANTITIES",
    "ClockRow",
    "Event",
    "Gap",
    "Montage",
    "MontageSensor",
    "Placement",
    "Quantity",
    "ReadingSource",
    "Recorder",
    "Recording",
    "Recovery",
    "SampleBlock",
    "SensorInfo",
    "Summary",
    "TimedReading",
    "Wiring",
    "add_event",
    "default_montage",
    "import_csv",
    "import_file",
    "import_npz",
    "list_recordings",
    "load_montage",
    "montage_template",
    "open_recording",
    "read_events",
    "recover",
]
