"""Whether a text says that the place is shut for now: 暂停开放, 装修中, 已停用.

Only a statement about the whole place and without a condition counts: 雨天不开放 is a remark, 充电桩停用 another.
"""

from __future__ import annotations

import re

from .clauses import CLOSURES, RANGES, Clause
from .model import Season

_SHUT = re.compile(
    r"暂停(?:对外)?(?:开放|营业|服务|使用|运营)?|(?:尚未|暂未|暂不|未|暂停|停止|不)(?:对外)?(?:开放|营业|启用|投用|使用)"
    r"|(?:装修|改造|维修|检修|施工|建设|升级|搬迁|筹建|整修|修缮)(?:施工|改造|维护)?(?:中|期间)"
    r"|(?:已经?|暂时|临时|永久|停业|闭馆|关闭)(?:停用|停业|关闭|关停|撤销|拆除|撤除|搬迁|歇业|闭馆|闭站|装修|改造|维修)"
    r"|装修(?:停业|闭馆|关闭)|(?:即将|等?待)(?:开放|启用)|停用|停业(?:整顿)?|歇业|(?:在建|筹建|拟建)"
)
# What may stand beside it without making it a statement about something else.
_BESIDE = re.compile(
    r"目前|现在?|正在|处于|状态|因|由于|为了|内部|疫情|施工|装修|改造|升级|维修|整修|修缮|整改|场地|该|本|此|站点?|驿站|服务点?"
    r"|恢复|开放|营业|时间|日期|另行通知|待定|待通知|敬请谅解|暂时|临时|全面|均|已经?|将|正|中|原|的|[至到起从自]|[\s:,。;、()]"
)


def says_shut(clause: Clause) -> bool:
    """Whether the clause shuts the whole place, for a time without a stated end or for good."""
    if clause.has("days", "days_holiday", "holiday", "season", *CLOSURES, "time", "number"):
        return False
    kept = [token for token in clause.tokens if token.kind not in ("range", "spoken_range", "allday", "dates")]
    words = "".join(token.text for token in kept)
    return bool(_SHUT.search(words)) and not _BESIDE.sub("", _SHUT.sub("", words)) and not shut_between(clause)


def shut_between(clause: Clause) -> bool:
    """Whether the clause shuts the place between two dates (5月1日至5月3日暂停开放)."""
    dates = [token.value for token in clause.tokens if token.kind == "dates"]
    words = "".join(token.text for token in clause.tokens)
    shut = clause.has("closed") or _SHUT.search(words)
    return bool(shut) and any(isinstance(s, Season) and s.start and s.end for s in dates) and not clause.has(*RANGES)
