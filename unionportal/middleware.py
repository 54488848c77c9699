"""Middleware of the ground floor: the language a visitor chose, requests nobody means, the end of an idle session."""

from __future__ import annotations

import time
from collections.abc import Callable

from django.conf import settings
from django.contrib import messages
from django.contrib.auth import logout
from django.http import HttpRequest, HttpResponse, QueryDict, UnreadablePostError
from django.utils import translation
from django.utils.translation import gettext as _

from unionportal.views import bad_request

_View = Callable[[HttpRequest], HttpResponse]


class ChosenLanguageMiddleware:
    """Chinese, unless the visitor chose English on the page.

    Django's LocaleMiddleware follows the browser's Accept-Language and would turn the portal English for a
    courier whose phone was set up in English; here only the cookie counts.
    """

    def __init__(self, get_response: _View) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        chosen = request.COOKIES.get(settings.LANGUAGE_COOKIE_NAME)
        language = chosen if chosen in dict(settings.LANGUAGES) else settings.LANGUAGE_CODE
        with translation.override(language):
            request.LANGUAGE_CODE = language  # type: ignore[attr-defined]
            response = self.get_response(request)
            response.headers.setdefault("Content-Language", language)
        return response


class NullCharacterMiddleware:
    """Answers 400 to a request with a NUL character in its path, query or form.

    PostgreSQL stores and compares no NUL; each field and each address would have to refuse it by itself. No keyboard
    types one, so there is nothing to be kind about.
    """

    def __init__(self, get_response: _View) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if "\0" in request.path_info or _has_null(request.GET):
            return bad_request(request)
        return self.get_response(request)

    def process_view(self, request: HttpRequest, *view: object) -> HttpResponse | None:
        """After the check of the CSRF token, which reads the form first and knows how to bear a broken one."""
        if request.method != "POST" or request.content_type not in _FORMS:
            return None
        try:
            return bad_request(request) if _has_null(request.POST) else None
        except UnreadablePostError:  # the visitor went away
            return None


_FORMS = ("application/x-www-form-urlencoded", "multipart/form-data")


def _has_null(fields: QueryDict) -> bool:
    return any("\0" in name or any("\0" in value for value in values) for name, values in fields.lists())


class IdleTimeoutMiddleware:
    """Logs an account out that did nothing for ``IDLE_TIMEOUT_MINUTES``.

    The time of the last request is kept in the session and written at most once a minute.
    """

    def __init__(self, get_response: _View) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if "_auth_user_id" in request.session:
            now = int(time.time())
            last = request.session.get("last_request", now)
            if now - last > settings.IDLE_TIMEOUT_MINUTES * 60:
                logout(request)
                messages.info(request, _("You were away for a while and have been logged out. Please log in again."))
            elif now - last >= 60 or "last_request" not in request.session:
                request.session["last_request"] = now
        return self.get_response(request)
