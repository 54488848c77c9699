"""How the cell of a sheet that names a union is read."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from typing import Any

from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _

from unionportal.names import identity_key
from unionportal.organizations.models import Organization
from unionportal.sheets.headings import similarity
from unionportal.sheets.widgets import CellProblem, Note, SheetWidget

# How alike a name must be to be suggested, 0 to 1.
_NEAR = 0.4


class OrganizationWidget(SheetWidget):
    """A union by code or name, among those the clerk may write for; near names are suggested."""

    reads_alone = True

    def __init__(self, organizations: QuerySet[Organization]) -> None:
        super().__init__()
        self.found: dict[str, list[Organization]] = defaultdict(list)
        for organization in organizations:
            self.found[organization.code.upper()].append(organization)
            self.found[identity_key(organization.name)].append(organization)

    def clean(self, value: Any, row: Any = None, *, note: Note, **kwargs: Any) -> Organization:
        text = super().clean(value, row, note=note)
        key = identity_key(text)
        found = self.found.get(text.upper()) or self.found.get(key, [])
        if len(found) == 1:
            return found[0]
        raise CellProblem("organization-unknown", near=near_names(text, self.found))


def near_names(text: str, known: Mapping[str, Sequence[Any]]) -> str:
    """A sentence with the unions whose names resemble a text, "" where none does. `known`: those of each name's key."""
    key = identity_key(text)
    near = sorted(known, key=lambda name: -similarity(name, key))[:3]
    names = "、".join(str(known[name][0]) for name in near if known[name] and similarity(name, key) > _NEAR)
    return str(_(" Near it: %(names)s.")) % {"names": names} if names else ""
