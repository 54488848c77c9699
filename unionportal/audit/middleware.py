"""Gives the trigger history its who and from where."""

from __future__ import annotations

from collections.abc import Callable

from django.http import HttpRequest, HttpResponse

from unionportal.audit.context import acting, address_of


class HistoryContextMiddleware:
    """Every write of a request is recorded with the account, its name, the address and the path.

    Views that only read open no context, so that public pages cost nothing.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if request.method in ("GET", "HEAD", "OPTIONS"):
            return self.get_response(request)
        user = request.user if request.user.is_authenticated else None
        with acting(user, ip=address_of(request), source=request.path):
            return self.get_response(request)
