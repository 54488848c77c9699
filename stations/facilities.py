"""Reads the facilities column of a station list into the controlled catalogue.

Nothing is dropped: a word is a facility of the catalogue, a remark that names none ("面积约15平方米",
"24小时"), or unknown and shown to the person who imports.
"""

from __future__ import annotations

import csv
import re
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass, field
from itertools import count
from pathlib import Path

from unionportal.names import to_simplified

_SEPARATORS = re.compile(r"[、，,;；/|+＋。\n\r\t]|\\n|\\r")
_NOTE = re.compile(r"[（(【\[]([^（）()【】\[\]]*)[）)】\]]")
_TAIL = re.compile(
    r"等?\s*\d*\s*(?:余|多)?\s*(?:个|项|种|类|件)?(?:便民|服务|配套|基础|生活|健身|齐全)*"
    r"(?:设施设备|设备设施|设施|设备|物品|用品|器材|服务)$"
)
_HEAD = re.compile(r"^(?:已|均|并|还|可)?(?:配备|配有|配置|设有|备有|提供|设置|内设|现有)(?:了)?|^(?:免费|爱心|有)")
_COUNT = re.compile(
    r"^\d+(?:余|多)?\s*(?:平方米|平米|㎡|m2)的|^[\d一二三四五六七八九十两百]+(?:余|多)?[个处张台组套把间辆条件](?=.)"
)
_ITERATION = re.compile(r"\d+余?[册本台张个套]$|若干$|全覆盖$|覆盖$|上网$|24小时")
# What real lists write in the column though nobody can use it: size, praise, prices, temperature, history.
_REMARK = re.compile(
    r"平方米|平米|㎡|m2|℃|\d度|元一餐|\d元|\d年|历史|唯一|首个|最旺|最大|网红|新增|旗舰|出?入口|点位"
    r"|\d+(?:余|多)?项|各类设施|^免费$|^24小时$|^纳凉点$|老牌|公园内|安全区|超大容量|生活设施$|\d处.*服务点|\d点"
    r"|^(?:临时|短暂)?(?:休息|休憩|小憩|歇脚)$"
)
_NEGATED = re.compile(r"^暂?无(?!线|障碍|人|烟)|^没有|^不(?:提供|设|含|能)|^未(?:配|设|提供)")
_FLAG_HEADING = re.compile(r"^(?:facilit(?:y|ies)|设施|服务设施|has|is)[._\s:：-]+", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class CatalogueEntry:
    """A row of a catalogue (facilities, kinds of station, kinds of host) with every word that means it."""

    code: str
    name: str
    synonyms: tuple[str, ...] = ()
    name_en: str = ""
    group: str = ""
    icon: str = ""


@dataclass(frozen=True, slots=True)
class FacilityFound:
    """A facility, the word it was read from, and what stood in brackets after the word."""

    code: str
    word: str
    note: str = ""


@dataclass(frozen=True, slots=True)
class FacilityReading:
    """`found` once per code in the order of the text; `remarks` name no facility; `unknown` need a person."""

    found: list[FacilityFound] = field(default_factory=list)
    remarks: list[str] = field(default_factory=list)
    unknown: list[str] = field(default_factory=list)

    @property
    def codes(self) -> list[str]:
        return [item.code for item in self.found]


def load_catalogue_csv(path: Path) -> list[CatalogueEntry]:
    """A catalogue file: code, name_zh, name_en, synonyms ("|" between them), perhaps group and icon."""
    with path.open(encoding="utf-8-sig", newline="") as file:
        return [
            CatalogueEntry(
                row["code"],
                row["name_zh"],
                tuple(word for word in row["synonyms"].split("|") if word),
                row["name_en"],
                row.get("group", ""),
                row.get("icon", ""),
            )
            for row in csv.DictReader(file)
        ]


def word_key(word: str) -> str:
    """One form for 饮水機, WI-FI, Wi‑Fi and wifi."""
    text = to_simplified(unicodedata.normalize("NFKC", word)).lower()
    return re.sub(r"[^\w]|_", "", text)


def split_words(text: str) -> list[str]:
    """The single words of a facilities cell, each with its bracketed note ("应急药箱(配备常用药)").

    Separators inside brackets do not split, nor do 和, 及 and 与: "修鞋和补衣" may be one word of the
    catalogue, so only the matching knows. Tails such as "等便民设施设备" are taken off.
    """
    held = [match.group() for match in _NOTE.finditer(text)]
    places = count()
    kept = _NOTE.sub(lambda _: f"\0{next(places)}\0", text)
    words = []
    for piece in _SEPARATORS.split(kept):
        word = piece.strip(" \t“”\"'‘’「」：:·")
        if "等" in word or re.search(r"\d+余?项", word):
            word = _TAIL.sub("", word).removesuffix("等").strip()
        restored = re.sub(r"\0(\d+)\0", lambda match: held[int(match.group(1))], word)
        if restored:
            words.append(restored)
    return words


class FacilityIndex:
    """The catalogue as a lookup by word, built once and used for a whole import."""

    def __init__(self, catalogue: Iterable[CatalogueEntry]) -> None:
        self._codes: dict[str, str] = {}
        for entry in catalogue:
            for word in (entry.code, entry.name, *entry.synonyms):
                self._codes.setdefault(word_key(word), entry.code)
        self._longest_first = sorted(self._codes, key=len, reverse=True)

    def exact(self, word: str) -> str | None:
        return self._codes.get(word_key(word))

    def inside(self, word: str) -> list[tuple[str, str]]:
        """(code, word) of the longest catalogue words inside a compound ("沙发桌椅"), in reading order.

        Words of one character, and Latin ones inside other Latin words, are too short to be meant.
        """
        rest = word_key(word)
        found: list[tuple[int, str, str]] = []
        for known in self._longest_first:
            if len(known) < 2 or (known.isascii() and known not in ("wifi", "aed", "iptv")):
                continue
            place = rest.find(known)
            if place >= 0:
                found.append((place, self._codes[known], known))
                rest = rest[:place] + "\0" * len(known) + rest[place + len(known) :]
        return [(code, known) for _, code, known in sorted(found)]

    def read(self, text: str) -> FacilityReading:
        return match_facilities(text, self)

    def for_heading(self, heading: str) -> str | None:
        return facility_for_heading(heading, self)


def _plain(word: str) -> str:
    """The word without counts, "equipped with" and praise, which no catalogue lists."""
    text = _COUNT.sub("", _ITERATION.sub("", word.strip()))
    return _HEAD.sub("", text).strip()


def _match(word: str, index: FacilityIndex) -> list[tuple[str, str]]:
    if _NEGATED.match(word):
        return []
    for form in (word, _plain(word)):
        code = index.exact(form)
        if code:
            return [(code, form)]
    if _REMARK.search(word) and not index.inside(_plain(word)):
        return []
    return index.inside(_plain(word))


def match_facilities(text: str, catalogue: Iterable[CatalogueEntry] | FacilityIndex) -> FacilityReading:
    """The facilities that a cell names. Pass a :class:`FacilityIndex` when reading more than one cell."""
    index = catalogue if isinstance(catalogue, FacilityIndex) else FacilityIndex(catalogue)
    reading = FacilityReading()
    seen: set[str] = set()
    for word in split_words(text):
        note = "；".join(_NOTE.findall(word))
        bare = _NOTE.sub("", word).strip() or note
        matches = _match(bare, index)
        for code, known in matches:
            if code not in seen:
                seen.add(code)
                reading.found.append(FacilityFound(code, bare if len(matches) == 1 else known, note))
        if not matches:
            remark = _REMARK.search(bare) or _NEGATED.match(bare)
            (reading.remarks if remark else reading.unknown).append(word)
    return reading


def facility_for_heading(heading: str, catalogue: Iterable[CatalogueEntry] | FacilityIndex) -> str | None:
    """The facility of a yes/no column ("facilities.ac", "设施：空调", "微波炉"); None for other columns."""
    index = catalogue if isinstance(catalogue, FacilityIndex) else FacilityIndex(catalogue)
    name = _FLAG_HEADING.sub("", heading.strip())
    return index.exact(name) or index.exact(name.removeprefix("有无").removeprefix("是否有").removeprefix("有"))


def flag_means_present(value: str) -> bool | None:
    """true, partial, 有, √, 1 → True; false, 无, ×, 0 → False; anything else is not a flag: None."""
    text = unicodedata.normalize("NFKC", value).strip().lower()
    if text in {"true", "yes", "y", "1", "有", "是", "√", "✓", "✔", "●", "partial", "部分", "具备"}:
        return True
    if text in {"false", "no", "n", "0", "无", "否", "×", "x", "✗", "没有", "不具备"}:
        return False
    return None
