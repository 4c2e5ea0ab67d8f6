"""A question at the console, asked while a radio's event loop runs."""

from __future__ import annotations

import asyncio
import sys
import threading
from contextlib import suppress
from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from emgsmr.radio.gather import Ask, Choice, MissingSensor

_ANSWERS: dict[str, Choice] = {"l": "retry", "w": "without", "s": "stop"}


def asker() -> Ask | None:
    """Whom to ask about missing sensors: a person, if one sits at the terminal."""
    return ask_about_missing if sys.stdin.isatty() and sys.stderr.isatty() else None


async def ask_about_missing(missing: Sequence[MissingSensor]) -> Choice:
    """Look again, go on without them, or stop."""
    for sensor in missing:
        click.echo(f"{sensor.label}: {sensor.reason}", err=True)

    def prompt() -> str:
        return str(
            click.prompt(
                "Sensors of the montage are missing. [l]ook again, record [w]ithout, [s]top?",
                type=click.Choice(list(_ANSWERS), case_sensitive=False),
                default="l",
                show_choices=False,
                err=True,
            )
        )

    try:
        return _ANSWERS[(await _in_thread(prompt)).lower()]
    except (click.Abort, EOFError):
        return "stop"


async def pressed_enter() -> None:
    """Wait for Enter; where nobody can press it, go on."""
    with suppress(click.Abort, EOFError, OSError):
        await _in_thread(lambda: sys.stdin.readline())


async def _in_thread(question: Callable[[], str]) -> str:
    """Ask without holding the loop up; Ctrl-C does not wait for an answer, as a pool of threads would."""
    loop = asyncio.get_running_loop()
    answer: asyncio.Future[str] = loop.create_future()

    def settle(text: str | None, error: BaseException | None) -> None:
        if not answer.done():
            if error is not None:
                answer.set_exception(error)
            else:
                answer.set_result(text or "")

    def run() -> None:
        try:
            text = question()
        except (click.Abort, EOFError, OSError) as error:
            loop.call_soon_threadsafe(settle, None, error)
        else:
            loop.call_soon_threadsafe(settle, text, None)

    threading.Thread(target=run, name="question", daemon=True).start()
    return await answer
