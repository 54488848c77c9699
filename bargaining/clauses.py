"""Figures as agreements print them: 每月20日, 每单1元, 5000元以上/月, 5%."""

from __future__ import annotations

import re
from dataclasses import replace

from unionportal.figures import Figure, parse_figure

_EACH = re.compile(r"每(?P<per>小时|[\u4e00-\u9fff])(?P<rest>\d.*)")


def read_figure(text: str) -> Figure:
    """Read a figure, also with its rate in front. Raises FigureError (see `unionportal.figures`)."""
    tidy = "".join(text.split()).replace("％", "%")
    if tidy.endswith("%"):
        return replace(parse_figure(tidy.replace("%", "")), unit="%")
    found = _EACH.fullmatch(tidy)
    if found is None:
        return parse_figure(tidy)
    return replace(parse_figure(found["rest"]), per=found["per"])
