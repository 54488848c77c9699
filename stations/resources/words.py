"""The words lists use for the choices of a station; the first of each is written on export."""

from __future__ import annotations

import re
from typing import Any

from stations.lifecycle import State
from stations.models import Station
from unionportal.sheets.widgets import WordWidget


def words(text: str) -> list[str]:
    """The words of a text written as a list with spaces."""
    return text.split()


BUILD_MODES = {
    Station.BuildMode.UNION: ["工会自建", "自建", "union"],
    Station.BuildMode.PARTY_UNION: ["党政联建", "党建联建", "party_union"],
    Station.BuildMode.GOVERNMENT: ["政府兴建", "政府建设", "government"],
    Station.BuildMode.SOCIAL: ["社会共建", "社会助建", "共建共享", "社会共建共享", "共建", "联建", "social"],
    Station.BuildMode.INTEGRATED: ["集成共建", "整合资源", "integrated"],
}
ACCESS = {
    Station.Access.OPEN_DOOR: ["开门即入", "直接进入", "无门禁", "敞开", "open"],
    Station.Access.STAFFED: ["有人值守", "专人值守", "人工值守", "staffed"],
    Station.Access.QR: ["扫码进入", "扫码开门", "扫码", "二维码", "qr"],
    Station.Access.ID_CARD: ["刷身份证", "身份证", "id_card"],
    Station.Access.FACE: ["刷脸进入", "刷脸", "人脸识别", "人脸", "面部识别", "face"],
    Station.Access.BY_HOURS: ["分时段", "白天值守夜间刷卡", "by_hours"],
}
STATUSES = {
    State.PLANNED: ["规划中", "计划建设", "拟建", "planned"],
    State.BUILDING: ["建设中", "在建", "筹建", "building"],
    State.ACCEPTANCE: ["待验收", "验收中", "acceptance"],
    State.OPEN: [
        "开放",
        "运行",
        "正常",
        "正常运行",
        "正常开放",
        "使用中",
        "已建成",
        "在用",
        "营业",
        "启用",
        "开放中",
        "试运营",
        "试运行",
        "运营中",
        "运行中",
        "营业中",
        "正常使用",
        "正常运营",
        "正在使用",
        "open",
    ],
    State.RECTIFYING: ["整改中", "整改", "rectifying"],
    State.SUSPENDED: [
        "暂停开放",
        "暂停",
        "停用",
        "已停用",
        "停运",
        "暂停使用",
        "维修中",
        "维修",
        "装修中",
        "装修",
        "改造中",
        "闭馆",
        "suspended",
    ],
    State.CLOSED: [
        "已撤销",
        "撤销",
        "关闭",
        "已关闭",
        "关停",
        "已关停",
        "撤站",
        "已撤站",
        "已拆除",
        "拆除",
        "已取消",
        "注销",
        "closed",
    ],
}
_NOT_OPEN = re.compile(
    r"(?:未|不|非|没有?|停止?|待)(?:对外|正式|投入|能)*(?:开放|运行|运营|营业|启用|使用|投用|正常|开门)|停业|歇业"
)


class StatusWidget(WordWidget):
    """The status of a station. 未开放 holds the word 开放 and says the contrary."""

    def __init__(self) -> None:
        super().__init__(STATUSES, inside=True)
        self._but_open = WordWidget(
            {state: words for state, words in STATUSES.items() if state != State.OPEN}, inside=True
        )

    def find(self, text: str) -> Any:
        found = self.exact(text)
        if found is None and _NOT_OPEN.search(text):
            return self._but_open.find(text) or State.SUSPENDED
        return found or super().find(text)


ACCURACIES = {
    Station.Accuracy.SURVEYED: ["实地测量", "实测", "surveyed"],
    Station.Accuracy.MAP: ["地图标注", "地图拾取", "map"],
    Station.Accuracy.ADDRESS: ["地址解析", "address"],
    Station.Accuracy.UNKNOWN: ["未知", "unknown"],
}
