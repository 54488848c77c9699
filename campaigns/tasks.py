"""Messages to members. A job names the sign-up and nothing else: no number lies in the queue."""

from __future__ import annotations

from django.utils import timezone
from django.utils.translation import gettext as _
from procrastinate import RetryStrategy
from procrastinate.contrib.django import app

from campaigns.lifecycle import ActivityState, RegistrationState
from campaigns.models import Registration
from unionportal import sms
from unionportal.privacy import looks_like_mobile


@app.task(name="campaigns.tasks.send_moved_up", retry=RetryStrategy(max_attempts=4, exponential_wait=4))
def send_moved_up(registration_id: int) -> None:
    """Tell a member by short message that he has moved up from the waiting list.

    Nothing is sent where he has cancelled since, the activity has begun or was called off, or there is no mobile
    number. Raises SmsError, and is tried again later.
    """
    found = Registration.objects.select_related("member", "activity__station").filter(pk=registration_id).first()
    if found is None or found.state != RegistrationState.CONFIRMED:
        return
    activity, phone = found.activity, found.member.phone
    over = activity.state != ActivityState.PLANNED or timezone.now() >= activity.starts_at
    if over or not looks_like_mobile(phone):
        return
    words = {
        "activity": activity.title,
        "time": timezone.localtime(activity.starts_at).strftime("%m-%d %H:%M"),
        "place": activity.where,
    }
    text = _(
        "A place is free: you have moved up for “%(activity)s”, %(time)s, %(place)s. If you cannot come, please "
        "cancel under “mine”, so that the next one can."
    )
    sms.send(phone, text % words, template="moved-up", **words)
