"""Parts that other apps add to a station's public page, so that the page shows them and stations knows none of them.

An app registers its parts in ``AppConfig.ready``::

    register_part("activities", activities_here)

A part is asked on every view of the page: it makes a fixed number of queries, and every table that it reads moves the
public version (``unionportal.public_version``), or the page that says "not modified" would hide its change.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.http import HttpRequest
from django.template.loader import render_to_string
from django.utils.safestring import SafeString

from stations.models import Station

Part = Callable[[HttpRequest, Station], tuple[str, dict[str, Any]] | None]
"""(template, context) for this station, or None where there is nothing to show."""

_parts: dict[str, Part] = {}


def register_part(name: str, part: Part) -> None:
    """Show `part` on every station's page; parts stand in the order of their names. A name is taken once."""
    if _parts.get(name, part) is not part:
        raise ValueError(f"the station page has a part named {name} already")
    _parts[name] = part


def rendered_parts(request: HttpRequest, station: Station) -> list[SafeString]:
    """The parts that have something to show, rendered. `station` is public and fetched."""
    shown = (part(request, station) for _name, part in sorted(_parts.items()))
    return [render_to_string(template, context, request) for template, context in filter(None, shown)]
