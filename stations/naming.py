"""What the name of a place tells: its serial in a list, its kind, whose room it uses.

Chinese names end with what the thing is, and what stands before it says where: 衡水市工人文化宫工会驿站 is a
驿站 in a 文化宫. So the kind is the last word of kind in the name, and the host is looked for in the rest.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from functools import lru_cache
from pathlib import Path

from stations.facilities import CatalogueEntry, load_catalogue_csv
from unionportal.names import identity_key

_REFERENCE = Path(__file__).resolve().parent.parent / "fixtures" / "reference"
_SERIAL = re.compile(
    r"\s*(?:no\.?\s*(?P<no>\d+)\s*[.,、．，:：]?|第?(?P<mark>\d{1,4})\s*(?:[、，,)）:：]|[.．](?!\d))"
    r"|[(（](?P<bracket>\d{1,4})[)）]|(?P<circle>[①-⑳])|(?P<han>[一二三四五六七八九十]{1,3})、)\s*",
    re.IGNORECASE,
)
_BRACKETS = re.compile(r"\(([^()]*)\)?")
_HOSTS_BY_KIND = {"civil_defence", "sanitation", "union", "market"}
# Parcel shops and homes for the elderly call themselves 驿站 too.
_NO_STATION = re.compile(r"菜鸟驿站|养老驿站|快递驿站|妈妈驿站")


def split_serial(name: str) -> tuple[str, str]:
    """("1", "北极岩人防工程") of "1、北极岩人防工程"; ("", name) when there is no serial."""
    match = _SERIAL.match(name)
    rest = name[match.end() :].strip() if match else ""
    if not match or not rest:
        return "", name.strip()
    if match["circle"]:
        return str(ord(match["circle"]) - ord("①") + 1), rest
    return match["no"] or match["mark"] or match["bracket"] or match["han"], rest


def normalize_name(name: str) -> str:
    """The identity of a station's name without its serial in a list.

    Width, spaces, quotes, punctuation and traditional characters make no difference; what stands in brackets
    does: 工会驿站(华图教育站) and 工会驿站(青阳路社区站) are two stations.
    """
    return identity_key(split_serial(name)[1])


class NameIndex:
    """The words of a catalogue of kinds, for finding them in names."""

    def __init__(self, entries: Iterable[CatalogueEntry]) -> None:
        self.codes: dict[str, str] = {}
        for entry in entries:
            for word in (entry.name, *entry.synonyms):
                self.codes.setdefault(identity_key(word), entry.code)
        # 大学路 is a street, no university.
        words = "|".join(sorted(map(re.escape, self.codes), key=len, reverse=True))
        self._streets = re.compile(rf"(?:{words})(?=[路巷]|大道|街(?!心))")

    def last(self, text: str) -> tuple[str, int, int] | None:
        """(code, start, end) of the word that ends last in `text`; of those, the longest."""
        text = self._streets.sub(lambda match: "\0" * len(match.group()), text)
        found = [
            (place + len(word), len(word), code)
            for word, code in self.codes.items()
            if word and (place := text.rfind(word)) >= 0
        ]
        if not found:
            return None
        end, length, code = max(found)
        return code, end - length, end


@lru_cache(maxsize=2)
def _shipped(file: str) -> NameIndex:
    return NameIndex(load_catalogue_csv(_REFERENCE / file))


def _parts(name: str) -> list[str]:
    """The name outside its brackets, then the contents of each pair."""
    key = normalize_name(name)
    return [_BRACKETS.sub(" ", key).strip(), *(text for text in _BRACKETS.findall(key) if text)]


def _kind_at(name: str, kinds: NameIndex) -> tuple[str, int, tuple[str, int, int]] | None:
    for number, part in enumerate(_parts(name)):
        hidden = _NO_STATION.sub(lambda match: "\0" * len(match.group()), part)
        found = kinds.last(hidden)
        if found:
            return part, number, found
    return None


def kind_for_name(name: str, kinds: NameIndex | None = None) -> str | None:
    """The code of the kind of station a name tells, None when it tells none (解放碑地下商场).

    Words outside brackets count first. Without `kinds` the shipped catalogue is used; pass an index of the
    database's entries to honour the words that staff have added.
    """
    found = _kind_at(name, kinds or _shipped("station_kinds.csv"))
    return found[2][0] if found else None


def host_kind_for_name(name: str, hosts: NameIndex | None = None, kinds: NameIndex | None = None) -> str | None:
    """The code of the kind of host a name tells, None when it tells none.

    The word of kind is set aside first, or else every 爱心加油站 would be at a fuel station; brackets, which
    mostly hold the place, count first.
    """
    index = hosts or _shipped("host_kinds.csv")
    parts = _parts(name)
    kind = _kind_at(name, kinds or _shipped("station_kinds.csv"))
    if kind:
        part, number, (_, start, end) = kind
        parts[number] = part[:start] + "\0" + part[end:]
    for part in [*parts[1:], parts[0]]:
        found = index.last(part)
        if found:
            return found[0]
    # 人防工程 and 职工服务中心 are the kind and the host in one word.
    whole = index.last(kind[0][kind[2][1] : kind[2][2]]) if kind else None
    return whole[0] if whole and whole[0] in _HOSTS_BY_KIND else None
