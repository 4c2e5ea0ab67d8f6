"""Every error that emgsmr raises on purpose.

::

    EmgsmrError                              exit code
    ├── ArgumentError (ValueError)           2   a caller's mistake: shape, unit, name
    │   └── RecordingExistsError             2   a recording is never overwritten
    ├── SettingsError (ValueError)           2   a setting or TOML file that cannot be used
    │   └── MontageError                     2
    ├── SensorError                          4
    │   ├── BluetoothUnavailableError        3   no adapter, switched off, not permitted
    │   ├── SensorNotFoundError              4
    │   ├── ConnectionLostError              4
    │   ├── UnsupportedFirmwareError         4
    │   └── PacketError (ValueError)         4   bytes that are no packet of this sensor
    ├── RecordingError                       5   a file that cannot be read or written
    │   ├── NotARecordingError               5
    │   ├── DamagedRecordingError            5
    │   ├── DiskFullError                    5
    │   └── ImportFormatError (ValueError)   5
    └── AnalysisError                        6
        ├── NotEnoughDataError               6
        └── SamplingRateError                6   a rate too low for what was asked

The message is one sentence that says what happened and what to do. Programs branch on the class.
"""

from __future__ import annotations

__all__ = [
    "AnalysisError",
    "ArgumentError",
    "BluetoothUnavailableError",
    "ConnectionLostError",
    "DamagedRecordingError",
    "DiskFullError",
    "EmgsmrError",
    "ImportFormatError",
    "MontageError",
    "NotARecordingError",
    "NotEnoughDataError",
    "PacketError",
    "RecordingError",
    "RecordingExistsError",
    "SamplingRateError",
    "SensorError",
    "SensorNotFoundError",
    "SettingsError",
    "UnsupportedFirmwareError",
]


class EmgsmrError(Exception):
    """Root of all errors that emgsmr raises on purpose."""

    exit_code = 1


class ArgumentError(EmgsmrError, ValueError):
    """A caller's mistake: a wrong shape, unit, name or combination of options."""

    exit_code = 2


class RecordingExistsError(ArgumentError):
    """The file to write is there already; a recording is never overwritten."""


class SettingsError(EmgsmrError, ValueError):
    """A setting, or a file of settings, that cannot be used."""

    exit_code = 2


class MontageError(SettingsError):
    """A montage that cannot be used: unknown site, one channel twice, no sensor named."""


class SensorError(EmgsmrError):
    """Something about a sensor or the radio."""

    exit_code = 4


class BluetoothUnavailableError(SensorError):
    """This computer's Bluetooth cannot be used: no adapter, switched off, or not permitted."""

    exit_code = 3


class SensorNotFoundError(SensorError):
    """A sensor that was asked for is not in range."""


class ConnectionLostError(SensorError):
    """A link that was up is gone for good."""


class UnsupportedFirmwareError(SensorError):
    """The sensor answers, but not with a firmware that is known."""


class PacketError(SensorError, ValueError):
    """Bytes that are no packet of this sensor."""


class RecordingError(EmgsmrError):
    """A recording, or a file to import, that cannot be read or written."""

    exit_code = 5


class NotARecordingError(RecordingError):
    """The file is something else than a recording of emgsmr."""


class DamagedRecordingError(RecordingError):
    """A recording whose content contradicts itself or cannot be read in full."""


class DiskFullError(RecordingError):
    """There is no room left; what was recorded so far is kept."""


class ImportFormatError(RecordingError, ValueError):
    """A file to import that is empty, not numeric or otherwise not what its name says."""


class AnalysisError(EmgsmrError):
    """The data do not permit what was asked."""

    exit_code = 6


class NotEnoughDataError(AnalysisError):
    """Too few strides, too short a baseline, no channel placed."""


class SamplingRateError(AnalysisError):
    """A sampling rate too low for what was asked."""
