"""A courier joins: the pages from the notice to the card, and what they never tell."""

import re

import pytest
from django.contrib.sessions.models import Session
from django.db import connection
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from members.actions import (
    HIMSELF,
    accept_application,
    ask_more,
    ask_transfer,
    change_membership,
    refuse_applications,
    show_id_number,
)
from members.models import Application, ConsentText, DataRequest, Member
from tests.factories import PASSWORD
from tests.members.people import apply, make_member, new_id, new_phone
from unionportal.limits import RateCount
from unionportal.sheets.actions import apply_run, hand_in


@pytest.fixture(autouse=True)
def quiet(capfd):
    """Codes are printed on the server's console; here they stay out of the test's."""


def new_minute():
    """As if a minute had passed for everybody's codes."""
    RateCount.objects.all().delete()


def code_on(page):
    return re.search(r"data-demo-code>(\d{6})<", page.content.decode())[1]


def begin(client, phone, address="/join/", **headers):
    return client.post(address, {"agreed": "on", "phone": phone, "version": "v1"}, **headers)


def prove(client, phone, address="/join/"):
    begin(client, phone, address)
    return client.post("/join/code/", {"code": code_on(client.get("/join/code/"))})


def details(number, **fields):
    return {
        "name": "演示·赵某",
        "id_number": number,
        "occupation_group": "courier",
        "employer_name": "",
        "division": "530102001",
        **fields,
    }


def join(client, phone, number, address="/join/", **fields):
    prove(client, phone, address)
    return client.post("/join/details/", details(number, **fields), follow=True)


def log_in(client, phone):
    new_minute()
    client.post("/me/log-in/", {"phone": phone})
    return client.post("/me/log-in/code/", {"code": code_on(client.get("/me/log-in/code/"))}, follow=True)


# --- The way -------------------------------------------------------------------------------------------------


@pytest.mark.system("A055")
def test_a_courier_joins_in_three_steps_and_sees_his_card(catch_all, clerk):
    phone, number = new_phone(), new_id()
    client = Client()
    page = join(client, phone, number).content.decode()
    assert "已提交" in page or "Submitted" in page
    application = Application.objects.get()
    assert (application.organization, application.channel, application.consent_id) == (catch_all, "web", "v1")
    assert application.consented_at < application.submitted_at
    member = accept_application(application, by=clerk)
    page = client.get("/me/").content.decode()
    assert member.card_number in page
    image = client.get("/me/card.svg")
    assert (image["Content-Type"], image["Cache-Control"].split(",")[0]) == ("image/svg+xml", "max-age=0")
    assert log_in(Client(), phone).context["member"] == member


@pytest.mark.system("A055")
def test_a_unions_code_leads_to_that_union_and_asks_no_street(wuhua, catch_all):
    client = Client()
    prove(client, new_phone(), f"/join/{wuhua.code}/")
    assert "division" not in client.get("/join/details/").context["form"].fields
    client.post("/join/details/", details(new_id()))
    application = Application.objects.get()
    assert (application.organization, application.routed_by, application.channel) == (wuhua, "qr", "qr")


def test_an_unknown_or_dissolved_unions_code_is_not_found(wuhua):
    assert Client().get("/join/NOBODY/").status_code == 404
    type(wuhua).objects.filter(pk=wuhua.pk).update(status="dissolved")
    assert Client().get(f"/join/{wuhua.code}/").status_code == 404


def test_nothing_is_taken_before_the_notice_is_agreed_to(catch_all):
    client = Client()
    answer = client.post("/join/", {"phone": new_phone(), "version": "v1"})
    assert "agreed" in answer.context["form"].errors
    assert not RateCount.objects.exists()
    assert not Session.objects.exists()


def test_who_read_an_older_notice_reads_the_new_one_first(catch_all):
    ConsentText.objects.create(version="v2", notice="新告知", pledge="…", in_force_from=timezone.localdate())
    client = Client()
    assert "agreed" in begin(client, new_phone()).context["form"].errors
    assert "新告知" in client.get("/join/").content.decode()


def test_steps_cannot_be_skipped(catch_all):
    client = Client()
    assert client.get("/join/code/").url == "/join/"
    assert client.get("/join/details/").url == "/join/"
    begin(client, new_phone())
    assert client.post("/join/details/", details(new_id())).url == "/join/"
    assert client.get("/me/").url == "/me/log-in/"
    assert not Application.objects.exists()


def test_a_wrong_code_opens_nothing(catch_all):
    client = Client()
    begin(client, new_phone())
    code = code_on(client.get("/join/code/"))
    wrong = f"{(int(code) + 1) % 1_000_000:06d}"
    assert "code" in client.post("/join/code/", {"code": wrong}).context["form"].errors
    assert client.get("/join/details/").url == "/join/"


@pytest.mark.parametrize(
    ("number", "why"),
    [
        ("530102850101001", "id-15-digits"),
        ("53010219850101997", "id-length"),
        ("530102198513019970", "id-date"),
        ("530102198501019970", "id-check-digit"),
    ],
)
def test_a_number_that_cannot_be_is_refused_with_the_reason(catch_all, number, why):
    client = Client()
    prove(client, new_phone())
    answer = client.post("/join/details/", details(number))
    assert [error.code for error in answer.context["form"].errors.as_data()["id_number"]] == [why]


def test_full_width_digits_and_a_small_x_are_read(catch_all):
    number = next(n for n in (new_id() for _ in range(400)) if n.endswith("X"))
    wide = number.lower().translate(str.maketrans("0123456789", "０１２３４５６７８９"))
    join(Client(), new_phone(), f" {wide} ")
    assert Application.objects.get().id_number == number


def test_what_the_union_asks_for_is_completed_on_the_page(catch_all, clerk):
    client = Client()
    join(client, new_phone(), new_id())
    application = Application.objects.get()
    ask_more(application, message="请核对姓名", by=clerk)
    assert "请核对姓名" in client.get("/me/").content.decode()
    client.post("/me/application/", details(application.id_number, name="演示·钱某"))
    application.refresh_from_db()
    assert (application.state, application.name) == ("submitted", "演示·钱某")


def test_withdrawing_is_one_press(catch_all):
    client = Client()
    join(client, new_phone(), new_id())
    client.post("/me/withdraw/")
    assert Application.objects.get().state == "withdrawn"


def test_a_member_leaves_after_saying_so_twice(catch_all):
    member, client = make_member(catch_all), Client()
    log_in(client, member.phone)
    client.post("/me/leave/", {})
    member.refresh_from_db()
    assert member.state == "active"
    client.post("/me/leave/", {"sure": "on"})
    member.refresh_from_db()
    assert member.state == "left"
    assert client.get("/me/card.svg").status_code == 404


def test_who_was_refused_applies_again_without_logging_out(catch_all, clerk):
    phone, number = new_phone(), new_id()
    client = Client()
    join(client, phone, number)
    refuse_applications([Application.objects.get()], reason="证件看不清", by=clerk)
    assert 'href="/join/"' in client.get("/me/").content.decode()
    assert client.get("/join/").status_code == 200
    new_minute()
    join(client, phone, number)
    assert sorted(Application.objects.values_list("state", flat=True)) == ["refused", "submitted"]
    assert client.get("/join/").url == "/me/"


def test_who_left_applies_again_and_finds_his_application_after_a_new_log_in(catch_all, clerk):
    member = make_member(catch_all, name="演示·赵某")
    change_membership(member, "leave", by=HIMSELF)
    client = Client()
    log_in(client, member.phone)
    assert client.get("/join/").status_code == 200
    new_minute()
    join(client, member.phone, member.id_number)
    ask_more(Application.objects.get(), message="请补充单位", by=clerk)
    page = log_in(Client(), member.phone)
    assert (page.context["member"], page.context["can_complete"]) == (member, True)
    assert "请补充单位" in page.content.decode()
    accept_application(Application.objects.get(), by=clerk)
    member.refresh_from_db()
    assert member.state == "active"


def test_a_member_reads_what_is_held_about_him(catch_all):
    member = make_member(catch_all, household="rural", ethnic_group="彝族", employer_name="演示物流站")
    page = log_in(Client(), member.phone).content.decode()
    held = (
        member.name,
        member.masked_id_number,
        member.masked_phone,
        "农村",
        "彝族",
        "演示物流站",
        str(member.birth_date.year),
    )
    assert [text for text in held if text not in page] == []


def test_a_transfer_is_taken_back_on_the_page(catch_all, panlong):
    member = make_member(panlong)
    client = Client()
    log_in(client, member.phone)
    ask_transfer(member, to=catch_all, by=HIMSELF)
    assert "/me/transfer/withdraw/" in client.get("/me/").content.decode()
    client.post("/me/transfer/withdraw/")
    member.refresh_from_db()
    assert (member.state, member.transfers.get().state) == ("active", "withdrawn")
    client.post("/me/transfer/withdraw/")
    assert client.get("/me/transfer/withdraw/").status_code == 405


def test_a_member_asks_for_a_transfer_and_a_correction(catch_all, panlong):
    member, client = make_member(panlong), Client()
    log_in(client, member.phone)
    client.post("/me/transfer/", {"organization": catch_all.code.lower()})
    assert member.transfers.get().to_organization == catch_all
    client.post("/me/ask/", {"kind": "correction", "text": "单位变了"})
    assert DataRequest.objects.get().member == member


# --- Somebody known ------------------------------------------------------------------------------------------


def test_somebody_known_meets_his_own_record_after_code_and_number(catch_all):
    member, client = make_member(catch_all), Client()
    prove(client, member.phone)
    assert member.name not in client.get("/join/details/").content.decode()
    page = client.post("/join/details/", details(member.id_number), follow=True)
    assert page.context["member"] == member
    assert not Application.objects.exists()


def test_known_and_unknown_phones_get_the_same_pages(catch_all):
    member = make_member(catch_all)

    def pages(phone):
        client, new = Client(), []
        new_minute()
        answer = client.post("/me/log-in/", {"phone": phone})
        page = re.sub(r"100\*{4}\d{4}|\d{6}|value=\"\w+\"", "", client.get("/me/log-in/code/").content.decode())
        with_queries = len(connection.queries)
        new += [answer.status_code, answer.url, page, with_queries]
        return new

    assert pages(member.phone) == pages(new_phone())


def test_a_stranger_with_the_full_number_sees_no_difference_to_a_new_person(catch_all):
    member = make_member(catch_all)
    page = join(Client(), new_phone(), member.id_number)
    other = join(Client(), new_phone(), new_id())
    assert page.redirect_chain == other.redirect_chain
    assert page.context["member"] is None
    assert page.context["application"].state == other.context["application"].state


def test_two_people_with_one_phone_are_told_apart_by_the_number(catch_all):
    phone = new_phone()
    one, two = make_member(catch_all, phone=phone), make_member(catch_all, phone=phone, name="演示·孙某")
    client = Client()
    page = log_in(client, phone).content.decode()
    assert one.name not in page
    assert two.name not in page
    page = client.post("/me/log-in/code/", {"id_number": two.id_number}, follow=True)
    assert page.context["member"] == two


# --- Sessions ------------------------------------------------------------------------------------------------


def test_the_session_id_changes_at_log_in_and_log_out(catch_all):
    member, client = make_member(catch_all), Client()
    client.get("/me/log-in/")
    client.post("/me/log-in/", {"phone": member.phone})
    before = client.session.session_key
    client.post("/me/log-in/code/", {"code": code_on(client.get("/me/log-in/code/"))})
    inside = client.session.session_key
    client.post("/me/log-out/")
    assert len({before, inside, client.session.session_key}) == 3
    assert client.get("/me/").url == "/me/log-in/"


def test_a_member_is_no_member_of_staff(catch_all):
    member, client = make_member(catch_all), Client()
    log_in(client, member.phone)
    assert client.get("/admin/").status_code == 302


def test_an_account_that_logs_in_on_the_device_ends_the_members_session_and_back(catch_all, clerk):
    member, client = make_member(catch_all), Client()
    log_in(client, member.phone)
    client.post("/admin/login/", {"username": "wuhua-clerk", "password": PASSWORD})
    assert client.get("/me/").url == "/me/log-in/"
    log_in(client, member.phone)
    assert client.get("/me/").status_code == 200
    assert client.get("/admin/").status_code == 302


def test_another_phone_on_the_record_ends_the_session(catch_all):
    member, client = make_member(catch_all), Client()
    log_in(client, member.phone)
    member.phone = new_phone()
    member.save()
    assert client.get("/me/").url == "/me/log-in/"


def test_forms_need_their_token_and_pages_are_not_cached(catch_all):
    client = Client(enforce_csrf_checks=True)
    assert client.post("/join/", {"agreed": "on", "phone": new_phone(), "version": "v1"}).status_code == 403
    assert "no-store" in client.get("/join/")["Cache-Control"]


# --- Who looked ----------------------------------------------------------------------------------------------


def test_the_member_sees_who_looked_when_and_why_but_no_name_of_staff(catch_all, clerk):
    member, client = make_member(catch_all), Client()
    show_id_number(member, by=clerk, purpose="核对入会材料")
    page = log_in(client, member.phone).content.decode()
    assert "核对入会材料" in page
    assert clerk.organization.name in page
    assert clerk.display_name not in page


def test_a_look_at_the_application_is_shown_to_the_member_he_became(catch_all, clerk):
    application = apply()
    show_id_number(application, by=clerk, purpose="电话核实")
    accept_application(application, by=clerk)
    assert "电话核实" in log_in(Client(), application.phone).content.decode()


# --- Nothing leaks -------------------------------------------------------------------------------------------


TABLES = "SELECT table_name FROM information_schema.tables WHERE table_schema = 'public' AND table_type = 'BASE TABLE'"


def everything_stored():
    """Every column of every table, history and queues too, as one string (bytes as hex); sessions also opened."""
    parts = []
    with connection.cursor() as cursor:
        cursor.execute(TABLES)
        for (table,) in cursor.fetchall():
            cursor.execute(f'SELECT t::text FROM "{table}" t')
            parts += [row for (row,) in cursor.fetchall()]
    parts += [str(session.get_decoded()) for session in Session.objects.all()]
    return "\n".join(filter(None, parts))


def test_no_table_holds_an_id_number_or_phone_in_plain(catch_all, clerk):
    phone, number = new_phone(), new_id()
    halfway = Client()
    begin(halfway, new_phone())
    client = Client()
    join(client, phone, number)
    application = Application.objects.get()
    ask_more(application, message="请补充", by=clerk)
    client.post("/me/application/", details(number, name="演示·周某"))
    show_id_number(application, by=clerk, purpose="核对材料")
    member = accept_application(application, by=clerk)
    client.post("/me/ask/", {"kind": "correction", "text": f"我的新手机是{new_phone()}，证件{number}"})
    member.name = "演示·吴某"
    member.save()
    from_sheet, its_phone, wrong = new_id(), new_phone(), number[:-1] + ("0" if number[-1] != "0" else "1")
    rows = [f"演示·郑某,{from_sheet},{its_phone}", f"演示·冯某,{number},{phone}", f"演示·陈某,{wrong},{phone}"]
    sheet = "\n".join(["姓名,证件号码,手机号码", *rows]).encode()
    run, _found = hand_in(sheet, filename="会员.csv", kind="members", organization=catch_all, by=clerk)
    apply_run(run, by=clerk, good_rows_only=True)
    assert Member.objects.count() == 2
    stored = everything_stored()
    assert "演示·吴某" in stored  # the search sees what is stored
    known = {number, phone, from_sheet, its_phone, wrong}
    assert not {value for value in known if value in stored or value.encode().hex() in stored}
    assert not re.search(r"100[23]\d{7}(?!\d)", re.sub(r"[0-9a-f]{40,}", "", stored))


def test_the_console_and_the_pages_show_masks_only(catch_all, clerk, capfd, caplog):
    phone, number = new_phone(), new_id()
    client = Client()
    pages = join(client, phone, number).content.decode() + client.get("/me/").content.decode()
    told = "".join(capfd.readouterr()) + caplog.text
    assert phone not in pages + told
    assert number not in pages + told
    assert f"{phone[:3]}****{phone[-4:]}" in pages


# --- A union's poster ----------------------------------------------------------------------------------------


def test_staff_print_the_code_of_their_own_unions_only(catch_all, clerk, stranger):
    client = Client()
    assert client.get(reverse("members:union-code", args=[catch_all.code])).status_code == 302
    client.force_login(clerk)
    page = client.get(reverse("members:union-code", args=[catch_all.code])).content.decode()
    assert f"/join/{catch_all.code}/" in page
    svg = client.get(reverse("members:union-code-svg", args=[catch_all.code]))
    assert svg["Content-Type"] == "image/svg+xml"
    client.force_login(stranger)
    assert client.get(reverse("members:union-code", args=[catch_all.code])).status_code == 404


def test_codes_are_shown_on_the_page_only_where_settings_say_so(catch_all, settings):
    settings.SHOW_PHONE_CODES = False
    client = Client()
    begin(client, new_phone())
    assert "data-demo-code" not in client.get("/join/code/").content.decode()


def test_submissions_are_limited(catch_all, settings):
    client, phone = Client(), new_phone()
    prove(client, phone)
    for _ in range(10):
        client.post("/join/details/", details("bad"))
    # A form that does not hold counts for nothing; ten that do are the most a phone can send in a day.
    for _ in range(10):
        taken = apply()
        answer = client.post("/join/details/", details(taken.id_number))
        assert answer.status_code == 200
    assert client.post("/join/details/", details(new_id())).status_code == 200
    assert Application.objects.filter(phone_hash=Application._meta.get_field("phone_hash").hash_of(phone)).count() == 0


@pytest.mark.parametrize(
    ("wanted", "reached"),
    [("/campaigns/", "/campaigns/"), ("https://evil.example/", "/me/"), ("//evil.example/", "/me/"), ("", "/me/")],
)
@pytest.mark.django_db
def test_the_log_in_leads_back_to_the_page_that_sent_there_and_never_elsewhere(client, wuhua, wanted, reached):
    phone = new_phone()
    make_member(wuhua, phone=phone)
    client.get("/me/log-in/", {"next": wanted})
    client.post("/me/log-in/", {"phone": phone})
    code = code_on(client.get("/me/log-in/code/"))
    assert client.post("/me/log-in/code/", {"code": code}).url == reached
