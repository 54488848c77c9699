"""Chinese names as keys: for sorting, for finding by initials, for telling one name from another.

The database sorts by byte (collation C), so names are sorted by a stored key of their pinyin.
"""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache

import opencc
from pypinyin import lazy_pinyin
from pypinyin.constants import PHRASES_DICT

_PUNCTUATION = re.compile(r"[\s\u200b\ufeff·•,，.。、;；:：\"'“”‘’《》<>【】\[\]—–\-_~～*#!！?？]+")


_NO_INITIAL = re.compile(r"[^a-z0-9]")


@lru_cache(maxsize=1)
def _converter() -> opencc.OpenCC:
    return opencc.OpenCC("t2s")


def to_simplified(text: str) -> str:
    """Traditional characters as simplified ones (OpenCC t2s)."""
    return _converter().convert(text)


# What is no Chinese character keeps its letters; the mark tells it from a syllable.
_FOREIGN = "\0"
_CHINESE = re.compile("[\u4e00-\u9fff]+")


def _pinyin(text: str) -> list[str]:
    return lazy_pinyin(text, errors=lambda other: _FOREIGN + other.lower())


@lru_cache(maxsize=8192)
def _syllable(character: str) -> str:
    return _pinyin(character)[0]


@lru_cache(maxsize=4096)
def _syllables(name: str) -> list[str]:
    """The pinyin of each character, without tones; other text in pieces, each behind the mark.

    A character is read by itself unless it stands in a phrase of the dictionary (银行, 行走). Few names of persons
    hold one, and to look is ten times as fast as to have them cut into phrases.
    """
    if len(name) > 4 or not _CHINESE.fullmatch(name):
        return _pinyin(name)
    pieces = (name[start:end] for start in range(len(name)) for end in range(start + 2, len(name) + 1))
    if any(piece in PHRASES_DICT for piece in pieces):
        return _pinyin(name)
    return [_syllable(character) for character in name]


def sort_key(name: str) -> str:
    """Pinyin of a name, for ORDER BY: ``"昆明"`` -> ``"kun ming"``. At most 400 characters."""
    return " ".join(_syllables(name)).replace(_FOREIGN, "")[:400]


def initials(name: str) -> str:
    """Initials for a quick search: ``"昆明驿站"`` -> ``"kmyz"``; letters and digits stay."""
    letters = "".join(part if part.startswith(_FOREIGN) else part[:1] for part in _syllables(name))
    return _NO_INITIAL.sub("", letters)[:200]


def identity_key(name: str) -> str:
    """What makes two spellings the same name: full and half width, traditional and simplified, spaces, quotes
    and punctuation are one; what stands inside brackets counts, for many stations differ only there.
    """
    text = unicodedata.normalize("NFKC", to_simplified(name)).lower()
    return _PUNCTUATION.sub("", text)[:200]
