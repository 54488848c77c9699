"""The columns of the `members` sheet, the headings and the words that real lists use."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from members.cells import GroupFlagWidget, IdNumberWidget, MobileWidget
from members.ethnic_groups import ETHNIC_GROUPS
from members.models import Member
from unionportal.sheets.resources import SheetField
from unionportal.sheets.widgets import DateWidget, TextWidget, WordWidget, YesNoWidget

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


COLUMNS = (
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
        TextWidget(60, join_chinese=True),
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
    SheetField("migrant", "是否农民工", YesNoWidget(), headings=["农民工", "是否为农民工"], flags=True, export=False),
    SheetField(
        "eight_groups",
        "是否八大群体",
        GroupFlagWidget(),
        headings=["八大群体", "是否属于八大群体", "是否为八大群体", "是否属八大群体"],
        flags=True,
        export=False,
    ),
    SheetField(
        "key_groups",
        "是否四类重点群体",
        GroupFlagWidget(),
        headings=["四类重点群体", "是否重点群体", "是否属于四类重点群体", "是否四类群体", "是否新就业形态"],
        flags=True,
        export=False,
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
        # People write numbers into it: sealed on record, never shown by a sheet.
        private=True,
        width=20,
    ),
)
