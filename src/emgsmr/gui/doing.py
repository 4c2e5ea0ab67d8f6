"""What each of the user's actions does."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from emgsmr.anatomy import parse_site
from emgsmr.errors import ArgumentError, MontageError
from emgsmr.gui import protocol_actions
from emgsmr.gui.calibration import Phase
from emgsmr.gui.desk import RECORDING, STREAMING
from emgsmr.gui.lights import missing_sensors
from emgsmr.gui.placing import channel_of, guess, montage_of, place, told_apart
from emgsmr.gui.screen import Step
from emgsmr.gui.screens import blocking

if TYPE_CHECKING:
    from emgsmr.gui.desk import Desk

WHERE: dict[str, tuple[Step, ...]] = {
    "scan": (Step.FIND,),
    "use_last": (Step.FIND,),
    "connect": (Step.FIND,),
    "companions": (Step.FIND,),
    "select_site": (*STREAMING, Step.CALIBRATE),
    "place": STREAMING,
    "unplace": STREAMING,
    "next": (*STREAMING, Step.CALIBRATE),
    "back": (Step.FIND, *STREAMING, Step.PROTOCOL),
    "confirm": (Step.FIND, *STREAMING),
    "skip": (Step.FIND, Step.CALIBRATE),
    "start_rest": (Step.CALIBRATE,),
    "start_baseline": (Step.CALIBRATE,),
    "start_mvc": (Step.CALIBRATE,),
    "cramp": RECORDING,
    "fatigue": RECORDING,
    "lap": RECORDING,
    "note": RECORDING,
    "mute": tuple(Step),
    "traces": tuple(Step),
    "stop": RECORDING,
    "new": (Step.AFTER,),
    "open_report": (Step.AFTER,),
    "open_recording": (Step.FIND, Step.AFTER),
    **protocol_actions.WHERE,
}
"""Every action, and the steps in which it does something; elsewhere it does nothing."""


_WHILE_WAITING = frozenset({"mute", "traces", "select_site", "cramp", "fatigue", "lap", "note"})

_KEEP_ERROR = frozenset({"mute", "traces", "open_report"})
"""All others are an answer to what went wrong before."""


def do(desk: Desk, name: str, value: str = "") -> None:
    """Do what the user asks; what does not fit now does nothing.

    Raises
    ------
    ArgumentError
        There is no such action.
    """
    if name not in WHERE:
        raise ArgumentError(f"{name!r} is no action of the window: use {', '.join(WHERE)}")
    asked = desk.state.asked
    waiting = asked is not None and name not in _WHILE_WAITING
    if name == "back" and asked is not None and asked.request in ("scan", "connect"):
        waiting = False  # nobody has to wait for a sensor that is not there
    if desk.state.step in WHERE[name] and not waiting:
        if name not in _KEEP_ERROR:
            desk.state.error = ""
        _DO[name](desk, value)


def _scan(desk: Desk, _value: str) -> None:
    desk.engine.scan()
    desk.ask("scan")


def _use_last(desk: Desk, _value: str) -> None:
    if desk.offered() is not None:
        desk.state.same = "asking"


def _connect(desk: Desk, _value: str) -> None:
    if desk.state.same == "asking":
        return
    desk.engine.connect(told_apart(desk.snapshot.found, companions=desk.state.companions))
    desk.ask("connect")


def _companions(desk: Desk, _value: str) -> None:
    desk.state.companions = not desk.state.companions


def _answer_same(desk: Desk, *, same: bool) -> None:
    offered = desk.offered()
    if desk.state.same == "asking" and offered is not None:
        desk.state.same = "yes" if same else "no"
        desk.engine.connect(offered)
        desk.ask("connect")


def _select_site(desk: Desk, value: str) -> None:
    try:
        site = str(parse_site(value))
    except MontageError as error:
        desk.state.error = f"{error}."
        return
    desk.state.selected = site
    if site not in desk.state.sites:
        desk.state.sites = (*desk.state.sites, site)


def _place(desk: Desk, value: str) -> None:
    state = desk.state
    key, site = channel_of(value, state.seen), state.selected or state.next_site()
    if key is None or not site:
        return
    if state.site_of.get(key) != site:
        desk.activities.test_again(key)
    state.placed = place(state.placed, site, key)
    state.answered.pop(site, None)
    state.selected = ""


def _unplace(desk: Desk, value: str) -> None:
    desk.state.placed.pop(value, None)


def _next(desk: Desk, _value: str) -> None:
    state = desk.state
    if state.step is Step.PLACE:
        if state.placed:
            state.step, state.selected = Step.CHECK, ""
    elif state.step is Step.CHECK:
        if not blocking(state, desk.snapshot, desk.activities):
            _begin(desk)
    else:
        countdown = state.calibration.countdown(desk.snapshot)
        if countdown is not None and countdown.enough:
            state.calibration.done.add("baseline")
            desk.put([Phase("run")])


def _begin(desk: Desk) -> None:
    state = desk.state
    if not state.placed:
        state.error = "No muscle is named: go back and name at least one."
        return
    try:
        desk.folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        state.error = f"The folder {desk.folder} cannot be made ({error.strerror or error}): choose another."
        return
    without = [sensor.label for sensor in missing_sensors(desk.snapshot)]
    montage = replace(montage_of(desk.snapshot, state.placed, without=without), person=state.person or None)
    out = desk.next_file()
    desk.engine.begin(montage, out)
    desk.ask("begin")
    desk.memory.remember(montage_of(desk.snapshot, state.placed), desk.folder)
    state.step = Step.PROTOCOL if desk.protocol else Step.CALIBRATE
    state.out, state.selected = out, ""


def _back(desk: Desk, _value: str) -> None:
    state = desk.state
    if state.step is Step.FIND and state.asked is None:
        state.same = ""
    elif state.step is Step.CHECK:
        state.step, state.selected = Step.PLACE, ""
    elif state.step is Step.PROTOCOL:
        if not state.protocol.guided:
            state.step = Step.CALIBRATE
    else:
        desk.engine.stop()
        desk.start_over()
        desk.ask("stop")


def _confirm(desk: Desk, _value: str) -> None:
    if desk.state.step is Step.FIND:
        _answer_same(desk, same=True)
    elif desk.state.step is Step.CHECK:
        _begin(desk)
    else:
        found = guess(desk.activities, desk.now())
        if found is not None:
            _place(desk, f"{found.sensor}/{found.channel}")


def _skip(desk: Desk, _value: str) -> None:
    if desk.state.step is Step.FIND:
        _answer_same(desk, same=False)
        return
    calibration = desk.state.calibration
    if calibration.task in ("rest", "mvc"):
        desk.put(calibration.start("", desk.snapshot.elapsed_s))
    else:
        desk.put([Phase("run")])


def _start_rest(desk: Desk, _value: str) -> None:
    desk.put(desk.state.calibration.start("rest", desk.snapshot.elapsed_s))


def _start_baseline(desk: Desk, _value: str) -> None:
    desk.put(desk.state.calibration.start("baseline", desk.snapshot.elapsed_s))


def _start_mvc(desk: Desk, value: str) -> None:
    state = desk.state
    left = [site for site in state.placed if site not in state.calibration.done]
    site = value or state.selected or (left[0] if left else "")
    if site in state.placed:
        state.selected = ""
        desk.put(state.calibration.start("mvc", desk.snapshot.elapsed_s, site))


def _mark(kind: str) -> Callable[[Desk, str], None]:
    def put(desk: Desk, value: str) -> None:
        if value in ("L", "R"):
            desk.engine.mark(kind, side=value)
        elif value in desk.state.placed:
            desk.engine.mark(kind, side=value[-1], site=value)
        else:
            desk.engine.mark(kind, note=value or None)

    return put


def _note(desk: Desk, value: str) -> None:
    if value.strip():
        desk.engine.mark("note", note=value.strip())


def _mute(desk: Desk, _value: str) -> None:
    desk.muted = not desk.muted


def _traces(desk: Desk, _value: str) -> None:
    desk.traces = not desk.traces


def _stop(desk: Desk, _value: str) -> None:
    desk.engine.stop()
    desk.ask("stop")


def _new(desk: Desk, _value: str) -> None:
    desk.start_over()


def _open_report(_desk: Desk, _value: str) -> None:
    """The window opens the page."""


def _open_recording(desk: Desk, value: str) -> None:
    path = Path(value)
    if not value or not path.is_file():
        desk.state.error = f"{value or 'That'} is no file: choose a recording."
        return
    desk.start_over()
    desk.summarize(path)


_DO: dict[str, Callable[[Desk, str], None]] = {
    "scan": _scan,
    "use_last": _use_last,
    "connect": _connect,
    "select_site": _select_site,
    "place": _place,
    "unplace": _unplace,
    "next": _next,
    "back": _back,
    "confirm": _confirm,
    "skip": _skip,
    "start_rest": _start_rest,
    "start_baseline": _start_baseline,
    "start_mvc": _start_mvc,
    "cramp": _mark("cramp"),
    "fatigue": _mark("fatigue"),
    "lap": _mark("lap"),
    "note": _note,
    "mute": _mute,
    "companions": _companions,
    "traces": _traces,
    "stop": _stop,
    "new": _new,
    "open_report": _open_report,
    "open_recording": _open_recording,
    **protocol_actions.DO,
}
