"""The words a member agrees to before an employer learns who he is."""

from __future__ import annotations

from typing import NamedTuple

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _


class Consent(NamedTuple):
    """Words with their version: new words get a new version, and an old agreement does not cover them."""

    version: str
    text: str | Promise


def job_interest_consent() -> Consent:
    """Separate consent to telling somebody else (Personal Information Protection Law art. 23)."""
    return Consent(
        "2026-01",
        _(
            "I agree that the union tells this employer my name and mobile number, for this post only. I can take "
            "this back at any time on “My activities”; the union then shows my number to nobody for this post."
        ),
    )
