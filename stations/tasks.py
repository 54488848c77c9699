"""Work on stations that comes round by itself."""

from __future__ import annotations

from procrastinate.contrib.django import app

from stations.actions.feedback import forget_senders
from stations.actions.visits import forget_taps


@app.periodic(cron="25 * * * *")
@app.task(queueing_lock="forget-taps")
def forget(timestamp: int) -> None:
    """What kept second taps and senders apart is deleted once its time is over."""
    forget_taps()
    forget_senders()
