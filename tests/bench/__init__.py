"""Measurements of the portal against a plain way of doing the same; run by ``manage.py bench``.

A case returns how long the portal took and how long the other way took, in seconds, of one round::

    @case("sheets", "read 100,000 rows", "openpyxl, read only", bound=0.5)
    def read_rows() -> tuple[float, float]: ...
"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass

Seconds = float


@dataclass(frozen=True)
class Case:
    """One measurement. The aim is ours / against <= bound, or >= bound if not `at_most`; None is no aim."""

    group: str
    name: str
    what_against: str
    run: Callable[[], tuple[Seconds, Seconds]]
    bound: float | None
    at_most: bool


CASES: list[Case] = []


def case(
    group: str, name: str, what_against: str, bound: float | None = None, at_most: bool = True
) -> Callable[[Callable[[], tuple[Seconds, Seconds]]], Callable[[], tuple[Seconds, Seconds]]]:
    """Register a function that measures one round and returns (ours, against) in seconds."""

    def register(run: Callable[[], tuple[Seconds, Seconds]]) -> Callable[[], tuple[Seconds, Seconds]]:
        CASES.append(Case(group, name, what_against, run, bound, at_most))
        return run

    return register


def timed(work: Callable[[], object]) -> Seconds:
    """Seconds of wall clock that `work` takes."""
    start = time.perf_counter()
    work()
    return time.perf_counter() - start
