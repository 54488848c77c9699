"""Which field a column heading means.

Careful on purpose: an unknown heading costs the clerk one choice, a wrong silent match spoils every row. A
heading matches when it *is* a known word after its decoration is taken off (stars, brackets, units, line
breaks, traditional characters, "station" before "name"); a known word inside it is only a suggestion.
"""

import dataclasses
import functools
import re
import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from opencc import OpenCC

from .reading.book import column_letter

EXACT, SYNONYM, CONTAINS, MAPPED = "exact", "synonym", "contains", "mapped"
RANK = {MAPPED: 0, EXACT: 1, SYNONYM: 2, CONTAINS: 3}

BRACKETS = re.compile(r"[(（\[【{〔<《][^)）\]】}〕>》]*[)）\]】}〕>》]?")
DECORATION = re.compile(r"[\W_]+")
SEPARATOR = re.compile(r"[/／、,，|｜&;；]|(?<=[\u4e00-\u9fff])[和及与或](?=[\u4e00-\u9fff])")
CAMEL = re.compile(r"(?<=[a-z0-9])(?=[A-Z])")
DATUMS = {
    "GCJ-02": re.compile(r"gcj[-_ ]?02|火星|高德|腾讯", re.IGNORECASE),
    "BD-09": re.compile(r"bd[-_ ]?09|百度", re.IGNORECASE),
    "CGCS2000": re.compile(r"cgcs[-_ ]?2000|国家2000|2000国家|天地图", re.IGNORECASE),
    "WGS-84": re.compile(r"wgs[-_ ]?(?:19)?84|gps", re.IGNORECASE),
}
LONGITUDE = re.compile(r"经度|lng|lon(?:gitude)?(?![a-z])", re.IGNORECASE)
LATITUDE = re.compile(r"纬度|lat(?:itude)?(?![a-z])", re.IGNORECASE)
COORDINATE_WORDS = ("经纬度", "坐标", "coordinates", "coordinate", "lnglat", "latlng", "location")
UNITS = re.compile(
    r"[(（\[]\s*(㎡|m²|m2|平方米|平米|亩|万元|元|人次|人|个|家|台|张|小时|公里|km|米)\s*[)）\]]",
    re.IGNORECASE,
)

# Words that add nothing to the word behind or before them.
PREFIX = re.compile(
    "详细|具体|所在|所处|原始|公开|候选|新增|升级|登记|正式|规范|准确|请?填写|必填|选填|目前|现有?|的|和|及|与"
)
SUFFIX = re.compile("(?:信息|情况|必填|选填|填写|如有|的|简述)$")
ENGLISH_AFFIXES = frozenset(["listed", "hint", "text", "raw", "original", "zh", "cn", "str", "value", "field"])
# A group heading that ends so speaks of somebody else than the entry itself.
OTHER_OWNERS = ("人", "者", "方", "单位", "公司", "企业", "部门", "机构", "上级", "工会", "家属", "配偶")

SUGGESTION_LIMIT = 3
SUGGESTION_FLOOR = 0.34


@dataclass(frozen=True, slots=True)
class MatchedHeading:
    """A heading and the field it was taken for.

    ``how`` is "mapped" (a person said so, also that it be ignored), "exact", "synonym", "contains" or None.
    ``suggestions`` are fields it may mean, best first. ``rival`` is the heading that already holds the
    field this one means too. ``hints`` may hold "datum", "order" (lng-lat or lat-lng) and "unit".
    """

    heading: str
    column: str
    field: str | None = None
    suggestions: list[str] = dataclasses.field(default_factory=list)
    how: str | None = None
    index: int = 0
    rival: str = ""
    hints: dict[str, str] = dataclasses.field(default_factory=dict)


@functools.cache
def _simplifier() -> OpenCC:
    return OpenCC("t2s")


@functools.lru_cache(maxsize=4096)
def simplify(text: str) -> str:
    """Traditional characters to simplified ones."""
    return text if text.isascii() else _simplifier().convert(text)


def _plain(text: object) -> str:
    return simplify(unicodedata.normalize("NFKC", str(text)).replace("經", "经"))


@functools.lru_cache(maxsize=4096)
def normalize_heading(text: str) -> str:
    """A heading's bare words: simplified, half-width, lower case, without signs, spaces and brackets."""
    plain = _plain(text)
    bare = DECORATION.sub("", BRACKETS.sub("", plain)).lower()
    return bare or DECORATION.sub("", plain).lower()


class Vocabulary:
    """The words by which a resource's fields are known, prepared for look-up.

    ``synonyms`` maps a field to its headings, the label first; the field's own name always counts.
    ``repeatable`` fields may have several columns. ``subject_words`` are what the list is about (驿站, 站点,
    会员): left out before another word, and meaning ``title_field`` when they stand alone or when the only
    column is headed by the title of the list.
    """

    def __init__(
        self,
        synonyms: Mapping[str, Iterable[str]],
        *,
        repeatable: Iterable[str] = (),
        subject_words: Iterable[str] = (),
        title_field: str | None = None,
    ):
        self.synonyms = {name: [name, *words] for name, words in synonyms.items()}
        self.repeatable = frozenset(repeatable)
        self.subject_words = sorted({normalize_heading(word) for word in subject_words}, key=len, reverse=True)
        self.title_field = title_field or ("name" if "name" in self.synonyms else None)
        self.raw: dict[str, str] = {}
        self.normal: dict[str, str] = {}
        for name, words in self.synonyms.items():
            for word in words:
                self.raw.setdefault(str(word).strip(), name)
                self.normal.setdefault(normalize_heading(str(word)), name)
                self.normal.setdefault(DECORATION.sub("", _plain(word)).lower(), name)
        self._found: dict[str, tuple[str | None, str | None]] = {}

    @classmethod
    def of(cls, words: "Vocabulary | Mapping[str, Iterable[str]]") -> "Vocabulary":
        """The vocabulary itself, or one made of a plain dict of synonyms."""
        return words if isinstance(words, cls) else cls(words)  # type: ignore[arg-type]

    def find(self, heading: str, group: str = "") -> tuple[str | None, str | None]:
        """The field a heading means and how that was told, or (None, None).

        ``group`` is a merged heading above it. The two words together count first, then the lower one alone,
        unless the group names another owner: applicant/address is not the station's address.
        """
        if group:
            for together in (f"{group}/{heading}", f"{group}{heading}"):
                name, how = self.find(together)
                if how in (EXACT, SYNONYM):
                    return name, how
            if normalize_heading(group).endswith(OTHER_OWNERS):
                return None, None
        if heading not in self._found:
            if len(self._found) > 10_000:
                self._found.clear()
            self._found[heading] = self._find(heading)
        return self._found[heading]

    def _find(self, heading: str) -> tuple[str | None, str | None]:
        if not heading.strip():
            return None, None
        if name := self.raw.get(heading.strip()):
            return name, EXACT
        plain = _plain(heading)
        for form in (DECORATION.sub("", plain).lower(), normalize_heading(heading)):
            if name := self.normal.get(form):
                return name, SYNONYM
        name = self._compound(plain) or self._stripped(heading)
        if not name and normalize_heading(heading) in self.subject_words:
            name = self.title_field
        return (name, CONTAINS) if name else (None, None)

    def _stripped(self, heading: str) -> str | None:
        """The field after generic words around the heading are taken off, one by one."""
        tokens = [token for token in re.split(r"[\W_]+", CAMEL.sub("_", _plain(heading))) if token]
        if len(tokens) > 1 and all(token.isascii() for token in tokens):
            kept = [token for token in tokens if token.lower() not in ENGLISH_AFFIXES]
            return self.normal.get("".join(kept).lower()) if kept != tokens else None
        word = normalize_heading(heading)
        while shorter := self._without_affix(word):
            word = shorter
            if name := self.normal.get(word):
                return name
        return None

    def _without_affix(self, word: str) -> str:
        """The word less one generic word before or behind it; "" where there is none or nothing is left."""
        for subject in self.subject_words:
            if word.startswith(subject):
                return word.removeprefix(subject)
        affix = PREFIX.match(word) or SUFFIX.search(word)
        return word[: affix.start()] + word[affix.end() :] if affix else ""

    def _compound(self, plain: str) -> str | None:
        """Headings of several words: two coordinates in one cell, “address/position”."""
        if LONGITUDE.search(plain) and LATITUDE.search(plain):
            return next((self.normal[word] for word in COORDINATE_WORDS if word in self.normal), None)
        bare = next((regex.sub("", plain) for regex in DATUMS.values() if regex.search(plain)), plain)
        if bare != plain and (name := self.normal.get(normalize_heading(bare)) or self._stripped(bare)):
            return name
        parts = [part for part in SEPARATOR.split(BRACKETS.sub("", plain)) if part.strip()]
        if len(parts) < 2:
            return None
        found = [self.normal.get(normalize_heading(part)) or self._stripped(part) for part in parts]
        if found[0] and len(set(found)) == 1:
            return found[0]
        # Under a merged group heading only the lower word names the column.
        group = normalize_heading(parts[0])
        if "/" in plain and len(parts) == 2 and found[1] and not found[0] and not group.endswith(OTHER_OWNERS):
            return found[1]
        return None

    def suggest(self, heading: str) -> list[str]:
        """Fields whose words resemble the heading, best first."""
        word = normalize_heading(heading)
        scores: dict[str, float] = {}
        for known, name in self.normal.items():
            score = similarity(word, known)
            if score >= SUGGESTION_FLOOR and score > scores.get(name, 0):
                scores[name] = score
        return sorted(scores, key=lambda name: -scores[name])[:SUGGESTION_LIMIT]


def similarity(one: str, other: str) -> float:
    """Dice coefficient of character pairs, 0 to 1; a word inside the other counts as half alike at least."""
    if not one or not other:
        return 0.0
    if one == other:
        return 1.0
    pairs, other_pairs = _pairs(one), _pairs(other)
    shared = len(pairs & other_pairs)
    dice = 2 * shared / (len(pairs) + len(other_pairs))
    inside = len(min(one, other, key=len)) >= 2 and (one in other or other in one)
    return max(dice, 0.5 + dice / 4) if inside else dice


def _pairs(word: str) -> set[str]:
    padded = f"^{word}$"
    return {padded[i : i + 2] for i in range(len(padded) - 1)}


def heading_hints(heading: str) -> dict[str, str]:
    """What a heading says besides the field: the datum, the order of coordinates, the unit."""
    plain = _plain(heading)
    hints: dict[str, str] = {}
    for datum, regex in DATUMS.items():
        if regex.search(plain):
            hints["datum"] = datum
            break
    longitude, latitude = LONGITUDE.search(plain), LATITUDE.search(plain)
    if longitude and latitude:
        hints["order"] = "lng-lat" if longitude.start() < latitude.start() else "lat-lng"
    elif "经纬度" in plain:
        hints["order"] = "lng-lat"
    if unit := UNITS.search(heading):
        hints["unit"] = unit[1]
    return hints


def match_headings(
    headings: Sequence[Any],
    synonyms: Vocabulary | Mapping[str, Iterable[str]],
    mapping: Mapping[str, str] | None = None,
) -> list[MatchedHeading]:
    """Match every heading of a table; blank headings match nothing.

    ``headings`` are strings or ``tables.Heading``. ``mapping`` is what a person decided: heading to field, or
    to "" to leave the column out; it beats every rule. A field that is not repeatable goes to its best
    heading (mapped, exact, synonym, contains; then the left-most). Raises ``ValueError`` when ``mapping``
    names a field that does not exist.
    """
    vocabulary = Vocabulary.of(synonyms)
    chosen = _check_mapping(mapping or {}, vocabulary)
    found: list[tuple[str, str, int, str | None, str | None]] = []
    for position, heading in enumerate(headings):
        text = heading if isinstance(heading, str) else heading.text
        index = position if isinstance(heading, str) else heading.index
        column = column_letter(index)
        decided = chosen.get(text.strip(), chosen.get(normalize_heading(text)) if text.strip() else None)
        if decided is not None:
            found.append((text, column, index, decided or None, MAPPED))
        else:
            group = "" if isinstance(heading, str) else heading.group
            name, how = vocabulary.find(text.removeprefix(f"{group}/") if group else text, group)
            if name is None and _is_title_of_only_column(text, headings, vocabulary):
                name, how = vocabulary.title_field, CONTAINS
            found.append((text, column, index, name, how))
    holders = _holders(found, vocabulary)
    return [_result(position, found, holders, vocabulary) for position in range(len(found))]


def _check_mapping(mapping: Mapping[str, str], vocabulary: Vocabulary) -> dict[str, str]:
    unknown = sorted({name for name in mapping.values() if name and name not in vocabulary.synonyms})
    if unknown:
        raise ValueError(f"unknown fields in the mapping: {', '.join(unknown)}")
    chosen = {heading.strip(): name for heading, name in mapping.items()}
    return {normalize_heading(heading): name for heading, name in chosen.items()} | chosen


LIST_TITLE = re.compile(
    r"名单|名录|一览|列表|清单|汇总表?|目录|统计表|花名册|登记表|公示表?$|[(（]共?\d+\s*[家个处座名人][)）]|共\d+\s*[家个处座名人]"
)


def is_list_title(text: str) -> bool:
    """True for a line that names a whole list, such as “昆明市工会驿站名单（10家）”."""
    return bool(LIST_TITLE.search(text))


def _is_title_of_only_column(text: str, headings: Sequence[Any], vocabulary: Vocabulary) -> bool:
    texts = [h if isinstance(h, str) else h.text for h in headings]
    return bool(vocabulary.title_field) and [t for t in texts if t.strip()] == [text] and is_list_title(text)


def _holders(found: list[tuple], vocabulary: Vocabulary) -> dict[str, int]:
    """For each field that may have one column only, the position of the heading that gets it."""
    holders: dict[str, int] = {}
    order = sorted(range(len(found)), key=lambda i: (RANK.get(found[i][4], 9), i))
    for position in order:
        name = found[position][3]
        if name and name not in vocabulary.repeatable:
            holders.setdefault(name, position)
    return holders


def _result(position: int, found: list[tuple], holders: dict[str, int], vocabulary: Vocabulary) -> MatchedHeading:
    text, column, index, name, how = found[position]
    hints = heading_hints(text)
    if name is None:
        suggestions = vocabulary.suggest(text) if how is None and text.strip() else []
        return MatchedHeading(text, column, None, suggestions, how, index, "", hints)
    holder = holders.get(name, position)
    if holder != position:
        return MatchedHeading(text, column, None, [name], None, index, found[holder][0], hints)
    return MatchedHeading(text, column, name, [], how, index, "", hints)
