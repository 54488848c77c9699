"""How a cell becomes a value and a value a cell: widgets of django-import-export that explain themselves.

``clean(value, row, note=…)`` returns the value or raises `CellProblem`; what it corrected on the way it says
through `note(code)`. ``render`` gives the text of an export. Blank cells never reach a widget.
"""

from __future__ import annotations

import datetime
import re
from collections.abc import Callable, Mapping
from decimal import Decimal
from typing import Any

from import_export import widgets

from unionportal.names import identity_key
from unionportal.sheets import cells
from unionportal.sheets.problems import CODES, ERROR, WARNING

_USUAL_DATE = re.compile(r"\d{4}(-\d{1,2}-|/\d{1,2}/)\d{1,2}|\d{4}年\d{1,2}月\d{1,2}日")
_FIGURES = re.compile("[0-9０-９〇零○一二三四五六七八九十]")
_USUAL_ANSWERS = frozenset("是否有无")


class CellProblem(Exception):
    """A cell that cannot be read: a code of the catalogue, its level if not the catalogue's own, and words."""

    def __init__(self, code: str, *, level: str | None = None, **params: Any) -> None:
        super().__init__(code)
        self.code, self.level, self.params = code, level, params


Note = Callable[..., None]


class SheetWidget(widgets.Widget):
    """Base: text as a person would have typed it."""

    # What an unreadable cell does to its row: a warning leaves the cell out, an error rejects the row.
    level: str | None = None

    # Whether `clean` looks at nothing but the cell, so that equal cells need to be read only once.
    reads_alone = True

    join_chinese = False

    def __init_subclass__(cls, **kwargs: Any) -> None:
        """A reader that is overridden may look at the row, unless it says that it does not."""
        super().__init_subclass__(**kwargs)
        if "clean" in vars(cls) and "reads_alone" not in vars(cls):
            cls.reads_alone = False

    def __init__(self, *, level: str | None = None) -> None:
        super().__init__()
        self.level = level or self.level

    def clean(self, value: Any, row: Any = None, *, note: Note, **kwargs: Any) -> Any:
        text, codes = cells.clean_text(value, join_chinese=self.join_chinese)
        for code in codes:
            note(code)
        return text

    def render(self, value: Any, obj: Any = None, **kwargs: Any) -> str:
        return "" if value is None else str(value)

    def mask(self, text: str) -> str:
        """A cell of a private column as a report may show it: its first and last character."""
        return text[:1] + "*" * max(len(text) - 2, 1) + text[-1:] if len(text) > 2 else "**"

    def read(self, reader: Callable[[Any], tuple[Any, list[str]]], value: Any, note: Note) -> Any:
        """Call a reader of `cells`; a code of level error refuses the cell at this widget's level."""
        try:
            found, codes = reader(value)
        except (ArithmeticError, ValueError):  # 1e400, five thousand digits
            raise CellProblem("number-unreadable", level=self.level)
        for code in codes:
            if CODES[code].level == ERROR:
                raise CellProblem(code, level=self.level)
            note(code)
        return found


class TextWidget(SheetWidget):
    """Text of at most `limit` characters; longer text is a problem, never cut off in silence.

    With `join_chinese` a line break or space between two Chinese characters goes: right for names and addresses.
    """

    reads_alone = True

    def __init__(self, limit: int | None = None, *, join_chinese: bool = False, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.limit = limit
        self.join_chinese = join_chinese

    def clean(self, value: Any, row: Any = None, *, note: Note, **kwargs: Any) -> str:
        text = super().clean(value, row, note=note)
        if self.limit and len(text) > self.limit:
            raise CellProblem("text-too-long", level=self.level, limit=self.limit, length=len(text))
        return text


class IntegerWidget(SheetWidget):
    """A whole number not below 0: "约40人" is 40, with a note."""

    reads_alone = True
    level = WARNING

    def clean(self, value: Any, row: Any = None, *, note: Note, **kwargs: Any) -> int:
        return int(self.read(cells.clean_integer, value, note))


class DecimalWidget(SheetWidget):
    """A number in the column's own unit: "约480平方米" is 480, with a note. Rounded to `places`.

    `units` are those the column accepts, with their factors.
    """

    reads_alone = True
    level = WARNING

    def __init__(self, places: int = 2, units: Mapping[str, Decimal | int] | None = None, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.places, self.units = places, units

    def clean(self, value: Any, row: Any = None, *, note: Note, **kwargs: Any) -> Decimal:
        number = self.read(lambda cell: cells.clean_number(cell, self.units), value, note)
        try:
            return round(Decimal(str(number)), self.places)
        except ArithmeticError:
            raise CellProblem("number-unreadable", level=self.level)

    def render(self, value: Any, obj: Any = None, **kwargs: Any) -> str:
        return "" if value is None else format(Decimal(value).normalize(), "f")


class DateWidget(SheetWidget):
    """A date in any common form; see `cells.clean_date`."""

    reads_alone = True
    level = WARNING

    def clean(self, value: Any, row: Any = None, *, note: Note, **kwargs: Any) -> datetime.date:
        said: list[str] = []
        found = self.read(cells.clean_date, value, said.append)
        if not said and isinstance(value, str) and not _USUAL_DATE.fullmatch(value.strip()):
            said.append("date-rewritten")
        for code in said:
            note(code)
        return found

    def render(self, value: Any, obj: Any = None, **kwargs: Any) -> str:
        return value.isoformat() if value else ""

    def mask(self, text: str) -> str:
        """Its notation without a figure, so that what is said about it can be followed: ****年*月."""
        return _FIGURES.sub("*", text)


class YesNoWidget(SheetWidget):
    """Yes or no in a dozen spellings."""

    reads_alone = True
    level = WARNING

    def clean(self, value: Any, row: Any = None, *, note: Note, **kwargs: Any) -> bool:
        found = bool(self.read(cells.clean_yes_no, value, note))
        if cells.as_text(value).strip() not in _USUAL_ANSWERS:
            note("word-read-as", word=self.render(found))
        return found

    def render(self, value: Any, obj: Any = None, **kwargs: Any) -> str:
        return "" if value is None else ("是" if value else "否")


class WordWidget(SheetWidget):
    """One of a list of words: value -> the words for it, the first of which is written on export.

    A word is found whole or, with `inside`, where exactly one entry's word stands in the cell.
    """

    reads_alone = True
    level = WARNING

    def __init__(self, words: Mapping[Any, list[str]], *, inside: bool = False, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.words = words
        self.inside = inside
        self._index = {identity_key(word): value for value, synonyms in words.items() for word in synonyms if word}

    def exact(self, text: str) -> Any:
        """The value for a whole word, or None."""
        return self._index.get(identity_key(text))

    def find(self, text: str) -> Any:
        """The value for a word, or None."""
        key = identity_key(text)
        if key in self._index:
            return self._index[key]
        if not self.inside:
            return None
        hits = {value: len(word) for word, value in sorted(self._index.items(), key=lambda i: len(i[0])) if word in key}
        return max(hits, key=lambda value: hits[value]) if hits else None

    def clean(self, value: Any, row: Any = None, *, note: Note, **kwargs: Any) -> Any:
        text = super().clean(value, row, note=note)
        found = self.find(text)
        if found is None:
            raise CellProblem("word-unknown", level=self.level, choices="、".join(self.choices()[:12]))
        word = self.render(found)
        # M or 1 for 男: a code may mean another thing to the next person; a Chinese synonym says what it is.
        if text.isascii() and not word.isascii():
            note("word-read-as", word=word)
        return found

    def choices(self) -> list[str]:
        return [synonyms[0] for synonyms in self.words.values() if synonyms]

    def render(self, value: Any, obj: Any = None, **kwargs: Any) -> str:
        return next((synonyms[0] for key, synonyms in self.words.items() if key == value and synonyms), "")
