"""Other software on the same signals."""

from __future__ import annotations

from pathlib import Path

from validation.section import Section


def run(real_data: Path | None, *, quick: bool) -> list[Section]:  # noqa: ARG001
    return []
