"""Who is at the phone: a member, or somebody whose application waits, for as long as a session lasts.

Members are no staff accounts (docs/decisions/0010-member-sessions.md). The session holds the record's number and
the hash of the phone that was proved; when the record gets another phone, the session ends. An account that logs
in on the same device ends it too, and the other way round.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from functools import wraps
from typing import Any

from django.conf import settings
from django.contrib.auth import SESSION_KEY
from django.db.models import Q, QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect

from members.models import Application, Member

_KEY = "member"
JOIN_KEY = "join"


@dataclass(frozen=True)
class Visitor:
    """A person whose phone was proved. At least one of the two is set."""

    member: Member | None
    application: Application | None


def log_in(request: HttpRequest, *, member: Member | None = None, application: Application | None = None) -> None:
    """Begin a member's session under a new session id; an account's session on the device ends."""
    if SESSION_KEY in request.session:
        request.session.flush()
    request.session.cycle_key()
    subject = member or application
    assert subject is not None
    request.session[_KEY] = {
        "kind": "member" if member else "application",
        "id": subject.pk,
        "phone_hash": subject.phone_hash,
        "seen": int(time.time()),
    }
    request.session.pop(JOIN_KEY, None)


def log_out(request: HttpRequest) -> None:
    """End the member's session and change the session id."""
    request.session.pop(_KEY, None)
    request.session.pop(JOIN_KEY, None)
    request.session.cycle_key()


def forget_member(sender: Any, request: HttpRequest | None, **signal: Any) -> None:
    """An account has logged in on this device: whoever was at the phone before is no longer."""
    if request is not None:
        request.session.pop(_KEY, None)
        request.session.pop(JOIN_KEY, None)


def visitor_of(request: HttpRequest) -> Visitor | None:
    """The person of this session, read anew; None without one, after idle time, or once the phone has changed."""
    held = request.session.get(_KEY)
    if not held:
        return None
    now = int(time.time())
    if now - held["seen"] > settings.IDLE_TIMEOUT_MINUTES * 60:
        log_out(request)
        return None
    if now - held["seen"] >= 60:
        request.session[_KEY] = held | {"seen": now}
    return _find(held["kind"], held["id"], held["phone_hash"])


def _find(kind: str, pk: int, phone_hash: str) -> Visitor | None:
    if kind == "member":
        member = Member.objects.select_related("organization", "occupation_group").filter(pk=pk).first()
        if member is None or member.phone_hash != phone_hash:
            return None
        return Visitor(member, None)
    application = (
        Application.objects.select_related("organization", "occupation_group", "member__organization", "division")
        .filter(pk=pk, phone_hash=phone_hash)
        .first()
    )
    # An accepted application opens the member's record as long as the record bears the phone that was proved.
    if application is None or (application.member is not None and application.member.phone_hash != phone_hash):
        return None
    return Visitor(application.member, application)


def applications_of(member: Member) -> QuerySet[Application]:
    """What made him a member, and what he has handed in since from the phone on record; the newest first."""
    his = Q(member=member)
    if member.id_hash and member.phone_hash:
        his |= Q(member=None, id_type=member.id_type, id_hash=member.id_hash, phone_hash=member.phone_hash)
    return Application.objects.filter(his).order_by("-submitted_at")


def application_of(visitor: Visitor) -> Application | None:
    """The application that the person's page is about: the one of the session, else the newest."""
    if visitor.application is not None:
        return visitor.application
    assert visitor.member is not None
    return applications_of(visitor.member).first()


def person_required(view: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
    """A page for whoever has proved his phone: `request.visitor`; others are led to the log-in."""

    @wraps(view)
    def asked(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        visitor = visitor_of(request)
        if visitor is None:
            return redirect("members:log-in")
        request.visitor = visitor  # type: ignore[attr-defined]
        return view(request, *args, **kwargs)

    return asked


def member_required(view: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
    """As `person_required`, for members only: an applicant is led to his application."""

    @person_required
    @wraps(view)
    def asked(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        if request.visitor.member is None:  # type: ignore[attr-defined]
            return redirect("members:me")
        return view(request, *args, **kwargs)

    return asked
