"""A form that was sent counts once: who goes back and sends the page again is told, and nothing is written twice."""

from __future__ import annotations

import secrets

from django.http import HttpRequest

ONCE = "_once"
_KEPT = 60  # forms remembered in a session


def new_token() -> str:
    """For the hidden field of a page that writes something new."""
    return secrets.token_urlsafe(9)


def was_sent(request: HttpRequest) -> bool:
    """Whether this very page was sent before, with success. A page without the field never was."""
    token = request.POST.get(ONCE, "")
    return bool(token) and token in request.session.get(ONCE, [])


def remember_sent(request: HttpRequest) -> None:
    """Once what the page asked for is written."""
    if token := request.POST.get(ONCE, ""):
        request.session[ONCE] = [*request.session.get(ONCE, []), token[:20]][-_KEPT:]
