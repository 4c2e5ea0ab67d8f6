"""Runner-sessions without any EMG, for the tests of validation."""

from __future__ import annotations

import numpy as np

from emgsmr.analysis.validation import RunnerSession


def made_up(
    *,
    name: str = "a",
    runner: str = "R1",
    start_s: float = 300.0,
    minutes: float = 20.0,
    event: bool = False,
    flags=(),
    started: str = "",
    usual_cadence: float = 170.0,
    **predictors,
) -> RunnerSession:
    """A session watched for some minutes; predictors that are not given are zero."""
    t_s = start_s + 60.0 * np.arange(np.ceil(minutes))
    names = ("overload", "excess", "chart", "jasa", "ratio", "above_20_pct", "rms", "elapsed", "cadence")
    known = {key: np.zeros(len(t_s)) for key in names} | {"elapsed": t_s / 60.0}
    known |= {key: np.asarray(value, dtype=np.float64) for key, value in predictors.items()}
    end_s = start_s + 60.0 * minutes
    return RunnerSession(
        name=name,
        runner=runner,
        started=started,
        start_s=start_s,
        end_s=end_s,
        event_s=end_s if event else None,
        t_s=t_s,
        predictors=known,
        flags=tuple(flags),
        usual_cadence=usual_cadence,
    )


def folder_of(
    *, n_runners: int, per_runner: int, seed: int, depends: bool, minutes: float = 40.0, rate: float = 0.012
) -> list[RunnerSession]:
    """Sessions in which a load grows or not, and the hazard per minute depends on it or not."""
    rng = np.random.default_rng(seed)
    sessions = []
    for runner in range(n_runners):
        for number in range(per_runner):
            n = int(minutes)
            growth = rng.choice([0.0, 0.5, 1.5])
            excess = growth * np.maximum(np.arange(n) - rng.integers(3, 12), 0.0)
            hazard = 0.2 * rate * np.exp(0.25 * excess) if depends else np.full(n, rate)
            at = np.flatnonzero(rng.random(n) < -np.expm1(-hazard))
            event = len(at) > 0
            watched = float(at[0]) + rng.uniform(0.01, 1.0) if event else minutes
            n = int(np.ceil(watched))
            seen = excess[:n] + 0.3 * rng.standard_normal(n)
            index = 100.0 * -np.expm1(-np.maximum(seen, 0.0) / 60.0)
            on = np.flatnonzero(seen > 5.0)
            start_s = 300.0
            flags = [(start_s + 60.0 * on[0], start_s + 60.0 * watched)] if len(on) else []
            sessions.append(
                made_up(
                    name=f"R{runner:03d}-{number}", runner=f"R{runner:03d}", started=f"{number}",
                    start_s=start_s, minutes=watched, event=event, flags=flags, overload=index, excess=seen,
                    chart=np.log1p(np.maximum(seen, 0.0)), ratio=0.1 * growth + 0.05 * rng.standard_normal(n),
                    rms=0.1 * rng.standard_normal(n), cadence=0.01 * rng.standard_normal(n),
                )
            )  # fmt: skip
    return sessions
