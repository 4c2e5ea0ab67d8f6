"""axe-core finds nothing wrong with the pages: light and dark, as wide as A4 and as narrow as a telephone.

Runs where Chromium is installed and ``EMGSMR_AXE`` names axe-core's ``axe.min.js`` (npm install axe-core).
"""

from __future__ import annotations

import html
import json
import os
import re
import shutil
import subprocess
from pathlib import Path
from types import ModuleType

import pytest

from emgsmr.analysis.shares import NO_REFERENCE
from emgsmr.analysis.trend import TrendSession, trend_table
from emgsmr.recording.library import ClientSession
from emgsmr.report.comparison_page import render_comparison
from emgsmr.report.language import languages
from emgsmr.report.page import render
from emgsmr.report.trend_page import render_trend

AXE = os.environ.get("EMGSMR_AXE", "")
CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
FLAGS = (
    "--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run",
    "--disable-background-networking", "--allow-file-access-from-files", "--dump-dom",
    "--virtual-time-budget=20000",
)  # fmt: skip

pytestmark = pytest.mark.skipif(
    not (CHROMIUM and AXE and Path(AXE).is_file()), reason="needs Chromium, and EMGSMR_AXE=…/axe.min.js"
)

RUN = """
<script>
axe.run(document, {resultTypes: ["violations"]}).then(
  found => parent.postMessage(JSON.stringify(found.violations.map(
    v => ({rule: v.id, help: v.help, nodes: v.nodes.map(n => n.html.slice(0, 200) + n.failureSummary)})
  )), "*"),
  error => parent.postMessage(JSON.stringify([{rule: String(error)}]), "*"));
</script>
"""
FRAME = """<!DOCTYPE html><title>frame</title>
<iframe src="page.html" style="width:{width}px;height:3000px;border:0"></iframe><pre id="found"></pre>
<script>
addEventListener("message", m => {{ document.getElementById("found").textContent = m.data; }});
</script>
"""


def violations(page: str, folder: Path, *, width: int, dark: bool) -> list[dict[str, object]]:
    """What axe-core finds wrong with a page."""
    page = re.sub(r'<meta http-equiv="Content-Security-Policy"[^>]*>', "", page)
    axe = Path(AXE).read_text(encoding="utf-8")
    folder.mkdir(parents=True, exist_ok=True)
    script = f"<script>{axe}</script>{RUN}"
    (folder / "page.html").write_text(page.replace("</body>", script + "</body>"), encoding="utf-8")
    (folder / "frame.html").write_text(FRAME.format(width=width), encoding="utf-8")
    command = [str(CHROMIUM), *FLAGS, f"--user-data-dir={folder / 'profile'}", "--window-size=1400,1000"]
    command += ["--blink-settings=preferredColorScheme=0"] * dark
    done = subprocess.run(
        [*command, (folder / "frame.html").as_uri()],
        capture_output=True, text=True, timeout=90, check=False,
    )  # fmt: skip
    found = re.search(r'<pre id="found">(.*?)</pre>', done.stdout, flags=re.DOTALL)
    assert found is not None, done.stderr[-500:]
    assert found[1], "axe-core did not answer"
    answer = json.loads(html.unescape(found[1]))
    assert isinstance(answer, list)
    return answer


def trend(lang: str) -> str:
    days = ("2026-03-02T09:00:00Z", "2026-03-09T09:00:00Z")
    share = {("P1", "R"): (0.1, 0.1, 80)}
    found = [TrendSession(f"{day}.emgsmr", day, "mvc", share) for day in days]
    found.append(TrendSession("c.emgsmr", "2026-03-16T09:00:00Z", None, {}, NO_REFERENCE))
    sessions = [ClientSession(Path(of.recording), "P01", of.started_utc) for of in found]
    return render_trend("P01", sessions, trend_table(found), lang=lang)


COMPARISONS = {
    "changed": {"names": ("P1", "P2"), "left_out": "it was broken off after 10 of 32 s"},
    "unchanged": {"shift": 0.0},
    "not comparable": {"rows": False},
    "half comparable": {"reason": "only 2 bouts after can be used, 3 are needed"},
    "replaced": {"shift": 0.6, "replaced": True},
}


@pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
@pytest.mark.parametrize("width", [1300, 360])
@pytest.mark.parametrize("lang", languages())
@pytest.mark.parametrize("name", ["session", "trend", *COMPARISONS])
def test_axe_finds_nothing(
    name: str, lang: str, width: int, dark: bool, synthetic: ModuleType, made_up: ModuleType, tmp_path: Path
) -> None:
    if name == "session":
        page = render(synthetic.analysis(minutes=9), lang=lang)
    elif name == "trend":
        page = trend(lang)
    else:
        page = render_comparison(made_up.comparison(**COMPARISONS[name]), lang=lang)
    assert violations(page, tmp_path, width=width, dark=dark) == []


def test_axe_finds_what_is_wrong(tmp_path: Path) -> None:
    page = '<!DOCTYPE html><html><head></head><body><main><img src="x.png"></main></body></html>'
    assert {found["rule"] for found in violations(page, tmp_path, width=794, dark=False)} >= {"image-alt"}
