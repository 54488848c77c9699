"""A number that moves on with every write to what public pages show: the cheap half of a page's validator.

A sequence, not a row: writers never wait for one another. It moves when a statement runs, a moment before its
transaction is visible, so it is only used together with the minute (`unionportal.public_pages`): what was rendered
in between is asked for again within sixty seconds.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Hashable
from threading import Lock
from typing import Any, ClassVar, Generic, TypeVar

from django.db import connection
from django.db.migrations import RunSQL
from django.utils import timezone

Made = TypeVar("Made")
Stamp = tuple[int, int]

SEQUENCE = "unionportal_public_version"
TRIGGER = "public_version_moves"


def moved_by(table: str) -> RunSQL:
    """Migration operation: every statement that writes to `table` moves the version on."""
    return RunSQL(
        f"CREATE TRIGGER {TRIGGER} AFTER INSERT OR UPDATE OR DELETE OR TRUNCATE ON {table}"
        f" FOR EACH STATEMENT EXECUTE FUNCTION {TRIGGER}()",
        f"DROP TRIGGER IF EXISTS {TRIGGER} ON {table}",
    )


def public_version() -> int:
    """The version as it stands; one look at one row."""
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT last_value FROM {SEQUENCE}")
        return int(cursor.fetchone()[0])


def stamp() -> Stamp:
    """The public version and the minute: what was read under them may be shown under them. One query."""
    return public_version(), int(timezone.now().timestamp()) // 60


class Kept(Generic[Made]):
    """What this process made last, by key. A key that holds the stamp is never asked for again once the stamp has
    moved, so nothing needs to be taken out; beyond `most` goes what was not asked for the longest.
    """

    everything: ClassVar[list[Kept[Any]]] = []

    def __init__(self, most: int) -> None:
        self.everything.append(self)
        self._most, self._made, self._lock = most, OrderedDict[Hashable, Made](), Lock()

    def get(self, key: Hashable) -> Made | None:
        with self._lock:
            if key in self._made:
                self._made.move_to_end(key)
            return self._made.get(key)

    def keep(self, key: Hashable, made: Made) -> None:
        with self._lock:
            self._made[key] = made
            while len(self._made) > self._most:
                self._made.popitem(last=False)

    def get_or_make(self, key: Hashable, make: Callable[[], Made]) -> Made:
        """What was kept under `key`, else what `make` gives; two threads may make it both."""
        made = self.get(key)
        if made is None:
            made = make()
            self.keep(key, made)
        return made

    def clear(self) -> None:
        with self._lock:
            self._made.clear()


def forget_all() -> None:
    """Let this process read and make everything anew: for tests, whose writes are rolled back unseen."""
    for kept in Kept.everything:
        kept.clear()
