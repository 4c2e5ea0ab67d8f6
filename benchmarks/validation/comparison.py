"""Before and after: coverage, false changes and power by simulation, and whole recordings."""

from __future__ import annotations

import dataclasses
import tempfile
from collections.abc import Iterable
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from real_strides import RealRun, draw_walk, load_walk

from emgsmr.analysis.comparison import Comparison, ComparisonPlan, compare
from emgsmr.analysis.comparison.detectable import detectable, own_sdc, published_error
from emgsmr.analysis.comparison.effect import Effect, equivalence_p, half_width, p_value, two_groups
from emgsmr.analysis.comparison.multiplicity import holm
from emgsmr.analysis.comparison.verdict import changed
from emgsmr.analysis.standard_error import log_sd
from emgsmr.recording import Event, Recorder, Recording, SampleBlock
from emgsmr.simulate import Scenario, simulate_runner, treatment_session
from validation.section import Section

FloatArray = NDArray[np.float64]

CV = 0.14
CHANGES_PCT = (0.0, 10.0, 20.0, 40.0)
BOUTS = (3, 4, 5)
REPETITIONS = 20_000
TREATED = 1  # P1 of the right leg, of P1 L, P1 R, P2 L, P2 R


def family(
    rng: np.random.Generator,
    n: int,
    n_bouts: int,
    *,
    cv: float = CV,
    shift: float = 0.0,
    sd_factor: float = 1.0,
) -> FloatArray:
    """Log-ratios of P1 and P2 of both legs in each bout, (n, 4, n_bouts): hamstrings are in both pairs.

    ``shift``: of P1 of the right leg, by the glute alone, so that no other pair moves.
    """
    level = sd_factor * log_sd(cv) * rng.standard_normal((n, 2, 3, n_bouts))  # legs; GMAX, HAM, CALF
    level[:, 1, 0] -= shift
    p1, p2 = level[:, :, 1] - level[:, :, 0], level[:, :, 2] - level[:, :, 1]
    return np.concatenate([p1, p2], axis=1)


@dataclasses.dataclass(frozen=True)
class Cell:
    """What came out of one cell of the simulation, in parts of all sessions."""

    covered: float
    any_false: float
    found: float
    significant: float


def cell(
    rng: np.random.Generator,
    n: int,
    n_before: int,
    n_after: int,
    change_pct: float,
    *,
    own: bool,
    cv: float = CV,
    sd_factor: float = 1.0,
) -> Cell:
    """Many sessions through the functions of the product."""
    true = np.log1p(change_pct / 100.0)
    before = family(rng, n, n_before, cv=cv)
    after = family(rng, n, n_after, cv=cv, shift=true, sd_factor=sd_factor)
    effect: Effect = two_groups(before, after)
    p = holm(p_value(effect))
    if own:
        half = n_before // 2
        sdc, _, _ = own_sdc([before[..., :half], before[..., half:]], n_before=n_before, n_after=n_after)
    else:
        sdc = np.full(4, detectable(published_error(), n_before, n_after))
    said = changed(effect.y, p, sdc)
    expected = np.zeros(4)
    expected[TREATED] = true
    covered = np.abs(effect.y - expected) <= half_width(effect)
    others = np.delete(said, TREATED, axis=-1) if change_pct else said
    return Cell(
        float(covered.mean()),
        float(others.any(axis=-1).mean()),
        float(said[:, TREATED].mean()),
        float((p[:, TREATED] <= 0.05).mean()),
    )


def designs() -> Iterable[tuple[str, int, int, bool]]:
    """Words, bouts before and after, and whether the own error is known."""
    for n in BOUTS:
        yield f"{n} before, {n} after", n, n, False
    for n in BOUTS:
        yield f"A1, A2, B of {n} each", 2 * n, n, True


def statistics(*, quick: bool) -> Section:
    """Coverage, false changes and power at a bout CV of 14 %."""
    n = 1000 if quick else REPETITIONS
    rng = np.random.default_rng(1)
    rows, cells = [], []
    for words, n_before, n_after, own in designs():
        for change_pct in CHANGES_PCT:
            found = cell(rng, n, n_before, n_after, change_pct, own=own)
            cells.append(found)
            rows.append(
                [
                    words,
                    f"{change_pct:g}",
                    f"{100 * found.covered:.1f}",
                    f"{100 * found.any_false:.1f}",
                    f"{100 * found.found:.1f}" if change_pct else "",
                    f"{100 * found.significant:.1f}" if change_pct else "",
                ]
            )
    covered = all(0.93 <= found.covered <= 0.97 for found in cells)
    silent = all(found.any_false <= 0.05 for found in cells)
    return Section(
        "Comparison: coverage, false changes and power",
        f"simulated, {n} sessions per row, bouts of each muscle with a CV of 14 %, through the functions of "
        "the product",
        "P1 and P2 of both legs are tested together (they share the hamstrings); P1 of the right leg changed "
        "by the amount given, through the glute alone. Covered: 95 % intervals of all four that hold the "
        "truth. False: sessions in which a ratio that did not change is called changed. Power: the changed "
        "ratio is called changed, which takes Holm's p and the smallest detectable change (from A1 and A2 "
        "where there are two sets, else the published 14 %); Holm alone: without the latter. It is low where "
        "few bouts scatter by 14 %: a ratio of two such muscles scatters by 20 %, so what is said is 'no "
        "detectable change; could be up to ...', and that is true.",
        ("bouts", "true change (%)", "covered (%)", "false (%)", "power (%)", "Holm alone (%)"),
        rows,
        bar="intervals cover 93 to 97 % in each row; false changes in at most 5 % of sessions",
        met=None if quick else covered and silent,
    )


def steadier(*, quick: bool) -> Section:
    """The same where bouts differ less or more, and where the treatment changes how much they differ."""
    n = 500 if quick else REPETITIONS
    rng = np.random.default_rng(2)
    rows, worst = [], 0.0
    for cv in (0.05, 0.10, 0.14, 0.25):
        for factor in (0.5, 1.0, 2.0):
            null = cell(rng, n, 6, 3, 0.0, own=True, cv=cv, sd_factor=factor)
            power = cell(rng, n, 6, 3, 40.0, own=True, cv=cv, sd_factor=factor)
            worst = max(worst, null.any_false)
            rows.append(
                [
                    f"{100 * cv:.0f}",
                    f"{factor:g}",
                    f"{100 * null.covered:.1f}",
                    f"{100 * null.any_false:.1f}",
                    f"{100 * power.found:.1f}",
                ]
            )
    return Section(
        "Comparison: other scatter, and scatter that changes",
        f"simulated, {n} sessions per row; A1, A2 and B of three bouts each, own error",
        "Scatter after: SD between bouts after the treatment, relative to before. Welch's t does not assume "
        "that both are alike, but three bouts that scatter twice as much as the six before are too few for "
        "it: something did change then, and in up to 9 % of sessions it is called a change of the mean.",
        ("CV of bouts (%)", "scatter after", "covered (%)", "false (%)", "power at +40 % (%)"),
        rows,
    )


def equivalence(*, quick: bool) -> Section:
    """How often two unequal states are called equivalent, and two equal ones."""
    n = 500 if quick else REPETITIONS
    rng = np.random.default_rng(3)
    margin = float(np.log(1.2))
    rows, wrong = [], 0.0
    for cv in (0.05, 0.14):
        for n_bouts in (3, 5, 10):
            parts = []
            for shift in (margin, 0.0):
                before = family(rng, n, n_bouts, cv=cv)
                after = family(rng, n, n_bouts, cv=cv) + shift
                p = holm(equivalence_p(two_groups(before, after), margin=margin))
                parts.append(float((p <= 0.05).any(axis=-1).mean()) if shift else float((p <= 0.05).mean()))
            wrong = max(wrong, parts[0])
            rows.append([f"{100 * cv:.0f}", n_bouts, f"{100 * parts[0]:.1f}", f"{100 * parts[1]:.1f}"])
    return Section(
        "Comparison: equivalence within 20 %",
        f"simulated, {n} sessions per row, four ratios tested together",
        "Wrong: sessions in which at least one ratio is called equivalent although all four changed by "
        "exactly the margin. Right: unchanged ratios that are called equivalent.",
        ("CV of bouts (%)", "bouts on each side", "wrong (%)", "right (%)"),
        rows,
        bar="wrong in at most 5 % of sessions",
        met=None if quick else wrong <= 0.05,
    )


def written(path: Path, emg: dict[str, FloatArray], fs: float, events: Iterable[Event]) -> Recording:
    """Signals in µV as a recording of one sensor."""
    with Recorder(path, started_ns=0) as recorder:
        info = recorder.add_sensor(
            family="file", address="", name="session.csv", firmware="", rate_hz=fs, channels=len(emg),
            dtype="<i4", scale_uv=0.01, scale_known="known", placements=list(enumerate(emg)),
        )  # fmt: skip
        recorder.set_clock(info.id, 0, 0.0, fs, None, "file")
        counts = np.column_stack([np.round(100 * x) for x in emg.values()]).astype("<i4")
        recorder.write(SampleBlock(info.id, 0, counts))
        for event in events:
            recorder.add_event(event)
    return Recording(path)


def session_events(run: object) -> list[Event]:
    """Phases and true foot contacts."""
    events = [Event(**event) for event in run.events]  # type: ignore[attr-defined]
    contacts = run.contacts.items()  # type: ignore[attr-defined]
    return events + [Event(float(t), kind="foot_contact", side=s) for s, times in contacts for t in times]


SESSIONS = ((0.0, 0.14), (0.0, 0.04), (10.0, 0.14), (20.0, 0.04), (40.0, 0.14), (40.0, 0.04))


def session_script(change_pct: float, cv: float, *, n_bouts: int = 4, bout_s: float = 25.0) -> Scenario:
    """A1, A2 and B; ``cv`` from bout to bout."""
    return treatment_session(change_pct, n_bouts=n_bouts, bout_s=bout_s, rest_s=5.0, bout_sd=log_sd(cv))


def simulated_session(path: Path, change_pct: float, cv: float, *, seed: int, quick: bool) -> Comparison:
    """A whole simulated recording, compared."""
    script = (
        session_script(change_pct, cv, n_bouts=3, bout_s=12.0) if quick else session_script(change_pct, cv)
    )
    run = simulate_runner(script, seed=seed)
    fs = 500.0 if quick else 1000.0
    emg = {
        site: run.emg(site, fs=fs) for site in ("GMAX_L", "GMAX_R", "BFLH_L", "BFLH_R", "MGAS_L", "MGAS_R")
    }
    with written(path, emg, fs, session_events(run)) as recording:
        return compare(recording)


def real_session(path: Path, run: RealRun, cv: float, seed: int) -> Comparison:
    """A whole recording of real strides into which a change and bouts that differ are scripted."""
    rng = np.random.default_rng(seed)
    n = round(run.duration_s * run.walk.fs)
    t = np.arange(n) / run.walk.fs
    emg = {}
    for site in ("GMAX_L", "GMAX_R", "BFLH_L", "BFLH_R", "MGAS_L", "MGAS_R"):
        level = np.ones(n)
        for phase in run.scenario.phases:
            level[(t >= phase.start_s) & (t < phase.stop_s)] = np.exp(log_sd(cv) * rng.standard_normal())
        emg[site] = level * run.emg(site, fs=run.walk.fs)
    with written(path, emg, run.walk.fs, session_events(run)) as recording:
        return compare(recording, plan=ComparisonPlan(primary=("P1", "P2")))


def verdict_row(words: str, change_pct: float, cv: float, comparison: Comparison) -> list[object]:
    table = comparison.table.set_index(["pair", "side"])
    found = table.loc[("P1", "R")]
    others = [verdict for (pair, side), verdict in table["verdict"].items() if side == "L"]
    return [
        words,
        f"{change_pct:g}",
        f"{100 * cv:.0f}",
        f"{found['change_pct']:+.0f} ({found['ci_low_pct']:+.0f} to {found['ci_high_pct']:+.0f})",
        f"{found['sdc_pct']:.0f}",
        str(found["verdict"]).replace("_", " "),
        sum(verdict == "changed" for verdict in others),
    ]


def is_right(change_pct: float, cv: float, comparison: Comparison) -> bool:
    """Whether the sentences are true, and what is large and steady was found."""
    table = comparison.table.set_index(["pair", "side"])
    found = table.loc[("P1", "R")]
    left = [verdict for (_, side), verdict in table["verdict"].items() if side == "L"]
    if "changed" in left:
        return False
    if found["verdict"] == "changed":
        return change_pct > 0.0 and bool(found["change_pct"] > 0.0)
    if change_pct >= 40.0 and cv < 0.1:
        return False
    return bool(found["ci_low_pct"] <= change_pct <= found["ci_high_pct"])  # "could be up to" holds


def recordings(real_data: Path | None, *, quick: bool) -> Section:
    """Six whole recordings, simulated and of real strides."""
    rows: list[list[object]] = []
    right = True
    walk = load_walk(real_data)
    sessions = SESSIONS[-1:] if quick else SESSIONS
    with tempfile.TemporaryDirectory() as folder:
        for seed, (change_pct, cv) in enumerate(sessions, start=1):
            path = Path(folder) / f"simulated-{seed}.emgsmr"
            made = [("simulated run", simulated_session(path, change_pct, cv, seed=seed, quick=quick))]
            if walk is not None and not quick:
                run = draw_walk(walk, session_script(change_pct, cv), seed=seed)
                made.append(
                    ("real strides", real_session(path.with_name(f"real-{seed}.emgsmr"), run, cv, seed))
                )
            for words, comparison in made:
                rows.append(verdict_row(words, change_pct, cv, comparison))
                right &= is_right(change_pct, cv, comparison)
    return Section(
        "Comparison: whole recordings",
        "simulated, seeds 1 to 6"
        + ("; real: Santuz walk, strides drawn at random" if walk and not quick else ""),
        "Sessions of four bouts of 25 s in each of A1, A2 and B, with rests between; P1 of the right leg "
        "changes by the amount given. What the comparison says of it, with 95 % interval and smallest "
        "detectable change, and how many ratios of the other leg, where nothing changed, it calls changed. "
        "Bouts of 25 s add the scatter of their three dozen strides to that of the bouts, so 20 % is not "
        "always found.",
        (
            "signal",
            "true change (%)",
            "CV of bouts (%)",
            "found (%)",
            "SDC (%)",
            "verdict",
            "left leg changed",
        ),
        rows,
        bar="changed is said only where something changed, and at +40 % and a CV of 4 % it is; elsewhere the "
        "interval of what could have hidden holds what was put in",
        met=None if quick else bool(right),
    )


def run(real_data: Path | None, *, quick: bool) -> list[Section]:
    """The sections."""
    return [
        statistics(quick=quick),
        steadier(quick=quick),
        equivalence(quick=quick),
        recordings(real_data, quick=quick),
    ]
