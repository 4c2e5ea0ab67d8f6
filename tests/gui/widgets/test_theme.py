"""Colors that can be read and told apart, and a shape for each status."""

from __future__ import annotations

import itertools

import numpy as np
import pytest

pytest.importorskip("PySide6.QtWidgets", exc_type=ImportError)

from PySide6.QtCore import QPointF, QRectF
from PySide6.QtGui import QImage, QPainter
from PySide6.QtWidgets import QWidget

from emgsmr.gui.screen import Status
from emgsmr.gui.widgets import theme

PALETTES = pytest.mark.parametrize("colors", [theme.DARK, theme.LIGHT], ids=["dark", "light"])


def linear(color: str) -> np.ndarray:
    value = np.array([int(color[k : k + 2], 16) for k in (1, 3, 5)]) / 255
    return np.where(value <= 0.04045, value / 12.92, ((value + 0.055) / 1.055) ** 2.4)


def contrast(one: str, other: str) -> float:
    """WCAG 2.1: ratio of relative luminances."""
    bright, dark = sorted((float(linear(c) @ [0.2126, 0.7152, 0.0722]) for c in (one, other)), reverse=True)
    return (bright + 0.05) / (dark + 0.05)


def lab(rgb: np.ndarray) -> np.ndarray:
    """CIE L*a*b* (D65) of linear RGB."""
    matrix = np.array([[0.4124, 0.3576, 0.1805], [0.2126, 0.7152, 0.0722], [0.0193, 0.1192, 0.9505]])
    xyz = matrix @ rgb / [0.9505, 1.0, 1.089]
    f = np.where(xyz > 0.008856, np.cbrt(xyz), 7.787 * xyz + 16 / 116)
    return np.array([116 * f[1] - 16, 500 * (f[0] - f[1]), 200 * (f[1] - f[2])])


# Machado, Oliveira and Fernandes 2009, severity 1.0
BLINDNESS = {
    "none": np.eye(3),
    "protanopia": np.array(
        [[0.152286, 1.052583, -0.204868], [0.114503, 0.786281, 0.099216], [-0.003882, -0.048116, 1.051998]]
    ),
    "deuteranopia": np.array(
        [[0.367322, 0.860646, -0.227968], [0.280085, 0.672501, 0.047413], [-0.01182, 0.04294, 0.968881]]
    ),
}


def test_contrast_is_as_the_standard_says():
    assert contrast("#000000", "#ffffff") == pytest.approx(21)
    assert contrast("#777777", "#ffffff") == pytest.approx(4.48, abs=0.01)


@PALETTES
@pytest.mark.parametrize("ground", ["ground", "paper"])
@pytest.mark.parametrize("ink", ["ink", "muted", "blue", "orange", "red"])
def test_text_can_be_read(colors, ink, ground):
    assert contrast(getattr(colors, ink), getattr(colors, ground)) >= 4.5


@PALETTES
def test_lines_can_be_seen(colors):
    assert min(contrast(colors.line, ground) for ground in (colors.ground, colors.paper, colors.skin)) >= 3


@PALETTES
@pytest.mark.parametrize("status", Status)
def test_text_on_a_filled_banner_can_be_read(colors, status):
    fill, ink = theme.status_fill(colors, status)
    assert contrast(fill, ink) >= 4.5


@PALETTES
def test_buttons_can_be_read(colors):
    assert contrast(colors.ink, colors.muscle) >= 4.5
    assert contrast(colors.on_color, colors.blue) >= 4.5


@PALETTES
@pytest.mark.parametrize("seen", BLINDNESS)
def test_good_and_flagged_differ_for_everybody(colors, seen):
    """A difference of 25 in CIE 1976 is plain at a glance (2.3 is just noticeable)."""
    for flagged in (colors.orange, colors.red, colors.flag):
        apart = lab(BLINDNESS[seen] @ linear(colors.blue)) - lab(BLINDNESS[seen] @ linear(flagged))
        assert np.linalg.norm(apart) > 25


def drawn(draw) -> np.ndarray:
    image = QImage(40, 40, QImage.Format.Format_RGB32)
    image.fill(0xFFFFFFFF)
    painter = QPainter(image)
    draw(painter)
    painter.end()
    return np.frombuffer(image.constBits(), np.uint8).reshape(40, 40, 4)[:, :, 0] < 128


def test_every_status_has_its_own_shape_and_word(app):
    assert set(theme.SHAPES) == set(theme.WORDS) == set(Status)
    assert len(set(theme.SHAPES.values())) == len(set(theme.WORDS.values())) == len(Status)
    box = QRectF(2, 2, 36, 36)
    shapes = [
        drawn(lambda painter, s=shape: theme.draw_shape(painter, box, s, "#000000"))
        for shape in theme.SHAPES.values()
    ]
    for one, other in itertools.combinations(shapes, 2):
        assert (one ^ other).sum() > 0.2 * max(one.sum(), other.sum())


def test_every_tier_has_its_own_sign(app):
    signs = [
        drawn(lambda painter, t=tier: theme.draw_tier(painter, QPointF(0, 10), 12, t, "#000000"))
        for tier in range(4)
    ]
    inked = [int(sign.sum()) for sign in signs]
    assert inked[0] > 0
    assert inked[1] < inked[2] < inked[3]
    assert not np.array_equal(signs[0], signs[1])


def test_widgets_follow_a_forced_theme(app):
    widget = QWidget()
    chosen = theme.Theme(app, "dark")
    app.processEvents()
    assert chosen.mode == "dark"
    assert theme.colors_of(widget) is theme.DARK
    chosen.force("light")
    app.processEvents()
    assert theme.colors_of(widget) is theme.LIGHT
    chosen.force("system")
    assert chosen.mode == "system"
    assert theme.colors_of(widget) in (theme.LIGHT, theme.DARK)
    chosen.force("light")
    app.styleHints().colorSchemeChanged.disconnect(chosen._apply)
    chosen.deleteLater()
