"""The montage: which channel of which sensor sits on which muscle, as TOML that a person can fill in."""

from __future__ import annotations

import difflib
import tomllib
from dataclasses import dataclass, field
from functools import cache
from importlib import resources
from pathlib import Path
from typing import TYPE_CHECKING, Any

from emgsmr.errors import MontageError

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from emgsmr.recording.wiring import Wiring

_MAX_FILE_BYTES = 1 << 20


@dataclass(frozen=True, slots=True)
class MontageSensor:
    """A sensor that a session expects.

    Attributes
    ----------
    name, address : str, optional
        At least one is given; ``address`` wins.
    family : str, optional
        Key of `emgsmr.sensors.DEVICES`; any, if not given.
    required : bool
        Whether a session refuses to start without it.
    channels : mapping of int (from 1) to str
        Site of each placed channel, such as ``{1: "GMAX_L"}``; a heart rate strap or foot pod has none.
    """

    name: str | None = None
    address: str | None = None
    family: str | None = None
    required: bool = True
    channels: Mapping[int, str] = field(default_factory=dict)

    @property
    def label(self) -> str:
        """What to call it."""
        return self.name or self.address or "a sensor without name"


@dataclass(frozen=True, slots=True)
class Montage:
    """All sensors of a session.

    Attributes
    ----------
    sensors : tuple of MontageSensor
    mains_hz : float, optional
        50 or 60; found from the signal, if not given.
    person : str, optional
        A code, no name.
    wiring : Wiring, optional
        The sensors that were found for it; only in the montage of a recording or session.

    Examples
    --------
    >>> montage = Montage((MontageSensor("uMyo 1", channels={1: "GMAX_L"}),), mains_hz=50)
    >>> montage.sites
    ('GMAX_L',)
    >>> Montage.from_dict(montage.to_dict()) == montage
    True
    """

    sensors: tuple[MontageSensor, ...]
    mains_hz: float | None = None
    person: str | None = None
    wiring: Wiring | None = field(default=None, compare=False, repr=False)

    @property
    def sites(self) -> tuple[str, ...]:
        """All placed sites, in order."""
        return tuple(site for sensor in self.sensors for _, site in sorted(sensor.channels.items()))

    def to_dict(self) -> dict[str, Any]:
        """As in the TOML file."""
        content: dict[str, Any] = {}
        if self.mains_hz is not None:
            content["mains_hz"] = self.mains_hz
        if self.person is not None:
            content["person"] = {"code": self.person}
        content["sensor"] = [_sensor_to_dict(sensor) for sensor in self.sensors]
        return content

    @classmethod
    def from_dict(cls, content: Mapping[str, Any], *, source: str = "montage") -> Montage:
        """Check and read the content of a TOML file; ``source`` is its name in errors.

        Raises
        ------
        MontageError
        """
        _only(content, ("mains_hz", "person", "sensor"), source)
        mains_hz = content.get("mains_hz")
        if mains_hz is not None and (isinstance(mains_hz, bool) or mains_hz not in (50, 60)):
            raise MontageError(f"{source}: mains_hz is {mains_hz!r}: use 50 or 60, or leave it out")
        person = content.get("person", {})
        if not isinstance(person, dict):
            raise MontageError(f'{source}: person is {person!r}: write a table [person] with code = "P01"')
        _only(person, ("code",), f"{source}, [person]")
        code = _text(person, "code", f"{source}, [person]")
        entries = content.get("sensor")
        if not isinstance(entries, list) or not entries:
            raise MontageError(f"{source} has no sensor: add a table [[sensor]] for each")
        sensors = tuple(_sensor(entry, number, source) for number, entry in enumerate(entries, start=1))
        _check_unique(sensors, source)
        return cls(sensors, None if mains_hz is None else float(mains_hz), code)


def load_montage(path: str | Path) -> Montage:
    """Read a montage from a TOML file.

    Raises
    ------
    MontageError
        The file cannot be read, is no TOML, or names an unknown site, a channel or site twice, or a sensor
        without name and address.
    """
    path = Path(path)
    try:
        with path.open("rb") as file:
            raw = file.read(_MAX_FILE_BYTES + 1)
    except OSError as error:
        raise MontageError(f"{path} cannot be read: {error.strerror or error}") from error
    if len(raw) > _MAX_FILE_BYTES:
        raise MontageError(f"{path} is larger than a megabyte: that is no montage")
    return parse_montage(raw, source=str(path))


def parse_montage(raw: bytes, *, source: str) -> Montage:
    """Read a montage from the bytes of a TOML file; ``source`` is its name in errors."""
    try:
        content = tomllib.loads(raw.decode("utf-8-sig"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError, RecursionError) as error:
        if "overwrite" in str(error) or "more than once" in str(error):
            raise MontageError(
                f"{source} says the same thing twice, such as one channel ({error})"
            ) from error
        raise MontageError(f"{source} is no TOML: {error}") from error
    return Montage.from_dict(content, source=source)


@cache
def default_montage() -> Montage:
    """GMAX, BFLH, ST, MGAS and LGAS of both legs, on six sensors.

    Examples
    --------
    >>> len(default_montage().sensors), len(default_montage().sites)
    (6, 10)
    """
    name = "default_montage.toml"
    return parse_montage(resources.files(__package__).joinpath(name).read_bytes(), source=name)


def site_name(text: str, *, source: str) -> str:
    """Name a site canonically; raises `MontageError` (with ``source`` in front) for an unknown one."""
    from emgsmr.anatomy import parse_site

    try:
        return str(parse_site(text))
    except MontageError as error:
        raise MontageError(f"{source}: {error}") from error


def _sensor(entry: object, number: int, source: str) -> MontageSensor:
    where = f"{source}, sensor {number}"
    if not isinstance(entry, dict):
        raise MontageError(f"{where} is {entry!r}: write a table [[sensor]]")
    _only(entry, ("name", "address", "family", "required", "channels"), where)
    name, address, family = (_text(entry, key, where) for key in ("name", "address", "family"))
    if name is None and address is None:
        raise MontageError(
            f"{where} has neither name nor address: give one of them (`emgsmr scan` shows both)"
        )
    where = f"{where} ({name or address})"
    channels = _channels(entry.get("channels", {}), where)
    if family is not None:
        _check_family(family, channels, where)
    required = entry.get("required", True)
    if not isinstance(required, bool):
        raise MontageError(f"{where}: required is {required!r}: use true or false")
    return MontageSensor(name, address, family, required, channels)


def _check_family(family: str, channels: Mapping[int, str], where: str) -> None:
    from emgsmr.sensors import COMPANIONS, DEVICES

    if family not in DEVICES and family != "file":
        raise MontageError(
            f"{where}: family {family!r} is not supported{_nearest(family, DEVICES)}: "
            "`emgsmr sensors` lists them"
        )
    if channels and family in COMPANIONS:
        kind = COMPANIONS[family].name.lower()
        raise MontageError(f"{where}: a {kind} has no EMG channels: take its [sensor.channels] away")


def _channels(table: object, where: str) -> dict[int, str]:
    if not isinstance(table, dict):
        raise MontageError(
            f'{where}: channels is {table!r}: write a table [sensor.channels] with 1 = "GMAX_L"'
        )
    channels: dict[int, str] = {}
    for key, site in table.items():
        if not (key.isascii() and key.isdigit() and 1 <= int(key[:6]) <= 1024 and len(key) <= 6):
            raise MontageError(f"{where}: channel {key!r} is no channel number: channels count from 1")
        if int(key) in channels:
            raise MontageError(f"{where}: channel {int(key)} is placed twice: give each channel one site")
        if not isinstance(site, str):
            raise MontageError(f'{where}: channel {key} is {site!r}: write a site such as "GMAX_L"')
        channels[int(key)] = site_name(site, source=f"{where}, channel {key}")
    return channels


def _check_unique(sensors: tuple[MontageSensor, ...], source: str) -> None:
    seen: dict[tuple[str, str], str] = {}
    for sensor in sensors:
        identity = ("address", sensor.address.lower()) if sensor.address else ("name", sensor.name or "")
        if identity in seen:
            raise MontageError(
                f"{source}: {sensor.label} is listed twice: keep one [[sensor]] with all its channels"
            )
        seen[identity] = sensor.label
        for channel, site in sensor.channels.items():
            here = f"channel {channel} of {sensor.label}"
            if ("site", site) in seen:
                raise MontageError(
                    f"{source}: {site} is on {seen['site', site]} and on {here}: give each site one channel"
                )
            seen["site", site] = here


def _sensor_to_dict(sensor: MontageSensor) -> dict[str, Any]:
    content: dict[str, Any] = {
        key: value for key in ("name", "address", "family") if (value := getattr(sensor, key)) is not None
    }
    if not sensor.required:
        content["required"] = False
    content["channels"] = {str(channel): site for channel, site in sorted(sensor.channels.items())}
    return content


def _only(table: Mapping[str, Any], known: tuple[str, ...], where: str) -> None:
    for key in table:
        if key not in known:
            raise MontageError(f"{where}: {key!r} is no word of a montage{_nearest(key, known)}")


def _text(table: Mapping[str, Any], key: str, where: str) -> str | None:
    value = table.get(key)
    if value is None:
        return None
    if not isinstance(value, str) or not value.strip():
        raise MontageError(f"{where}: {key} is {value!r}: write a text in quotes")
    return value


def _nearest(word: str, known: Iterable[str]) -> str:
    near = difflib.get_close_matches(word, list(known), n=1)
    return f" (did you mean {near[0]!r}?)" if near else f" (known: {', '.join(known)})"
