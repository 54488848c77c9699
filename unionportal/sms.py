"""Short messages: to the server's console in development, through the city's gateway in production.

The gateway is a setting. ``SMS_GATEWAY=http`` posts JSON to ``SMS_URL`` with ``SMS_TOKEN`` as bearer token:

    {"phone": "13800138000", "template": "…", "text": "…", "params": {"code": "123456", "minutes": 5}}

Any answer of the 200 class counts as sent. A federation whose supplier wants another form puts a small relay in
between, so that the portal never holds a supplier's library.
"""

from __future__ import annotations

import json
import logging
import sys
import urllib.error
import urllib.request
from typing import Any

from django.conf import settings
from django.utils.translation import gettext as _

from unionportal.privacy import mask_phone

logger = logging.getLogger(__name__)

TIMEOUT = 5  # seconds


class SmsError(Exception):
    """The message was not handed over; the reason is in the log, without the number."""


def send(phone: str, text: str, *, template: str, **params: Any) -> None:
    """Send `text` to a mobile number. `template` and `params` are for gateways that fill in approved templates.

    Raises SmsError.
    """
    gateways = {"console": _print, "http": _post}
    gateways[settings.SMS_GATEWAY](phone, text, template, params)


def _print(phone: str, text: str, template: str, params: dict[str, Any]) -> None:
    sys.stderr.write(f"SMS {mask_phone(phone)}: {text}\n")
    sys.stderr.flush()


def _post(phone: str, text: str, template: str, params: dict[str, Any]) -> None:
    body = json.dumps({"phone": phone, "template": template, "text": text, "params": params}).encode()
    request = urllib.request.Request(
        settings.SMS_URL,
        data=body,
        headers={"Content-Type": "application/json", "Authorization": f"Bearer {settings.SMS_TOKEN}"},
    )
    try:
        with urllib.request.urlopen(request, timeout=TIMEOUT):
            return
    except (urllib.error.URLError, TimeoutError) as error:
        # The error of urllib names the gateway, never the number.
        logger.error("the SMS gateway refused a message: %s", error)
        raise SmsError(_("The message could not be sent just now. Please try again in a few minutes.")) from error
