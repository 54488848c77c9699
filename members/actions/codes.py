"""One-time codes that prove a phone is in somebody's hand."""

from __future__ import annotations

import datetime
import hmac
import secrets

from django.db import models
from django.utils import timezone
from django.utils.translation import gettext as _

from members.models import PhoneCode
from unionportal import sms
from unionportal.limits import Limit, first_exceeded
from unionportal.privacy import lookup_hash

VALID_FOR = datetime.timedelta(minutes=5)
ATTEMPTS = 5

_HOUR, _DAY = datetime.timedelta(hours=1), datetime.timedelta(days=1)
CODE_PER_MINUTE = Limit("code-phone-minute", 1, datetime.timedelta(minutes=1))
CODES_PER_DAY = Limit("code-phone-day", 5, _DAY)
CODES_PER_ADDRESS = Limit("code-address-hour", 20, _HOUR)
TRIES_PER_ADDRESS = Limit("try-address-hour", 100, _HOUR)


class TooMany(Exception):
    """A limit is exceeded; `message` says when to try again. The same words whether the phone is known or not."""

    def __init__(self, limit: Limit) -> None:
        messages = {
            CODE_PER_MINUTE: _("A code was sent a moment ago. You can ask for another one after a minute."),
            CODES_PER_DAY: _("Five codes a day can be sent to one number. Try again tomorrow, or go to your union."),
        }
        self.message = messages.get(limit, _("Too many attempts from here. Try again in an hour."))
        super().__init__(self.message)


def _hashes(phone: str, code: str) -> tuple[str, str]:
    hashed = lookup_hash(phone, "phone")
    return hashed, lookup_hash(f"{hashed} {code}", "phone_code")


def send_code(phone: str, *, address: str) -> str:
    """Send a six-digit code to a normalised mobile number; earlier codes end. Returns the code.

    Known or unknown, a number is treated alike: nothing is looked up. Raises TooMany, SmsError.
    """
    exceeded = first_exceeded([(CODES_PER_ADDRESS, address), (CODE_PER_MINUTE, phone), (CODES_PER_DAY, phone)])
    if exceeded is not None:
        raise TooMany(exceeded)
    code = f"{secrets.randbelow(1_000_000):06d}"
    phone_hash, code_hash = _hashes(phone, code)
    now = timezone.now()
    PhoneCode.objects.filter(phone_hash=phone_hash, used_at=None).update(used_at=now)
    PhoneCode.objects.create(phone_hash=phone_hash, code_hash=code_hash, sent_at=now, expires_at=now + VALID_FOR)
    minutes = int(VALID_FOR.total_seconds() // 60)
    text = _("Your code is %(code)s, valid for %(minutes)d minutes. Tell it to nobody.") % {
        "code": code,
        "minutes": minutes,
    }
    sms.send(phone, text, template="phone-code", code=code, minutes=minutes)
    return code


def check_code(phone: str, code: str, *, address: str) -> bool:
    """Whether this is the phone's code. A right answer uses it up; five wrong ones tire it out.

    The try is counted before it is compared, so that parallel guesses do not get a sixth. Raises TooMany.
    """
    exceeded = first_exceeded([(TRIES_PER_ADDRESS, address)])
    if exceeded is not None:
        raise TooMany(exceeded)
    phone_hash, code_hash = _hashes(phone, code)
    now = timezone.now()
    fresh = PhoneCode.objects.filter(phone_hash=phone_hash, used_at=None, expires_at__gt=now, attempts__lt=ATTEMPTS)
    held = fresh.order_by("-sent_at").first()
    if held is None or not fresh.filter(pk=held.pk).update(attempts=models.F("attempts") + 1):
        return False
    if not hmac.compare_digest(held.code_hash, code_hash):
        return False
    return bool(PhoneCode.objects.filter(pk=held.pk, used_at=None).update(used_at=now))


def forget_codes() -> int:
    """Delete codes of more than a day ago. Returns how many."""
    return PhoneCode.objects.filter(sent_at__lt=timezone.now() - _DAY).delete()[0]
