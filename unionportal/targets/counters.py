"""What the record counts towards a target. A domain registers named counters; the ground floor calls them."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from typing import Any

from django.utils.functional import Promise

Counter = Callable[[Any], Decimal | int]

_counters: dict[str, tuple[str | Promise, Counter]] = {}


def register_counter(name: str, label: str | Promise, counter: Counter) -> None:
    """`counter` takes a Target and returns what the record holds of it, in the target's unit."""
    _counters[name] = (label, counter)


def counters() -> list[tuple[str, str | Promise]]:
    return [(name, label) for name, (label, _counter) in sorted(_counters.items())]


def count(target: Any) -> Decimal | None:
    """What the record counts for a target, or None where it names no known counter."""
    found = _counters.get(target.counted_by)
    return Decimal(found[1](target)) if found else None
