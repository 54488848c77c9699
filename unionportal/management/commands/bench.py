"""``manage.py bench``: how fast the portal is, against a plain way of doing the same on the same machine."""

from __future__ import annotations

import importlib
import json
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
        cases = [case for case in package.CASES if group in (None, case.group)]
        if not cases:
            known = ", ".join(sorted({case.group for case in package.CASES}))
            self.stderr.write(f"There is no group {group}; there are {known}.")
        results = self._in_own_database(cases, max(rounds, 1)) if cases else []
        Path(settings.BASE_DIR, RESULTS).write_text(json.dumps(results, ensure_ascii=False, indent=1) + "\n")
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
            # The first round fills the caches and does not count.
            times = [case.run() for _round in range(rounds + 1)][1:]
            ours, against = median(time[0] for time in times), median(time[1] for time in times)
            ratio = ours / against
        except Exception:
            self.stderr.write(f"{case.group}: {case.name} failed:\n{traceback.format_exc()}")
        return {
            "group": case.group,
            "name": case.name,
            "ours": ours,
            "against": against,
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
    lines = [f"{'ours':>10} {'against':>10} {'ratio':>7} {'aim':>8}  case"]
    for result in results:
        ours, against, ratio = (
            "-" if value is None else f"{value:.{digits}f}{unit}"
            for value, digits, unit in (
                (result["ours"], 4, " s"),
                (result["against"], 4, " s"),
                (result["ratio"], 2, ""),
            )
        )
        sign = "<=" if result["at_most"] else ">="
        aim = "-" if result["bound"] is None else f"{sign} {result['bound']:g}"
        missed = "  AIM MISSED" if result["holds"] is False else ""
        name = f"{result['group']}: {result['name']}, against {result['what_against']}{missed}"
        lines.append(f"{ours:>10} {against:>10} {ratio:>7} {aim:>8}  {name}")
    return "\n".join(lines)
