"""Figures between what is printed and what is counted: job posts on the way in, totals on the way out."""

from __future__ import annotations

from decimal import Decimal
from typing import NamedTuple

from unionportal.figures import YUAN, Figure, FigureError, Qualifier, parse_figure

# What the columns hold, in persons and in fen: beyond it stands a phone or a slip, and no post.
_LARGEST = 2**31 - 1
PERSONS = frozenset({"", "名", "人", "位"})


class Headcount(NamedTuple):
    """`number` of persons wanted, None where it could not be read; for a range the smaller number."""

    number: int | None
    qualifier: str = Qualifier.EXACT


class Pay(NamedTuple):
    """Fen; `to_fen` of a range only; `per` is 月, 小时, 天 … as printed, "" where nothing was said."""

    from_fen: int | None
    to_fen: int | None = None
    per: str = ""


def read_headcount(text: str) -> Headcount:
    """ "200多名" → 200, more than."""
    try:
        figure = parse_figure(text)
    except FigureError:
        return Headcount(None)
    if figure.unit not in PERSONS or figure.value != figure.value.to_integral_value() or figure.value > _LARGEST:
        return Headcount(None)
    if figure.high is not None:
        return Headcount(int(figure.value), Qualifier.AT_LEAST)
    return Headcount(int(figure.value), figure.qualifier)


def read_pay(text: str) -> Pay:
    """ "20至22元/小时" → 2000 to 2200 fen per 小时."""
    try:
        figure = parse_figure(text)
        if figure.unit != YUAN:
            return Pay(None)
        high = Figure(figure.high, YUAN).fen if figure.high is not None else None
        if max(figure.fen, high or 0) > _LARGEST:
            return Pay(None)
        return Pay(figure.fen, high, figure.per[:8])
    except FigureError:
        return Pay(None)


def in_round_words(value: Decimal | int, unit: str) -> str:
    """A counted total as a report prints it, never more than is true: 58 个 → 近60个, 61 300 元 → 6万多元.

    The first digit is kept (below ten everything); "近" is said where a tenth or less of that step is missing.
    """
    value = Decimal(value)
    if value < 10:
        return str(Figure(value, unit))
    scale = 10_000 if value >= 10_000 else 1
    step = Decimal(10) ** (len(str(int(value))) - 1)
    low = value // step * step
    if value == low:
        return str(Figure(value, unit, scale=scale))
    if (low + step) - value <= max(step / 10, Decimal(2)):
        return str(Figure(low + step, unit, Qualifier.NEARLY, scale=scale))
    return str(Figure(low, unit, Qualifier.OVER, scale=scale, mark="多"))
