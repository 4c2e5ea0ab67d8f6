"""In which parts of a stride a site's amplitude is taken."""

from __future__ import annotations

from collections.abc import Sequence

from emgsmr.analysis.contacts import Gait
from emgsmr.anatomy import Catalog, Pair, parse_site

WHOLE = (0.0, 100.0)


def site_windows(
    site: str, pairs: Sequence[Pair], catalog: Catalog
) -> dict[Gait, dict[str, tuple[float, float]]]:
    """Windows (from %, to % of the stride) of a site: those of its pairs and, as "main", the first of them.

    In walking there is the muscle's burst alone, and of a repetition or a held contraction all of it.

    Examples
    --------
    >>> from emgsmr.anatomy import load_catalog
    >>> catalog = load_catalog()
    >>> site_windows("GMAX_L", [catalog.pairs["P1"]], catalog)["walk"]
    {'main': (-10, 20)}
    """
    codes = parse_site(site).muscles
    muscle = catalog.muscles[codes[0]]
    run = {p.id: p.run_window for p in pairs if set(codes) & {*p.prime, *p.compensator}}
    if run:
        run["main"] = next(iter(run.values()))
    elif muscle.center_run_pct is not None:
        center = muscle.center_run_pct - (100.0 if muscle.center_run_pct > 60.0 else 0.0)
        run["main"] = (center - 15.0, center + 15.0)
    else:
        run["main"] = WHOLE
    whole = dict.fromkeys(run, WHOLE)
    return {"run": run, "walk": {"main": muscle.walk_window or WHOLE}, "rep": whole, "hold": whole}
