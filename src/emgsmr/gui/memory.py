"""What the window remembers: the last montage of each set of sensors, and the folder of recordings."""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from emgsmr.errors import EmgsmrError
from emgsmr.recording import Montage

if TYPE_CHECKING:
    from emgsmr.radio.scan import FoundSensor

_MOST = 20
"""Sets of sensors that are remembered, the latest first."""


def config_folder(platform: str = sys.platform, environment: Mapping[str, str] = os.environ) -> Path:
    """Name the user's folder for settings of emgsmr, as this system has it.

    Examples
    --------
    >>> config_folder("linux", {"XDG_CONFIG_HOME": "settings"}).as_posix()
    'settings/emgsmr'
    """
    if platform == "win32":
        base = Path(environment.get("APPDATA") or Path.home() / "AppData" / "Roaming")
    elif platform == "darwin":
        base = Path.home() / "Library" / "Application Support"
    else:
        base = Path(environment.get("XDG_CONFIG_HOME") or Path.home() / ".config")
    return base / "emgsmr"


class Memory:
    """A small JSON file; one that cannot be read is left alone and said so.

    Parameters
    ----------
    path : Path, optional
        Default: ``window.json`` in `config_folder`.
    """

    def __init__(self, path: Path | None = None) -> None:
        self.path = path or config_folder() / "window.json"
        self.montages: list[Montage] = []
        self.folder = ""
        self.problem = ""
        self._read()

    def _read(self) -> None:
        try:
            content = json.loads(self.path.read_text(encoding="utf-8"))
            self.montages = [Montage.from_dict(one, source=self.path.name) for one in content["montages"]]
            self.folder = str(content["folder"])
        except FileNotFoundError:
            return
        except (
            OSError,
            ValueError,
            LookupError,
            TypeError,
            AttributeError,
            EmgsmrError,
            RecursionError,
        ) as error:
            self.montages, self.folder = [], ""
            self.problem = f"What was remembered cannot be read and is left out ({self.path}: {error})."

    def montage_for(self, found: Sequence[FoundSensor]) -> Montage | None:
        """The latest montage of which all sensors are in range."""
        if not found or not self.montages:
            return None
        from emgsmr.radio.scan import is_wanted  # the radio, which is loaded where something was found

        return next(
            (m for m in self.montages if all(any(is_wanted(s, one) for one in found) for s in m.sensors)),
            None,
        )

    def remember(self, montage: Montage, folder: Path | str = "") -> None:
        """Keep a montage as the latest of its sensors, and the folder; a failure is said, not raised."""
        labels = {sensor.label for sensor in montage.sensors}
        others = [m for m in self.montages if {s.label for s in m.sensors} != labels]
        self.montages = [montage, *others][:_MOST]
        self.folder = str(folder) or self.folder
        content: dict[str, Any] = {"folder": self.folder, "montages": [m.to_dict() for m in self.montages]}
        part = self.path.with_suffix(".part")
        try:
            self.path.parent.mkdir(parents=True, exist_ok=True)
            part.write_text(json.dumps(content, indent=1), encoding="utf-8")
            part.replace(self.path)
        except OSError as error:
            self.problem = f"This montage cannot be remembered ({self.path}: {error.strerror or error})."
