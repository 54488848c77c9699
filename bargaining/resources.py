"""The `agreements` sheet: the columns of the 集体合同情况说明 form and of the lists unions keep beside it."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from typing import Any

from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _

from bargaining.actions import WRITABLE, save_agreements
from bargaining.models import Agreement, Level
from unionportal.codes import CodeError, check_credit_code
from unionportal.free_text import holds_personal_number
from unionportal.names import identity_key
from unionportal.organizations.models import Partner
from unionportal.privacy import PhoneError, mask_phone, split_phones
from unionportal.sheets.problems import WARNING, Code, register_codes
from unionportal.sheets.resources import Row, SheetField, SheetResource, numbers_of, register
from unionportal.sheets.widgets import CellProblem, DateWidget, IntegerWidget, Note, SheetWidget, TextWidget, WordWidget

register_codes(
    {
        "agreement-credit-code": Code(
            _("The credit code %(value)s is wrong: %(why)s"),
            _("Copy it from the business licence; the row is taken without it."),
            WARNING,
        ),
        "agreement-phone": Code(
            _("%(value)s is not a phone number; the row is taken without it."), _("Correct the number."), WARNING
        ),
        "agreement-term": Code(
            _("The agreement ends on %(end)s, before it begins on %(begin)s."), _("Check the two dates.")
        ),
        "agreement-term-long": Code(
            _("The term is longer than the three years that the law allows."),
            _("Check the two dates (《集体合同规定》 art. 38)."),
            WARNING,
        ),
        "agreement-personal-number": Code(
            _("The cell holds what looks like an ID or mobile number; everybody could read it on the site."),
            _("Take it out: the handler's number has a column of its own."),
        ),
        "agreement-count": Code(
            _("“%(value)s” is no number of firms or workers that there can be."), _("Correct the number.")
        ),
        "agreement-repeated": Code(
            _("Rows %(rows)s mean the same agreement of %(employer)s."),
            _("Leave one of them, or tell them apart by the kind or the first day."),
        ),
    }
)

# More people than China has: a longer number is an account or a phone.
MOST_PEOPLE = 1_500_000_000

KINDS = {
    Agreement.Kind.COMPREHENSIVE: ["集体合同", "综合性集体合同", "综合"],
    Agreement.Kind.WAGE: ["工资专项集体合同", "工资集体协议", "工资专项", "工资集体合同", "工资"],
    Agreement.Kind.SAFETY: ["劳动安全卫生专项集体合同", "劳动安全卫生", "安全卫生"],
    Agreement.Kind.WOMEN: ["女职工权益保护专项集体合同", "女职工专项集体合同", "女职工"],
    Agreement.Kind.PLATFORM: ["新就业形态劳动者专项协议", "骑手协议", "平台协议", "新就业形态"],
    Agreement.Kind.OTHER: ["其他专项集体合同", "其他", "专项集体合同"],
}
LEVELS = {
    Level.ENTERPRISE: ["企业", "单位", "单个企业", "企业级"],
    Level.INDUSTRY: ["行业", "行业性", "行业级"],
    Level.REGION: ["区域", "区域性", "区域级", "乡镇", "街道"],
}
CONCLUSIONS = {
    Agreement.Conclusion.FIRST: ["首次", "首签", "新签", "首次签订"],
    Agreement.Conclusion.RENEWAL: ["续订", "续签", "重新签订"],
    Agreement.Conclusion.CHANGE: ["变更"],
}


class EmployerCodeWidget(SheetWidget):
    """An employer's credit code, check character included (GB 32100)."""

    def clean(self, value: Any, row: Any = None, *, note: Note, **kwargs: Any) -> str:
        try:
            return check_credit_code(value)
        except CodeError as error:
            raise CellProblem("agreement-credit-code", why=str(error))


class PhoneWidget(SheetWidget):
    """Phone numbers of the handler, one cell."""

    def clean(self, value: Any, row: Any = None, *, note: Note, **kwargs: Any) -> str:
        try:
            return "、".join(split_phones(value))
        except PhoneError:
            raise CellProblem("agreement-phone")

    def render(self, value: Any, obj: Any = None, **kwargs: Any) -> str:
        """An export shows numbers masked: it leaves the portal."""
        return "、".join(mask_phone(phone) for phone in str(value or "").split("、") if phone)


@register
class AgreementResource(SheetResource):
    """One row is one agreement.

    It is one that exists by employer (credit code, else name), kind and first day. An agreement that came from a
    negotiation here is corrected there: the sheet leaves it as it is.
    """

    kind = "agreements"
    title = _("Agreements")
    model = Agreement
    lone_field = "employer_name"
    subject_words = ("集体合同", "合同", "协议", "工资协议")
    undo_parts = ()
    columns = (
        SheetField(
            "employer_name",
            "单位名称",
            TextWidget(200),
            required=True,
            headings=["企业名称", "用人单位", "用人单位名称", "公司名称", "单位", "签订单位", "employer"],
            example="示例物流有限公司",
            width=30,
        ),
        SheetField(
            "credit_code",
            "统一社会信用代码",
            EmployerCodeWidget(),
            headings=["信用代码", "社会信用代码", "单位统一社会信用代码", "credit_code"],
            width=22,
        ),
        SheetField(
            "coverage",
            "集体合同覆盖范围",
            TextWidget(300),
            headings=["覆盖范围", "适用范围", "覆盖单位", "coverage"],
            example="公司全体职工",
            width=26,
        ),
        SheetField(
            "firms_covered", "覆盖企业数", IntegerWidget(), headings=["覆盖企业", "企业数", "企业家数"], width=10
        ),
        SheetField(
            "workers_covered",
            "涉及职工人数",
            IntegerWidget(),
            headings=["覆盖职工数", "覆盖职工人数", "职工人数", "职工数", "涉及职工数", "覆盖人数", "workers"],
            example="69",
            width=12,
        ),
        SheetField(
            "term_from",
            "生效日期",
            DateWidget(level="error"),
            required=True,
            headings=["生效时间", "起始日期", "合同起始日期", "有效期起", "开始日期", "term_from"],
            example="2026-01-01",
            width=12,
        ),
        SheetField(
            "term_to",
            "终止日期",
            DateWidget(level="error"),
            required=True,
            headings=["终止时间", "截止日期", "合同终止日期", "有效期止", "到期日期", "结束日期", "term_to"],
            example="2026-12-31",
            width=12,
        ),
        SheetField("handler", "经办人", TextWidget(60), headings=["联系人", "经办人姓名"], private=True, width=10),
        SheetField(
            "handler_phone",
            "联系电话",
            PhoneWidget(),
            headings=["电话", "经办人电话", "联系方式", "手机"],
            private=True,
            width=14,
        ),
        SheetField("title", "合同名称", TextWidget(160), headings=["集体合同名称", "协议名称", "名称"], width=30),
        SheetField(
            "kind",
            "合同类型",
            WordWidget(KINDS, inside=True),
            headings=["合同种类", "类型", "类别", "协议类型"],
            example="工资专项集体合同",
            width=16,
        ),
        SheetField("level", "协商层级", WordWidget(LEVELS, inside=True), headings=["层级", "级别"], width=10),
        SheetField(
            "conclusion",
            "签订方式",
            WordWidget(CONCLUSIONS, inside=True),
            headings=["首次/续订/变更", "首签续签", "签订类型"],
            width=10,
        ),
        SheetField("signed_on", "签订日期", DateWidget(), headings=["签订时间", "签字日期", "签约日期"], width=12),
    )

    def prepare(self) -> None:
        self.partners = {identity_key(partner.name): partner for partner in self.context.visible(Partner)}
        self.held: dict[tuple[str, str, Any], Agreement] = {}
        for agreement in self.context.editable(Agreement).filter(organization=self.context.organization):
            self.held[agreement.identity, agreement.kind, agreement.term_from] = agreement
            if agreement.credit_code:
                self.held[agreement.credit_code, agreement.kind, agreement.term_from] = agreement

    def check_rows(self, rows: Sequence[Row]) -> None:
        for row in self.context.passing(rows):
            values = row.values
            row.label = values.get("employer_name", "")
            begin, end = values.get("term_from"), values.get("term_to")
            if begin and end and end <= begin:
                row.report("agreement-term", "term_to", begin=begin.isoformat(), end=end.isoformat())
            elif begin and end and (end - begin).days > 3 * 365 + 1:
                row.report("agreement-term-long", "term_to")
            for name in ("firms_covered", "workers_covered"):
                if (values.get(name) or 0) > MOST_PEOPLE:
                    row.report("agreement-count", name, value=values.pop(name))
            for name in Agreement.plain_texts:
                if holds_personal_number(values.get(name) or ""):
                    row.report("agreement-personal-number", name, value="")
            if "kind" not in values and "title" in values:
                values["kind"] = WordWidget(KINDS, inside=True).find(values["title"]) or Agreement.Kind.COMPREHENSIVE
            values.setdefault("kind", Agreement.Kind.COMPREHENSIVE)
            if partner := self.partners.get(identity_key(values.get("employer_name", ""))):
                values["employer"] = partner

    def identify(self, rows: Sequence[Row]) -> None:
        meant: defaultdict[tuple[Any, ...], list[Row]] = defaultdict(list)
        for row in rows:
            values = row.values
            if not all(values.get(part) for part in ("employer_name", "kind", "term_from")):
                continue
            name = identity_key(values["employer_name"])[:200]
            keys = [(key, values["kind"], values["term_from"]) for key in (values.get("credit_code"), name) if key]
            row.existing = next((self.held[key] for key in keys if key in self.held), None)
            meant[(row.existing.pk,) if row.existing else (name, *keys[-1][1:])].append(row)
        for same in meant.values():
            for row in same if len(same) > 1 else ():
                row.report("agreement-repeated", "employer_name", rows=numbers_of(same), employer=row.label)

    def _new_values(self, row: Row) -> dict[str, Any]:
        return {name: value for name, value in row.values.items() if name in WRITABLE}

    def compare(self, row: Row) -> None:
        agreement = row.existing
        if agreement is None or agreement.negotiation_id:
            return
        for name, value in self._new_values(row).items():
            old = getattr(agreement, name)
            if old != value:
                private = self.by_name[name].private if name in self.by_name else False
                row.changes[name] = ("***", "***") if private else (_shown(old), _shown(value))

    def save(self, rows: Sequence[Row], *, by: Any) -> None:
        agreements = []
        for row in rows:
            agreement = row.existing or Agreement(
                organization=self.context.organization, status=Agreement.Status.IN_FORCE
            )
            for name, value in self._new_values(row).items():
                setattr(agreement, name, value)
            agreement.title = agreement.title or f"{agreement.employer_name}{KINDS[agreement.kind][0]}"[:160]
            agreements.append(agreement)
        save_agreements(agreements, by=by, wrote=self.context.wrote_of(len(rows)))

    def export_rows(self, queryset: QuerySet[Any]) -> Any:
        return super().export_rows(queryset.select_related("employer"))


def _shown(value: Any) -> str:
    return "" if value is None else str(value)
