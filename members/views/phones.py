"""The two steps that joining and logging in share: a phone, then the code that was sent to it.

Between the steps the phone stands sealed in the session, which lies in the database.
"""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.core.exceptions import ValidationError
from django.http import HttpRequest

from members.actions import TooMany, check_code, send_code
from unionportal.audit.context import address_of
from unionportal.privacy import PrivacyError, mask_phone, seal, unseal
from unionportal.sms import SmsError

_SEALED_FOR = "members.session.phone"


def address(request: HttpRequest) -> str:
    return address_of(request) or "unknown"


def begin(request: HttpRequest, key: str, phone: str, **more: Any) -> None:
    """Send a code and remember under `key` whose it is. Raises ValidationError with words for the page."""
    try:
        code = send_code(phone, address=address(request))
    except TooMany as refusal:
        raise ValidationError(refusal.message)
    except SmsError as error:
        raise ValidationError(str(error))
    held = more | {"phone": seal(phone, _SEALED_FOR), "proved": False}
    if settings.SHOW_PHONE_CODES:
        held["shown"] = seal(code, _SEALED_FOR)
    request.session[key] = held


def phone_of(request: HttpRequest, key: str) -> str:
    """The phone of this session's steps; "" where there is none."""
    try:
        return unseal(request.session.get(key, {}).get("phone", ""), _SEALED_FOR)
    except PrivacyError:
        return ""


def prove(request: HttpRequest, key: str, code: str) -> bool:
    """Check the code; a right one marks the phone as proved. Raises ValidationError once a limit is reached."""
    try:
        right = check_code(phone_of(request, key), code.strip(), address=address(request))
    except TooMany as refusal:
        raise ValidationError(refusal.message)
    if right:
        held = request.session[key] | {"proved": True}
        held.pop("shown", None)
        request.session.cycle_key()
        request.session[key] = held
    return right


def is_proved(request: HttpRequest, key: str) -> bool:
    return bool(request.session.get(key, {}).get("proved"))


def shown(request: HttpRequest, key: str) -> dict[str, str]:
    """For the page of the code: the masked phone, and in a demonstration the code itself."""
    held = request.session.get(key, {})
    code = held.get("shown", "") if settings.SHOW_PHONE_CODES else ""
    return {"masked_phone": mask_phone(phone_of(request, key)), "demo_code": unseal(code, _SEALED_FOR) if code else ""}
