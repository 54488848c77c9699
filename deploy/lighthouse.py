# ruff: noqa: T201
"""Lighthouse on a page of a running portal: five runs on a phone's profile, the median of each score.

Needs node with npm's `npx` and a Chromium on the machine; only the standard library of Python.
"""

from __future__ import annotations

import json
import os
import shutil
import statistics
import subprocess
import sys
import tempfile
from pathlib import Path

VERSION = "lighthouse@13.5.0"
RUNS = 5
SCORES = ("performance", "accessibility", "best-practices")
LEAST = {"performance": 95, "accessibility": 100, "best-practices": 100}
FLAGS = "--headless=new --no-sandbox --disable-gpu --disable-quic --no-first-run --disable-background-networking"
BROWSERS = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")


def run_once(address: str, chromium: str, folder: Path) -> dict[str, float]:
    """One run: the scores of 0 to 100, first contentful paint in ms, layout shift, bytes transferred."""
    report = folder / "report.json"
    command = [
        "npx",
        "--yes",
        "--loglevel=error",
        VERSION,
        address,
        "--quiet",
        "--output=json",
        f"--output-path={report}",
    ]
    command += [f"--chrome-flags={FLAGS}", f"--only-categories={','.join(SCORES)}"]
    subprocess.run(command, check=True, env={**os.environ, "CHROME_PATH": chromium}, timeout=300)
    found = json.loads(report.read_text(encoding="utf-8"))
    audits = found["audits"]
    return {
        **{name: found["categories"][name]["score"] * 100 for name in SCORES},
        "first paint ms": audits["first-contentful-paint"]["numericValue"],
        "layout shift": audits["cumulative-layout-shift"]["numericValue"],
        "bytes": audits["total-byte-weight"]["numericValue"],
    }


def main(address: str) -> int:
    chromium = next((path for name in BROWSERS if (path := shutil.which(name))), None)
    if shutil.which("npx") is None or chromium is None:
        missing = "node (with npx)" if shutil.which("npx") is None else "Chromium"
        print(f"未找到 {missing}，无法测量；Debian 请执行 apt-get install nodejs npm chromium 。", file=sys.stderr)
        print(f"{missing} is missing. On Debian: apt-get install nodejs npm chromium", file=sys.stderr)
        return 2
    with tempfile.TemporaryDirectory() as folder:
        # A browser started for the first time is read from the disk, and may start too late for Lighthouse.
        try:
            run_once(address, chromium, Path(folder))
        except subprocess.CalledProcessError:
            pass
        runs = [run_once(address, chromium, Path(folder)) for _number in range(RUNS)]
    missed = 0
    for name in runs[0]:
        median = statistics.median(run[name] for run in runs)
        aim = f"  (at least {LEAST[name]})" if name in LEAST else ""
        missed += name in LEAST and median < LEAST[name]
        print(f"{name:16} {median:10.2f}{aim}")
    return 1 if missed else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1] if len(sys.argv) > 1 else "http://127.0.0.1:8000/"))
