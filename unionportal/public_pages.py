"""Pages that anyone may see and keep for a while. They hold no secret, no session and no token."""

from __future__ import annotations

import hashlib
from functools import wraps
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.utils.cache import get_conditional_response
from django.utils.translation import get_language
from django.views.decorators.cache import cache_control
from django.views.decorators.gzip import gzip_page
from django.views.decorators.http import conditional_page, require_safe

from unionportal.public_version import Kept, stamp

# Kept, but asked about each time it is looked at: who has just closed a door sees it closed.
_KEPT_FOR = cache_control(public=True, no_cache=True)

MOST_PAGES = 256


def public_page(view: Any) -> Any:
    """A page that anyone may keep and ask again for at the price of a header.

    The validator is a digest of the page, so it knows the minute, the language and every change behind it. The
    pages hold no secret and no token, so compressing them tells nobody anything (BREACH).
    """
    return require_safe(gzip_page(conditional_page(_KEPT_FOR(view))))


def versioned_page(view: Any) -> Any:
    """A public page whose validator is known before it is made, and which a process makes once a minute.

    The validator is made of the public version, the minute, the language and the address: asking whether a page is
    unchanged costs a single query. The view finds version and minute in `request.stamp`. Every table that the page
    reads must move the version (`public_version.moved_by`); what does not is a minute old at most. A page near a
    visitor is never kept: its address tells where he is.
    """
    compressed = gzip_page(_KEPT_FOR(view))

    @wraps(view)
    def answer(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        request.stamp = stamp()  # type: ignore[attr-defined]
        stated = f"{request.stamp} {get_language()} {request.build_absolute_uri()}"  # type: ignore[attr-defined]
        validator = f'W/"{hashlib.blake2b(stated.encode(), digest_size=12).hexdigest()}"'
        asked = request.headers.get("If-None-Match")
        unchanged = get_conditional_response(request, etag=validator) if asked else None
        if unchanged is not None:
            unchanged.headers["Cache-Control"] = "public, no-cache"
            return unchanged
        packed = "gzip" in request.headers.get("Accept-Encoding", "")
        keeps = request.method == "GET" and "near" not in request.GET
        if keeps and (made := _PAGES.get((validator, packed))) is not None:
            content, headers = made
            return HttpResponse(content, headers=headers)
        response = compressed(request, *args, **kwargs)
        response.headers["ETag"] = validator
        if keeps and response.status_code == 200:
            _PAGES.keep((validator, packed), (response.content, dict(response.headers)))
        return response

    return require_safe(answer)


_PAGES = Kept[tuple[bytes, dict[str, str]]](MOST_PAGES)


def forget_pages() -> None:
    """Let this process make every page anew."""
    _PAGES.clear()
