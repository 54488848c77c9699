"""The membership card on a phone: a QR code that is good for a minute and proves itself.

The code holds an address of the portal with a signed token, so that a keeper may scan it with any phone. The
token is checked by its signature and time alone: showing and checking a card write nothing.
"""

from __future__ import annotations

import datetime
import io
from dataclasses import dataclass
from urllib.parse import parse_qs, urlsplit

import segno
from django.core import signing
from django.db import models
from django.utils.translation import gettext_lazy as _

from members import lifecycle
from members.models import Member

CHANGES_EVERY = datetime.timedelta(seconds=60)
# A card shown in the last second of its minute has to be scanned, too.
GOOD_FOR = CHANGES_EVERY + datetime.timedelta(seconds=30)
_SIGNER = signing.TimestampSigner(salt="members.card")


class Verdict(models.TextChoices):
    """What a check of a card says."""

    ADMITTED = "admitted", _("Valid member")
    EXPIRED = "expired", _("This code has run out: ask for the card to be shown anew")
    FORGED = "forged", _("This is no code of the portal, or it was changed")
    UNKNOWN = "unknown", _("There is no such member")
    LEFT = "left", _("No longer a member")
    RETAINED = "retained", _("Membership retained, without full rights")


@dataclass(frozen=True)
class Check:
    """The answer to a card; `member` is known only where the code is genuine and fresh."""

    verdict: Verdict
    member: Member | None = None

    @property
    def admitted(self) -> bool:
        return self.verdict == Verdict.ADMITTED


def token_for(member: Member) -> str:
    """A signed token for this moment: the record's number and the time, nothing else."""
    return _SIGNER.sign(str(member.pk))


def token_in(scanned: str) -> str:
    """The token from what a scanner types: the token itself, or the address that holds it."""
    text = scanned.strip()
    try:
        held = parse_qs(urlsplit(text).query).get("card")
    except ValueError:  # an address cut off inside its host
        return text
    return held[0] if held else text


def check(token: str) -> Check:
    """Whether the card behind a token is good now. One read (two during a transfer), no write."""
    try:
        value = _SIGNER.unsign(token.strip(), max_age=GOOD_FOR)
    except signing.SignatureExpired:
        return Check(Verdict.EXPIRED)
    except signing.BadSignature:
        return Check(Verdict.FORGED)
    member = Member.objects.select_related("organization").filter(pk=value).first()
    if member is None:
        return Check(Verdict.UNKNOWN)
    if member.state in lifecycle.ENDED:
        return Check(Verdict.LEFT, member)
    if not member.has_full_rights:
        return Check(Verdict.RETAINED, member)
    return Check(Verdict.ADMITTED, member)


def qr_svg(address: str, *, scale: int = 6) -> str:
    """An address as a QR code: SVG for a page of its own or an <img>, black on white for every scanner."""
    buffer = io.BytesIO()
    segno.make(address, error="m", micro=False).save(
        buffer, kind="svg", scale=scale, border=3, light="#fff", dark="#000", xmldecl=True
    )
    return buffer.getvalue().decode()
