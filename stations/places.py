"""Which administrative division a list means: "四川省乐山市", "上城", "郑州市中原区石佛镇…", "530102"."""

from __future__ import annotations

import re
import unicodedata
from collections import defaultdict
from collections.abc import Iterable

from unionportal.codes import division_stem
from unionportal.names import to_simplified
from unionportal.organizations.models import Division

# Nationalities in the names of autonomous places, with or without 族: 张家川回族自治县, 伊犁哈萨克自治州.
_PEOPLES = (
    "蒙古|回|藏|维吾尔|苗|彝|壮|布依|朝鲜|满|侗|瑶|白|土家|哈尼|哈萨克|傣|黎|傈僳|佤|畲|拉祜|水|东乡|纳西|景颇|柯尔克孜|土|达斡尔|"
    "仫佬|羌|布朗|撒拉|毛南|仡佬|锡伯|阿昌|普米|塔吉克|怒|乌孜别克|鄂温克|德昂|保安|裕固|独龙|鄂伦春|赫哲|门巴|珞巴|基诺|各"
)
_AUTONOMOUS = re.compile(rf"^(.{{2,}}?)(?:(?:{_PEOPLES})族|蒙古|维吾尔|哈萨克|柯尔克孜)*自治([县州区旗])$")
_SUFFIX = re.compile(r"(?:特别行政区|街道办事处|街道|地区|新区|[省市区县盟镇乡])$")
_GENERIC = {"市辖区", "县", "省直辖县级行政区划", "自治区直辖县级行政区划"}
_BETWEEN = re.compile(rf"[/、,，·\-—>]|{'|'.join(sorted(_GENERIC - {'县'}))}")
# Names that every other city has for a quarter: of a county only beside its city, or at home.
_QUARTERS = {"东区", "西区", "南区", "北区", "城区", "郊区", "矿区"}
# A zone that the list of divisions may not hold, after the short name of its city: 昆明高新区.
_ZONE = re.compile(r"[\u4e00-\u9fff]{0,6}(?:高新|经开|开发|度假|示范|保税|合作|管理|新)区")
_LEVELS = [Division.Level.PROVINCE, Division.Level.CITY, Division.Level.COUNTY, Division.Level.TOWNSHIP]


def short_forms(name: str) -> list[str]:
    """What people write for the name of a division: 上城 for 上城区, 张家川 and 张家川县 for 张家川回族自治县."""
    if autonomous := _AUTONOMOUS.match(name):
        return [autonomous[1], autonomous[1] + autonomous[2]]
    brief = _SUFFIX.sub("", name)
    return [brief] if len(brief) >= 2 and brief != name else []


class Places:
    """An index of divisions by name, full ("五华区") and short ("五华").

    A name that several cities have (鼓楼区) is settled by what stands before it in the text, else by `home`, the
    division of the organisation the list belongs to; otherwise it stays unknown, never guessed.
    """

    def __init__(self, divisions: Iterable[Division], home: str = "") -> None:
        self.home = division_stem(home) if home else ""
        self.by_code: dict[str, Division] = {}
        self.full: defaultdict[str, list[Division]] = defaultdict(list)
        self.short: defaultdict[str, list[Division]] = defaultdict(list)
        for division in divisions:
            self.by_code[division.code] = division
            if division.name in _GENERIC:
                continue
            name = to_simplified(division.name)  # as the text will be: 乾安县 becomes 干安县
            self.full[name].append(division)
            for brief in short_forms(name):
                self.short[brief].append(division)
        self.longest = max(map(len, self.full), default=0)

    def below(self, division: Division, upper: str) -> bool:
        """Whether a division lies in the one with the stem `upper`; zones by the parent they are filed under."""
        parent = division.parent_id or ""
        return division.code.startswith(upper) or (not division.is_official and parent.startswith(upper))

    def find(self, text: str, *, short_names: bool = True, near: str = "") -> Division | None:
        """The deepest division that the text begins with; None where it names none, or several equally.

        `near`: the stem of a division that settles what is still open, such as that of the list's other rows.
        `short_names`: also "上城" for 上城区; off for addresses, where 中山 begins a road more often than a city.
        """
        plain = re.sub(r"\s", "", unicodedata.normalize("NFKC", to_simplified(str(text)))).removeprefix("中国")
        if plain in self.by_code:
            return self.by_code[plain]
        if re.fullmatch(r"\d{9}|\d{12}", plain):  # 530102000000 is 530102
            return self.by_code.get(plain[:6] + re.sub(r"(?:000)+$", "", plain[6:]))
        found: list[Division] = []
        position = 0
        while position < len(plain):
            length, candidates = self._at(plain, position, short_names)
            if not length:
                if between := _BETWEEN.match(plain, position):
                    position = between.end()
                    continue
                break
            if found:
                inside = [d for d in candidates if any(d != u and self.below(d, division_stem(u.code)) for u in found)]
            elif plain[position : position + length] in _QUARTERS:
                inside = [d for d in candidates if any(self.below(d, upper) for upper in (self.home, near) if upper)]
            else:
                inside = candidates
            if found and not inside:
                break
            found, position = inside, position + length
        return self._settle(found, near)

    def _at(self, plain: str, position: int, short_names: bool) -> tuple[int, list[Division]]:
        """(length, divisions) of the longest name that begins here."""
        for length in range(min(self.longest, len(plain) - position), 1, -1):
            word = plain[position : position + length]
            if word in self.full:
                return length, self.full[word]
            if short_names and word in self.short and self._ends_at(plain, position + length):
                return length, self.short[word]
        return 0, []

    def _ends_at(self, plain: str, position: int) -> bool:
        """Whether a short name may end here: 东城 is no district in 东城街道, nor 中山 in 中山路."""
        if position == len(plain) or _BETWEEN.match(plain, position) or _ZONE.fullmatch(plain, position):
            return True
        return self._at(plain, position, True)[0] > 0

    def _settle(self, found: list[Division], near: str) -> Division | None:
        if len(found) > 1 and self.home:
            found = (
                [d for d in found if self.below(d, self.home)]
                or [d for d in found if self.below(d, self.home[:4])]
                or found
            )
        if len(found) > 1 and near:
            found = [d for d in found if self.below(d, near)] or found
        if len(found) == 1:
            return found[0]
        # 吉林 as a province and its city: the higher one is meant, as 河南 always means the province. But 朝阳 may be
        # a city or a district of another, and nobody can tell.
        level = min((_LEVELS.index(Division.Level(d.level)) for d in found), default=0)
        higher = [d for d in found if _LEVELS.index(Division.Level(d.level)) == level]
        if len(higher) != 1 or (level > 0 and not all(self.below(d, division_stem(higher[0].code)) for d in found)):
            return None
        return higher[0]
