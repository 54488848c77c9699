"""Yes, no, and in part."""

from typing import Any, Literal

from .blank import Codes, is_blank, marker_code, word_set
from .text import as_text, clean_text

PARTIAL: Literal["partial"] = "partial"

YES = word_set(
    """
    是 有 对 可 能 可以 已有 已 已配 已配备 配备 已建 具备 提供 支持 开通 开放 全部 齐全
    √ ✓ ✔ ☑ ✅ ● ■ ○ 〇 v y yes t true on 1 ok
    """
)
NO = word_set(
    """
    否 无 没有 没 不 非 未 不是 不可 不可以 不能 未配 未配备 未建 不具备 不提供 不支持 未开通 未开放
    × ✗ ✘ ✕ ╳ ☒ ❌ ☐ □ x n no f false off 0
    """
)
PARTLY = word_set("部分 部分有 部分具备 一部分 限时 有限 半 △ ▲ partial partly some")


def clean_yes_no(value: Any) -> tuple[bool | Literal["partial"] | None, Codes]:
    """True, False, "partial", or None for a blank cell or, with ``yes-no-unreadable``, for anything else."""
    if code := marker_code(value):
        return None, [code]
    if isinstance(value, bool):
        return value, []
    text = clean_text(as_text(value))[0].strip("。.，, ").lower()
    if text in YES:
        return True, []
    if text in NO:
        return False, []
    if text in PARTLY:
        return PARTIAL, ["yes-partial"]
    if is_blank(value):
        return None, []
    return None, ["yes-no-unreadable"]
