"""Which administrative division a list means: "四川省乐山市", "上城", "郑州市中原区石佛镇…", "530102"."""

from __future__ import annotations

import re
import unicodedata
from collections import defaultdict
from collections.abc import Iterable

from unionportal.names import to_simplified
from unionportal.organizations.models import Division

_SUFFIX = re.compile(
    r"(?:(?:[\u4e00-\u9fff]{1,3}族)*自治[县州区]|特别行政区|街道办事处|街道|地区|新区|[省市区县盟镇乡])$"
)
_GENERIC = {"市辖区", "县", "省直辖县级行政区划", "自治区直辖县级行政区划"}
_LEVELS = [Division.Level.PROVINCE, Division.Level.CITY, Division.Level.COUNTY, Division.Level.TOWNSHIP]


def stem(code: str) -> str:
    """The digits that all divisions below share: 530000 -> 53, 530100 -> 5301, 530102 -> 530102."""
    return (
        code
        if len(code) > 6
        else code[:2]
        if code.endswith("0000")
        else code[:4]
        if code.endswith("00")
        else code
    )


class Places:
    """An index of divisions by name, full ("五华区") and short ("五华").

    A name that several cities have (鼓楼区) is settled by what stands before it in the text, else by `home`, the
    division of the organisation the list belongs to; otherwise it stays unknown, never guessed.
    """

    def __init__(self, divisions: Iterable[Division], home: str = "") -> None:
        self.home = stem(home) if home else ""
        self.by_code: dict[str, Division] = {}
        self.full: defaultdict[str, list[Division]] = defaultdict(list)
        self.short: defaultdict[str, list[Division]] = defaultdict(list)
        for division in divisions:
            self.by_code[division.code] = division
            if division.name in _GENERIC:
                continue
            self.full[division.name].append(division)
            brief = _SUFFIX.sub("", division.name)
            if len(brief) >= 2 and brief != division.name:
                self.short[brief].append(division)
        self.longest = max(map(len, self.full), default=0)

    def below(self, division: Division, upper: str) -> bool:
        """Whether a division lies in the one with the stem `upper`; zones by the parent they are filed under."""
        parent = division.parent_id or ""
        return division.code.startswith(upper) or (not division.is_official and parent.startswith(upper))

    def find(self, text: str, *, short_names: bool = True) -> Division | None:
        """The deepest division that the text begins with; None where it names none, or several equally.

        `short_names`: also "上城" for 上城区; off for addresses, where 中山 begins a road more often than a city.
        """
        plain = re.sub(r"\s", "", unicodedata.normalize("NFKC", to_simplified(str(text))))
        if plain in self.by_code:
            return self.by_code[plain]
        found: list[Division] = []
        position = 0
        while position < len(plain):
            length, candidates = self._at(plain, position, short_names)
            if not length:
                if plain[position] in "/、,，·-—>":
                    position += 1
                    continue
                break
            inside = (
                [d for d in candidates if any(self.below(d, stem(u.code)) for u in found)]
                if found
                else candidates
            )
            if found and not inside:
                break
            found, position = inside, position + length
        return self._settle(found)

    def _at(self, plain: str, position: int, short_names: bool) -> tuple[int, list[Division]]:
        """(length, divisions) of the longest name that begins here."""
        for length in range(min(self.longest, len(plain) - position), 1, -1):
            word = plain[position : position + length]
            if word in self.full:
                return length, self.full[word]
            if short_names and word in self.short:
                return length, self.short[word]
        return 0, []

    def _settle(self, found: list[Division]) -> Division | None:
        if len(found) > 1 and self.home:
            found = (
                [d for d in found if self.below(d, self.home)]
                or [d for d in found if self.below(d, self.home[:4])]
                or found
            )
        if len(found) > 1:  # 海口市 as a city and its seat: the higher one is meant
            level = min(_LEVELS.index(Division.Level(d.level)) for d in found)
            found = [d for d in found if _LEVELS.index(Division.Level(d.level)) == level]
        return found[0] if len(found) == 1 else None
