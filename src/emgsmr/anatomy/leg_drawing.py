"""Drawing of a leg from behind: outline and muscles, as SVG path data.

One drawing for the report's page and the live window. Left leg on a grid of 170 by 420; the right leg is its
mirror image.
"""

from __future__ import annotations

OUTLINE = (
    "M150 14 C118 12 84 26 74 62 C66 92 70 140 80 190 C84 214 88 226 86 246 C78 274 80 306 92 338 "
    "C98 358 100 372 98 388 C96 398 92 404 96 408 L128 408 C132 402 128 394 126 384 C126 360 134 330 138 300 "
    "C142 274 136 258 134 240 C138 200 150 150 158 112 L158 14 Z"
)
MUSCLES = {
    "GMAX": "M152 34 C122 30 92 46 84 76 C80 98 90 112 108 116 C130 118 150 104 154 84 Z",
    "BFLH": "M92 126 C84 150 88 190 94 226 C96 232 102 232 104 226 C110 196 114 156 114 126 "
    "C108 120 98 120 92 126 Z",
    "ST": "M122 126 C120 156 114 196 112 226 C114 232 120 232 122 226 C132 192 144 156 146 124 "
    "C140 118 128 120 122 126 Z",
    "LGAS": "M92 250 C84 270 86 296 96 308 C104 312 110 306 110 296 L109 252 C104 244 96 244 92 250 Z",
    "MGAS": "M113 252 L114 300 C116 312 126 314 130 304 C138 284 138 266 130 250 C124 244 116 246 113 252 Z",
    "SOL": "M97 316 C98 336 104 352 110 356 C118 352 126 336 128 318 C122 316 114 312 111 306 "
    "C108 314 102 318 97 316 Z",
}
DOTS = {
    "GMAX": (84, 74),
    "BFLH": (100, 162),
    "ST": (134, 186),
    "LGAS": (98, 266),
    "MGAS": (124, 284),
    "SOL": (104, 334),
}
"""Where the line from a muscle's label ends."""

SPOTS = {
    "GMAX": (120, 74),
    "BFLH": (102, 170),
    "ST": (132, 170),
    "LGAS": (99, 272),
    "MGAS": (122, 272),
    "SOL": (117, 333),
}
"""Where the electrode pair goes (SENIAM), along the muscle; the words of the catalog say it exactly."""
