"""Protocols: what a person does in a set of bouts, as TOML that a practitioner can copy and change.

They live with the analysis, since it must know what a bout's event names: an exercise whose repetitions it
finds, or gait. Whoever guides a session (console, window) stands above and takes the schedule from here.
"""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from functools import cache
from importlib import resources
from pathlib import Path
from typing import Any, Literal, cast

from emgsmr.analysis.exercises import EXERCISES
from emgsmr.analysis.protocols.fields import CUES, ProtocolFields, Translation
from emgsmr.analysis.protocols.words import guide_words
from emgsmr.errors import SettingsError

_MAX_FILE_BYTES = 1 << 20

ORDER = ("A1", "A2", "B")
"""Labels of the recommended order: two sets, the treatment, a third set. What differs between the first two
is the person's own error."""

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
    words : mapping of str to str
        What is said where there is no cue, names of sides and of steps
        (`emgsmr.analysis.protocols.guide_words`).
    lang : str
        Language of title, cues and words.
    translations : mapping of str to Translation
        Title, cues and names of sides in other languages, by their codes.
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
    words: Mapping[str, str] = field(default_factory=guide_words, repr=False)
    lang: str = "en"
    translations: Mapping[str, Translation] = field(default_factory=dict, repr=False)

    def in_language(self, lang: str) -> Protocol:
        """The same in another language; what its file does not say in it stays as it is.

        Examples
        --------
        >>> german = load_protocol("bridge").in_language("de")
        >>> german.title, german.words["title.rest"]
        ('Brücke', 'Pause')
        """
        own = self.translations.get(lang, Translation(None, {}, {}))
        sides = {f"side.{key}": text for key, text in own.sides.items()}
        return replace(
            self,
            title=own.title or self.title,
            cues={**self.cues, **own.cues},
            words={**guide_words(lang), **sides},
            lang=lang,
        )


def protocol_names() -> tuple[str, ...]:
    """Names of the protocols that come with emgsmr.

    Examples
    --------
    >>> protocol_names()
    ('bridge', 'easy_run', 'easy_walk', 'prone_hip_extension', 'single_leg_bridge', 'single_leg_heel_raise')
    """
    files = resources.files("emgsmr.analysis.protocols").joinpath("data").iterdir()
    return tuple(sorted(file.name.removesuffix(".toml") for file in files if file.name.endswith(".toml")))


def load_protocol(name: str | Path, lang: str = "en") -> Protocol:
    """Read a protocol: one that comes with emgsmr by its name, or the user's own by its path (``.toml``).

    Parameters
    ----------
    name : str or path
    lang : str
        Code of the language in which it speaks (de, en; an own protocol may have others). What it does not
        say in it stays as it stands in the file.

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
        return _read(path).in_language(lang)
    if str(name) not in protocol_names():
        raise SettingsError(
            f"There is no protocol {str(name)!r}: use {', '.join(protocol_names())}, or the path of a file "
            "of your own that ends in .toml."
        )
    return _shipped(str(name)).in_language(lang)


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
    fields = ProtocolFields(content, source)
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
        cues=fields.texts("cues", CUES),
        translations=fields.languages(),
    )
    fields.check_all_known()
    return found
