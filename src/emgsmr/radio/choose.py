"""From the word of ``--radio`` to an air: ``bluetooth``, ``virtual:SCENARIO`` or ``virtual:FILE``."""

from __future__ import annotations

import difflib
from pathlib import Path
from typing import TYPE_CHECKING

from emgsmr.errors import ArgumentError

if TYPE_CHECKING:
    from collections.abc import Callable

    from emgsmr.radio.air import Air
    from emgsmr.radio.cast import Cast

DEFAULT_SCENARIO = "demo"


def choose_air(
    radio: str,
    *,
    speed: float | None = 1.0,
    seed: int = 0,
    minutes: float | None = None,
    progress: Callable[[float], None] | None = None,
) -> Air:
    """Make the air that a radio names; it is not open yet.

    Parameters
    ----------
    radio : str
    speed : float or None
        Times life's pace at most (virtual radio only); None = as fast as it goes.
    seed : int
        Of the scenario's runner and of the virtual radio.
    minutes : float, optional
        Length of the scenario; its own, if not given.
    progress : callable, optional
        Called with the part (0 to 1) of the scenario's signals that is there.

    Raises
    ------
    ArgumentError
        No such radio, scenario or file.
    """
    kind, _, what = radio.partition(":")
    if kind == "bluetooth" and not what:
        from emgsmr.radio.air import BluetoothAir

        return BluetoothAir()
    if kind != "virtual":
        raise ArgumentError(
            f"there is no radio {radio!r}: use bluetooth, virtual, virtual:SCENARIO or virtual:FILE"
        )
    from emgsmr.radio.virtual import VirtualAir

    cast = _cast(what or DEFAULT_SCENARIO, seed=seed, minutes=minutes, progress=progress)
    return VirtualAir(cast, speed=speed, seed=seed, name=f"virtual:{what or DEFAULT_SCENARIO}")


def _cast(what: str, *, seed: int, minutes: float | None, progress: Callable[[float], None] | None) -> Cast:
    from emgsmr.radio.cast import cast_recording, cast_scenario
    from emgsmr.simulate import SCENARIOS, TREATMENTS

    if what in SCENARIOS or what in TREATMENTS:
        return cast_scenario(what, seed=seed, minutes=minutes, progress=progress, with_companions=True)
    if Path(what).exists():
        return cast_recording(what)
    near = difflib.get_close_matches(what, [*SCENARIOS, *TREATMENTS], n=1)
    guess = f" (did you mean {near[0]!r}?)" if near else ""
    known = ", ".join(SCENARIOS | TREATMENTS)
    raise ArgumentError(f"{what!r} is neither a recording nor a scenario{guess}: scenarios are {known}")
