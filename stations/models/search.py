"""Finding stations by the words people type. Every part of the answer is served by an index.

pg_trgm needs three letters, and most Chinese words have two characters. So the texts of a station are also indexed
by their single characters and pairs (`station_grams`, migration 0003): 莲花 is one look into that index, 莲花池 the
meeting of two, and LIKE settles the order of the characters.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Any

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models.functions import Replace

from stations.facilities import word_key
from stations.models.catalogues import Catalogue, Facility, StationKind
from stations.models.week import HoursState
from unionportal.names import identity_key, to_simplified
from unionportal.organizations.models import Division

MOST_WORDS = 6
_PINYIN = re.compile(r"[a-z]{3,}")
_HOURS_OF_A_DAY = re.compile(r"24\s*(?:小时|小時|个小时|hours|h(?![a-z]))", re.IGNORECASE)
# By the key of the word; 24 hours in any spelling has become 24小时.
_ROUND_THE_CLOCK = frozenset({"24小时", "24小时开放", "24小时营业", "二十四小时", "全天", "全天开放", "全天候", "通宵"})
_HAN = re.compile(r"[\u3400-\u9fff]")


class Grams(models.Func):
    """The single characters and pairs of neighbours in two texts, as an array that GIN indexes."""

    function = "station_grams"
    arity = 2
    output_field = ArrayField(models.TextField())


class HoldsAll(models.Func):
    """Whether an array holds every element of another (``@>``), as a condition."""

    arg_joiner = " @> "
    template = "(%(expressions)s)"
    output_field = models.BooleanField()
    conditional = True


class NameInitials(models.Func):
    """The initials of a station's name, without those of its address."""

    function = "split_part"
    template = "%(function)s(%(expressions)s, ' ', 1)"
    output_field = models.CharField()


def spelled() -> Replace:
    """The pinyin of a name in one word: ``lianhuachigongyuan``."""
    return Replace(models.F("name_key"), models.Value(" "), models.Value(""))


def grams(word: str) -> list[str]:
    """What a text must hold in the index to hold `word`: its pairs of neighbours, or the one character."""
    return sorted({word[i : i + 2] for i in range(len(word) - 1)}) or [word]


def matching(rows: models.QuerySet[Any], words: str) -> models.QuerySet[Any]:
    """Those of `rows` (stations) that fit every word of `words`; punctuation is passed over, six words count.

    A word fits in the name, address, local brand, or pinyin or initials of the name (any part of them), from three
    letters on in the initials of the address, as the public code, as a division or a kind of station (also as a
    further purpose), as a facility that the station has, and as 24小时 in any spelling; kinds and facilities by every
    other word that the catalogues know for them. Traditional characters, full width and capitals make no difference.
    """
    keys = ((word, identity_key(word)) for word in _HOURS_OF_A_DAY.sub("24小时", words).split())
    for word, key in [(word, key) for word, key in keys if key][:MOST_WORDS]:
        # A union of index look-ups; one OR over several tables would read them all.
        first, *others = (part.values("pk").order_by() for part in _parts(rows.model, word, key))
        rows = rows.filter(pk__in=first.union(*others))
    return rows


def _parts(station: Any, word: str, key: str) -> Iterable[models.QuerySet[Any]]:
    every = station._default_manager.all()
    wanted = models.Value(grams(key), ArrayField(models.TextField()))
    named = every.filter(HoldsAll(Grams("search_text", "initials"), wanted))
    # Two letters would fit in nearly every address.
    letters = models.F("initials") if len(key) > 2 else NameInitials("initials")
    yield named.alias(letters=letters).filter(models.Q(search_text__contains=key) | models.Q(letters__contains=key))
    yield every.filter(code=key.upper())
    if _PINYIN.fullmatch(key):
        yield every.alias(spelling=spelled()).filter(spelling__contains=key)
    kinds = _meant(StationKind, word)
    if kinds:
        yield every.filter(kind__in=kinds)
        yield every.filter(purposes__kind__in=kinds)
    facilities = _meant(Facility, word)
    if facilities:
        yield every.filter(station_facilities__facility__in=facilities)
    if word_key(word) in _ROUND_THE_CLOCK:
        yield every.filter(hours_state=HoursState.ALWAYS)
    if len(key) > 1:
        for division in Division.objects.filter(name__startswith=to_simplified(word)).exclude(level="township")[:3]:
            yield every.filter(division__in=Division.objects.inside(division.code))


def _meant(catalogue: type[Catalogue], word: str) -> list[str]:
    """Codes of the entries that `word` means: by name or another word for it; else those whose name it is part of. A
    single character (药, 厕) means every facility in whose name or other words it stands.
    """
    key = word_key(word)
    if not key:
        return []
    rows = list(catalogue._default_manager.filter(is_active=True).values_list("code", "name", "name_en", "synonyms"))
    exact = [code for code, *names, others in rows if key in map(word_key, (*names, *others))]
    within = [code for code, name, _english, _others in rows if len(key) > 1 and key in word_key(name)]
    if catalogue is not Facility:
        return exact or within or _in_synonyms(rows, key)
    if _HAN.fullmatch(key):
        within = [code for code, *names, others in rows if any(key in word_key(one) for one in (*names, *others))]
    return sorted({*exact, *within})


def _in_synonyms(rows: list[Any], key: str) -> list[str]:
    return [code for code, _name, _english, others in rows if len(key) > 1 and any(key in word_key(o) for o in others)]
