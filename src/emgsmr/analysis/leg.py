"""One leg's way through the pipeline: contacts to strides to baseline to the charts of its pairs."""

from __future__ import annotations

from array import array
from bisect import bisect_left
from collections.abc import Callable, Mapping, Sequence

from emgsmr.analysis.arbitration import Arbiter
from emgsmr.analysis.baseline import Baseline, Members, fit_baseline
from emgsmr.analysis.detector import PairMonitor
from emgsmr.analysis.fatigue import latest_row
from emgsmr.analysis.finding import Finding
from emgsmr.analysis.long_list import LongList, Shelf
from emgsmr.analysis.notices import LegNotices
from emgsmr.analysis.phases import Span, labeled_spans
from emgsmr.analysis.pool import SpectrumPool
from emgsmr.analysis.settings import Settings
from emgsmr.analysis.strides import Stride, StrideBuilder
from emgsmr.anatomy import GROUPS, Catalog, Pair
from emgsmr.errors import SettingsError
from emgsmr.recording import Event


def members_on(pair: Pair, side: str, sites: Sequence[str]) -> Members | None:
    """The sites of a pair that are measured on a side; None unless both parts have one.

    A single electrode placed on a group (``HAM_L``) stands for it where none of its muscles is measured.
    """

    def measured(codes: tuple[str, ...], name: str) -> tuple[str, ...]:
        found = tuple(f"{code}_{side}" for code in codes if f"{code}_{side}" in sites)
        group = f"{name}_{side}"
        return found or ((group,) if name in GROUPS and group in sites else ())

    prime, compensator = (
        measured(pair.prime, pair.prime_name),
        measured(pair.compensator, pair.compensator_name),
    )
    return Members(prime, compensator) if prime and compensator else None


def watched_pairs(catalog: Catalog, settings: Settings) -> list[Pair]:
    """The pairs to watch: those named in the settings, else those that are on in the catalog."""
    names = (
        settings.pairs if settings.pairs is not None else [p.id for p in catalog.pairs.values() if p.enabled]
    )
    for name in names:
        if name not in catalog.pairs:
            raise SettingsError(f"There is no pair {name!r}; the pairs are {', '.join(catalog.pairs)}.")
    return [catalog.pairs[name] for name in names]


class Leg:
    """Everything about one side, as far as the signals have come."""

    def __init__(
        self,
        builder: StrideBuilder,
        monitors: list[PairMonitor],
        settings: Settings,
        *,
        rest: Callable[[float], Mapping[str, float]] = lambda _until_s: {},
        rates: Mapping[str, float] | None = None,
        shelf: Shelf | None = None,
    ) -> None:
        shelf = shelf or Shelf()
        self.side = builder.side
        self.builder = builder
        self.monitors = monitors
        self.notices = LegNotices(monitors)
        self.arbiter = Arbiter(monitors)
        self._rates = rates or {}  # sampling rate (Hz) of each site
        for monitor in monitors:
            monitor.quadrant = self._quadrant
        self.strides: LongList[Stride] = LongList(shelf)
        self._starts_s = array("d")  # of all strides, and which are valid
        self._valid = bytearray()
        self.spectra = SpectrumPool(settings.spectrum_bursts, shelf)
        self.baseline: Baseline | None = None
        self._settings = settings
        self._rest = rest  # power at rest (µV²) of the sites that have been at rest until then
        self._phases: list[Event] = []
        self._spans: list[Span] = []  # of the baseline
        self._decided: tuple[float, float, str] | None = None

    def add_phase(self, event: Event) -> bool:
        """Take in a ``phase`` event; whether the baseline lies elsewhere now, and all was begun anew.

        A baseline may be marked when one had been taken already: after the automatic one, or once more. What
        was found so far was found against another reference than the one that counts, so it goes; an
        analysis of the recording, which knows all phases from the start, says the same.
        """
        self._phases.append(event)
        self._spans = labeled_spans(self._phases, "baseline")
        if self._decided is None or self._decided == self._window():
            return False
        self._decided = self.baseline = None
        for monitor in self.monitors:
            monitor.restart()
        self.notices = LegNotices(self.monitors)
        self.arbiter = Arbiter(self.monitors)
        for stride in self.strides:
            self._take(stride)
        return True

    def until(self, measured_s: float, *, last: bool = False) -> list[Finding]:
        """Go on with what is known up to then."""
        changed: list[Finding] = []
        for stride in self.builder.until(measured_s, last=last):
            self.spectra.take(stride)
            self.strides.append(stride)
            self._starts_s.append(stride.t_start_s)
            self._valid.append(stride.valid)
            changed += self._take(stride)
        return changed

    def finish(self) -> None:
        """Without a baseline, the whole recording is the reference, and nothing is tested against it."""
        self.spectra.finish()
        if self._decided is None:
            window = self._window()
            if window is not None and self.strides and self.strides[-1].t_end_s >= window[1]:
                self._decide(window)
        if self.baseline is None and self.strides:
            self.baseline = fit_baseline(
                self.strides,
                t0_s=self.strides[0].t_start_s,
                t1_s=self.strides[-1].t_end_s,
                source="whole recording",
                rest=self._rest(float("inf")),
            )

    def findings(self) -> list[Finding]:
        """All episodes and notices so far."""
        return [*(f for monitor in self.monitors for f in monitor.findings), *self.notices.findings]

    @property
    def baseline_strides(self) -> int | None:
        """Valid strides of the baseline, so far; None before it has begun."""
        if self._decided is not None:
            return self.baseline.n_strides if self.baseline is not None else 0
        window = self._window()
        if window is None or (not self._spans and self.strides[-1].t_end_s < window[0]):
            return None
        return sum(self._valid[bisect_left(self._starts_s, window[0]) :])

    def _window(self) -> tuple[float, float, str] | None:
        """Where the baseline lies, as far as it can be told."""
        settings = self._settings
        if settings.baseline is not None:
            return (*settings.baseline, "settings")
        if self._spans:
            return (min(span.t0_s for span in self._spans), max(span.t1_s for span in self._spans), "events")
        if not self.strides:
            return None
        begin = self.strides[0].t_start_s + settings.warmup_s
        return (begin, begin + settings.baseline_s, "automatic")

    def _take(self, stride: Stride) -> list[Finding]:
        window = self._window()
        if window is None or stride.t_start_s < window[1]:
            return []
        if self._decided is None:
            self._decide(window)
        return [*self.arbiter.push(stride), *self.notices.push(stride)]

    def _quadrant(self, site: str, now_s: float) -> str | None:
        """What amplitude and spectrum of a site say together, in the last row of its fatigue table."""
        if self.baseline is None or site not in self._rates:
            return None
        row = latest_row(
            self.spectra.blocks.get(site, []),
            site,
            self.baseline,
            now_s=now_s,
            fs=self._rates[site],
            snr_db=self._settings.spectrum_snr_db,
        )
        return None if row is None else str(row["jasa"])

    def _decide(self, window: tuple[float, float, str]) -> None:
        """The baseline is over: fix the reference and start the charts."""
        self._decided = window
        begin, end = (bisect_left(self._starts_s, t_s) for t_s in window[:2])
        inside = self.strides[begin:end]
        self.baseline = fit_baseline(
            inside, t0_s=window[0], t1_s=window[1], source=window[2], rest=self._rest(window[1])
        )
        if self.baseline is not None:
            for monitor in self.monitors:
                monitor.begin(self.baseline, inside)
