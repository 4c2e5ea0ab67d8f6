"""A section of docs/validation.md: what was run, on what, and the numbers that came out."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Section:
    """One table of results.

    Attributes
    ----------
    title : str
    source : str
        What it was run on: "closed form", "simulated, seeds 1 to 20", "real: Santuz walk", ...
    text : str
        How it was done and what it shows, in a few sentences.
    columns : sequence of str
        With units.
    rows : sequence of sequence
        Numbers are rounded by whoever made them.
    bar : str
        What it is held against, and whether it was met; empty where there is no bar.
    met : bool or None
    """

    title: str
    source: str
    text: str
    columns: Sequence[str]
    rows: Sequence[Sequence[object]]
    bar: str = ""
    met: bool | None = None

    def markdown(self) -> str:
        """The section as it stands in the document."""
        lines = [f"### {self.title}", "", f"*{self.source}.* {self.text}", ""]
        lines.append("| " + " | ".join(self.columns) + " |")
        lines.append("|" + "---|" * len(self.columns))
        lines += ["| " + " | ".join(str(cell) for cell in row) + " |" for row in self.rows]
        if self.bar:
            state = "" if self.met is None else " Met." if self.met else " **Not met.**"
            lines += ["", f"Bar: {self.bar}.{state}"]
        return "\n".join(lines) + "\n"
