"""The `members` sheet: its columns, the headings real lists use, and how a row becomes a member."""

from __future__ import annotations

import copy
from collections import defaultdict
from collections.abc import Iterable, Sequence
from typing import Any

from django.db.models import QuerySet
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from members import lifecycle
from members.actions import MemberDraft, read_card_number, save_members
from members.actions.register import WRITABLE
from members.cells import IdNumberWidget, MobileWidget
from members.ethnic_groups import ETHNIC_GROUPS
from members.models import Member, OccupationGroup
from unionportal.codes import CodeError
from unionportal.names import identity_key
from unionportal.organizations.cells import OrganizationWidget
from unionportal.organizations.models import Organization, Partner
from unionportal.privacy import mask_id_number, mask_name, mask_phone
from unionportal.sheets.cells import clean_text
from unionportal.sheets.problems import WARNING, Code, register_codes
from unionportal.sheets.resources import Row, SheetField, SheetResource, numbers_of, register, surplus
from unionportal.sheets.widgets import DateWidget, TextWidget, WordWidget, YesNoWidget

register_codes(
    {
        "member-repeated": Code(_("Rows %(rows)s mean the same person."), _("Leave one of them.")),
        "member-repeated-other-name": Code(
            _("Rows %(rows)s have one ID number and different names."), _("Check the ID numbers against the cards.")
        ),
        "member-other-name": Code(
            _("The person with this number is on record under another name (%(name)s)."),
            _("Check the number. If the name on record is wrong, correct it on the member's page."),
        ),
        "member-transferred": Code(
            _("A member of %(organization)s so far: the row transfers the membership."),
            _("If that is not meant, delete the row."),
            WARNING,
        ),
        "member-elsewhere": Code(
            _("This person is a member of a union outside your branch already."),
            _("Nothing is doubled: ask for a transfer, or let the member ask for it in the portal."),
        ),
        "member-ended": Code(
            _("This person was a member before (%(state)s); a list does not resume a membership."),
            _("Resume it on the member's page, or let the person apply."),
        ),
        "member-without-id": Code(
            _("Without an ID number a second record of the same person cannot be excluded."),
            _("Add the number when you have it."),
            WARNING,
        ),
        "member-ambiguous": Code(
            _("Several members have this name here, and the row does not say which."),
            _("Add the ID number or the card number."),
        ),
        "gender-conflict": Code(
            _("The gender differs from the ID number; the ID number's was taken."), _("Check both."), WARNING
        ),
        "birth-date-conflict": Code(
            _("The birth date differs from the ID number; the ID number's was taken."), _("Check both."), WARNING
        ),
        "card-number-taken": Code(
            _("Another member has this card number."), _("Correct it, or clear the cell to have one given.")
        ),
        "platform-unknown": Code(
            _("“%(value)s” is no platform on record; it was left out."), _("Add the platform as a partner."), WARNING
        ),
        "joined-in-future": Code(
            _("The day of joining lies in the future and was left out."), _("Correct it."), WARNING
        ),
    }
)

ID_TYPES = {
    Member.IdType.RESIDENT_ID: ["居民身份证", "身份证", "二代身份证", "resident_id"],
    Member.IdType.HMT_RESIDENCE: ["港澳台居民居住证", "港澳居民居住证", "台湾居民居住证", "hmt_residence"],
    Member.IdType.FOREIGN_RESIDENCE: ["外国人永久居留身份证", "外国人永久居留证", "foreign_residence"],
    Member.IdType.PASSPORT: ["护照", "passport"],
    Member.IdType.OTHER: ["其他", "其他证件", "军官证", "港澳居民来往内地通行证", "台湾居民来往大陆通行证", "other"],
}
GENDERS = {
    Member.Gender.MALE: ["男", "男性", "M", "male", "1"],
    Member.Gender.FEMALE: ["女", "女性", "F", "female", "2"],
}
HOUSEHOLDS = {
    Member.Household.URBAN: ["城镇", "非农业", "非农", "城镇户口", "非农业户口", "居民户口", "城市", "urban"],
    Member.Household.RURAL: ["农村", "农业", "农业户口", "农村户口", "农民工", "rural"],
}
PRIVATE = ("id_number", "phone", "birth_date")


@register
class MemberResource(SheetResource):
    """One row is one member.

    A row means somebody on record by the ID number, wherever he is; else by the card number, else by name and
    phone, else by a name that stands once in the union. A blank cell leaves what is known.
    """

    kind = "members"
    title = _("Members")
    model = Member
    subject_words = ("会员", "工会会员", "职工", "员工", "人员", "本人", "个人")
    # What lists hold and the portal does not keep: it asks for no more than it needs (PIPL art. 6).
    ignored_headings = (
        *SheetResource.ignored_headings,
        *("部门", "工号", "职位", "工会职务", "职务", "职级", "年龄", "状态", "用工形式", "进单位时间", "司龄"),
        *("劳动合同期限", "政治面貌", "入党/入团时间", "最高学历", "学历", "籍贯", "现住址", "职称", "社保缴纳"),
        *("用户名", "微信名", "微信ID", "头像", "是否八大群体", "就业状态", "会籍状态", "工资", "家庭成员", "签名"),
    )
    columns = (
        SheetField(
            "card_number",
            "会员证号",
            TextWidget(20),
            headings=["会员编号", "会员卡号", "会员证号码", "工会会员证号", "证号", "会员号", "card number"],
            note=_("Leave blank to have a number given."),
            width=18,
        ),
        SheetField(
            "name",
            "姓名",
            TextWidget(60),
            required=True,
            headings=["会员姓名", "职工姓名", "员工姓名", "名字", "真实姓名", "姓名(与身份证一致)", "name"],
            example="演示·张某",
            width=12,
        ),
        SheetField(
            "id_type",
            "证件类型",
            WordWidget(ID_TYPES),
            headings=["证件种类", "有效证件类型", "证件名称", "id type"],
            note=_("Blank: an identity or residence card."),
            width=12,
        ),
        SheetField(
            "id_number",
            "证件号码",
            IdNumberWidget(),
            headings=[
                *("身份证号", "身份证号码", "身份证", "公民身份号码", "居民身份证号码", "证件号", "身份证号码(18位)"),
                *("身份证件号码", "有效证件号码", "身份证编号", "身份证号（18位）", "id number", "id_card", "idcard"),
            ],
            private=True,
            note=_("18 characters, as text: a number cell loses its last digits."),
            width=22,
        ),
        SheetField(
            "phone",
            "手机号码",
            MobileWidget(),
            headings=[
                *("手机", "手机号", "联系电话", "联系方式", "电话", "移动电话", "联系手机", "电话号码", "本人手机"),
                *("mobile", "phone", "tel"),
            ],
            private=True,
            width=14,
        ),
        SheetField("gender", "性别", WordWidget(GENDERS), headings=["sex", "gender"], width=6),
        SheetField(
            "birth_date",
            "出生日期",
            DateWidget(),
            headings=["出生年月", "生日", "出生年月日", "出生时间", "birth date", "birthday"],
            private=True,
            width=12,
        ),
        SheetField(
            "ethnic_group",
            "民族",
            WordWidget({name: [name, name.removesuffix("族")] for name in ETHNIC_GROUPS}),
            headings=["族别", "ethnic group", "nation"],
            width=8,
        ),
        SheetField(
            "household",
            "户籍类型",
            WordWidget(HOUSEHOLDS),
            headings=["户口性质", "户籍性质", "户口类型", "户籍", "户口", "household"],
            width=10,
        ),
        SheetField(
            "migrant", "是否农民工", YesNoWidget(), headings=["农民工", "是否为农民工"], flags=True, export=False
        ),
        SheetField(
            "occupation_group",
            "职业类别",
            headings=[
                *("职业", "从业类别", "所属群体", "八大群体类别", "群体类别", "从事行业", "行业类别", "工种", "岗位"),
                *("就业群体", "新就业形态类别", "occupation"),
            ],
            width=14,
        ),
        SheetField(
            "platform",
            "所属平台",
            TextWidget(120),
            headings=["平台", "平台名称", "平台企业", "服务平台", "platform"],
            width=16,
        ),
        SheetField(
            "employer",
            "工作单位",
            TextWidget(120),
            headings=["单位名称", "单位", "所在单位", "用人单位", "用工单位", "企业名称", "公司", "employer"],
            width=24,
        ),
        SheetField(
            "organization",
            "所属工会",
            headings=["所在工会", "工会名称", "基层工会", "所属工会组织", "工会组织", "工会编码", "办卡单位", "union"],
            note=_("Name or code of a union in your branch; blank: the organization you import for."),
            width=26,
        ),
        SheetField(
            "joined_on",
            "入会时间",
            DateWidget(),
            headings=["入会日期", "加入工会时间", "入会年月", "何时加入工会", "joined on"],
            width=12,
        ),
        SheetField(
            "remarks",
            "备注",
            TextWidget(),
            headings=["说明", "其他", "remark", "remarks", "note"],
            repeatable=True,
            width=20,
        ),
    )

    # --- Look-ups --------------------------------------------------------------------------------------------

    def prepare(self) -> None:
        self.by_name = {name: copy.copy(column) for name, column in self.by_name.items()}
        groups = {
            group: [group.name, group.code, *group.synonyms] for group in OccupationGroup.objects.filter(is_active=True)
        }
        self.by_name["occupation_group"].widget = WordWidget(groups, inside=True)
        self.by_name["organization"].widget = OrganizationWidget(
            self.context.editable(Organization).active().exclude(kind__in=_NO_MEMBERS)
        )
        self.partners = {identity_key(p.name): p for p in self.context.visible(Partner)}
        self.reachable = set(self.context.editable(Member).values_list("pk", flat=True))

    # --- Rows ------------------------------------------------------------------------------------------------

    def check_rows(self, rows: Sequence[Row]) -> None:
        for row in rows:
            row.label = row.values.get("name", "")
            row.values.setdefault("organization", self.context.organization)
            self._settle_identity(row)
            self._settle_work(row)
            if "remarks" in row.values:
                row.values["remarks"] = "；".join(dict.fromkeys(filter(None, row.values["remarks"])))
            if row.values.pop("migrant", False):
                row.values.setdefault("household", Member.Household.RURAL)
            joined = row.values.get("joined_on")
            if joined and joined > timezone.localdate():
                row.values.pop("joined_on")
                row.report("joined-in-future", "joined_on")

    def _settle_identity(self, row: Row) -> None:
        """The number in its one form, by the type of document; gender and birth date that it tells."""
        values = row.values
        raw, stated = values.pop("id_number", None), values.pop("id_type", None)
        if raw is None:
            return
        if stated in (Member.IdType.PASSPORT, Member.IdType.OTHER):
            values["id_type"], values["id_number"] = stated, clean_text(raw)[0].upper().replace(" ", "")
            return
        try:
            id_type, number, gender, born = read_card_number(raw)
        except CodeError as error:
            self._report(row, "id-number-wrong", "id_number", why=str(error))
            return
        values["id_type"], values["id_number"] = id_type, number
        for field, found, code in (
            ("gender", gender, "gender-conflict"),
            ("birth_date", born, "birth-date-conflict"),
        ):
            written = values.get(field)
            agrees = written is None or written == found or (field == "birth_date" and _same_month(row, written, found))
            if not agrees:
                self._report(row, code, field)
            values[field] = found

    def _settle_work(self, row: Row) -> None:
        values = row.values
        platform, employer = values.pop("platform", ""), values.pop("employer", "")
        if platform:
            partner = self.partners.get(identity_key(platform))
            if partner is not None:
                values["platform"] = partner
            else:
                row.report("platform-unknown", "platform")
        if employer:
            values["employer_name"] = employer
            values["employer"] = self.partners.get(identity_key(employer))

    def _report(self, row: Row, code: str, field: str, **params: Any) -> None:
        """A problem of a private column: the cell's value is masked like every other showing of it."""
        cell = (row.cells.get(field) or [None])[0]
        column = self.by_name[field]
        row.report(code, field, value=self.masked(column, cell.value) if cell else "", **params)

    # --- Which member a row means ----------------------------------------------------------------------------

    def identify(self, rows: Sequence[Row]) -> None:
        good = [row for row in rows if not row.is_rejected and "name" in row.values]
        self._load_members(good)
        meant: defaultdict[tuple[Any, ...], list[Row]] = defaultdict(list)
        for row in good:
            row.existing = self._existing(row)
            if not row.is_rejected:
                meant[self._key(row)].append(row)
        for same in meant.values():
            if len(same) > 1:
                self._repeated(same)

    def _load_members(self, rows: Sequence[Row]) -> None:
        """Everybody whom a number of the file means, wherever he is, and the members of the unions named."""
        hash_of = Member._meta.get_field("id_hash").hash_of  # type: ignore[union-attr]
        for row in rows:
            row.values["id_hash"] = hash_of(row.values.get("id_number", ""))
        hashes = {row.values["id_hash"] for row in rows} - {None}
        cards = {row.values.get("card_number") for row in rows} - {None}
        unions = {row.values["organization"].pk for row in rows}
        members = Member.objects.select_related("organization", "occupation_group", "platform", "employer")
        self.by_id = {(m.id_type, m.id_hash): m for m in _chunked(members, "id_hash", hashes)}
        self.by_card = {m.card_number: m for m in _chunked(members, "card_number", cards)}
        self.by_person: defaultdict[tuple[int, str], list[Member]] = defaultdict(list)
        if any(row.values["id_hash"] is None for row in rows):
            for member in members.filter(organization__in=unions):
                self.by_person[member.organization_id, identity_key(member.name)].append(member)

    def _existing(self, row: Row) -> Member | None:
        values = row.values
        found = self.by_id.get((values.get("id_type"), values["id_hash"])) if values["id_hash"] else None
        holder = self.by_card.get(values.get("card_number"))
        if found is None and holder is not None and not (values["id_hash"] and holder.id_hash):
            found = holder
        elif (holder is not None and found is not None and holder.pk != found.pk) or (found is None and holder):
            self._report(row, "card-number-taken", "card_number")
            return None
        if found is None and not values["id_hash"]:
            found = self._by_name(row)
        if found is not None:
            self._check_found(row, found)
        elif not values["id_hash"] and not row.is_rejected:
            row.report("member-without-id", "id_number" if "id_number" in row.cells else "name", value="")
        return found

    def _by_name(self, row: Row) -> Member | None:
        """By name in the union, with the phone where both have one."""
        phone = row.values.get("phone")
        same = self.by_person[row.values["organization"].pk, identity_key(row.values["name"])]
        if phone:
            same = [member for member in same if not member.phone or member.phone == phone]
        if len(same) > 1:
            row.report("member-ambiguous", "name")
            return None
        return same[0] if same else None

    def _check_found(self, row: Row, member: Member) -> None:
        if member.pk not in self.reachable:
            self._report(row, "member-elsewhere", "id_number")
            return
        if identity_key(member.name) != identity_key(row.values["name"]):
            row.report("member-other-name", "name", name=mask_name(member.name))
            return
        if member.state in lifecycle.ENDED:
            row.report("member-ended", "name", state=member.get_state_display())
            return
        moves = "organization" in row.cells and row.values["organization"].pk != member.organization_id
        if moves and not any(found.field == "organization" for found in row.problems):
            row.report("member-transferred", "organization", organization=member.organization.name)

    def _key(self, row: Row) -> tuple[Any, ...]:
        values = row.values
        if row.existing is not None:
            return ("member", row.existing.pk)
        if values["id_hash"]:
            return ("id", values["id_type"], values["id_hash"])
        return ("name", values["organization"].pk, identity_key(values["name"]), values.get("phone", ""))

    def _repeated(self, same: list[Row]) -> None:
        """Rows that mean one person: exact copies count once; rows that differ are all sent back."""
        rows = numbers_of(same)
        if len({identity_key(row.values["name"]) for row in same}) > 1:
            for row in same:
                self._report(row, "member-repeated-other-name", "id_number", rows=rows)
            return
        for row in surplus(same):
            row.report("member-repeated", "name", rows=rows)

    # --- What would change -----------------------------------------------------------------------------------

    def _new_values(self, row: Row) -> dict[str, Any]:
        values = {name: value for name, value in row.values.items() if name in WRITABLE}
        if row.existing is not None and "organization" not in row.cells:
            values.pop("organization", None)
        return values

    def compare(self, row: Row) -> None:
        member = row.existing
        if member is None:
            return
        for name, value in self._new_values(row).items():
            old = getattr(member, name)
            if (old or "") != (value or ""):
                row.changes[name] = (_shown(name, old), _shown(name, value))

    def save(self, rows: Sequence[Row], *, by: Any) -> None:
        drafts = []
        for row in rows:
            member = row.existing or Member()
            for name, value in self._new_values(row).items():
                setattr(member, name, value)
            drafts.append(MemberDraft(member, reason="sheet"))
        save_members(drafts, by=by)

    # --- Export ----------------------------------------------------------------------------------------------

    def export_rows(self, queryset: QuerySet[Any]) -> Iterable[list[str]]:
        return super().export_rows(queryset.select_related("organization", "occupation_group", "platform", "employer"))

    def export_cell(self, column: SheetField, record: Any) -> str:
        """Numbers leave the portal masked: a list on a memory stick is nobody's stated purpose."""
        if column.name == "id_number":
            return record.masked_id_number
        if column.name == "phone":
            return record.masked_phone
        if column.name == "employer":
            return str(record.employer or record.employer_name)
        if column.name in ("organization", "occupation_group", "platform"):
            return str(getattr(record, column.name) or "")
        return super().export_cell(column, record)


_NO_MEMBERS = (Organization.Kind.DEPARTMENT, Organization.Kind.TASK_GROUP)


def _chunked(members: QuerySet[Member], column: str, values: Iterable[Any], size: int = 5000) -> Iterable[Member]:
    wanted = list(values)
    for start in range(0, len(wanted), size):
        yield from members.filter(**{f"{column}__in": wanted[start : start + size]})


def _same_month(row: Row, written: Any, found: Any) -> bool:
    """Whether a birth date without a day (出生年月) agrees with the number's."""
    months = {problem.code for problem in row.problems if problem.field == "birth_date"}
    if "date-year-only" in months:
        return written.year == found.year
    return "date-month-only" in months and (written.year, written.month) == (found.year, found.month)


def _shown(name: str, value: Any) -> str:
    if value in (None, ""):
        return ""
    if name == "id_number":
        return mask_id_number(value)
    if name == "phone":
        return mask_phone(value)
    return "***" if name in PRIVATE else str(value)
