"""The staff's pages: the queue, the register, whole numbers for a purpose."""

import datetime

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from members.actions import ask_about_data, ask_transfer
from members.forms import DataRequestForm
from members.models import Application, Member
from tests.factories import make_account
from tests.members.people import apply, make_member, new_id, new_phone
from unionportal.audit.models import AuditEvent


@pytest.fixture
def desk(clerk):
    client = Client()
    client.force_login(clerk)
    return client


def page(client, name, *args, **query):
    return client.get(reverse(f"admin:members_{name}", args=args), query)


def names_on(answer):
    return [row.name for row in answer.context["cl"].result_list]


def test_the_queue_shows_overdue_ones_first_and_decided_ones_last(catch_all, desk, clerk):
    late, new, gone = apply(name="演示·甲某"), apply(name="演示·乙某"), apply(name="演示·丙某")
    Application.objects.filter(pk=late.pk).update(due_on=timezone.localdate() - datetime.timedelta(days=2))
    Application.objects.filter(pk=gone.pk).update(state="withdrawn")
    answer = page(desk, "application_changelist")
    assert names_on(answer) == [late.name, new.name, gone.name]
    assert late.id_number not in answer.content.decode()
    assert late.phone not in answer.content.decode()
    assert names_on(page(desk, "application_changelist", queue="overdue")) == [late.name]


def test_a_clerk_of_another_county_finds_nothing_there(catch_all, stranger):
    application, member, client = apply(), make_member(catch_all), Client()
    client.force_login(stranger)
    assert names_on(page(client, "application_changelist")) == []
    for address in (
        reverse("admin:members_application_change", args=[application.pk]),
        reverse("admin:members_application_do", args=[application.pk, "accept"]),
        reverse("admin:members_application_look", args=[application.pk, "phone"]),
        reverse("admin:members_member_change", args=[member.pk]),
        reverse("admin:members_member_do", args=[member.pk, "leave"]),
    ):
        assert client.get(address).status_code == 404
        assert client.post(address, {"_sure": "1", "purpose": "看看"}).status_code == 404
    # A whole number finds nobody out of reach either.
    assert names_on(page(client, "member_changelist", q=member.id_number)) == []


@pytest.mark.system("A055")
def test_a_clerk_accepts_with_the_card_seen(catch_all, desk):
    application = apply()
    address = reverse("admin:members_application_do", args=[application.pk, "accept"])
    assert desk.get(address).status_code == 200
    desk.post(address, {"method": "document_seen", "_sure": "1"})
    application.refresh_from_db()
    assert application.member.verification == "verified"


def test_asking_and_refusing_owe_words(catch_all, desk):
    application = apply()
    address = reverse("admin:members_application_do", args=[application.pk, "ask_more"])
    desk.post(address, {"reason": "", "_sure": "1"})
    application.refresh_from_db()
    assert application.state == "submitted"
    desk.post(address, {"reason": "请补充单位", "_sure": "1"})
    application.refresh_from_db()
    assert (application.state, application.message) == ("more_asked", "请补充单位")


def test_several_are_accepted_after_one_question(catch_all, desk):
    chosen = [apply().pk, apply().pk]
    address = reverse("admin:members_application_changelist")
    asked = desk.post(address, {"action": "accept_several", "_selected_action": chosen})
    assert asked.status_code == 200
    assert not Member.objects.exists()
    desk.post(address, {"action": "accept_several", "_selected_action": chosen, "method": "", "_sure": "1"})
    assert Member.objects.count() == 2


def test_nobody_edits_what_an_applicant_stated(catch_all, desk):
    application = apply()
    address = reverse("admin:members_application_change", args=[application.pk])
    assert desk.get(address).status_code == 200
    assert desk.post(address, {"name": "演示·别人"}).status_code == 403


def test_a_clerk_enters_an_application_with_the_consent_given_before_him(catch_all, desk, clerk):
    form = {
        "organization": catch_all.pk,
        "channel": "mobile",
        "name": "演示·无机",
        "id_number": new_id(),
        "phone": "",
        "occupation_group": "courier",
        "employer_name": "",
        "division": "",
    }
    address = reverse("admin:members_application_add")
    assert "agreed" in desk.post(address, form).context["adminform"].form.errors
    answer = desk.post(address, {**form, "agreed": "on"})
    assert answer.status_code == 302
    application = Application.objects.get()
    assert (application.entered_by, application.channel, application.id_number) == (
        clerk,
        "mobile",
        form["id_number"],
    )
    repeated = desk.post(address, {**form, "agreed": "on"})
    assert "id_number" in repeated.context["adminform"].form.errors


def test_a_whole_number_appears_after_a_purpose_only(catch_all, desk, clerk):
    member = make_member(catch_all)
    shown = page(desk, "member_change", member.pk).content.decode()
    assert member.id_number not in shown
    address = reverse("admin:members_member_look", args=[member.pk, "id_number"])
    assert member.id_number not in desk.get(address).content.decode()
    assert member.id_number not in desk.post(address, {"purpose": ""}).content.decode()
    answer = desk.post(address, {"purpose": "核对社保"})
    assert member.id_number in answer.content.decode()
    assert "no-store" in answer["Cache-Control"]
    assert AuditEvent.objects.looks().get().purpose == "核对社保"


def test_who_only_reads_sees_masks_and_no_buttons(catch_all, wuhua):
    member, client = make_member(catch_all), Client()
    client.force_login(make_account("read_only", wuhua))
    shown = page(client, "member_change", member.pk)
    assert shown.status_code == 200
    assert member.masked_phone in shown.content.decode()
    assert list(shown.context["panel"]["buttons"]) == []
    address = reverse("admin:members_member_look", args=[member.pk, "phone"])
    assert client.post(address, {"purpose": "看看"}).status_code == 403


def test_a_member_is_found_by_name_initials_or_whole_number_but_by_no_part_of_it(catch_all, desk):
    member = make_member(catch_all, name="张小燕")
    make_member(catch_all, name="李大山")
    for words in ("小燕", "zxy", member.card_number, member.id_number, f" {member.phone} "):
        assert names_on(page(desk, "member_changelist", q=words)) == ["张小燕"]
    assert names_on(page(desk, "member_changelist", q=member.id_number[:12])) == []


def test_a_member_is_saved_with_a_new_phone_and_keeps_his_number(catch_all, desk):
    member, phone = make_member(catch_all), new_phone()
    form = {
        "name": member.name,
        "new_id_number": "",
        "new_phone": phone,
        "gender": "M",
        "birth_date": member.birth_date.isoformat(),
        "ethnic_group": "白族",
        "household": "",
        "occupation_group": "courier",
        "platform": "",
        "employer": "",
        "employer_name": "",
        "joined_on": "2024-05-01",
        "card_number": member.card_number,
        "remarks": "",
        "spells-TOTAL_FORMS": "0",
        "spells-INITIAL_FORMS": "0",
    }
    answer = desk.post(reverse("admin:members_member_change", args=[member.pk]), form)
    assert answer.status_code == 302, answer.context["errors"]
    saved = Member.objects.get()
    assert (saved.phone, saved.id_number, saved.ethnic_group) == (phone, member.id_number, "白族")
    assert list(Member.objects.with_phone(phone)) == [saved]


def test_a_transfer_is_taken_over_and_a_request_answered(catch_all, panlong, desk):
    member = make_member(panlong)
    transfer = ask_transfer(member, to=catch_all, by=None)
    desk.post(reverse("admin:members_transfer_do", args=[transfer.pk, "accept"]), {"_sure": "1"})
    member.refresh_from_db()
    assert member.organization == catch_all
    request = ask_about_data(member, kind="correction", text="单位变了")
    desk.post(reverse("admin:members_datarequest_answer", args=[request.pk]), {"answer": "已更正", "_sure": "1"})
    request.refresh_from_db()
    assert request.state == "done"


def test_the_home_page_names_who_waits(catch_all, desk):
    application = apply()
    Application.objects.update(due_on=timezone.localdate() - datetime.timedelta(days=1))
    assert application.name in desk.get("/admin/").content.decode()


def test_an_export_of_the_register_is_masked(catch_all, desk):
    member = make_member(catch_all)
    answer = desk.get(reverse("admin:members_member_export", args=["csv"]))
    text = b"".join(answer.streaming_content).decode("utf-8-sig")
    assert member.name in text
    assert member.id_number not in text
    assert member.phone not in text


def test_a_change_history_shows_no_whole_number(catch_all, desk):
    member = make_member(catch_all)
    number, phone = member.id_number, member.phone
    member.phone = new_phone()
    member.save()
    shown = page(desk, "member_history", member.pk)
    assert shown.status_code == 200
    for value in (number, phone, member.phone):
        assert value not in shown.content.decode()


@pytest.mark.system("A050")
def test_members_are_counted_by_the_groups_of_2018_and_2021(catch_all, desk):
    for code in ("courier", "ride_hailing", "security_guard", "employee"):
        make_member(catch_all, name=f"演示·{code}", occupation_group_id=code)
    eight = names_on(page(desk, "member_changelist", group="eight"))
    assert set(eight) == {"演示·courier", "演示·security_guard"}
    key = names_on(page(desk, "member_changelist", group="key"))
    assert set(key) == {"演示·courier", "演示·ride_hailing"}
    assert Member.objects.key_groups().count() == 2


# --- Words ---------------------------------------------------------------------------------------------------


def test_the_list_of_transfers_says_from_where_to_where(catch_all, panlong, desk):
    ask_transfer(make_member(panlong), to=catch_all, by=None)
    text = page(desk, "transfer_changelist").content.decode()
    assert "转出工会" in text
    assert "转入工会" in text


def test_a_member_is_asked_what_his_request_is_about():
    assert str(DataRequestForm().fields["text"].label) == "请说明"
