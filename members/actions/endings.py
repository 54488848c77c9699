"""What follows when memberships end. The register imports no app above it, so those that have something to give
back (a place, a loan) say here what shall happen."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from members.models import Member

Consequence = Callable[[Sequence[Member], Any], None]

_CONSEQUENCES: list[Consequence] = []


def follows_ending(consequence: Consequence) -> Consequence:
    """Have `consequence(members, by)` called in the transaction in which memberships end, the members locked.

    Registered twice it is called once. What it raises keeps the memberships as they were.
    """
    if consequence not in _CONSEQUENCES:
        _CONSEQUENCES.append(consequence)
    return consequence


def settle_endings(members: Sequence[Member], *, by: Any) -> None:
    """Let everything follow that was registered, in the order of registration."""
    for consequence in _CONSEQUENCES:
        consequence(members, by)
