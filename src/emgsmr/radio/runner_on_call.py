"""The person behind the virtual sensors of a window: one air after the other, and orders for the newest."""

from __future__ import annotations

import logging
import threading
from typing import TYPE_CHECKING, Any

from emgsmr.errors import ArgumentError
from emgsmr.radio.on_call import OnCallAir
from emgsmr.radio.rehearsal import rehearse

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from emgsmr.radio.client import Asked, Told
    from emgsmr.radio.rehearsal import Act
    from emgsmr.radio.repertoire import Repertoire

logger = logging.getLogger(__name__)


class RunnerOnCall:
    """The airs of one runner, one for each scan and session, and orders for the newest of them.

    Parameters
    ----------
    learn : callable
        Gives the `Repertoire`; called once, when the first air is needed, for it may take seconds.
    knows_montage : bool
        Whether the air says which channel sits where; if not, each muscle has to be found by contracting it.
    **options
        Of `OnCallAir`.
    """

    def __init__(
        self, learn: Callable[[], Repertoire], *, knows_montage: bool = True, **options: Any
    ) -> None:
        self._learn, self._knows_montage, self._options = learn, knows_montage, options
        self._repertoire: Repertoire | None = None
        self.air: OnCallAir | None = None
        self._acts: dict[str, Act] = {}
        self._rehearsal: threading.Thread | None = None

    def new_air(self) -> OnCallAir:
        """Make the next air."""
        if self._repertoire is None:
            self._repertoire = self._learn()
        self.air = OnCallAir(self._repertoire, **self._options)
        if not self._knows_montage:
            self.air.montage = None
        return self.air

    def contract(self, site: str) -> None:
        """Contract a muscle, from any thread."""
        if self.air is not None:
            self.air.contract(site)

    def run(self) -> None:
        """Run, from any thread."""
        if self.air is not None:
            self.air.run()

    def rehearse(self, protocol: Asked, sets: Sequence[Sequence[Told]], *, change_pct: float) -> None:
        """Learn a protocol's acts (`emgsmr.radio.rehearsal.rehearse`), in a thread: it takes seconds."""
        self._acts = {}
        known = self._repertoire
        if known is None:
            return

        def work() -> None:
            try:
                acts = rehearse(protocol, sets, change_pct=change_pct, seed=known.seed, sensors=known.sensors)
            except ArgumentError as error:
                logger.warning("The virtual runner stands still: %s", error)
                return
            if threading.current_thread() is self._rehearsal:  # nothing else was chosen meanwhile
                self._acts = acts

        self._rehearsal = threading.Thread(target=work, name="rehearsal", daemon=True)
        self._rehearsal.start()

    @property
    def is_rehearsing(self) -> bool:
        """Whether the acts are still being learned."""
        return self._rehearsal is not None and self._rehearsal.is_alive()

    def perform(self, label: str, *, late_s: Callable[[], float] = lambda: 0.0) -> None:
        """Begin the act of a set, but for so much of its beginning as is over once it is known."""
        if self._rehearsal is not None:
            self._rehearsal.join()
        if self.air is not None and label in self._acts:
            self.air.perform(self._acts[label], skip_s=max(late_s(), 0.0))

    def stand(self) -> None:
        """Break off an act, from any thread."""
        if self.air is not None:
            self.air.stand()
