"""How often something may happen: a counter in PostgreSQL, right across every worker process.

    CODE_BY_PHONE = Limit("phone-code", 5, datetime.timedelta(days=1))
    if not allow(CODE_BY_PHONE, phone): ...

A window begins with the first hit and ends by the clock, whatever is refused in between. One row per key, one
statement per hit; the key is stored as a keyed hash.
"""

from __future__ import annotations

import datetime
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.db import connection
from django.utils import timezone

from unionportal.models import RateCount
from unionportal.privacy import lookup_hash

_HIT = """
INSERT INTO unionportal_ratecount AS held (key, began_at, ends_at, count) VALUES (%(key)s, %(now)s, %(ends)s, 1)
ON CONFLICT (key) DO UPDATE SET
    count = CASE WHEN held.ends_at <= %(now)s THEN 1 ELSE held.count + 1 END,
    began_at = CASE WHEN held.ends_at <= %(now)s THEN %(now)s ELSE held.began_at END,
    ends_at = CASE WHEN held.ends_at <= %(now)s THEN %(ends)s ELSE held.ends_at END
RETURNING count
"""


@dataclass(frozen=True)
class Limit:
    """At most `count` hits of one key in `window`."""

    name: str
    count: int
    window: datetime.timedelta


def allow(limit: Limit, key: str) -> bool:
    """Count one hit of `key` and say whether it still lies within the limit.

    The count is written at once and for good: call it outside a transaction that may be rolled back.
    """
    now = timezone.now()
    values: dict[str, Any] = {"key": lookup_hash(key, f"limit {limit.name}"), "now": now, "ends": now + limit.window}
    with connection.cursor() as cursor:
        cursor.execute(_HIT, values)
        return bool(cursor.fetchone()[0] <= limit.count)


def first_exceeded(hits: Sequence[tuple[Limit, str]]) -> Limit | None:
    """Count a hit of each pair in turn; the first limit that is exceeded, after which none is counted."""
    return next((limit for limit, key in hits if not allow(limit, key)), None)


def forget_counts() -> int:
    """Delete the counts whose window is over. Returns how many."""
    return RateCount.objects.filter(ends_at__lte=timezone.now()).delete()[0]
