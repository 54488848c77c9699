"""``manage.py bench``: how fast the portal is, against a plain way of doing the same on the same machine."""

from __future__ import annotations

import importlib
import json
import os
import pkgutil
import traceback
from argparse import ArgumentParser
from pathlib import Path
from statistics import median
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand
from django.db import connection

DATABASE = "bench_portal"
RESULTS = "bench-results.json"


class Command(BaseCommand):
    help = f"Measures the cases of tests/bench/ in a database of their own and writes {RESULTS}."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--group", help="only the cases of this group")
        parser.add_argument("--rounds", type=int, default=5, help="rounds of each case; the median counts")

    def handle(self, *args: Any, group: str | None, rounds: int, **options: Any) -> None:
        package = importlib.import_module("tests.bench")
        for module in pkgutil.iter_modules(package.__path__, "tests.bench."):
            importlib.import_module(module.name)
        soaking = os.environ.get("PORTAL_SOAK") == "1"
        cases = [case for case in package.CASES if group in (None, case.group) and (soaking or not case.soak)]
        if not cases:
            known = ", ".join(sorted({case.group for case in package.CASES}))
            self.stderr.write(f"There is no group {group}; there are {known}.")
        results = self._in_own_database(cases, max(rounds, 1)) if cases else []
        # The unit is for the table; figures of the file are compared by their ratio.
        kept = [{name: value for name, value in result.items() if name != "unit"} for result in results]
        Path(settings.BASE_DIR, RESULTS).write_text(json.dumps(kept, ensure_ascii=False, indent=1) + "\n")
        self.stdout.write(table(results))

    def _in_own_database(self, cases: list[Any], rounds: int) -> list[dict[str, Any]]:
        """Measure in a migrated database that is dropped afterwards; the portal's own is never touched."""
        own = connection.settings_dict["NAME"]
        connection.settings_dict["TEST"]["NAME"] = DATABASE
        connection.creation.create_test_db(verbosity=0, autoclobber=True, serialize=False)
        try:
            return [self._measure(case, rounds) for case in cases]
        finally:
            connection.creation.destroy_test_db(own, verbosity=0)

    def _measure(self, case: Any, rounds: int) -> dict[str, Any]:
        """Each round measures both ways, one after the other, so that a busy machine slows both."""
        ours = against = ratio = None
        try:
            if case.rounds is None:
                case.run()  # fills the caches and does not count
            times = [case.run() for _round in range(case.rounds or rounds)]
            ours, against = median(time[0] for time in times), median(time[1] for time in times)
            ratio = ours / against
        except Exception:
            self.stderr.write(f"{case.group}: {case.name} failed:\n{traceback.format_exc()}")
        return {
            "group": case.group,
            "name": case.name,
            "ours": ours,
            "against": against,
            "unit": case.unit,
            "what_against": case.what_against,
            "ratio": ratio,
            "bound": case.bound,
            "at_most": case.at_most,
            "holds": holds(ratio, case.bound, case.at_most),
        }


def holds(ratio: float | None, bound: float | None, at_most: bool) -> bool | None:
    """Whether the aim is met: None where there is none, False where the case could not be measured."""
    if ratio is None:
        return False
    if bound is None:
        return None
    return ratio <= bound if at_most else ratio >= bound


def table(results: list[dict[str, Any]]) -> str:
    """The results as lines for a terminal."""
    lines = [f"{'ours':>13} {'against':>13} {'ratio':>7} {'aim':>8}  case"]
    for result in results:
        ours, against = (_measure(result[name], result["unit"]) for name in ("ours", "against"))
        ratio = "-" if result["ratio"] is None else f"{result['ratio']:.2f}"
        sign = "<=" if result["at_most"] else ">="
        aim = "-" if result["bound"] is None else f"{sign} {result['bound']:g}"
        missed = "  AIM MISSED" if result["holds"] is False else ""
        name = f"{result['group']}: {result['name']}, against {result['what_against']}{missed}"
        lines.append(f"{ours:>13} {against:>13} {ratio:>7} {aim:>8}  {name}")
    return "\n".join(lines)


def _measure(value: float | None, unit: str) -> str:
    if value is None:
        return "-"
    return f"{value:.4f} {unit}" if value < 10 else f"{value:,.1f} {unit}"
