"""The `members` sheet: how a row becomes a member."""

from __future__ import annotations

import copy
import datetime
from collections.abc import Callable, Iterable, Iterator, Sequence
from itertools import islice
from typing import Any

from django.core.exceptions import ValidationError
from django.db.models import QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from members.actions import MemberDraft, read_card_number
from members.actions.register import BATCH, WRITABLE, save_many_members
from members.cells import GroupFlagWidget, is_spoilt_number
from members.models import Member, OccupationGroup
from members.resources import codes  # noqa: F401  registers the problem codes
from members.resources.columns import COLUMNS
from members.resources.identity import OnRecord, Register, report_private
from unionportal.bulk import without_collector
from unionportal.codes import CodeError
from unionportal.names import identity_key
from unionportal.organizations.cells import OrganizationWidget
from unionportal.organizations.models import Organization, Partner
from unionportal.privacy import lookup_hasher, mask_id_number, mask_phone
from unionportal.sheets.cells import clean_text
from unionportal.sheets.resources import Changes, Row, SheetField, SheetResource, register
from unionportal.sheets.widgets import WordWidget

PRIVATE = ("id_number", "phone", "birth_date", "remarks")
RELATED = ("organization", "occupation_group", "platform", "employer")
_NO_MEMBERS = (Organization.Kind.DEPARTMENT, Organization.Kind.TASK_GROUP)


@register
class MemberResource(SheetResource):
    """One row is one member.

    A row means somebody on record by the ID number, wherever he is; else by the card number, else by name and
    phone, else by a name that stands once in the union. A blank cell leaves what is known.
    """

    kind = "members"
    title = gettext_lazy("Members")
    model = Member
    subject_words = ("会员", "工会会员", "职工", "员工", "人员", "本人", "个人")
    # What lists hold and the portal does not keep: it asks for no more than it needs (PIPL art. 6).
    ignored_headings = (
        *SheetResource.ignored_headings,
        *("部门", "工号", "职位", "工会职务", "职务", "职级", "年龄", "状态", "用工形式", "进单位时间", "司龄"),
        *("劳动合同期限", "政治面貌", "入党/入团时间", "最高学历", "学历", "籍贯", "现住址", "职称", "社保缴纳"),
        *("用户名", "微信名", "微信ID", "头像", "就业状态", "会籍状态", "工资", "家庭成员", "签名"),
    )
    columns = COLUMNS
    undo_parts = ("members.MembershipSpell", "members.Transfer")

    # --- Look-ups --------------------------------------------------------------------------------------------

    def prepare(self) -> None:
        self.by_name = {name: copy.copy(column) for name, column in self.by_name.items()}
        self.groups = {group.pk: group for group in OccupationGroup.objects.filter(is_active=True)}
        words = WordWidget({g: [g.name, g.code, *g.synonyms] for g in self.groups.values()}, inside=True)
        self.by_name["occupation_group"].widget = words
        for flag in ("eight_groups", "key_groups"):
            self.by_name[flag].widget = GroupFlagWidget(words)
        self.by_name["organization"].widget = OrganizationWidget(
            self.context.editable(Organization).active().exclude(kind__in=_NO_MEMBERS)
        )
        self.partners = {identity_key(partner.name): partner for partner in self.context.visible(Partner)}
        self.partner_of: dict[str, Partner | None] = {}
        self.register = Register(self, self._changes_of)
        self.phone_hash = lookup_hasher("phone")

    # --- Rows ------------------------------------------------------------------------------------------------

    def check_rows(self, rows: Sequence[Row]) -> None:
        today = timezone.localdate()
        for row in self.context.passing(rows):
            values = row.values
            row.label = values.get("name", "")
            values.setdefault("organization", self.context.organization)
            self._settle_identity(row, today)
            self._settle_work(row)
            if "remarks" in values:
                values["remarks"] = "；".join(dict.fromkeys(filter(None, values["remarks"])))
            if values.pop("migrant", False):
                values.setdefault("household", Member.Household.RURAL)
            joined = values.get("joined_on")
            if joined and joined > today:
                del values["joined_on"]
                row.report("joined-in-future", "joined_on")

    def _settle_identity(self, row: Row, today: datetime.date) -> None:
        """The number in its one form, by the type of document; gender and birth date that it tells."""
        values = row.values
        raw, stated = values.pop("id_number", None), values.pop("id_type", None)
        if raw is None:
            return
        if stated in (Member.IdType.PASSPORT, Member.IdType.OTHER):
            values["id_type"], values["id_number"] = stated, clean_text(raw)[0].upper().replace(" ", "")
            return
        try:
            id_type, number, gender, born = read_card_number(raw, today=today)
        except CodeError as error:
            values["id_unread"] = str(raw)
            report_private(self, row, "id-number-wrong", "id_number", why=str(error))
            return
        if is_spoilt_number(raw):
            report_private(self, row, "id-number-repaired", "id_number")
        values["id_type"], values["id_number"] = id_type, number
        if values.get("gender", gender) != gender:
            report_private(self, row, "gender-conflict", "gender")
        written = values.get("birth_date", born)
        if written != born and not _same_month(row, written, born):
            report_private(self, row, "birth-date-conflict", "birth_date")
        values["gender"], values["birth_date"] = gender, born

    def _settle_work(self, row: Row) -> None:
        values = row.values
        platform, employer = values.pop("platform", ""), values.pop("employer", "")
        if platform:
            if partner := self._partner(platform):
                values["platform"] = partner
            else:
                row.report("platform-unknown", "platform")
        if employer:
            values["employer_name"], values["employer"] = employer, self._partner(employer)
        for field, flag in (("eight_groups", "is_eight_group"), ("key_groups", "is_key_group")):
            if field in values:
                self._settle_group(row, field, flag)

    def _partner(self, name: str) -> Partner | None:
        if name not in self.partner_of:
            self.partner_of[name] = self.partners.get(identity_key(name))
        return self.partner_of[name]

    @staticmethod
    def _settle_group(row: Row, field: str, flag: str) -> None:
        """“是否八大群体” may be answered by yes or no, or by the group itself."""
        said, group = row.values.pop(field), row.values.get("occupation_group")
        if isinstance(said, OccupationGroup):
            group = row.values.setdefault("occupation_group", said)
            agrees = group == said
        else:
            agrees = group is None or getattr(group, flag) == said
        if not agrees:
            row.report("occupation-group-conflict", field, group=str(group))
        elif said is True and group is None:
            row.report("occupation-group-unnamed", field)

    def identify(self, rows: Sequence[Row]) -> None:
        self.register.identify(rows)

    # --- What would change -----------------------------------------------------------------------------------

    def _new_values(self, row: Row) -> dict[str, Any]:
        values = {name: value for name, value in row.values.items() if name in WRITABLE}
        if row.existing is not None and not row.has("organization"):
            values.pop("organization", None)
        return values

    def compare(self, row: Row) -> None:
        """Done by `identify`, while the member is at hand."""

    def _changes_of(self, row: Row, member: OnRecord) -> Changes:
        changes: Changes = {}
        for name, value in self._new_values(row).items():
            if name in RELATED:
                if (value and value.pk) != getattr(member, f"{name}_id"):
                    changes[name] = (self._related(name, getattr(member, f"{name}_id")), str(value or ""))
            elif name == "phone":
                if member.phone_hash != self.phone_hash(value):
                    changes[name] = ("***" if member.phone_hash else "", _shown(name, value))
            elif name == "id_number":
                if member.id_hash != row.values["id_hash"]:
                    changes[name] = ("", _shown(name, value))
            elif name == "remarks":
                if str(member.remarks or "") != value:
                    changes[name] = (_shown(name, str(member.remarks or "")), _shown(name, value))
            elif (old := getattr(member, name) or "") != (value or "") and str(old) != value:
                changes[name] = (_shown(name, old), _shown(name, value))
        return changes

    def check_outcome(self, rows: Sequence[Row]) -> None:
        """The old phones of the rows that change theirs, masked: only these are decrypted."""
        changed = {row.existing.pk: row for row in rows if row.changes.get("phone", ("", ""))[0]}
        for key, phone in Member.objects.filter(pk__in=changed).order_by().values_list("pk", "phone"):
            changed[key].changes["phone"] = (_shown("phone", str(phone)), changed[key].changes["phone"][1])

    def _related(self, name: str, key: Any) -> str:
        """The name of what a member is related to so far."""
        if key is None:
            return ""
        if name == "organization":
            return str(self.register.reachable[key])
        if name == "occupation_group":
            return str(self.groups.get(key, key))
        return next((str(partner) for partner in self.partners.values() if partner.pk == key), "…")

    def save(self, rows: Sequence[Row], *, by: Any) -> None:
        with without_collector():
            save_many_members(self._drafts(rows), by=by, wrote=self.context.wrote_of(len(rows)))

    def _drafts(self, rows: Sequence[Row]) -> Iterator[MemberDraft]:
        """What the rows say, laid over the members as they are now; made in pieces, for a list may be long."""
        new_member, left = _maker_of_members(), iter(rows)
        while batch := list(islice(left, BATCH)):
            keys = [row.existing.pk for row in batch if row.existing is not None]
            members = Member.objects.select_for_update().in_bulk(keys)
            if len(members) < len(keys):
                raise ValidationError(_("Somebody of this list was removed meanwhile: check the sheet again."))
            for row in batch:
                values = self._new_values(row)
                if row.existing is None:
                    member = new_member(values)
                else:
                    member = members[row.existing.pk]
                    for name, value in values.items():
                        setattr(member, name, value)
                yield MemberDraft(member, reason="sheet")

    # --- Export ----------------------------------------------------------------------------------------------

    def export_rows(self, queryset: QuerySet[Any]) -> Iterable[list[str]]:
        return super().export_rows(queryset.select_related(*RELATED))

    def export_cell(self, column: SheetField, record: Any) -> str:
        """Numbers leave the portal masked: a list on a memory stick is nobody's stated purpose."""
        if column.name == "id_number":
            return record.masked_id_number
        if column.name == "phone":
            return record.masked_phone
        if column.name == "employer":
            return str(record.employer or record.employer_name)
        if column.name in RELATED:
            return str(getattr(record, column.name) or "")
        return super().export_cell(column, record)


def _maker_of_members() -> Callable[[dict[str, Any]], Member]:
    """Makes new members from the values of rows. By position: by name, Django asks each field for its default."""
    fields = Member._meta.concrete_fields
    places = {field.name: place for place, field in enumerate(fields)}
    blank = [field.get_default() for field in fields]

    def new_member(values: dict[str, Any]) -> Member:
        arguments = blank.copy()
        for name, value in values.items():
            arguments[places[name]] = value.pk if name in RELATED and value is not None else value
        member = Member(*arguments)
        member.organization = values["organization"]
        return member

    return new_member


def _same_month(row: Row, written: Any, found: Any) -> bool:
    """Whether a birth date without a day (出生年月) agrees with the number's."""
    said = {problem.code for problem in row.problems if problem.field == "birth_date"}
    if "date-year-only" in said:
        return written.year == found.year
    return "date-month-only" in said and (written.year, written.month) == (found.year, found.month)


def _shown(name: str, value: Any) -> str:
    if value in (None, ""):
        return ""
    if name == "id_number":
        return mask_id_number(value)
    if name == "phone":
        return mask_phone(value)
    return "***" if name in PRIVATE else str(value)
