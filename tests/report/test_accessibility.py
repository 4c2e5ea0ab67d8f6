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

from emgsmr.analysis.trend import TrendSession, trend_table
from emgsmr.recording.library import ClientSession
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


def trend() -> str:
    share = {("P1", "R"): (0.1, 0.1, 80)}
    days = ("2026-03-02T09:00:00Z", "2026-03-09T09:00:00Z")
    table = trend_table([TrendSession(f"{day}.emgsmr", day, "mvc", share) for day in days])
    return render_trend("P01", [ClientSession(Path("a.emgsmr"), "P01", day) for day in days], table)


@pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
@pytest.mark.parametrize("width", [794, 400])
@pytest.mark.parametrize("name", ["session", "comparison", "trend"])
def test_axe_finds_nothing(
    name: str, width: int, dark: bool, synthetic: ModuleType, comparison_text: str, tmp_path: Path
) -> None:
    if name == "session":
        page = render(synthetic.analysis(minutes=9))
    else:
        page = comparison_text if name == "comparison" else trend()
    assert violations(page, tmp_path, width=width, dark=dark) == []


def test_axe_finds_what_is_wrong(tmp_path: Path) -> None:
    page = '<!DOCTYPE html><html><head></head><body><main><img src="x.png"></main></body></html>'
    assert {found["rule"] for found in violations(page, tmp_path, width=794, dark=False)} >= {"image-alt"}
