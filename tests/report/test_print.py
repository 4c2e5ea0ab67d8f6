"""On paper: the page prints on two sheets of A4 or Letter, the PDF has as many, a title and a language.

Printing runs where Chromium is installed.
"""

from __future__ import annotations

import re
import shutil
import subprocess
from pathlib import Path
from types import ModuleType

import pytest

from emgsmr.report.comparison_page import render_comparison
from emgsmr.report.comparison_pdf import comparison_pdf
from emgsmr.report.comparison_view import comparison_view
from emgsmr.report.language import languages, load_language
from emgsmr.report.pdf_language import with_language

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
FLAGS = (
    "--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run",
    "--disable-background-networking", "--no-pdf-header-footer",
)  # fmt: skip
LARGEST = {
    "names": ("P1", "P2"),
    "scatter": (-0.02, 0.0, 0.02, 0.01),
    "left_out": "11 of its 32 s were received from GMAX_R, BFLH_R",
    "notes": ("cadence +6 %, which moves a ratio by itself",),
}
"""Both primary pairs on both legs, four bouts of each set, and something to say of each."""


def sheets(pdf: bytes) -> int:
    return len(re.findall(rb"/Type\s*/Page\b(?!s)", pdf))


@pytest.mark.skipif(not CHROMIUM, reason="needs Chromium")
@pytest.mark.parametrize("size", ["A4", "Letter"])
@pytest.mark.parametrize("lang", languages())
def test_the_page_prints_on_two_sheets(lang: str, size: str, made_up: ModuleType, tmp_path: Path) -> None:
    page = render_comparison(made_up.comparison(**LARGEST), lang=lang)
    assert page.count("size: A4") == 1
    file, printed = tmp_path / "page.html", tmp_path / "page.pdf"
    file.write_text(page.replace("size: A4", f"size: {size}"), encoding="utf-8")
    profile = f"--user-data-dir={tmp_path / 'profile'}"
    command = [str(CHROMIUM), *FLAGS, profile, f"--print-to-pdf={printed}", file.as_uri()]
    subprocess.run(command, capture_output=True, timeout=90, check=True)
    assert 1 <= sheets(printed.read_bytes()) <= 2


@pytest.mark.parametrize("lang", languages())
def test_the_pdf_has_two_sheets_a_title_and_its_language(lang: str, made_up: ModuleType) -> None:
    pdf = comparison_pdf(comparison_view(made_up.comparison(**LARGEST), load_language(lang)))
    assert sheets(pdf) == 2
    assert b"/Lang (%b)" % lang.encode() in pdf
    assert b"/DisplayDocTitle true" in pdf
    assert b"/Title" in pdf


def test_the_place_of_the_catalog_is_right(made_up: ModuleType) -> None:
    pdf = comparison_pdf(comparison_view(made_up.comparison(), load_language("de")))
    found = re.search(rb"startxref\n(\d+)\n%%EOF\n\Z", pdf)
    assert found is not None
    table = pdf[int(found[1]) :]
    number, place = re.match(rb"xref\n(\d+) 1\n(\d{10}) 00000 n \n", table).groups()  # type: ignore[union-attr]
    assert pdf[int(place) :].startswith(number + b" 0 obj\n<< /Type /Catalog")
    earlier = re.search(rb"/Prev (\d+)", table)
    assert earlier is not None
    assert pdf[int(earlier[1]) :].startswith(b"xref")


def test_what_is_no_such_file_stays_as_it_is() -> None:
    assert with_language(b"%PDF-1.4", "de") == b"%PDF-1.4"


@pytest.mark.skipif(not shutil.which("pdftotext"), reason="needs pdftotext")
@pytest.mark.parametrize("lang", languages())
def test_names_are_text_in_the_pdf(lang: str, made_up: ModuleType, tmp_path: Path) -> None:
    name = "<script>alert(1)</script>"
    found = made_up.comparison(sensor=f"{name} Müller-Lüdenscheidt", notes=("x" * 300,))
    file = tmp_path / "page.pdf"
    file.write_bytes(comparison_pdf(comparison_view(found, load_language(lang))))
    text = subprocess.run(
        ["pdftotext", "-layout", file, "-"], capture_output=True, check=True
    ).stdout.decode()
    assert name in text
    assert "Müller-Lüdenscheidt" in text
    assert text.count("x" * 40) >= 3  # a long word is cut, not lost
