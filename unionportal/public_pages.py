"""Pages that anyone may see and keep for a while."""

from __future__ import annotations

from typing import Any

from django.views.decorators.cache import cache_control
from django.views.decorators.gzip import gzip_page
from django.views.decorators.http import conditional_page, require_safe


def public_page(view: Any) -> Any:
    """A page that anyone may keep for a minute and ask again for at the price of a header.

    The validator is a digest of the page, so it knows the minute, the language and every change behind it. The
    pages hold no secret and no token, so compressing them tells nobody anything (BREACH).
    """
    return require_safe(gzip_page(conditional_page(cache_control(public=True, max_age=60)(view))))
