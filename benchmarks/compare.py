"""Before/after statistics by simulation: interval coverage, false changes over the family, power.

The same sections as ``make validate`` shows under "Before and after". Exits with 1 where a bar is not met.
"""

from __future__ import annotations

import argparse
import sys

from validate import real_data_folder
from validation import comparison


def main(arguments: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--quick", action="store_true", help="a smoke version of a few seconds")
    parser.add_argument("--recordings", action="store_true", help="whole recordings as well (minutes)")
    asked = parser.parse_args(arguments)
    sections = [
        comparison.statistics(quick=asked.quick),
        comparison.steadier(quick=asked.quick),
        comparison.equivalence(quick=asked.quick),
    ]
    if asked.recordings:
        sections.append(comparison.recordings(real_data_folder(), quick=asked.quick))
    print("\n".join(section.markdown() for section in sections))
    return int(any(section.met is False for section in sections))


if __name__ == "__main__":
    sys.exit(main())
