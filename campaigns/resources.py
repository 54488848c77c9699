"""The `jobs` sheet: posts of a job fair or of a notice, as employers' lists write them."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from typing import Any

from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _

from campaigns.actions.jobs import WRITABLE, save_posts
from campaigns.lifecycle import PostState
from campaigns.models import JobPost
from campaigns.printed import read_headcount, read_pay
from unionportal.free_text import holds_personal_number
from unionportal.names import identity_key
from unionportal.organizations.models import Partner
from unionportal.sheets.problems import WARNING, Code, register_codes
from unionportal.sheets.resources import Row, SheetField, SheetResource, numbers_of, register, surplus
from unionportal.sheets.widgets import TextWidget

register_codes(
    {
        "job-repeated": Code(
            _("Rows %(rows)s mean the same post (%(key)s)."),
            _("Leave one of them, or tell the posts apart by their names."),
        ),
        "job-headcount-unread": Code(
            _("“%(value)s” is kept as printed; no number could be read from it."),
            _("Write a number of persons, such as 200多名 or 3名."),
            WARNING,
        ),
        "job-pay-unread": Code(
            _("“%(value)s” is kept as printed; no pay could be read from it."),
            _("Write an amount or a range, such as 5000元至7000元 or 20至22元/小时."),
            WARNING,
        ),
        "job-several-trades": Code(
            _("“%(value)s” names several trades; it is kept as one post."),
            _("Give each trade a row of its own, so that members find it."),
            WARNING,
        ),
        "job-personal-number": Code(
            _("The cell holds what looks like an ID or mobile number; everybody could read it on the site."),
            _("Take it out: members tell their interest in the portal, and the union passes it on."),
        ),
    }
)


@register
class JobPostResource(SheetResource):
    """One row is one post of an employer; an open post of the same employer and name is the same one.

    Number and pay are kept as printed and read beside it. A blank cell leaves what is known.
    """

    kind = "jobs"
    title = _("Job posts")
    model = JobPost
    lone_field = "title"
    subject_words = ("岗位", "招聘", "职位", "用工")
    undo_parts = ()
    # Unlike elsewhere, where a post comes from is shown on its page.
    ignored_headings = ("序号", "序列", "No", "填报单位", "填报人")
    columns = (
        SheetField(
            "employer",
            "招聘单位",
            TextWidget(120),
            required=True,
            headings=[
                "单位",
                "单位名称",
                "企业名称",
                "用人单位",
                "用工单位",
                "公司",
                "公司名称",
                "企业",
                "employer",
                "company",
            ],
            example="示例制造有限公司",
            width=28,
        ),
        SheetField(
            "title",
            "岗位",
            TextWidget(120),
            required=True,
            headings=["岗位名称", "招聘岗位", "职位", "职位名称", "工种", "岗位工种", "post", "job", "title"],
            example="普工",
            width=24,
        ),
        SheetField(
            "headcount_text",
            "人数",
            TextWidget(40),
            headings=["招聘人数", "需求人数", "用工人数", "岗位数", "数量", "名额", "headcount", "number"],
            note=_("As printed: 3名, 200多名, 150名左右."),
            example="200多名",
        ),
        SheetField(
            "place",
            "工作地点/分配",
            TextWidget(200),
            headings=["工作地点", "地点", "工作地址", "工作区域", "用工地点", "分配", "place", "location"],
            example="五华区",
            width=24,
        ),
        SheetField(
            "pay_text",
            "薪资",
            TextWidget(120),
            headings=["薪资待遇", "工资", "工资待遇", "月薪", "待遇", "薪酬", "薪酬待遇", "福利待遇", "pay", "salary"],
            note=_("As printed: 5000元至7000元, 20至22元/小时."),
            example="5000元至7000元",
            width=18,
        ),
        SheetField(
            "requirements",
            "要求",
            TextWidget(),
            headings=["岗位要求", "任职要求", "招聘条件", "招聘要求", "条件", "资格条件", "requirements"],
            width=34,
        ),
        SheetField(
            "sign_up_text",
            "报名时间",
            TextWidget(200),
            headings=["应聘时间", "招聘时间", "报名日期", "截止时间", "when"],
            width=20,
        ),
        SheetField("source", "来源", TextWidget(200), headings=["信息来源", "出处", "source"], width=24),
    )

    # --- Rows ------------------------------------------------------------------------------------------------

    def prepare(self) -> None:
        self.partners = {identity_key(partner.name): partner for partner in self.context.visible(Partner)}
        posts = self.context.editable(JobPost).filter(organization=self.context.organization, state=PostState.OPEN)
        self.known = {post.identity: post for post in posts.select_related("employer", "organization")}

    def check_rows(self, rows: Sequence[Row]) -> None:
        for row in self.context.passing(rows):
            values = row.values
            employer = values.pop("employer", "")
            partner = self.partners.get(identity_key(employer))
            if partner is not None:
                values["employer"] = partner
            elif employer:
                values["employer_name"] = employer
            row.label = f"{employer} {values.get('title', '')}".strip()
            if values.get("headcount_text") and read_headcount(values["headcount_text"]).number is None:
                row.report("job-headcount-unread", "headcount_text")
            if values.get("pay_text") and read_pay(values["pay_text"]).from_fen is None:
                row.report("job-pay-unread", "pay_text")
            if "、" in values.get("title", ""):
                row.report("job-several-trades", "title")
            for name in JobPost.plain_texts:
                field = "employer" if name == "employer_name" else name
                if holds_personal_number(str(values.get(name, ""))):
                    row.report("job-personal-number", field, value="")

    def _draft(self, row: Row) -> JobPost:
        return JobPost(
            title=row.values.get("title", ""),
            employer=row.values.get("employer"),
            employer_name=row.values.get("employer_name", ""),
        )

    def identify(self, rows: Sequence[Row]) -> None:
        meant: defaultdict[str, list[Row]] = defaultdict(list)
        for row in rows:
            if "title" not in row.values:
                continue
            draft = self._draft(row)
            draft.prepare()
            row.existing = self.known.get(draft.identity)
            meant[draft.identity].append(row)
        for same in meant.values():
            for row in surplus(same):
                row.report("job-repeated", "title", rows=numbers_of(same), key=row.label)

    def compare(self, row: Row) -> None:
        if row.existing is None:
            return
        for name, value in row.values.items():
            old = getattr(row.existing, name)
            if old != value:
                row.changes[name] = ("" if old is None else str(old), str(value))

    def save(self, rows: Sequence[Row], *, by: Any) -> None:
        posts = []
        for row in rows:
            post = row.existing or JobPost(organization=self.context.organization)
            for name, value in row.values.items():
                if name in WRITABLE:
                    setattr(post, name, value)
            if "employer" in row.values:
                post.employer_name = ""
            posts.append(post)
        save_posts(posts, by=by, wrote=self.context.wrote_of(len(rows)))

    # --- Export ----------------------------------------------------------------------------------------------

    def export_rows(self, queryset: QuerySet[Any]) -> Any:
        return super().export_rows(queryset.select_related("employer"))

    def export_cell(self, column: SheetField, record: Any) -> str:
        return record.employer_shown if column.name == "employer" else super().export_cell(column, record)
