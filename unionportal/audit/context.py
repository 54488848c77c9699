"""Who is acting, and from where, for the trigger history and the audit record."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any

import pghistory
from django.conf import settings
from django.http import HttpRequest

# Who acted where no person did: a command, the worker.
SYSTEM = "system"

_ip: ContextVar[str | None] = ContextVar("ip", default=None)


def current_ip() -> str | None:
    """The visitor's address in the current request; None on the command line and in the worker."""
    return _ip.get()


def address_of(request: HttpRequest) -> str | None:
    """The visitor's address, behind as many proxies as ``PROXY_COUNT`` says.

    Each proxy appends the address it saw to X-Forwarded-For; what stands further left was written by the visitor
    and is not believed.
    """
    forwarded = [part.strip() for part in request.META.get("HTTP_X_FORWARDED_FOR", "").split(",") if part.strip()]
    if settings.PROXY_COUNT and len(forwarded) >= settings.PROXY_COUNT:
        return forwarded[-settings.PROXY_COUNT]
    return request.META.get("REMOTE_ADDR") or None


@contextmanager
def acting(user: Any, *, ip: str | None = None, source: str = "") -> Iterator[None]:
    """Everything written inside is recorded as done by `user` from `ip` (`source`: a path, a command)."""
    token = _ip.set(ip)
    try:
        with pghistory.context(user=getattr(user, "pk", None), actor=str(user or ""), ip=ip, url=source):
            yield
    finally:
        _ip.reset(token)
