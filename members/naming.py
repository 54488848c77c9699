"""Whether a text tells who somebody is: his name, or his surname as people are spoken of."""

from __future__ import annotations

import re
import unicodedata

from members.models import Member

# The compound surnames still met with; any other surname is the first character.
_COMPOUND = (
    *("欧阳", "上官", "司马", "诸葛", "司徒", "东方", "尉迟", "皇甫", "公孙", "慕容", "令狐", "长孙", "宇文", "夏侯"),
    *("轩辕", "端木", "百里", "呼延", "南宫", "西门", "独孤", "澹台", "申屠", "太史", "公羊", "拓跋", "万俟", "赫连"),
)
_SPOKEN_OF = "先生|女士|小姐|太太|同志|师傅|老师|大哥|大姐|大叔|阿姨|大爷|大妈|哥|姐|叔|姨|总|工|某"
_BREAKS = re.compile(r"[\s\u200b·・•\-_*]")


def _flat(text: str) -> str:
    return _BREAKS.sub("", unicodedata.normalize("NFKC", text)).casefold()


def names_member(member: Member, text: str) -> bool:
    """Whether `text` names the member: whole, in a part of a dotted name, or as 张先生, 张女士, 小张, 张某, 张*.

    His phone and ID number count, too, however they are spaced.
    """
    flat = _flat(text)
    parts = [_flat(part) for part in re.split(r"[·・•]", member.name)]
    told = [_flat(member.name), *(part for part in parts if len(part) > 1)]
    told += [number.casefold() for number in (member.phone, member.id_number) if number]
    if any(known and known in flat for known in told):
        return True
    return any(_spoken_of(part, text) for part in parts if 1 < len(part) <= 4)


def _spoken_of(name: str, text: str) -> bool:
    surname = name[:2] if name.startswith(_COMPOUND) and len(name) > 2 else name[:1]
    if not "\u4e00" <= surname <= "\u9fff":
        return False
    plain = re.sub(r"\s", "", unicodedata.normalize("NFKC", text))
    # 小 and 老 before a surname only where the word ends there: 小李 is a person, 小李子 none.
    spoken = rf"{surname}(?:{_SPOKEN_OF}|[*×xX○〇]+)|[小老]{surname}(?=[^\u4e00-\u9fff]|[的在是想和要说给]|$)"
    return re.search(spoken, plain) is not None
