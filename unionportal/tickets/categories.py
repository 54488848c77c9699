"""What tickets are about. Each app registers its own categories, with the time in which an answer is owed."""

from __future__ import annotations

import datetime
from dataclasses import dataclass

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _


@dataclass(frozen=True)
class Category:
    """`answer_within` None: nobody owes an answer (thanks)."""

    key: str
    label: str | Promise
    answer_within: datetime.timedelta | None


_registered: dict[str, Category] = {}


def register(*categories: Category) -> None:
    """Called from an AppConfig's ready(). A key is registered once; the same again changes nothing."""
    for category in categories:
        _registered.setdefault(category.key, category)


def category(key: str) -> Category:
    """Raises KeyError for a key that no app registered."""
    return _registered[key]


def label_of(key: str) -> str:
    """The category in words; the key itself where its app is gone."""
    found = _registered.get(key)
    return str(found.label) if found else key


def choices() -> list[tuple[str, str | Promise]]:
    return [(category.key, category.label) for category in _registered.values()]


register(
    Category("need", _("Need or request"), datetime.timedelta(days=7)),
    Category("proposal", _("Proposal"), datetime.timedelta(days=30)),
    Category("complaint", _("Complaint"), datetime.timedelta(days=7)),
)
