"""Chinese names as keys: for sorting, for finding by initials, for telling one name from another.

The database sorts by byte (collation C), so names are sorted by a stored key of their pinyin.
"""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache

import opencc
from pypinyin import Style, lazy_pinyin

_PUNCTUATION = re.compile(r"[\s\u200b\ufeff·•,，.。、;；:：\"'“”‘’《》<>【】\[\]—–\-_~～*#!！?？]+")


@lru_cache(maxsize=1)
def _converter() -> opencc.OpenCC:
    return opencc.OpenCC("t2s")


def to_simplified(text: str) -> str:
    """Traditional characters as simplified ones (OpenCC t2s)."""
    return _converter().convert(text)


def sort_key(name: str) -> str:
    """Pinyin of a name, for ORDER BY: ``"昆明"`` -> ``"kun ming"``. At most 400 characters."""
    return " ".join(lazy_pinyin(name, errors=str.lower))[:400]


def initials(name: str) -> str:
    """Initials for a quick search: ``"昆明驿站"`` -> ``"kmyz"``; letters and digits stay."""
    letters = lazy_pinyin(name, style=Style.FIRST_LETTER, errors=str.lower)
    return re.sub(r"[^a-z0-9]", "", "".join(letters))[:200]


def identity_key(name: str) -> str:
    """What makes two spellings the same name: full and half width, traditional and simplified, spaces, quotes
    and punctuation are one; what stands inside brackets counts, for many stations differ only there.
    """
    text = unicodedata.normalize("NFKC", to_simplified(name)).lower()
    return _PUNCTUATION.sub("", text)[:200]
