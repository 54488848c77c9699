"""Work of the register that comes round by itself."""

from __future__ import annotations

from procrastinate.contrib.django import app

from members.actions import forget_codes, forget_people
from unionportal.limits import forget_counts


@app.periodic(cron="10 4 * * *")
@app.task(queueing_lock="forget-members")
def forget(timestamp: int) -> None:
    """Delete what has outlived its term: codes, counts, and the numbers of people who left long ago."""
    forget_codes()
    forget_counts()
    forget_people()
