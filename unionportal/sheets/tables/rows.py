"""What kind of row a row is: an entry, or a total, remark, page heading, example."""

import re
from collections.abc import Sequence
from typing import Any

DATA, TOTAL, REMARK, SECTION = "data", "total", "note", "section"
# Somebody's own example: counted and rejected. That of the portal's template is `EXAMPLE` and no row at all.
SAMPLE = "sample"
# These two never count as rows; the names are codes of the catalogue.
REPEATED, EXAMPLE = "repeated-heading-row", "example-row"
# Our templates set it before the first cell of their example row.
EXAMPLE_MARK = "【示例】"

TOTALS = re.compile(
    # 合计 · 五华区小计 · 全区合计 · 各街道总计：30 · 合计（家）
    r"(?:本页|[\u4e00-\u9fff]{0,9}[全本各区县市州旗省镇乡街道办上项类位点])?"
    r"(?:合\s*计|总\s*计|小\s*计|共\s*计|累\s*计|总\s*数)\s*(?:[:：(（\d共].*)?$|(?:grand )?total\s*[:：]?$",
    re.IGNORECASE,
)
# 某某名单（续表）: the title of the same list on its next page.
CONTINUED = re.compile(r"\s*(?:[（(\[【]\s*(?:上?接上?页|续|续上?[表页])\s*\d*\s*[)）\]】]|续表)\s*\d*$")
# （此件公开发布） alone in its row says something of the list.
BRACKETED = re.compile(r"[（(【\[][^（）()【】\[\]]{2,}[)）】\]]")
# Below the list, alone in its row: who issued it, and when.
SIGNATURE = re.compile(
    r"[\u4e00-\u9fff（()） ]{2,24}(?:总工会|工会委员会|工会联合会|办公室|工作部)(?:[（(]印?章?[)）])?"
    r"|(?:\d{4}|[二〇○零一三四五六七八九]{4})\s*年\s*[\d一二三四五六七八九十]{1,2}\s*月(?:\s*[\d一二三四五六七八九十]{1,3}\s*日)?"
)
# The columns that a workbook of rejected rows adds: they say nothing of what kind of row it is.
PROBLEM_HEADING, ROW_HEADING = "问题", "原行号"
RETURNED_HEADINGS = frozenset((PROBLEM_HEADING, ROW_HEADING))
BARE_TOTAL = re.compile(r"(?:本页)?(?:合\s*计|总\s*计|小\s*计|共\s*计|累\s*计)\s*[:：]?$")
REMARKS = re.compile(
    r"[（(【\[*※]*\s*(?:"
    r"(?:备\s*注|注|说\s*明|附\s*注|附|填表说明|填报说明|填写说明|温馨提示|填表人|填报人|填表|填报|制表人?|制表单位"
    r"|填报单位|填表单位|编制人?|审核人?|审批人?|复核人?|经办人|统计人|联系人|联系电话|联系方式|咨询电话|监督电话|举报电话"
    r"|负责人|负责人签字|单位负责人|领导签字|签字|盖章|填表日期|填报日期|填报时间"
    r"|制表日期|制表时间|统计时间|统计日期|打印时间|打印日期|更新时间|数据来源|资料来源|来源|截至|截止|截止日期|截止时间)"
    r"\s*\d*\s*(?:[:：]|[（(]\s*(?:盖章|签字|签章)|\d+[.、])"
    r"|第\s*\d+\s*页[\s,，/]*(?:共\s*\d+\s*页)?$|共\s*\d+\s*页[\s,，/]*(?:第\s*\d+\s*页)?$|单位[（(]盖章"
    r"|[—-]\s*\d+\s*[—-]$|以下(?:无正文|空白)"
    # 本表由五华区总工会填报 · 以上数据截至2024年5月
    r"|本(?:表|名单|清单|台账|目录|统计表)(?:由|系|为|仅|共|所|中|内|按|截|数据|信息|内容|一式)"
    r"|(?:以上|上述|表中)(?:数据|名单|信息|内容|站点|驿站|各站)(?:由|系|为|均|截|来|以|按|如|共)"
    r"|(?:数据|信息)?截[至止](?:日期|时间|到)?\s*\d{4}\s*年?|(?:填表|填报|制表|统计|打印|更新)(?:日期|时间)\s*\d{4})"
)
REMARK_CONTINUES = re.compile(r"\s*([（(]?\d{1,2}[)）.、．]|[①-⑳]|[一二三四五六七八九十]、|[•·*※-])")
SECTIONS = re.compile(
    r"([（(]?[一二三四五六七八九十]+[)）、.．]|第[一二三四五六七八九十\d]+(部分|批|组)).{0,30}$"
    r"|.{2,20}[（(]共?\s*\d+\s*[家个处座名所][)）]\s*[:：]?$"
    r"|[\u4e00-\u9fff]{2,8}(区|县|市|旗|街道|镇|乡|片区|开发区)\s*[:：]?$"
)
EXAMPLES = re.compile(
    r"[【\[（(]\s*(示例|样例|例)[^】\])）]{0,12}[】\])）]|(示例|样例|例)\s*[:：]|example\s*[:：]",
    re.IGNORECASE,
)
UNIT = r"平方米|平米|㎡|m²|m2|亩|万元|元|人次|人|个|家|台|张|小时|天|公里|千米|米|km"
UNIT_CELL = re.compile(rf"[（(\[【][^（）()\[\]【】]{{1,12}}[)）\]】]|(?:单位\s*[:：]\s*)?(?:{UNIT})", re.IGNORECASE)
# One search for the first cell of every row; only what it finds is looked at closely.
SUSPECT = re.compile(
    r"\s*([（(【\[*※—第共以本]|[合总小累]\s*[计数]|[备附填制编审复经统负单领签盖打数资信截来温说注例样示联咨监举更上表]"
    r"|grand |total|example|.{0,12}[合总小共累]\s*[计数])",
    re.IGNORECASE,
)


def cell_text(cell: Any) -> str:
    """The cell's text where it is text, else ""."""
    return cell.strip() if isinstance(cell, str) else ""


def is_blank_row(row: Sequence[Any]) -> bool:
    """True where no cell holds anything but white space."""
    return all(isinstance(cell, str) and not cell.strip() for cell in row)


def filled_cells(row: Sequence[Any]) -> list[tuple[int, Any]]:
    """The positions and values of the cells that hold something."""
    return [(i, cell) for i, cell in enumerate(row) if not (isinstance(cell, str) and not cell.strip())]


def is_unit_row(row: Sequence[Any]) -> bool:
    """True for a line below the headings that holds nothing but units and hints: （平方米）, （选填）, 个."""
    filled = filled_cells(row)
    return bool(filled) and all(UNIT_CELL.fullmatch(cell_text(cell)) for _i, cell in filled)


def kind_of_text(text: str) -> str | None:
    """The kind a row's first text gives away, before its other cells are looked at."""
    if not SUSPECT.match(text):
        return None
    if TOTALS.match(text):
        return TOTAL
    if REMARKS.match(text):
        return REMARK
    if EXAMPLES.match(text):
        return SAMPLE
    return None
