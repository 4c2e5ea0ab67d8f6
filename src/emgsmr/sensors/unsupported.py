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
        "Older Shimmer units (RN41 or RN42 radio)",
        "classic Bluetooth only; those with Bluetooth LE are supported",
        _IMPORT,
    ),
    Unsupported(
        "Movesense HR2, HR+, MD",
        "an ECG front end: its filters keep the EMG out, and its motion sensor alone is not read yet",
        _IMPORT,
    ),
    Unsupported("ActiveBiotech ABC-B10", "its packets are only partly documented"),
    Unsupported(
        "PsyLink",
        "has to be asked for each packet, which Bluetooth LE cannot do fast enough; no sample numbers",
    ),
    Unsupported("EMaGer", "connects by USB", _IMPORT),
    Unsupported(
        "Arduino and ESP32 sketches that send text (Nordic UART and the like)",
        "each has a protocol of its own, mostly without clock and counter: flash the open profile instead",
    ),
    Unsupported(
        "MyoWare 2.0 Wireless Shield",
        "its examples send a smoothed envelope as text, without clock or counter: no raw EMG, and loss "
        "cannot be seen",
    ),
)
