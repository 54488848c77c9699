"""Agreements: the sheet by which lists come in, the staff's pages, and what the public may read."""

import io
from datetime import date

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.core.management import call_command
from django.urls import reverse

from bargaining import actions
from bargaining.demo import load_bargaining
from bargaining.forms import MeetingForm, VoteForm
from bargaining.models import Agreement, Negotiation
from bargaining.resources import AgreementResource
from tests.bargaining.makers import OFFER, make_negotiation, until_draft
from tests.factories import make_account
from unionportal.audit.models import AuditEvent
from unionportal.organizations.roles import Role
from unionportal.sheets.actions import apply_run, hand_in
from unionportal.sheets.exports import exportable, write
from unionportal.sheets.resources import Context

pytestmark = pytest.mark.django_db

HEADINGS = "单位名称,统一社会信用代码,集体合同覆盖范围,涉及职工人数,生效日期,终止日期,经办人,联系电话"
ROW = "速恒物流有限公司,91110108551385082Q,公司全体职工,69人,2026-01-01,2026-12-31,演示·某,100-0000-1234"


def csv(*rows, headings=HEADINGS):
    return "\n".join([headings, *rows]).encode()


def take_in(content, organization, by):
    run, found = hand_in(content, filename="备案表.csv", kind="agreements", organization=organization, by=by)
    return run, found


def make_agreement(organization, **fields):
    defaults = {
        "title": "示例工资专项集体合同",
        "employer_name": "示例物流有限公司",
        "term_from": date(2026, 1, 1),
        "term_to": date(2030, 12, 31),
        "status": "in_force",
        "handler": "演示·某",
        "handler_phone": "10000001234",
    }
    return Agreement.objects.create(organization=organization, **{**defaults, **fields})


# --- The sheet -----------------------------------------------------------------------------------------------


def test_the_filing_form_of_a_city_is_read_as_it_comes(wuhua, clerk):
    run, found = take_in(csv(ROW), wuhua, clerk)
    assert (found.counts["created"], found.counts["rejected"]) == (1, 0)
    apply_run(run, by=clerk)
    agreement = Agreement.objects.get()
    assert (agreement.workers_covered, agreement.term_to) == (69, date(2026, 12, 31))
    assert agreement.status == "in_force" and agreement.organization == wuhua
    assert agreement.handler_phone == "10000001234"


def test_the_same_sheet_again_changes_nothing(wuhua, clerk):
    apply_run(take_in(csv(ROW), wuhua, clerk)[0], by=clerk)
    _run, found = take_in(csv(ROW), wuhua, clerk)
    assert found.counts["unchanged"] == 1
    _run, found = take_in(csv(ROW.replace("69人", "72")), wuhua, clerk)
    assert found.counts["updated"] == 1


@pytest.mark.parametrize(
    ("row", "code"),
    [
        (ROW.replace("2026-12-31", "2025-12-31"), "agreement-term"),
        (ROW.replace("速恒物流有限公司", ""), "value-required"),
        (ROW.replace("2026-01-01", ""), "value-required"),
        (ROW.replace("5082Q", "5082P"), "agreement-credit-code"),
        (ROW.replace("2026-12-31", "2031-12-31"), "agreement-term-long"),
        (ROW.replace("100-0000-1234", "找小王"), "agreement-phone"),
    ],
)
def test_each_fault_of_a_row_is_named(wuhua, clerk, row, code):
    _run, found = take_in(csv(row), wuhua, clerk)
    assert code in {problem.code for problem in found.problems}


def test_two_rows_of_one_agreement_are_sent_back(wuhua, clerk):
    _run, found = take_in(csv(ROW, ROW.replace("69人", "70")), wuhua, clerk)
    assert found.counts["rejected"] == 2


def test_a_sheet_leaves_an_agreement_of_a_negotiation_alone_and_another_county_untouched(wuhua, panlong, clerk):
    theirs = make_agreement(panlong, employer_name="速恒物流有限公司", kind="comprehensive", workers_covered=1)
    apply_run(take_in(csv(ROW), wuhua, clerk)[0], by=clerk)
    theirs.refresh_from_db()
    assert theirs.workers_covered == 1
    assert Agreement.objects.filter(organization=wuhua).count() == 1


def test_who_may_not_import_is_refused(wuhua, adviser):
    with pytest.raises(PermissionDenied):
        take_in(csv(ROW), wuhua, adviser)


def test_the_sheet_command_knows_agreements(wuhua, tmp_path, capsys):
    file = tmp_path / "agreements.csv"
    file.write_bytes(csv(ROW))
    try:
        call_command("sheet", "import", "agreements", str(file), "--organization", wuhua.code, "--apply")
    except SystemExit as stopped:
        assert not stopped.code
    assert Agreement.objects.count() == 1


def test_a_number_of_a_person_and_a_count_that_cannot_be_are_sent_back(wuhua, clerk):
    rows = (ROW.replace("公司全体职工", "联系小王10012345678"), ROW.replace("69人", "91110108551385082"))
    for row, code, field in zip(
        rows, ("agreement-personal-number", "agreement-count"), ("coverage", "workers_covered"), strict=True
    ):
        _run, found = take_in(csv(row), wuhua, clerk)
        assert (code, field) in {(problem.code, problem.field) for problem in found.problems}
        assert found.counts["rejected"] == 1
        assert "10012345678" not in repr([problem for problem in found.problems if problem.code == code])


# --- Staff pages ---------------------------------------------------------------------------------------------


def test_the_handlers_phone_is_shown_for_a_purpose_only_and_recorded(wuhua, clerk):
    agreement = make_agreement(wuhua)
    with pytest.raises(ValidationError):
        actions.show_handler_phone(agreement, by=clerk, purpose=" ")
    assert actions.show_handler_phone(agreement, by=clerk, purpose="核对续订") == "10000001234"
    assert AuditEvent.objects.filter(verb=AuditEvent.LOOK, purpose="核对续订").count() == 1


def test_a_reviewer_publishes_what_came_from_a_list_and_a_clerk_does_not(wuhua, clerk, reviewer):
    agreement = make_agreement(wuhua)
    with pytest.raises(PermissionDenied):
        actions.publish_agreement(agreement, by=clerk)
    assert actions.publish_agreement(agreement, by=reviewer).status == "published"
    with pytest.raises(ValidationError):
        actions.publish_agreement(agreement, by=reviewer)


def test_another_county_gets_404_for_every_page_of_a_negotiation(wuhua, panlong, clerk, client):
    negotiation = make_negotiation(wuhua)
    agreement = make_agreement(wuhua)
    pages = [
        reverse("admin:bargaining_negotiation_change", args=[negotiation.pk]),
        reverse("admin:bargaining_negotiation_do", args=[negotiation.pk, "offer"]),
        reverse("admin:bargaining_negotiation_check", args=[negotiation.pk]),
        reverse("admin:bargaining_agreement_change", args=[agreement.pk]),
        reverse("admin:bargaining_agreement_phone", args=[agreement.pk]),
        reverse("admin:bargaining_agreement_document", args=[agreement.pk]),
        reverse("admin:bargaining_agreement_publish", args=[agreement.pk]),
    ]
    client.force_login(make_account("clerk", panlong))
    assert [client.get(page).status_code for page in pages] == [404] * len(pages)
    client.force_login(clerk)
    assert client.get(pages[0]).status_code == 200
    assert client.get(pages[1]).status_code == 200


def test_a_step_with_something_missing_is_refused_on_its_page_and_says_what(wuhua, clerk, client):
    negotiation = make_negotiation(wuhua)
    negotiation.employers.clear()
    client.force_login(clerk)
    address = reverse("admin:bargaining_negotiation_do", args=[negotiation.pk, "offer"])
    answer = client.post(address, {"on": OFFER.isoformat(), "note": "存档"})
    assert answer.status_code == 200
    assert "请至少选择一个用人单位" in answer.content.decode()
    negotiation.refresh_from_db()
    assert negotiation.state == "preparing"


def test_a_reviewer_is_not_offered_the_clerks_steps(wuhua, reviewer, client):
    negotiation = make_negotiation(wuhua)
    client.force_login(reviewer)
    page = client.get(reverse("admin:bargaining_negotiation_change", args=[negotiation.pk])).content.decode()
    assert "/do/end/" in page
    assert "/do/offer/" not in page


def test_the_list_of_negotiations_takes_no_query_per_row(wuhua, clerk, client, django_assert_max_num_queries):
    client.force_login(clerk)
    address = reverse("admin:bargaining_negotiation_changelist")
    make_negotiation(wuhua)
    client.get(address)
    with django_assert_max_num_queries(25) as one:
        client.get(address)
    for number in range(3):
        make_negotiation(wuhua, title=f"第{number}次协商")
    with django_assert_max_num_queries(25) as four:
        client.get(address)
    assert len(one) == len(four)


def test_forms_catch_what_does_not_add_up(wuhua):
    negotiation = make_negotiation(wuhua)
    count = {"entitled": 60, "present": 61, "in_favour": 40, "against": 10, "abstained": 5}
    form = VoteForm({"on": OFFER, "body": "assembly", **count}, negotiation=negotiation)
    assert set(form.errors) == {"present", "abstained"}
    topic = negotiation.topics.get()
    said = {f"topic{topic.pk}_outcome": "agreed", f"topic{topic.pk}_figure": "很多"}
    form = MeetingForm({"on": OFFER, **said}, negotiation=negotiation)
    assert set(form.errors) == {f"topic{topic.pk}_result", f"topic{topic.pk}_figure"}


# --- The public pages ----------------------------------------------------------------------------------------


def test_the_public_sees_published_agreements_only_and_no_handler(wuhua, reviewer, client):
    hidden = make_agreement(wuhua, title="未公布的合同", employer_name="甲")
    shown = make_agreement(wuhua, title="已公布的合同", employer_name="乙")
    actions.publish_agreement(shown, by=reviewer)
    page = client.get("/agreements/").content.decode()
    assert "已公布的合同" in page and "未公布的合同" not in page
    assert client.get(hidden.get_absolute_url()).status_code == 404
    detail = client.get(shown.get_absolute_url()).content.decode()
    assert "演示·某" not in detail and "10000001234" not in detail


@pytest.mark.parametrize("query", ["?page=abc", "?page=-1", "?level=x", "?ended=1", "?q=" + "长" * 300])
def test_odd_addresses_of_the_directory_are_answered(wuhua, client, query):
    assert client.get(f"/agreements/{query}").status_code == 200


def test_a_draft_offers_no_way_to_a_public_page_that_does_not_exist(wuhua, clerk, reviewer, client):
    hidden = make_agreement(wuhua)
    client.force_login(clerk)
    page = f"/admin/bargaining/agreement/{hidden.pk}/change/"
    assert not client.get(page).context["has_absolute_url"]
    actions.publish_agreement(hidden, by=reviewer)
    shown = client.get(page).context
    assert shown["has_absolute_url"]
    assert client.get(shown["absolute_url"], follow=True).status_code == 200


def test_the_export_masks_the_handlers_phone(wuhua, clerk):
    make_agreement(wuhua)
    out = io.BytesIO()
    assert write(out, AgreementResource(Context(wuhua, clerk)), exportable(AgreementResource, clerk), "csv") == 1
    assert "示例物流有限公司" in out.getvalue().decode("utf-8-sig")
    assert b"10000001234" not in out.getvalue()


# --- The demonstration ---------------------------------------------------------------------------------------


def test_the_demonstration_tells_two_whole_stories_and_loads_twice_without_doubling(wuhua, settings):
    folder = settings.BASE_DIR / "fixtures" / "demo"
    load_bargaining(folder)
    before = Negotiation.objects.count(), Agreement.objects.count()
    load_bargaining(folder)
    assert (Negotiation.objects.count(), Agreement.objects.count()) == before
    assert Negotiation.objects.filter(state="published").count() == 2
    assert Negotiation.objects.late().count() == 1
    assert Negotiation.objects.filter(state="drafted").exists()


def test_the_words_of_a_negotiated_agreement_are_not_rewritten_in_a_form(wuhua, client):
    negotiation = make_negotiation(wuhua)
    until_draft(negotiation)
    agreement = Agreement.objects.get()
    clerk = make_account(Role.CLERK, wuhua)
    client.force_login(clerk, backend="unionportal.organizations.backends.RoleBackend")
    page = client.get(f"/admin/bargaining/agreement/{agreement.pk}/change/")
    assert page.status_code == 200 and b'name="workers_covered"' not in page.content
    data = {"workers_covered": "99999", "term_to": "2099-12-31", "clauses-TOTAL_FORMS": 0, "clauses-INITIAL_FORMS": 0}
    client.post(f"/admin/bargaining/agreement/{agreement.pk}/change/", data)
    agreement.refresh_from_db()
    assert agreement.workers_covered == 46
