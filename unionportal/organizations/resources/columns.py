"""The columns of the `organizations` sheet, the headings real lists use for them, and the words in their cells."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext_lazy as _

from unionportal.codes import CodeError, check_credit_code, is_union_credit_code
from unionportal.organizations.models import Organization
from unionportal.sheets.resources import SheetField
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
        "社区",
        "园区",
        "楼宇",
        "商圈",
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


# Figures of a union's return: facts of one day, for which an organisation has no fields.
KEPT_HEADINGS = (
    "会员人数",
    "会员数",
    "工会会员人数",
    "女会员人数",
    "女会员数",
    "职工人数",
    "职工数",
    "职工总数",
    "女职工人数",
    "女职工数",
    "农民工人数",
    "农民工会员人数",
    "专职干部人数",
    "专职工会干部人数",
    "兼职干部人数",
    "兼职工会干部人数",
    "涵盖单位数",
    "覆盖单位数",
)


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


class KeptWidget(SheetWidget):
    """What a list says and the portal has no field for, with its heading: it is kept among the remarks."""

    reads_alone = True

    def clean(self, value: Any, row: Any = None, *, note: Note, **kwargs: Any) -> tuple[str, str]:
        return kwargs["column"].heading.strip(), super().clean(value, row, note=note)


COLUMNS = (
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
        headings=[
            "组织类型",
            "类型",
            "工会类别",
            "组织类别",
            "类别",
            "工会组织类型",
            "组织形式",
            "建会方式类型",
            "kind",
            "type",
        ],
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
        "term_to",
        "届满时间",
        DateWidget(),
        headings=["届满日期", "任期止", "本届任期止", "任期届满时间", "任期届满日期", "任期结束", "到届时间"],
        export=False,
    ),
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
    SheetField(
        "kept",
        "其他数据（记入备注）",
        KeptWidget(),
        headings=KEPT_HEADINGS,
        repeatable=True,
        export=False,
    ),
)


def kind_of_name(name: str) -> str:
    """The kind of organisation that its name says: "…街道总工会" is a township union."""
    plain = name.split("（")[0].split("(")[0]
    return next((kind for end, kind in _NAME_ENDS if plain.endswith(end)), _K.GRASSROOTS_INDEPENDENT)
