"""What every page here needs: who is at the phone, pages of a list, and verbs answered with a message."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any
from urllib.parse import urlencode

from django.contrib import messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.core.paginator import Page, Paginator
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext as _

from members.models import Member
from members.sessions import visitor_of
from unionportal.states import TransitionRefused

PAGE_SIZE = 20


def member_of(request: HttpRequest) -> Member | None:
    """The member whose session this is, if any."""
    visitor = visitor_of(request)
    return visitor.member if visitor else None


def log_in_address(back_to: str) -> str:
    """The log-in of members, which leads back to the page."""
    return f"{reverse('members:log-in')}?{urlencode({'next': back_to})}"


def for_members(view: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
    """A page for a member, given as the second argument; others are led to the log-in.

    Pages of a member are nobody else's: no cache keeps them.
    """

    @wraps(view)
    def asked(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        member = member_of(request)
        if member is None:
            back_to = request.get_full_path() if request.method == "GET" else reverse("campaigns:home")
            return redirect(log_in_address(back_to))
        response = view(request, member, *args, **kwargs)
        response.headers.setdefault("Cache-Control", "private, no-store")
        return response

    return asked


def attempt(request: HttpRequest, verb: Callable[[], Any], said: str) -> Any:
    """Do `verb`; say `said`, or why it was refused. Returns what the verb returned, None where refused."""
    try:
        answer = verb()
    except ValidationError as error:
        messages.error(request, " ".join(error.messages))
    except (PermissionDenied, TransitionRefused) as error:
        messages.error(request, str(error) or _("This is not possible."))
    else:
        messages.success(request, said)
        return answer
    return None


def page_of(request: HttpRequest, rows: QuerySet[Any]) -> Page:
    """The page of a list that ?page= asks for; a wrong number shows the nearest."""
    return Paginator(rows, PAGE_SIZE).get_page(request.GET.get("page"))
