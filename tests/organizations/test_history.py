"""Nothing changes without a trace: who, when, from where, before and after."""

from __future__ import annotations

import pytest
from django.apps import apps
from django.db.models import Value
from django.db.models.functions import Concat

from stations.models import Station
from tests.factories import make_account, make_county, make_station, make_union
from unionportal.audit.actions import record_look
from unionportal.audit.context import acting, address_of
from unionportal.audit.models import AuditEvent
from unionportal.organizations.actions import reset_password
from unionportal.organizations.models import Account, Organization
from unionportal.organizations.roles import Role

pytestmark = pytest.mark.django_db


def events_of(record):
    """The trigger history of a record, oldest first."""
    model = apps.get_model(record._meta.app_label, f"{record._meta.object_name}Event")
    return model.objects.filter(pgh_obj_id=record.pk).order_by("pgh_id")


def test_a_change_is_recorded_with_its_actor_and_address():
    county = make_county()
    clerk = make_account(Role.CLERK, county)
    station = make_station(county, "甲驿站")
    with acting(clerk, ip="203.0.113.7", source="/admin/"):
        station.name = "乙驿站"
        station.save()
    first, last = events_of(station).first(), events_of(station).last()
    assert (first.pgh_label, first.name) == ("insert", "甲驿站")
    assert (last.pgh_label, last.name) == ("update", "乙驿站")
    assert last.pgh_context.metadata["user"] == clerk.pk
    assert last.pgh_context.metadata["ip"] == "203.0.113.7"


def test_a_bulk_update_past_the_models_is_recorded_row_by_row():
    county = make_county()
    stations = [make_station(county, name) for name in ("甲驿站", "乙驿站", "丙驿站")]
    Station.objects.update(theme=Concat(Value("主题"), "name"))
    assert [events_of(station).last().theme for station in stations] == ["主题甲驿站", "主题乙驿站", "主题丙驿站"]


def test_an_update_that_changes_nothing_leaves_no_event():
    station = make_station(make_county())
    before = events_of(station).count()
    Station.objects.filter(pk=station.pk).update(name=station.name)
    assert events_of(station).count() == before


def test_a_deleted_union_stays_in_the_history():
    union = make_union(make_county(), "甲工会")
    pk = union.pk
    events = events_of(union).model
    Organization.objects.get(pk=pk).delete()
    assert events.objects.filter(pgh_obj_id=pk).order_by("pgh_id").last().pgh_label == "delete"


def test_history_itself_can_be_neither_changed_nor_deleted():
    station = make_station(make_county())
    event = events_of(station).first()
    with pytest.raises(Exception, match="append_only"):
        type(event).objects.filter(pk=event.pk).update(name="nobody saw")


def test_a_password_never_enters_the_history():
    account = make_account(Role.CLERK, make_county())
    reset_password(account, by=None)
    fields = {field.name for field in events_of(account).model._meta.fields}
    assert "password" not in fields
    assert Account.objects.get(pk=account.pk).must_change_password


def test_a_look_at_personal_data_needs_a_purpose():
    county = make_county()
    clerk, station = make_account(Role.CLERK, county), make_station(county)
    with pytest.raises(ValueError, match="purpose"):
        record_look(station, "keeper_phone", by=clerk, purpose="  ")
    record_look(station, "keeper_phone", by=clerk, purpose="核实停电")
    assert AuditEvent.objects.looks().about(station).get().purpose == "核实停电"


def test_the_visitors_own_forwarded_header_is_not_believed(rf, settings):
    settings.PROXY_COUNT = 1
    request = rf.get("/", HTTP_X_FORWARDED_FOR="6.6.6.6, 203.0.113.5", REMOTE_ADDR="10.0.0.2")
    assert address_of(request) == "203.0.113.5"
    settings.PROXY_COUNT = 0
    assert address_of(request) == "10.0.0.2"
