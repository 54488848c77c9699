"""The list that the sheet cases hand in: invented members of a county, twelve columns, as a clerk keeps them."""

from __future__ import annotations

import csv
import datetime
import random
from collections.abc import Iterator
from pathlib import Path

import xlsxwriter

from members.demo import demo_id_number
from unionportal.organizations.actions import add_organization
from unionportal.organizations.models import Organization
from unionportal.organizations.reference import load_divisions

HEADINGS = [
    *("姓名", "证件类型", "证件号码", "手机号码", "性别", "民族"),
    *("户籍类型", "职业类别", "工作单位", "所属工会", "入会时间", "备注"),
]
UNIONS = 300
EMPLOYERS = 2000
_SURNAMES = (
    "王李张刘陈杨黄赵吴周徐孙马朱胡郭何林高罗郑梁谢宋唐许韩邓冯曹彭曾肖田董潘袁蔡蒋余于杜叶程魏苏吕丁任卢姚沈钟姜崔谭陆"
)
_GIVEN = (
    "伟芳娜敏静丽强磊军洋勇艳杰娟涛明超霞平刚桂英华建国玉兰红梅春秀志文永新海燕晓东云飞雪梦佳欣子涵浩宇轩思远博雅婷"
    "颖琳倩莹慧珍萍凤琴素清香月莺媛瑞凡嘉琼勤荣爱妹贞莉彩菊翠美惠珠黛青巧忠良义兴才发武利民友裕河哲江超亮政谦亨奇固之"
)
_GROUPS = ("快递员", "网约送餐员", "网约车司机", "货车司机", "家政服务员", "保安员", "护工护理员", "商场信息员")
_FIRST_BIRTH, _FIRST_JOINING = datetime.date(1966, 1, 1), datetime.date(2015, 1, 1)


def union_name(number: int) -> str:
    return f"五华区第{number + 1}新就业形态联合工会（演示）"


def make_county() -> Organization:
    """A county with its unions."""
    load_divisions()
    city = {"code": "530100", "name": "昆明市总工会（演示）", "kind": "city_federation", "division_id": "530100"}
    federation = add_organization(parent=None, by=None, **city)
    county = add_organization(
        parent=federation, by=None, name="五华区总工会（演示）", kind="county_federation", division_id="530102"
    )
    for number in range(UNIONS):
        fields = {"name": union_name(number), "kind": "grassroots_joint", "division_id": "530102"}
        add_organization(parent=county, by=None, **fields)
    return county


def people(count: int, *, changed_every: int = 0, after: int = 0) -> Iterator[list[object]]:
    """Rows of `count` different persons, the same at every call but for the employers of one in `changed_every`;
    `after` is the number of persons in the lists before.
    """
    draw = random.Random(20261122 + after)
    for number in range(after, after + count):
        born = _FIRST_BIRTH + datetime.timedelta(days=number % 14000)
        # Serials from 500 on are given to nobody: a check digit makes the rest.
        id_number = demo_id_number(f"5301{number // 14000 % 90 + 10}", born, 500 + number // (14000 * 90))
        name = draw.choice(_SURNAMES) + "".join(draw.choices(_GIVEN, k=draw.choice((1, 2, 2, 2))))
        employer = draw.randrange(EMPLOYERS)
        union, joined = draw.randrange(UNIONS), _FIRST_JOINING + datetime.timedelta(days=draw.randrange(4000))
        group, minority, rural = draw.choice(_GROUPS), draw.random() < 0.15, draw.random() < 0.6
        if changed_every and number % changed_every == 0:
            employer = EMPLOYERS + number % 7
        yield [
            name,
            "居民身份证",
            id_number,
            f"100{number:08d}",
            "男" if int(id_number[16]) % 2 else "女",
            "彝族" if minority else "汉族",
            "农村" if rural else "城镇",
            group,
            f"滇池速递第{employer}营业部有限公司（演示）",
            union_name(union),
            joined,
            "骨干" if number % 50 == 0 else "",
        ]


def write_xlsx(path: Path, count: int, *, changed_every: int = 0, after: int = 0) -> Path:
    """The list as a workbook; the day of joining is a date cell, everything else text."""
    with xlsxwriter.Workbook(str(path), {"constant_memory": True}) as workbook:
        sheet, date = workbook.add_worksheet("会员名单"), workbook.add_format({"num_format": "yyyy-mm-dd"})
        sheet.write_row(0, 0, HEADINGS)
        for line, row in enumerate(people(count, changed_every=changed_every, after=after), start=1):
            for column, value in enumerate(row):
                if isinstance(value, datetime.date):
                    sheet.write_datetime(line, column, value, date)
                elif value:
                    sheet.write_string(line, column, str(value))
    return path


def write_csv(path: Path, count: int) -> Path:
    with path.open("w", encoding="utf-8-sig", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(HEADINGS)
        writer.writerows(people(count))
    return path
