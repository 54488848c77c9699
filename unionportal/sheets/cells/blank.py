"""What counts as nothing in a cell."""

from typing import Any

from ..reading.book import CellMarker, ErrorValue

Codes = list[str]


def word_set(text: str) -> frozenset[str]:
    """The words of a text written as a list with spaces."""
    return frozenset(text.split())


EMPTY_SIGNS = word_set("- -- --- — —— – － ― / // \\ 、 . 。 * ** … ...... ? ？ #")
EMPTY_WORDS = word_set(
    """
    无 暂无 没有 暂缺 空 未知 不详 待定 待补充 未填 无此项 无信息 不适用 缺
    n/a na none null nil nan undefined
    """
)


def is_blank(value: Any, *, words: bool = True) -> bool:
    """True for an empty cell, a dash or slash, and words such as 无 and 暂无.

    ``words=False`` leaves the words alone, for columns where 无 is an answer.
    """
    if value is None:
        return True
    if not isinstance(value, str) or isinstance(value, CellMarker):
        return False
    text = value.strip(" \t\r\n\u3000\xa0\u200b\ufeff()（）").lower()
    return not text or text in EMPTY_SIGNS or (words and text in EMPTY_WORDS)


def marker_code(value: Any) -> str | None:
    """The code of a cell that shows an error or an unsaved formula, else ``None``."""
    if not isinstance(value, CellMarker):
        return None
    return "error-value" if isinstance(value, ErrorValue) else "formula-without-value"
