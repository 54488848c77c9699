"""Degrees as people write them, as decimal numbers: 102°42′44″ · 102°42.5′ · 东经102.7123° · 102.7123度."""

from __future__ import annotations

import re
import unicodedata

_SECONDS = r"(?P<seconds>\d{1,2}(?:\.\d+)?)\s*(?:[″\"”秒]|''|′′|(?![\d.]*\s*[°度]))"
_MINUTES = rf"(?P<minutes>\d{{1,2}}(?:\.\d+)?)\s*[′'’分]\s*(?:{_SECONDS})?"
_DEGREES = re.compile(rf"(?P<degrees>\d{{1,3}}(?:\.\d+)?)\s*[°度]\s*(?:{_MINUTES})?")
_CLOCK = re.compile(r"(?<![\d:.])(?P<degrees>\d{2,3}):(?P<minutes>\d{1,2}):(?P<seconds>\d{1,2}(?:\.\d+)?)(?![\d:])")
# Signs that look like a degree's and become something else in the plain form of Unicode.
_LOOKALIKES = str.maketrans({"º": "°", "˚": "°", "∘": "°"})


def _decimal(found: re.Match[str]) -> str:
    minutes, seconds = float(found["minutes"] or 0), float(found["seconds"] or 0)
    if minutes >= 60 or seconds >= 60:
        return found[0]
    return f" {float(found['degrees']) + minutes / 60 + seconds / 3600:.7f} "


def plain_degrees(value: object) -> str:
    """The text of a cell with every angle in it as a decimal number; other text unchanged.

    60 minutes and more are no angle and stay as they were written, so that the number is refused.
    """
    text = unicodedata.normalize("NFKC", str(value).translate(_LOOKALIKES))
    return _CLOCK.sub(_decimal, _DEGREES.sub(_decimal, text))
