"""What the detector costs live: eight sensors at 1 kHz, packet by packet."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

from emgsmr.analysis import Pipeline
from emgsmr.recording import Event, SampleBlock
from validation.detector_engines import Engine, Plan, counts, script, volts
from validation.detector_silent import each_its_sensor

MUSCLES = ("GMAX", "BFLH", "MGAS", "LGAS")
FS = 1000.0
PACKET = 20


@dataclass(frozen=True, slots=True)
class Cost:
    """Processor time after the baseline.

    Attributes
    ----------
    pipeline_pct, detector_pct : float
        Of one core at real pace.
    learning_ms : float
        Of the charts, once, at the end of the baseline.
    p99_ms : float
        Of a packet.
    """

    pipeline_pct: float
    detector_pct: float
    learning_ms: float
    p99_ms: float


class Stopwatch:
    """Adds up the processor time of calls."""

    def __init__(self) -> None:
        self.seconds = 0.0
        self.n_calls = 0

    def around(self, call: Callable[..., Any]) -> Callable[..., Any]:
        """The same call, timed."""

        def timed(*args: Any, **kwargs: Any) -> Any:
            began = time.thread_time()
            try:
                return call(*args, **kwargs)
            finally:
                self.n_calls += 1
                self.seconds += time.thread_time() - began

        return timed


def live_cost(*, seed: int, minutes: float, plan: Plan) -> Cost:
    """Push packets of 20 ms of eight sensors; count from the baseline's end."""
    until_s = plan.learned_s + 60.0 * minutes
    run = Engine("surrogate", "", FS).runner(script(plan, until_s=until_s, muscles=MUSCLES), seed)
    pipeline = Pipeline(each_its_sensor(run.sites, fs=FS), events=[Event(**fields) for fields in run.events])
    learning, watching = Stopwatch(), Stopwatch()
    for leg in pipeline.legs.values():
        for monitor in leg.monitors:
            monitor.begin = learning.around(monitor.begin)  # type: ignore[method-assign]
        leg.arbiter.push = watching.around(leg.arbiter.push)  # type: ignore[method-assign]
        leg.notices.push = watching.around(leg.notices.push)  # type: ignore[method-assign]
    x = counts(volts(run, fs=FS))
    columns = [np.ascontiguousarray(x[:, k : k + 1]) for k in range(x.shape[1])]
    counted = int((plan.learned_s + 5.0) * FS)
    spent = []
    for first in range(0, len(x) - PACKET, PACKET):
        for k, column in enumerate(columns, 1):
            block = SampleBlock(k, first, column[first : first + PACKET])
            began = time.thread_time()
            pipeline.push(block)
            if first >= counted:
                spent.append(time.thread_time() - began)
    if not watching.n_calls:
        raise RuntimeError("the detector was not asked: its cost was not measured")
    seconds = (len(x) - counted) / FS
    return Cost(
        pipeline_pct=100.0 * sum(spent) / seconds,
        detector_pct=100.0 * watching.seconds / seconds,
        learning_ms=1000.0 * learning.seconds,
        p99_ms=1000.0 * float(np.quantile(spent, 0.99)),
    )
