"""The `organizations` sheet: the tree of a branch as a list, superiors before or after those below them."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from typing import Any

from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _

from unionportal.codes import CodeError, check_credit_code, is_union_credit_code
from unionportal.names import identity_key
from unionportal.organizations.actions import OrganizationDraft, save_organizations
from unionportal.organizations.models import Division, Organization
from unionportal.sheets.problems import WARNING, Code, register_codes
from unionportal.sheets.resources import Row, SheetField, SheetResource, numbers_of, register
from unionportal.sheets.widgets import (
    CellProblem,
    DateWidget,
    IntegerWidget,
    Note,
    SheetWidget,
    TextWidget,
    WordWidget,
    YesNoWidget,
)

register_codes(
    {
        "credit-code-wrong": Code(
            _("“%(value)s” is no valid credit code: %(why)s"), _("Copy it again from the certificate.")
        ),
        "credit-code-taken": Code(
            _("“%(name)s” has this credit code already."),
            _("Correct the code, or the name if it is the same union."),
        ),
        "superior-unknown": Code(
            _("“%(value)s” is no organization in your branch, nor one in this file."),
            _("Write its code or its full name; a new superior needs a row of its own."),
        ),
        "superior-circle": Code(_("Following the superiors leads back to this row."), _("Correct the superior.")),
        "superior-moves": Code(
            _("“%(name)s” belongs to “%(superior)s”; a sheet does not move it."),
            _("Use “Move” at the organization, or correct the superior here."),
        ),
        "organization-code-other": Code(
            _("No organization has the code %(value)s, but “%(name)s” exists with the code %(own)s."),
            _("Correct the code, or clear it; a new organization needs another name."),
        ),
        "organization-repeated": Code(
            _("Rows %(rows)s mean the same organization (%(key)s)."), _("Leave one of them.")
        ),
        "organization-root": Code(
            _("There is one federation at the root, and it exists already."),
            _("Give the superior organization."),
        ),
        "term-impossible": Code(
            _("A term lasts one to five years, not %(value)s."), _("Trade Union Law art. 16."), WARNING
        ),
        "organization-kind-assumed": Code(
            _("No kind is given; “%(kind)s” was taken from the name."),
            _("Fill in the kind to be sure."),
            WARNING,
        ),
        "organization-division-unknown": Code(
            _("“%(value)s” is no division code or name that is known."),
            _("Write the 6 or 9 digits of GB/T 2260."),
            WARNING,
        ),
    }
)

_K = Organization.Kind
KINDS = {
    _K.CITY_FEDERATION: ["市总工会", "市级总工会"],
    _K.COUNTY_FEDERATION: ["区县总工会", "县总工会", "区总工会", "县(市、区)总工会", "县级总工会", "总工会"],
    _K.TOWNSHIP: ["乡镇街道工会", "街道工会", "乡镇工会", "镇工会", "街道总工会", "乡镇（街道）总工会"],
    _K.COMMUNITY: [
        "村社区工会",
        "社区工会",
        "村工会",
        "园区工会",
        "楼宇工会",
        "商圈工会",
        "区域性工会联合会",
        "商圈工会联合会",
        "社区工会联合会",
    ],
    _K.GRASSROOTS_INDEPENDENT: ["独立基层工会", "基层工会", "单独基层工会", "基层工会委员会", "工会委员会"],
    _K.GRASSROOTS_JOINT: ["联合基层工会", "联合工会", "联合工会委员会"],
    _K.BRANCH: ["分会", "工会分会"],
    _K.GROUP: ["小组", "工会小组", "分会/小组"],
    _K.INDUSTRIAL: ["产业工会", "行业工会"],
    _K.INDUSTRY_FEDERATION: ["行业工会联合会", "行业性工会联合会"],
    _K.ENTERPRISE_GROUP: ["集团工会", "系统工会", "集团/系统工会"],
    _K.DEPARTMENT: ["部室", "部门", "内设机构"],
    _K.TASK_GROUP: ["专班", "工作专班"],
}
# By the end of a name, most telling first.
_NAME_ENDS = [
    ("行业工会联合会", _K.INDUSTRY_FEDERATION),
    ("商圈工会联合会", _K.COMMUNITY),
    ("社区工会联合会", _K.COMMUNITY),
    ("工会联合会", _K.COMMUNITY),
    ("联合工会委员会", _K.GRASSROOTS_JOINT),
    ("联合工会", _K.GRASSROOTS_JOINT),
    ("街道总工会", _K.TOWNSHIP),
    ("镇总工会", _K.TOWNSHIP),
    ("乡总工会", _K.TOWNSHIP),
    ("街道工会", _K.TOWNSHIP),
    ("总工会", _K.COUNTY_FEDERATION),
    ("社区工会", _K.COMMUNITY),
    ("村工会", _K.COMMUNITY),
    ("分会", _K.BRANCH),
    ("小组", _K.GROUP),
    ("集团工会", _K.ENTERPRISE_GROUP),
    ("工会委员会", _K.GRASSROOTS_INDEPENDENT),
    ("工会", _K.GRASSROOTS_INDEPENDENT),
]
STATUSES = {
    Organization.Status.PREPARING: ["筹备", "筹备中", "筹建"],
    Organization.Status.ACTIVE: ["正常", "在册", "已建", "有效"],
    Organization.Status.MERGED: ["合并", "已合并"],
    Organization.Status.DISSOLVED: ["撤销", "已撤销", "注销", "解散"],
}


class CreditCodeWidget(SheetWidget):
    """A union's credit code, check character included (GB 32100)."""

    def clean(self, value: Any, row: Any = None, *, note: Note, **kwargs: Any) -> str:
        try:
            code = check_credit_code(value)
        except CodeError as error:
            raise CellProblem("credit-code-wrong", why=str(error))
        if not is_union_credit_code(code):
            raise CellProblem("credit-code-wrong", why=str(_("a union's begins with 81.")))
        return code


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
    columns = (
        SheetField(
            "code",
            "工会编码",
            TextWidget(32),
            headings=["组织编码", "编码", "工会代码", "organization code", "code"],
            note=_("Given by the portal. Leave blank for a new organization."),
            width=18,
        ),
        SheetField(
            "name",
            "工会名称",
            TextWidget(200),
            required=True,
            headings=["名称", "组织名称", "工会全称", "单位名称", "基层工会名称", "工会组织名称", "name"],
            example="示例科技有限公司工会委员会",
            width=34,
        ),
        SheetField(
            "superior",
            "上级工会",
            TextWidget(200),
            headings=[
                "上级组织",
                "上级工会名称",
                "所属上级工会",
                "所属工会",
                "主管工会",
                "上级工会编码",
                "superior",
                "parent",
            ],
            export=True,
            note=_("Code or name; it may stand in this file. Blank: the organization you import for."),
            width=28,
        ),
        SheetField(
            "kind",
            "工会类型",
            WordWidget(KINDS, inside=True),
            headings=["组织类型", "类型", "工会组织类型", "组织形式", "建会方式类型", "kind", "type"],
            example="独立基层工会",
            width=16,
        ),
        SheetField(
            "division",
            "行政区划",
            headings=[
                "行政区划代码",
                "区划代码",
                "所在区县",
                "区县",
                "所属区域",
                "省/市/区/街道",
                "district",
            ],
            width=14,
        ),
        SheetField(
            "is_catch_all",
            "兜底工会",
            YesNoWidget(),
            headings=["是否兜底", "是否兜底工会", "兜底建", "网上会员之家"],
            width=8,
        ),
        SheetField(
            "credit_code",
            "工会统一社会信用代码",
            CreditCodeWidget(),
            headings=[
                "统一社会信用代码",
                "工会社会信用代码",
                "信用代码",
                "社会信用代码",
                "工会法人统一社会信用代码",
            ],
            width=22,
        ),
        SheetField(
            "chair",
            "工会主席",
            TextWidget(60),
            headings=["主席", "主席姓名", "主席名称", "工会负责人", "负责人"],
            example="演示某",
            width=12,
        ),
        SheetField(
            "term_from",
            "本届任期起",
            DateWidget(),
            headings=["任期起", "本届任期开始时间", "任期开始", "成立或换届时间", "换届时间", "选举日期"],
            width=12,
        ),
        SheetField("term_years", "任期（年）", IntegerWidget(), headings=["任期", "届期", "任期年限"], width=8),
        SheetField(
            "founded_on",
            "建会时间",
            DateWidget(),
            headings=["成立时间", "建会日期", "成立日期", "批准成立时间"],
            example="2020-06-01",
            width=12,
        ),
        SheetField(
            "phone",
            "办公电话",
            TextWidget(60),
            headings=["联系电话", "电话", "办公室电话", "工会电话"],
            width=16,
        ),
        SheetField(
            "address",
            "地址",
            TextWidget(300),
            headings=["通讯地址", "单位地址", "办公地址", "联系地址"],
            width=30,
        ),
        SheetField("status", "状态", WordWidget(STATUSES, inside=True), headings=["工会状态", "组织状态"], width=8),
        SheetField("remarks", "备注", TextWidget(), headings=["说明"], width=20),
    )

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
        for row in rows:
            values = row.values
            row.label = values.get("name", "")
            if values.get("term_years") is not None and not 1 <= values["term_years"] <= 5:
                row.report("term-impossible", "term_years")
                del values["term_years"]
            if "division" in values:
                self._settle_division(row)

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
            row.report("superior-unknown", "superior")

    def _refuse_circle(self, row: Row) -> None:
        seen, superior = {id(row)}, self.superiors.get(id(row))
        while isinstance(superior, Row):
            if id(superior) in seen:
                row.report("superior-circle", "superior")
                return
            if superior.is_rejected:
                row.report("superior-unknown", "superior")
                return
            seen.add(id(superior))
            superior = self.superiors.get(id(superior))

    # --- What would change -----------------------------------------------------------------------------------

    def _new_values(self, row: Row) -> dict[str, Any]:
        values = {name: value for name, value in row.values.items() if name not in ("code", "superior")}
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
        save_organizations(list(drafts.values()), by=by)

    def export_rows(self, queryset: QuerySet[Any]) -> Any:
        self.names = dict(Organization.objects.values_list("path", "name"))
        return super().export_rows(queryset.select_related("division"))

    def export_cell(self, column: SheetField, record: Any) -> str:
        if column.name == "superior":
            return self.names.get(record.path[: -Organization.steplen], "")
        if column.name == "division":
            return record.division_id or ""
        return super().export_cell(column, record)


def kind_of_name(name: str) -> str:
    """The kind of organisation that its name says: "…街道总工会" is a township union."""
    plain = name.split("（")[0].split("(")[0]
    return next((kind for end, kind in _NAME_ENDS if plain.endswith(end)), _K.GRASSROOTS_INDEPENDENT)
