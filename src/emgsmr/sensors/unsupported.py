"""Well-known sensors that emgsmr cannot stream from, and why: so that nobody buys one for it."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Unsupported:
    """A sensor (or several), and the reason; ``instead`` is "import" where its maker exports files."""

    name: str
    reason: str
    instead: str = ""


_IMPORT = "import"

UNSUPPORTED: tuple[Unsupported, ...] = (
    Unsupported("Delsys Trigno", "closed radio protocol; the interface needs a license key", _IMPORT),
    Unsupported("Noraxon, Cometa, BTS FREEEMG, Biometrics", "closed radio protocols", _IMPORT),
    Unsupported("PLUX muscleBAN", "its frames are documented on request only", _IMPORT),
    Unsupported("SiFi BioPoint", "only the maker's closed program can talk to it", _IMPORT),
    Unsupported("OT Bioelettronica Muovi", "streams over Wi-Fi, not Bluetooth LE", _IMPORT),
    Unsupported("MindRove", "streams over Wi-Fi, not Bluetooth LE", _IMPORT),
    Unsupported("Cheez sEMG pico", "speaks to its own USB dongle; that protocol is not published", _IMPORT),
    Unsupported("Backyard Brains (Spike Recorder devices)", "connect by USB or audio cable", _IMPORT),
    Unsupported("Mudra, Somaxis", "no published protocol found"),
    Unsupported(
        "MyoWare 2.0 Wireless Shield",
        "its examples send a smoothed envelope as text, without clock or counter: no raw EMG, and loss "
        "cannot be seen",
    ),
)
