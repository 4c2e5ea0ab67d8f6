"""The picture of one muscle's mean activation over the stride, in the baseline and in flagged strides."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pandas as pd
from matplotlib.ticker import MaxNLocator

from emgsmr.anatomy import load_catalog
from emgsmr.report.figure import COLORS, inline_svg, new_figure
from emgsmr.report.language import Language, load_language

if TYPE_CHECKING:
    from emgsmr.analysis import Analysis

STYLES = {
    "baseline": ("blue", "-", "session.baseline"),
    "flagged": ("vermillion", "--", "session.flagged"),
    "all": ("ink", "-", "session.all"),
}


def profile(analysis: Analysis, site: str, say: Language | None = None) -> str:
    """The picture as inline SVG."""
    say = say or load_language()
    rows = analysis.profiles[analysis.profiles["site"] == site]
    present = list(dict.fromkeys(rows["period"].astype(str)))
    wanted = ("baseline", "flagged") if analysis.baseline else ("all",)
    periods = [name for name in wanted if name in present] or present[:1]
    axes = new_figure(132, left=52, bottom=32)
    unit, scale = _unit(analysis, site, rows[rows["period"] == periods[0]] if periods else rows)
    top, facts = 0.0, []
    for begin, end in measuring_windows(analysis, site):
        for a, b in _wrapped(begin, end):
            axes.axvspan(a, b, color=COLORS["green"], alpha=0.13, lw=0)
    for name in periods:
        part = rows[rows["period"] == name].sort_values("pct")
        color, line, label = STYLES.get(name, STYLES["all"])
        bin_pct = 100.0 / max(len(part), 1)
        x = part["pct"].to_numpy(dtype=float) + bin_pct / 2
        mean = scale * part["mean_uV"].to_numpy(dtype=float)
        sd = scale * part["sd_uV"].fillna(0.0).to_numpy(dtype=float)  # one stride has no spread
        axes.fill_between(x, (mean - sd).clip(min=0), mean + sd, color=COLORS[color], alpha=0.16, lw=0)
        axes.plot(x, mean, color=COLORS[color], lw=1.7, ls=line)
        top = max(top, float(pd.Series(mean + sd).max()))
        peak = float(pd.Series(mean).max())
        n = int(part["n"].max())
        facts.append(say("session.desc_profile", what=say(label), n=n, peak=f"{peak:.0f}", unit=unit))
    axes.set_xlim(0, 100)
    axes.set_ylim(0, top * 1.05 if top > 0 else 1)
    axes.set_xticks([0, 25, 50, 75, 100], ["0", "25", "50", "75", "100"])
    axes.yaxis.set_major_locator(MaxNLocator(nbins=3))
    axes.yaxis.set_major_formatter(f"{{x:g}} {unit}")
    axes.set_xlabel(say("picture.stride_axis"), color=COLORS["muted"], fontsize=11, labelpad=2)
    title = say("session.profile", site=say.site(site))
    return inline_svg(axes, key=f"profile-{site}", title=title, description="; ".join(facts) + ".")


def _unit(analysis: Analysis, site: str, reference: pd.DataFrame) -> tuple[str, float]:
    """Unit of a site's picture, and factor from µV to it: % of the peak where the gain is not known."""
    name = (analysis.session.get("placements") or {}).get(site)
    sensors = {sensor.get("name"): sensor for sensor in analysis.session.get("sensors") or ()}
    peak = reference["mean_uV"].max() if len(reference) else 0.0
    if sensors.get(name, {}).get("scale_known") == "unknown" and peak > 0:
        return "%", 100.0 / float(peak)
    return "µV", 1.0


def measuring_windows(analysis: Analysis, site: str) -> list[tuple[float, float]]:
    """Where in the stride a site's amplitude is taken (% of the stride); empty where the task is not gait."""
    code, _, side = site.rpartition("_")
    normal = (analysis.session.get("normalization") or {}).get(side) or {}
    catalog = load_catalog()
    if normal.get("gait") == "walk":
        muscle = catalog.muscles.get(code)
        return [muscle.walk_window] if muscle and muscle.walk_window else []
    if normal.get("gait") != "run":
        return []
    watched = [
        catalog.pairs[pair] for pair in dict.fromkeys(analysis.ratios["pair"]) if pair in catalog.pairs
    ]
    windows = [
        pair.run_window
        for pair in watched
        if code in (*pair.prime, *pair.compensator, pair.prime_name, pair.compensator_name)
    ]
    return [(min(w[0] for w in windows), max(w[1] for w in windows))] if windows else []


def _wrapped(begin: float, end: float) -> list[tuple[float, float]]:
    """A window on the axis from 0 to 100."""
    if begin < 0:
        return [(100 + begin, 100), (0, end)]
    return [(begin, 100), (0, end - 100)] if end > 100 else [(begin, end)]
