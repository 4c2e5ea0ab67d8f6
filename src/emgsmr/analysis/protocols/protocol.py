"""Protocols: what a person does in a set of bouts, as TOML that a practitioner can copy and change.

They live with the analysis, since it must know what a bout's event names: an exercise whose repetitions it
finds, or gait. Whoever guides a session (console, window) stands above and takes the schedule from here.
"""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache
from importlib import resources
from pathlib import Path
from string import Formatter
from typing import Any, Literal, cast

from emgsmr.analysis.exercises import EXERCISES
from emgsmr.errors import SettingsError

_MAX_FILE_BYTES = 1 << 20

ORDER = ("A1", "A2", "B")
"""Labels of the recommended order: two sets, the treatment, a third set. What differs between the first two
is the person's own error."""

TREATMENT = "Now the treatment. Leave every electrode where it is, and the recording running."

CUES = ("prepare", "quiet", "warm_up", "ready", "bout", "rest", "end")
"""What can be said; a cue may name ``{side}``, ``{number}`` and ``{total}``."""

Sides = Literal["both", "each"]


@dataclass(frozen=True, slots=True)
class Protocol:
    """One set of bouts.

    Attributes
    ----------
    name : str
        Of its file, such as ``bridge``.
    title : str
    exercise : str or None
        What a bout's event names (`emgsmr.analysis.exercises.EXERCISES`); None = gait.
    sides : {"both", "each"}
        Both legs work in a bout, or one after the other.
    bouts : int
        Of each leg.
    bout_s : float, s
        Length of a bout: given, or repetitions times their length.
    repetitions : int or None
        In each bout; None for gait.
    rest_s, change_s : float, s
        Rest between bouts, and to change legs.
    quiet_s : float, s
        Muscles loose at the start of a set: the noise floor (a phase labeled rest).
    warm_up_s : float, s
        Before the first set.
    primary : tuple of str
        Pairs that count, declared before anybody has seen a result.
    cues : mapping of str to str
    """

    name: str
    title: str
    exercise: str | None
    sides: Sides
    bouts: int
    bout_s: float
    repetitions: int | None
    rest_s: float
    change_s: float
    quiet_s: float
    warm_up_s: float
    primary: tuple[str, ...]
    cues: Mapping[str, str] = field(default_factory=dict)


def protocol_names() -> tuple[str, ...]:
    """Names of the protocols that come with emgsmr.

    Examples
    --------
    >>> protocol_names()
    ('bridge', 'easy_run', 'easy_walk', 'prone_hip_extension', 'single_leg_bridge', 'single_leg_heel_raise')
    """
    files = resources.files("emgsmr.analysis.protocols").joinpath("data").iterdir()
    return tuple(sorted(file.name.removesuffix(".toml") for file in files if file.name.endswith(".toml")))


def load_protocol(name: str | Path) -> Protocol:
    """Read a protocol: one that comes with emgsmr by its name, or the user's own by its path (``.toml``).

    Raises
    ------
    SettingsError
        There is none of that name, or its file cannot be read or used; says what to change.

    Examples
    --------
    >>> protocol = load_protocol("single_leg_bridge")
    >>> protocol.sides, protocol.bouts, protocol.bout_s, protocol.primary
    ('each', 4, 24.0, ('P1',))
    """
    path = Path(name)
    if path.suffix == ".toml":
        return _read(path)
    if str(name) not in protocol_names():
        raise SettingsError(
            f"There is no protocol {str(name)!r}: use {', '.join(protocol_names())}, or the path of a file "
            "of your own that ends in .toml."
        )
    return _shipped(str(name))


def protocol_text(name: str) -> str:
    """The file of a protocol that comes with emgsmr, to copy and change."""
    load_protocol(name)
    folder = resources.files("emgsmr.analysis.protocols").joinpath("data")
    return folder.joinpath(f"{name}.toml").read_text(encoding="utf-8")


@cache
def _shipped(name: str) -> Protocol:
    folder = resources.files("emgsmr.analysis.protocols").joinpath("data")
    return as_protocol(tomllib.loads(folder.joinpath(f"{name}.toml").read_text("utf-8")), name=name)


def _read(path: Path) -> Protocol:
    try:
        if path.stat().st_size > _MAX_FILE_BYTES:
            raise SettingsError(f"{path} is no protocol: it is larger than 1 MB.")
        content = tomllib.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise SettingsError(f"The protocol {path} cannot be read: {error.strerror or error}.") from error
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise SettingsError(f"{path} is no TOML: {error}.") from error
    return as_protocol(content, name=path.stem, source=str(path))


def as_protocol(content: Mapping[str, Any], *, name: str, source: str = "protocol") -> Protocol:
    """Check the content of a protocol's file; ``source`` is its name in errors.

    Examples
    --------
    >>> as_protocol({"title": "Squat", "exercise": "squat", "bouts": 2}, name="squat")
    Traceback (most recent call last):
    emgsmr.errors.SettingsError: protocol: bouts must lie between 3 and 20, not 2.
    """
    fields = _Fields(content, source)
    exercise = fields.text("exercise", None)
    if exercise is not None and exercise not in EXERCISES:
        raise SettingsError(
            f"{source}: no exercise is called {exercise!r}: use one of {', '.join(EXERCISES)}."
        )
    sides = fields.text("sides", "both")
    if sides not in ("both", "each"):
        raise SettingsError(f'{source}: sides is {sides!r}: write "both" or "each".')
    bouts = fields.whole("bouts", 3, 20)
    repetitions = fields.whole("repetitions", 3, 100) if "repetitions" in content else None
    if (repetitions is None) == ("bout_s" not in content):
        raise SettingsError(
            f"{source}: give bout_s for gait, or repetitions with repetition_s for an exercise."
        )
    if repetitions is None:
        bout_s = fields.number("bout_s", None, 5.0, 3600.0)
    else:
        bout_s = repetitions * fields.number("repetition_s", None, 0.5, 60.0)
    found = Protocol(
        name=name,
        title=fields.text("title", name) or name,
        exercise=exercise,
        sides=cast(Sides, sides),
        bouts=bouts,
        bout_s=bout_s,
        repetitions=repetitions,
        rest_s=fields.number("rest_s", None, 0.0, 3600.0),
        change_s=fields.number("change_s", 10.0, 0.0, 600.0),
        quiet_s=fields.number("quiet_s", 10.0, 0.0, 120.0),
        warm_up_s=fields.number("warm_up_s", 0.0, 0.0, 3600.0),
        primary=fields.names("primary", ("P1", "P2")),
        cues=fields.cues(),
    )
    fields.check_all_known()
    return found


def _can_be_filled(words: str) -> bool:
    """Whether braces hold nothing but what a cue may name."""
    try:
        parts = list(Formatter().parse(words))
    except ValueError:
        return False
    return all(
        name is None or (name in ("side", "number", "total") and not spec and conversion is None)
        for _, name, spec, conversion in parts
    )


class _Fields:
    """Reads fields of a protocol's file, and refuses what is wrong with it in one sentence."""

    def __init__(self, content: Mapping[str, Any], source: str) -> None:
        self._content = content
        self._source = source
        self._known = {"bout_s", "repetitions", "repetition_s"}

    def text(self, key: str, default: str | None) -> str | None:
        value = self._get(key, default)
        if value is not None and (not isinstance(value, str) or not value.strip()):
            raise SettingsError(f"{self._source}: {key} is {value!r}: write words between quotation marks.")
        return value

    def whole(self, key: str, least: int, most: int) -> int:
        value = self._get(key, None)
        if isinstance(value, bool) or not isinstance(value, int):
            raise SettingsError(f"{self._source}: {key} is {value!r}: write a whole number.")
        self._within(key, value, least, most)
        return value

    def number(self, key: str, default: float | None, least: float, most: float) -> float:
        value = self._get(key, default)
        if isinstance(value, bool) or not isinstance(value, int | float):
            raise SettingsError(f"{self._source}: {key} is {value!r}: write a number of seconds.")
        self._within(key, value, least, most)
        return float(value)

    def names(self, key: str, default: tuple[str, ...]) -> tuple[str, ...]:
        value = self._get(key, list(default))
        if not isinstance(value, list) or not value or not all(isinstance(name, str) for name in value):
            raise SettingsError(f'{self._source}: {key} is {value!r}: write a list such as ["P1", "P2"].')
        return tuple(value)

    def cues(self) -> dict[str, str]:
        value = self._get("cues", {})
        if not isinstance(value, dict):
            raise SettingsError(f"{self._source}: cues is {value!r}: write a table [cues].")
        for key, words in value.items():
            if key not in CUES:
                raise SettingsError(f"{self._source}: no cue is called {key!r}: use {', '.join(CUES)}.")
            if not isinstance(words, str):
                raise SettingsError(f"{self._source}: the cue {key} is {words!r}: write words.")
            if not _can_be_filled(words):
                raise SettingsError(
                    f"{self._source}: between braces the cue {key} can name {{side}}, {{number}} and "
                    "{{total}} only."
                )
        return dict(value)

    def check_all_known(self) -> None:
        unknown = sorted(set(self._content) - self._known)
        if unknown:
            raise SettingsError(
                f"{self._source}: {unknown[0]} is unknown: use {', '.join(sorted(self._known))}."
            )

    def _get(self, key: str, default: Any) -> Any:
        self._known.add(key)
        return self._content.get(key, default)

    def _within(self, key: str, value: float, least: float, most: float) -> None:
        if not least <= value <= most:
            raise SettingsError(
                f"{self._source}: {key} must lie between {least:g} and {most:g}, not {value:g}."
            )
