"""The `organizations` sheet: the tree of a branch as a list, superiors before or after those below them."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Sequence
from typing import Any

from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _

from unionportal.free_text import holds_personal_number
from unionportal.names import identity_key
from unionportal.organizations.actions import OrganizationDraft, save_organizations
from unionportal.organizations.cells import near_names
from unionportal.organizations.models import Division, Organization
from unionportal.organizations.resources import codes  # noqa: F401  (declares what can be wrong with a row)
from unionportal.organizations.resources.columns import COLUMNS, kind_of_name
from unionportal.organizations.resources.terms import whole_years, with_kept, years_before
from unionportal.sheets.problems import problem
from unionportal.sheets.resources import Row, SheetField, SheetResource, numbers_of, register

__all__ = ["OrganizationResource"]

_BETWEEN_NUMBERS = re.compile(r"[;；、/|,，]|或")


@register
class OrganizationResource(SheetResource):
    """One row is one organisation.

    It is one that exists by its code, else by its credit code, else by its name below the same superior. A sheet
    adds and corrects; it moves nobody: moving a branch is a decision of its own.
    """

    kind = "organizations"
    title = _("Organizations")
    model = Organization
    subject_words = ("工会", "组织", "工会组织", "单位")
    undo_parts = ()
    columns = COLUMNS

    def prepare(self) -> None:
        editable = self.context.editable(Organization)
        self.by_code = {organization.code: organization for organization in editable}
        self.by_credit = {o.credit_code: o for o in self.by_code.values() if o.credit_code}
        self.by_identity: defaultdict[str, list[Organization]] = defaultdict(list)
        for organization in self.by_code.values():
            self.by_identity[identity_key(organization.name)].append(organization)
        self.paths = {organization.path: organization for organization in self.by_code.values()}
        self.taken = dict(Organization.objects.exclude(credit_code=None).values_list("credit_code", "pk"))
        divisions = list(Division.objects.all())
        self.divisions = {division.code: division for division in divisions}
        self.division_names: defaultdict[str, list[Division]] = defaultdict(list)
        for division in divisions:
            self.division_names[division.name].append(division)

    def check_rows(self, rows: Sequence[Row]) -> None:
        for row in self.context.passing(rows):
            values = row.values
            row.label = values.get("name", "")
            if values.get("term_years") is not None and not 1 <= values["term_years"] <= 5:
                row.report("term-impossible", "term_years")
                del values["term_years"]
            if "division" in values:
                self._settle_division(row)
            self._settle_term(row)
            for name in Organization.plain_texts:
                self._leave_out_number(row, name)
        self._tell_kept(rows)

    @staticmethod
    def _leave_out_number(row: Row, name: str) -> None:
        """A person's number leaves its cell; an office number beside it stays."""
        said = row.values.get(name) or ""
        if not holds_personal_number(said):
            return
        row.report("organization-personal-number", name, value="")
        parts = [part.strip() for part in _BETWEEN_NUMBERS.split(said)] if name == "phone" else []
        if own := "、".join(part for part in parts if part and not holds_personal_number(part)):
            row.values[name] = own
        else:
            del row.values[name]

    def _settle_term(self, row: Row) -> None:
        """The end of a term as its length; where that cannot be told, or the row states another, it is a remark."""
        values = row.values
        end, begin, years = values.pop("term_to", None), values.get("term_from"), values.get("term_years")
        if end is None:
            return
        if begin is None and years is not None:
            values["term_from"] = years_before(end, years)
            return
        found = whole_years(begin, end) if begin else None
        if found is None or years not in (None, found):
            cell = row.cell("term_to")
            values.setdefault("kept", []).append((cell.heading.strip() if cell else "届满时间", end.isoformat()))
        else:
            values["term_years"] = found

    def _tell_kept(self, rows: Sequence[Row]) -> None:
        """One note for each heading whose figures become remarks."""
        kept = dict.fromkeys(heading for row in rows for heading, _text in row.values.get("kept", ()))
        self.context.problems += [problem("organization-figure-kept", heading=heading) for heading in kept]

    def _settle_division(self, row: Row) -> None:
        text = row.values.pop("division")
        home = (self.context.organization.division_id or "")[:4]
        named = self.division_names.get(text, [])
        near = [division for division in named if division.code.startswith(home)] or named
        found = self.divisions.get(text) or (near[0] if len(near) == 1 else None)
        if found is None:
            row.report("organization-division-unknown", "division")
        else:
            row.values["division"] = found

    # --- Which organisation a row means, and its place -------------------------------------------------------

    def identify(self, rows: Sequence[Row]) -> None:
        # Rows with another error take part: a clerk who mends one of two rows must not find the next error then.
        rows = [row for row in rows if row.values.get("code") or "name" in row.values]
        self.new_by_name: defaultdict[str, list[Row]] = defaultdict(list)
        for row in rows:
            row.existing = self._existing(row)
            if row.existing is None and "name" in row.values:
                self.new_by_name[identity_key(row.values["name"])].append(row)
        meant: defaultdict[Any, list[Row]] = defaultdict(list)
        self.superiors: dict[int, Organization | Row] = {}
        for row in rows:
            self._settle_superior(row)
        for row in rows:
            self._refuse_circle(row)
            superior = self.superiors.get(id(row))
            place = id(superior) if isinstance(superior, Row) else getattr(superior, "pk", None)
            name = identity_key(row.values["name"]) if "name" in row.values else ("code", row.values["code"])
            meant[row.existing.pk if row.existing else (name, place)].append(row)
        for same in meant.values():
            if len(same) > 1:
                for row in same:
                    row.report("organization-repeated", "name", rows=numbers_of(same), key=row.label)

    def _existing(self, row: Row) -> Organization | None:
        values = row.values
        if values.get("code"):
            if found := self.by_code.get(values["code"]):
                return found
            if Organization.objects.filter(code=values["code"]).exists():
                row.report("organization-unknown", "code", near="")
            elif meant := self.by_credit.get(values.get("credit_code", "")) or self._plainly_named(row):
                # A slip in the code must not make a second union of the same name.
                row.report("organization-code-other", "code", name=meant.name, own=meant.code)
            return None
        credit = values.get("credit_code")
        if credit and credit in self.by_credit:
            found = self.by_credit[credit]
            if identity_key(found.name) != identity_key(values["name"]):
                row.report("credit-code-taken", "credit_code", name=found.name)
            return found
        if credit and credit in self.taken:
            row.report("credit-code-taken", "credit_code", name=_("Another organization"))
            return None
        return self._by_name(row)

    def _by_name(self, row: Row) -> Organization | None:
        """By name, below the stated superior where several bear it."""
        same = self.by_identity.get(identity_key(row.values["name"]), [])
        superior = identity_key(row.values.get("superior", ""))
        if superior and len(same) > 1:
            same = [o for o in same if self._is_named(self._parent(o), superior)]
        return same[0] if len(same) == 1 else None

    def _plainly_named(self, row: Row) -> Organization | None:
        """The one of this name, unless the row puts it below another superior."""
        found = self._by_name(row) if "name" in row.values else None
        superior = identity_key(row.values.get("superior", ""))
        return None if found and superior and not self._is_named(self._parent(found), superior) else found

    @staticmethod
    def _is_named(organization: Organization | None, key: str) -> bool:
        return organization is not None and key in (
            identity_key(organization.name),
            organization.code.lower(),
        )

    def _parent(self, organization: Organization) -> Organization | None:
        return self.paths.get(organization.path[: -Organization.steplen])

    def _settle_superior(self, row: Row) -> None:
        text = row.values.get("superior", "")
        if row.existing is not None:
            parent = self._parent(row.existing)
            if text and parent is not None and not self._is_named(parent, identity_key(text)) and text != parent.code:
                row.report("superior-moves", "superior", name=row.existing.name, superior=parent.name)
            return
        if not text:
            self.superiors[id(row)] = self.context.organization
            return
        found: list[Organization | Row] = []
        if text in self.by_code:
            found = [self.by_code[text]]
        else:
            found = [
                *self.by_identity.get(identity_key(text), []),
                *self.new_by_name.get(identity_key(text), []),
            ]
        found = [superior for superior in found if superior is not row]
        if len(found) == 1:
            self.superiors[id(row)] = found[0]
        else:
            row.report("superior-unknown", "superior", near=near_names(text, self.by_identity))

    def _refuse_circle(self, row: Row) -> None:
        seen, superior = {id(row)}, self.superiors.get(id(row))
        while isinstance(superior, Row):
            if id(superior) in seen:
                row.report("superior-circle", "superior")
                return
            if superior.is_rejected:
                row.report("superior-rejected", "superior", superior=numbers_of([superior]))
                return
            seen.add(id(superior))
            superior = self.superiors.get(id(superior))

    # --- What would change -----------------------------------------------------------------------------------

    def _new_values(self, row: Row) -> dict[str, Any]:
        values = {name: value for name, value in row.values.items() if name not in ("code", "superior", "kept")}
        if kept := row.values.get("kept"):
            known = row.existing.remarks if row.existing else ""
            values["remarks"] = with_kept(values.get("remarks", known), kept)
        if row.existing is None and "kind" not in values:
            values["kind"] = kind_of_name(values["name"])
        return values

    def compare(self, row: Row) -> None:
        self.check_values(row, self._new_values(row))
        if row.values.get("code") and row.existing is None:
            self.check_values(row, {"code": row.values["code"]})
        if row.existing is None:
            if "kind" not in row.values:
                kind = kind_of_name(row.values["name"])
                row.report("organization-kind-assumed", "name", kind=Organization.Kind(kind).label)
            return
        for name, value in self._new_values(row).items():
            old = getattr(row.existing, name)
            if old != value:
                row.changes[name] = ("" if old is None else str(old), str(value))

    def check_outcome(self, rows: Sequence[Row]) -> None:
        """A new superior that was refused takes along what would lie below it."""
        for row in rows:
            if not row.is_rejected:
                self._refuse_circle(row)

    def save(self, rows: Sequence[Row], *, by: Any) -> None:
        drafts: dict[int, OrganizationDraft] = {}
        for row in rows:
            organization = row.existing or Organization(code=row.values.get("code", ""))
            for name, value in self._new_values(row).items():
                setattr(organization, name, value)
            drafts[id(row)] = OrganizationDraft(organization)
        for row in rows:
            superior = self.superiors.get(id(row))
            drafts[id(row)].superior = drafts[id(superior)].organization if isinstance(superior, Row) else superior
        save_organizations(list(drafts.values()), by=by, wrote=self.context.wrote_of(len(rows)))

    def export_rows(self, queryset: QuerySet[Any]) -> Any:
        self.names = dict(Organization.objects.values_list("path", "name"))
        return super().export_rows(queryset.select_related("division"))

    def export_cell(self, column: SheetField, record: Any) -> str:
        if column.name == "superior":
            return self.names.get(record.path[: -Organization.steplen], "")
        if column.name == "division":
            return record.division_id or ""
        return super().export_cell(column, record)
