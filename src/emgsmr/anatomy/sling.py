"""A sling: muscles, fascia and ligaments that a school of anatomy draws as one line or subsystem."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal


@dataclass(frozen=True, slots=True)
class Source:
    """A citation; ``read`` tells whether the source itself was read for this catalog, or only a part."""

    key: str
    citation: str
    read: Literal["text", "part"] = "part"


@dataclass(frozen=True, slots=True)
class Member:
    """One member of a sling.

    Attributes
    ----------
    name : str
    site : str, optional
        Muscle code, where a surface electrode can measure it.
    depth : {"superficial", "partly", "deep"}
        "partly" = measured with cross-talk or depth caveats; "deep" = no surface EMG.
    side : {"same", "opposite"}
        Seen from the leg (or arm) that gives the sling its name.
    muscle : bool
        False for fascia, ligament and bone, which have no EMG.
    optional, uncertain : bool
        Named by some lists only; from memory or doctrine, not re-checked.
    """

    name: str
    site: str | None = None
    depth: Literal["superficial", "partly", "deep"] = "superficial"
    side: Literal["same", "opposite"] = "same"
    muscle: bool = True
    optional: bool = False
    uncertain: bool = False


@dataclass(frozen=True, slots=True)
class Sling:
    """One sling, as shown; where it merges several lines, ``lines`` lists them.

    Attributes
    ----------
    id, name : str
    system : str
        "anatomy_trains", "core_subsystem", or a word of the user's own file.
    members : tuple of Member
        In the order of the sling.
    evidence : str
        How well its existence (not its function) is supported.
    tendency : str
        What its school says it tends to be; empty where it says nothing.
    tendency_uncertain : bool
    pairs : tuple of str
        Ids of the compensation pairs that have to do with it.
    sources : tuple of Source
    lines : tuple of Sling
        The atomic lines that it merges; empty for one that is atomic itself.
    """

    id: str
    name: str
    system: str
    members: tuple[Member, ...]
    evidence: str
    sources: tuple[Source, ...]
    pairs: tuple[str, ...] = ()
    tendency: str = ""
    tendency_uncertain: bool = False
    lines: tuple[Sling, ...] = ()

    @property
    def muscles(self) -> tuple[str, ...]:
        """Codes of the muscles that a surface electrode can measure, each once."""
        return tuple(dict.fromkeys(member.site for member in self.members if member.site is not None))
