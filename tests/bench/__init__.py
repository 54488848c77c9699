"""Measurements of the portal against a plain way of doing the same; run by ``manage.py bench``.

A case returns how long the portal took and how long the other way took, in seconds, of one round::

    @case("sheets", "read 100,000 rows", "openpyxl, read only", bound=0.5)
    def read_rows() -> tuple[float, float]: ...

Another unit than seconds is named: ``unit="rows/s"``, with ``at_most=False`` where more is better. A case that takes
minutes states ``rounds=1``: it is run so often, and without a first round that does not count. One marked ``soak``
runs only with PORTAL_SOAK=1.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass

Seconds = float
# Of one round, in the case's unit.
Measure = float


@dataclass(frozen=True)
class Case:
    """One measurement. The aim is ours / against <= bound, or >= bound if not `at_most`; None is no aim."""

    group: str
    name: str
    what_against: str
    run: Callable[[], tuple[Measure, Measure]]
    bound: float | None
    at_most: bool
    unit: str = "s"
    rounds: int | None = None
    soak: bool = False


CASES: list[Case] = []


Run = Callable[[], tuple[Measure, Measure]]


def case(
    group: str,
    name: str,
    what_against: str,
    bound: float | None = None,
    at_most: bool = True,
    *,
    unit: str = "s",
    rounds: int | None = None,
    soak: bool = False,
) -> Callable[[Run], Run]:
    """Register a function that measures one round and returns (ours, against)."""

    def register(run: Run) -> Run:
        CASES.append(Case(group, name, what_against, run, bound, at_most, unit, rounds, soak))
        return run

    return register


def timed(work: Callable[[], object]) -> Seconds:
    """Seconds of wall clock that `work` takes."""
    start = time.perf_counter()
    work()
    return time.perf_counter() - start
