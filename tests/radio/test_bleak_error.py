from __future__ import annotations

import inspect

import pytest
from bleak import exc

from emgsmr.errors import BluetoothUnavailableError, ConnectionLostError, SensorError, SensorNotFoundError
from emgsmr.radio.bleak_error import TABLE, WHAT_BLUEZ_SAYS, WHY_UNAVAILABLE, explain, translated

BLEAK_ERRORS = [
    item for item in vars(exc).values() if inspect.isclass(item) and issubclass(item, BaseException)
]
EXAMPLES = {
    exc.BleakBluetoothNotAvailableError: ("off", exc.BleakBluetoothNotAvailableReason.POWERED_OFF),
    exc.BleakDBusError: ("org.bluez.Error.Failed", ["le-connection-abort-by-local"]),
    exc.BleakCharacteristicNotFoundError: ("ff01",),
    exc.BleakDeviceNotFoundError: ("E1:00:00:00:00:01",),
    exc.BleakGATTProtocolError: (3,),
    exc.BleakError: ("something",),
}


def test_every_error_of_bleak_has_its_own_row():
    assert {error for error in TABLE if error.__module__ == "bleak.exc"} == set(BLEAK_ERRORS)


@pytest.mark.parametrize("kind", BLEAK_ERRORS, ids=lambda kind: kind.__name__)
def test_each_becomes_a_sentence(kind):
    ours = explain(kind(*EXAMPLES[kind]), "connecting to uMyo-01")
    assert isinstance(ours, SensorError)
    assert ours.exit_code in (3, 4)
    assert len(str(ours)) > 20


def test_every_reason_and_every_bluez_error_is_told():
    assert set(WHY_UNAVAILABLE) == set(exc.BleakBluetoothNotAvailableReason)
    for reason in exc.BleakBluetoothNotAvailableReason:
        ours = explain(exc.BleakBluetoothNotAvailableError("no", reason), "scanning")
        assert isinstance(ours, BluetoothUnavailableError)
        assert str(ours) == WHY_UNAVAILABLE[reason]
    for name, (kind, sentence) in WHAT_BLUEZ_SAYS.items():
        ours = explain(exc.BleakDBusError(name, []), "scanning")
        assert type(ours) is kind
        assert str(ours) == sentence


@pytest.mark.parametrize(
    ("error", "kind"),
    [
        (FileNotFoundError(2, "No such file or directory"), BluetoothUnavailableError),
        (ConnectionRefusedError(), BluetoothUnavailableError),
        (PermissionError(), BluetoothUnavailableError),
        (TimeoutError(), ConnectionLostError),
        (BrokenPipeError(), ConnectionLostError),
        (EOFError(), ConnectionLostError),
        (exc.BleakDeviceNotFoundError("x"), SensorNotFoundError),
    ],
)
def test_errors_from_below_bleak(error, kind):
    with pytest.raises(kind) as caught, translated("connecting to uMyo-01"):
        raise error
    assert caught.value.__cause__ is error


def test_a_fault_of_ours_stays_one():
    with pytest.raises(ZeroDivisionError), translated("connecting"):
        raise ZeroDivisionError
