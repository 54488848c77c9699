"""Work on tickets that comes round by itself."""

from __future__ import annotations

from procrastinate.contrib.django import app

from unionportal.tickets.actions import escalate_late, forget_reporters


@app.periodic(cron="5 * * * *")
@app.task(queueing_lock="escalate-tickets")
def escalate(timestamp: int) -> None:
    """Tickets whose answer is overdue go to the county."""
    escalate_late()


@app.periodic(cron="50 3 * * *")
@app.task(queueing_lock="forget-reporters")
def forget(timestamp: int) -> None:
    """What tells who reported is forgotten half a year after the ticket was settled."""
    forget_reporters()
