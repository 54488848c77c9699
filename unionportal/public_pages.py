"""Pages that anyone may see and keep for a while. They hold no secret, no session and no token."""

from __future__ import annotations

import hashlib
from collections import OrderedDict
from functools import wraps
from threading import Lock
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.utils.cache import get_conditional_response
from django.utils.translation import get_language
from django.views.decorators.cache import cache_control
from django.views.decorators.gzip import gzip_page
from django.views.decorators.http import conditional_page, require_safe

from unionportal.public_version import public_version

_KEPT_FOR = cache_control(public=True, max_age=60)

MOST_PAGES = 256


def public_page(view: Any) -> Any:
    """A page that anyone may keep for a minute and ask again for at the price of a header.

    The validator is a digest of the page, so it knows the minute, the language and every change behind it. The
    pages hold no secret and no token, so compressing them tells nobody anything (BREACH).
    """
    return require_safe(gzip_page(conditional_page(_KEPT_FOR(view))))


def versioned_page(view: Any) -> Any:
    """A public page whose validator is known before it is made, and which a process makes once a minute.

    The validator is made of the public version, the minute, the language and the address: asking whether a page is
    unchanged costs a single query. Every table that the page reads must move the version
    (`public_version.moved_by`); what does not is a minute old at most. A page near a visitor is never kept: its
    address tells where he is.
    """
    compressed = gzip_page(_KEPT_FOR(view))

    @wraps(view)
    def answer(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        stated = f"{public_version()} {_minute()} {get_language()} {request.build_absolute_uri()}"
        validator = f'W/"{hashlib.blake2b(stated.encode(), digest_size=12).hexdigest()}"'
        asked = request.headers.get("If-None-Match")
        unchanged = get_conditional_response(request, etag=validator) if asked else None
        if unchanged is not None:
            unchanged.headers["Cache-Control"] = "public, max-age=60"
            return unchanged
        packed = "gzip" in request.headers.get("Accept-Encoding", "")
        keeps = request.method == "GET" and "near" not in request.GET
        if keeps and (made := _PAGES.get((validator, packed))) is not None:
            return HttpResponse(made[0], headers=made[1])
        response = compressed(request, *args, **kwargs)
        response.headers["ETag"] = validator
        if keeps and response.status_code == 200:
            _PAGES.keep((validator, packed), (response.content, dict(response.headers)))
        return response

    return require_safe(answer)


def _minute() -> int:
    return int(timezone.now().timestamp()) // 60


class _Pages:
    """The pages last made by this process; those of another minute or version are simply never asked for again."""

    def __init__(self, most: int) -> None:
        self._most, self._pages, self._lock = most, OrderedDict[Any, Any](), Lock()

    def get(self, key: Any) -> Any:
        with self._lock:
            if key in self._pages:
                self._pages.move_to_end(key)
            return self._pages.get(key)

    def keep(self, key: Any, page: Any) -> None:
        with self._lock:
            self._pages[key] = page
            while len(self._pages) > self._most:
                self._pages.popitem(last=False)

    def clear(self) -> None:
        with self._lock:
            self._pages.clear()


_PAGES = _Pages(MOST_PAGES)


def forget_pages() -> None:
    """Let this process make every page anew."""
    _PAGES.clear()
