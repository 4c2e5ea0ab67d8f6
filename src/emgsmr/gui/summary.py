"""After the run: sentences and the one-page summary, made beside the window so that nothing waits."""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from emgsmr.errors import EmgsmrError

if TYPE_CHECKING:
    from emgsmr.recording import Recording

Make = Callable[[Path], "Summary"]


@dataclass(frozen=True, slots=True)
class Summary:
    """Sentences about a recording, and its page; ``error`` says what went wrong, empty if nothing did."""

    sentences: tuple[str, ...] = ()
    report: str = ""
    error: str = ""


def make_summary(recording: Path, *, lang: str = "en") -> Summary:
    """Analyze a recording and write its page beside it: before and after, where a protocol was kept to.

    Parameters
    ----------
    recording : Path
    lang : str
        Of the page.

    Raises
    ------
    EmgsmrError
        The recording cannot be read, or the page not be written.
    ImportError
        The packages that draw the page are not installed.
    """
    from emgsmr.analysis import analyze
    from emgsmr.analysis.comparison.bouts import holds_both
    from emgsmr.analysis.protocols import declared_pairs
    from emgsmr.recording import open_recording
    from emgsmr.report import write_report
    from emgsmr.report.headline import headline

    page = recording.with_suffix(".html")
    with open_recording(recording) as opened:
        primary = declared_pairs(opened.events())
        if primary and holds_both(opened.events()):
            return _before_and_after(opened, page, primary, lang=lang)
        analysis = analyze(opened)
        write_report(analysis, page, opened, lang=lang)
        said = headline(analysis)
    return Summary((f"{said.title}.", *said.sentences), str(page))


def _before_and_after(opened: Recording, page: Path, primary: tuple[str, ...], *, lang: str) -> Summary:
    from emgsmr.analysis.comparison import ComparisonPlan, compare
    from emgsmr.report import write_comparison_page
    from emgsmr.report.comparison_view import comparison_view
    from emgsmr.report.language import load_language

    comparison = compare(opened, plan=ComparisonPlan(primary=primary))
    write_comparison_page(comparison, page, lang=lang, before=opened)
    view = comparison_view(comparison, load_language(lang))
    pairs = (f"{pair.sign} {pair.leg}: {pair.sentence}" for pair in view.pairs)
    told = {
        f"{pair.leg}: {pair.sentence}" for pair in view.pairs
    }  # the head of the page says some of them, too
    return Summary((view.title, *pairs, *(text for text in view.lead if text not in told)), str(page))


class SummaryMaker:
    """Makes one summary in a thread of its own.

    Parameters
    ----------
    recording : Path
    make : callable
        ``make(recording)``, by default `make_summary`.
    """

    def __init__(self, recording: Path, make: Make = make_summary) -> None:
        self.recording = recording
        self._make = make
        self._summary: Summary | None = None
        self._thread = threading.Thread(target=self._run, name="summary", daemon=True)
        self._thread.start()

    def _run(self) -> None:
        hint = f"The recording is whole; make the page later with: emgsmr report {self.recording}"
        try:
            self._summary = self._make(self.recording)
        except EmgsmrError as error:
            self._summary = Summary(error=f"{error} {hint}")
        except ImportError as error:
            text = f"The page needs {error.name}, which is not installed: pip install 'emgsmr[report]'."
            self._summary = Summary(error=f"{text} {hint}")
        except Exception as error:  # noqa: BLE001 - a thread's error would be seen by nobody
            self._summary = Summary(error=f"The page could not be made ({error!r}). {hint}")

    def wait(self, timeout_s: float | None = None) -> None:
        """Wait for the end."""
        self._thread.join(timeout_s)

    @property
    def summary(self) -> Summary | None:
        """What came of it; None while it is being made."""
        return self._summary
