"""A program of somebody else: reads all streams of a session from Lab Streaming Layer until they end.

``python lsl_reader.py FILE.npz N``: waits for N streams, and puts what it got into a file.
"""

from __future__ import annotations

import json
import sys
import time

import numpy as np

TIME_LIMIT_S = 40.0


def read(n_streams: int) -> dict[str, np.ndarray]:
    import pylsl  # not where the oldest libraries are tested

    deadline = time.monotonic() + TIME_LIMIT_S
    found = pylsl.resolve_bypred("starts-with(source_id,'emgsmr-')", n_streams, TIME_LIMIT_S)
    inlets = [pylsl.StreamInlet(stream, max_buflen=360) for stream in found]
    descriptions = [inlet.info(TIME_LIMIT_S).as_xml() for inlet in inlets]
    got: dict[str, tuple[list, list]] = {stream.name(): ([], []) for stream in found}
    for inlet in inlets:
        inlet.open_stream(TIME_LIMIT_S)
    wanted = None
    while wanted is None or any(len(got[f"emgsmr {name}"][1]) < n for name, n in wanted.items()):
        assert time.monotonic() < deadline, {name: len(stamps) for name, (_, stamps) in got.items()}
        for stream, inlet in zip(found, inlets, strict=True):
            samples, stamps = inlet.pull_chunk(timeout=0.02, max_samples=65536)
            got[stream.name()][0].extend(samples)
            got[stream.name()][1].extend(stamps)
        for (text,) in got["emgsmr markers"][0][-1:]:
            wanted = json.loads(text).get("samples")
    out = {"descriptions": np.array(descriptions)}
    for name, (samples, stamps) in got.items():
        kind = np.str_ if name == "emgsmr markers" else np.float32
        out |= {f"{name}: samples": np.array(samples, dtype=kind), f"{name}: stamps": np.array(stamps)}
    return out


if __name__ == "__main__":
    sys.stdout.write("looking\n")
    sys.stdout.flush()
    np.savez(sys.argv[1], **read(int(sys.argv[2])))
