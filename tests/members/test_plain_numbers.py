"""No number of a person stands in plain words: remarks are sealed, messages refuse it."""

from __future__ import annotations

from importlib import import_module

import pytest
from django.core.exceptions import ValidationError
from django.db import connection

from members.actions import (
    HIMSELF,
    answer_request,
    ask_about_data,
    ask_more,
    ask_transfer,
    change_membership,
    refuse_applications,
)
from members.forms import JoinForm, TransferForm
from members.migrations import __name__ as migrations
from members.models import Member
from tests.members.people import apply, make_member, new_id, new_phone


def raw(table: str) -> list[str]:
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT remarks FROM {table} WHERE remarks <> ''")
        return [row[0] for row in cursor.fetchall()]


def test_remarks_are_ciphertext_on_record_and_in_the_history(catch_all):
    words = f"妻子电话{new_phone()}，身份证{new_id()}"
    member = make_member(catch_all, remarks=words)
    member.remarks += "。"
    member.save()
    assert Member.objects.get(pk=member.pk).remarks == words + "。"
    for table in ("members_member", "members_memberevent"):
        held = raw(table)
        assert held
        assert not [text for text in held if "电话" in text or "1" * 5 in text or words[:4] in text]


def test_remarks_written_before_are_sealed_by_the_migration_and_opened_by_its_reverse(catch_all):
    sealing = import_module(f"{migrations}.0004_sealed_remarks")
    member = make_member(catch_all, remarks="住院")
    with connection.schema_editor() as editor:
        sealing.open_remarks(None, editor)
    assert raw("members_member") == ["住院"]
    assert set(raw("members_memberevent")) == {"住院"}
    with connection.schema_editor() as editor:
        sealing.seal_remarks(None, editor)
    assert "住院" not in raw("members_member") + raw("members_memberevent")
    assert Member.objects.get(pk=member.pk).remarks == "住院"


@pytest.mark.parametrize("number", [new_phone, new_id], ids=["a phone", "an ID number"])
def test_what_the_person_or_others_read_refuses_a_number(catch_all, panlong, clerk, number):
    words = f"请联系{number()}"
    member, application = make_member(catch_all), apply()
    request = ask_about_data(member, kind="copy", text=words)  # sealed: his own words are his
    for verb in (
        lambda: ask_more(application, message=words, by=clerk),
        lambda: refuse_applications([application], reason=words, by=clerk),
        lambda: answer_request(request, answer=words, by=clerk),
        lambda: ask_transfer(member, to=panlong, by=HIMSELF, reason=words),
        lambda: change_membership(member, "retain", by=clerk, reason=words),
    ):
        with pytest.raises(ValidationError) as refused:
            verb()
        assert refused.value.code == "personal_number"


def test_a_form_says_so_at_the_field(catch_all):
    form = TransferForm({"organization": catch_all.code, "reason": f"找{new_phone()}"})
    assert "手机号" in form.errors["reason"][0]
    assert "手机号" in JoinForm({"employer_name": f"站长{new_phone()}"}).errors["employer_name"][0]
