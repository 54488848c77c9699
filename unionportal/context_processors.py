"""What every page shows of the federation itself."""

from typing import Any

from django.conf import settings
from django.http import HttpRequest


def site(request: HttpRequest) -> dict[str, Any]:
    """Names and record numbers for the header and the footer."""
    return {
        "SITE_NAME": settings.SITE_NAME,
        "SITE_ORGANIZER": settings.SITE_ORGANIZER,
        "SITE_ADDRESS": settings.SITE_ADDRESS,
        "SITE_PHONE": settings.SITE_PHONE,
        "SITE_ICP": settings.SITE_ICP,
        "SITE_POLICE_RECORD": settings.SITE_POLICE_RECORD,
        "SITE_POLICE_RECORD_URL": settings.SITE_POLICE_RECORD_URL,
    }
