"""The staff's home: for each role what is new, late or incomplete, and the navigation that leads to it.

Apps add their own: a panel builder is called with the request and returns a `Panel`, or None where the user has
no such work; everything it counts starts from ``visible_to``.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from django.contrib import admin
from django.http import HttpRequest
from django.urls import NoReverseMatch, reverse
from django.utils.functional import Promise
from django.utils.http import urlencode
from django.utils.text import capfirst
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from unionportal.organizations.roles import Role

Text = str | Promise


@dataclass(frozen=True)
class Count:
    """How many of something wait, and where they are listed; `late` ones are marked."""

    label: Text
    number: int
    url: str = ""
    late: bool = False


@dataclass(frozen=True)
class Entry:
    """One thing by name, with a button of its own if `post` is given."""

    title: Text
    detail: Text = ""
    url: str = ""
    post: str = ""
    button: Text = ""


@dataclass(frozen=True)
class Panel:
    """A box on the home page. `empty` is what stands there when nothing waits."""

    title: Text
    counts: list[Count] = field(default_factory=list)
    entries: list[Entry] = field(default_factory=list)
    empty: Text = ""


PanelBuilder = Callable[[HttpRequest], Panel | None]

_panels: list[tuple[int, PanelBuilder]] = []


def register_panel(builder: PanelBuilder, *, order: int = 100) -> None:
    """Show a panel on the home page; lower `order` comes first. Called from an AppConfig's ready()."""
    if (order, builder) not in _panels:
        _panels.append((order, builder))


def changelist(label: str, **query: str) -> str:
    """The address of a model's list ("stations.station") with filters, or "" where it has no page."""
    app_label, model_name = label.split(".")
    try:
        address = reverse(f"admin:{app_label}_{model_name}_changelist")
    except NoReverseMatch:
        return ""
    return f"{address}?{urlencode(query)}" if query else address


def dashboard(request: HttpRequest, context: dict[str, Any]) -> dict[str, Any]:
    """Called by django-unfold for the home page."""
    built = [builder(request) for _order, builder in sorted(_panels, key=lambda pair: pair[0])]
    roles = [Role(role) for role in dict.fromkeys(role for role, _path in getattr(request.user, "held_roles", []))]
    return {
        **context,
        "title": _("Workplace"),
        "panels": [panel for panel in built if panel is not None],
        "role_names": [role.label for role in roles],
    }


# --- Navigation ----------------------------------------------------------------------------------------------


@dataclass(frozen=True, order=True)
class NavGroup:
    """A heading of the sidebar. `order` places it."""

    order: int
    title: Text = field(compare=False)


WORKPLACE = NavGroup(0, gettext_lazy("Workplace"))
ACCOUNTS = NavGroup(60, gettext_lazy("Organizations and accounts"))
SHEETS = NavGroup(70, gettext_lazy("Sheet imports"))
AUDIT = NavGroup(80, gettext_lazy("Audit"))
REFERENCE = NavGroup(90, gettext_lazy("Reference data"))

# Model label -> (group, place in it, icon of Material Symbols).
_placed: dict[str, tuple[NavGroup, int, str]] = {}


def place(label: str, group: NavGroup, *, order: int = 50, icon: str = "list") -> None:
    """Say where a model's pages stand in the sidebar. Models not placed stand under their app's name."""
    _placed[label.lower()] = (group, order, icon)


def navigation(request: HttpRequest) -> list[dict[str, Any]]:
    """The sidebar: only what the user may see. Called by django-unfold."""
    home = {"title": _("My work"), "icon": "space_dashboard", "link": reverse("admin:index")}
    groups: dict[NavGroup, list[tuple[int, dict[str, Any]]]] = {WORKPLACE: [(0, home)]}
    for model, model_admin in admin.site._registry.items():
        if not model_admin.has_module_permission(request) or not model_admin.has_view_permission(request):
            continue
        group, order, icon = _placed.get(model._meta.label_lower) or (
            NavGroup(50, model._meta.app_config.verbose_name),
            50,
            "list",
        )
        item = {
            "title": capfirst(str(model._meta.verbose_name_plural)),
            "icon": icon,
            "link": changelist(model._meta.label_lower),
        }
        groups.setdefault(group, []).append((order, item))
    return [
        {"title": group.title, "separator": True, "items": [item for _order, item in sorted(items, key=lambda i: i[0])]}
        for group, items in sorted(groups.items())
    ]
