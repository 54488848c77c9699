"""What kind of row a row is: an entry, or a total, remark, page heading, example."""

import re
from collections.abc import Sequence
from typing import Any

DATA, TOTAL, REMARK, SECTION = "data", "total", "note", "section"
# These two never count as rows; the names are codes of the catalogue.
REPEATED, EXAMPLE = "repeated-heading-row", "example-row"

TOTALS = re.compile(
    r"(本页)?(合\s*计|总\s*计|小\s*计|共\s*计|累\s*计|总\s*数)\s*([:：(（\d共].*)?$|(grand )?total\s*[:：]?$",
    re.IGNORECASE,
)
REMARKS = re.compile(
    r"[（(【\[*※]*\s*"
    r"(备\s*注|注|说\s*明|附\s*注|附|填表说明|填报说明|填写说明|温馨提示|填表人|填报人|制表人?|制表单位|填报单位|填表单位"
    r"|审核人?|审批人?|复核人?|经办人|统计人|负责人签字|单位负责人|领导签字|签字|盖章|填表日期|填报日期|填报时间"
    r"|制表日期|制表时间|统计时间|打印时间|打印日期|数据来源|资料来源|截至)"
    r"\s*\d*\s*([:：]|[（(]\s*(盖章|签字|签章)|\d+[.、])"
    r"|第\s*\d+\s*页[\s,，/]*(共\s*\d+\s*页)?$|共\s*\d+\s*页[\s,，/]*(第\s*\d+\s*页)?$|单位[（(]盖章|[—-]\s*\d+\s*[—-]$|以下(无正文|空白)"
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
# One search for the first cell of every row; only what it finds is looked at closely.
SUSPECT = re.compile(
    r"\s*([（(【\[*※—第共以本]|[合总小累]\s*[计数]|[备附填制审复经统负单领签盖打数资截温说注例样示]"
    r"|grand |total|example)",
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


def kind_of_text(text: str) -> str | None:
    """The kind a row's first text gives away, before its other cells are looked at."""
    if not SUSPECT.match(text):
        return None
    if TOTALS.match(text):
        return TOTAL
    if REMARKS.match(text):
        return REMARK
    if EXAMPLES.match(text):
        return EXAMPLE
    return None
