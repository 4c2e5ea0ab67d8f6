"""Other software on the same signals: envelopes, frequencies, onsets; differences explained."""

from __future__ import annotations

from pathlib import Path

import peers

from validation import peer_envelopes, peer_onsets, peer_spectra
from validation.peer_signals import FILES, recordings
from validation.section import Section

NEEDED = ("neurokit2", "pyemgpipeline")
QUICK = ("hold (elderly)",)


def run(real_data: Path | None, *, quick: bool) -> list[Section]:
    if real_data is None:
        return []
    versions = peers.versions()
    missing = [name for name in NEEDED if name not in versions]
    if missing:
        return [_not_run(missing)]
    found = recordings(real_data, QUICK if quick else tuple(FILES))
    return [
        _software(versions),
        *peer_envelopes.sections(found, real_data),
        *peer_spectra.sections(found),
        *peer_onsets.sections(found, real_data, n_cycles=8 if quick else 20),
    ]


def _software(versions: dict[str, str]) -> Section:
    return Section(
        title="What was compared",
        source="other people's packages, with the settings that they come with",
        text="A package that was not called was written down from its documentation and source.",
        columns=["software", "how", "license", "source"],
        rows=[
            [
                f"NeuroKit2 {versions['neurokit2']}",
                "called",
                "MIT",
                "Makowski et al. 2021, doi:10.3758/s13428-020-01516-y",
            ],
            [
                f"pyemgpipeline {versions['pyemgpipeline']}",
                "called",
                "GPL 3",
                "Wu et al. 2022, doi:10.21105/joss.04156",
            ],
            [
                "biosignalsnotebooks 0.6.14",
                "written down (it pins numpy 1.22); the same as the package on 20 real channels",
                "MIT",
                "PLUX wireless biosignals",
            ],
            [
                "musclesyneRgies 1.2.5 (R)",
                "written down; held against the result that it publishes",
                "MIT",
                "Santuz 2022, doi:10.21105/joss.04439",
            ],
        ],
    )


def _not_run(missing: list[str]) -> Section:
    return Section(
        title="Not run",
        source="not measured",
        text="Install the benchmark extra: `pip install emgsmr[benchmark]`.",
        columns=["not installed"],
        rows=[[name] for name in missing],
    )
