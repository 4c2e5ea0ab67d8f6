"""What the user's actions around a protocol do: who is measured, which one, begun, treated, broken off."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from emgsmr.errors import SettingsError
from emgsmr.gui.screen import Step

if TYPE_CHECKING:
    from emgsmr.gui.desk import Desk

WHERE: dict[str, tuple[Step, ...]] = {
    "person": (Step.CHECK,),
    "protocol": (Step.CALIBRATE,),
    "choose": (Step.PROTOCOL,),
    "open_protocol": (Step.PROTOCOL,),
    "first_leg": (Step.PROTOCOL,),
    "begin_protocol": (Step.PROTOCOL,),
    "treated": (Step.PROTOCOL,),
    "break_off": (Step.PROTOCOL,),
}
"""As in `emgsmr.gui.doing`."""


def _person(desk: Desk, value: str) -> None:
    desk.state.person = value.strip()


def _protocol(desk: Desk, _value: str) -> None:
    desk.put(desk.state.calibration.start("", desk.snapshot.elapsed_s))
    desk.state.step = Step.PROTOCOL


def _choose(desk: Desk, value: str) -> None:
    if not desk.state.protocol.guided:
        try:
            desk.state.protocol.choose(value)
        except SettingsError as error:
            desk.state.error = str(error)


def _first_leg(desk: Desk, _value: str) -> None:
    if not desk.state.protocol.guided:
        desk.state.protocol.change_first_side()


def _begin_protocol(desk: Desk, _value: str) -> None:
    chosen = desk.state.protocol
    if chosen.protocol is not None and not chosen.guided:
        desk.engine.guide(chosen.protocol, chosen.sets)
        desk.ask("guide")


def _treated(desk: Desk, _value: str) -> None:
    cue = desk.snapshot.cue
    if cue is not None and cue.step.kind == "treatment":
        desk.engine.go_on()


def _break_off(desk: Desk, _value: str) -> None:
    if desk.state.protocol.guided:
        desk.engine.break_off()
        desk.state.protocol.end()


DO: dict[str, Callable[[Desk, str], None]] = {
    "person": _person,
    "protocol": _protocol,
    "choose": _choose,
    "open_protocol": _choose,
    "first_leg": _first_leg,
    "begin_protocol": _begin_protocol,
    "treated": _treated,
    "break_off": _break_off,
}
