"""Nobody reaches another county's rows: a walk over every address, staff page, choice, action and sheet.

The walk finds everything by itself, so that a page is covered on the day it is written. A new model whose rows
have an owner needs a sample here only if the general planter cannot make one; it then says so.
"""

from __future__ import annotations

import datetime
import functools
import importlib.util
import itertools
from collections.abc import Callable, Iterator
from decimal import Decimal
from typing import Any

import pytest
from django.apps import apps
from django.contrib import admin
from django.contrib.admin.helpers import ACTION_CHECKBOX_NAME
from django.core.exceptions import PermissionDenied
from django.db import connection, models, transaction
from django.http import HttpResponse
from django.test import Client, RequestFactory
from django.test.client import ClientHandler
from django.urls import NoReverseMatch, URLPattern, get_resolver, reverse
from django.utils import timezone

from stations.models import PositionDoubt, Station
from tests.factories import make_county, make_station, make_union
from unionportal.audit.actions import record
from unionportal.organizations.models import Account, Organization, RoleAssignment
from unionportal.organizations.roles import Role
from unionportal.scope import is_scoped
from unionportal.scoped_admin import ScopedModelAdmin
from unionportal.sheets.actions import hand_in
from unionportal.sheets.exports import exportable
from unionportal.sheets.resources import Context, kinds
from unionportal.states import StateTable

pytestmark = pytest.mark.django_db

# Stands in every text of county A's rows. Searches look for a part of it, so that an echo is no leak.
MARK, PART = "秘标甲县ZQX", "秘标甲"

# Pages for everybody: they show published rows of every county.
PUBLIC = {
    "healthz",
    "choose-language",
    "privacy",
    "about",
    "public-media",
    "stations:home",
    "stations:directory",
    "stations:detail",
    "stations:manifest",
    "stations:service-worker",
    "stations:map",
    "stations:map-data",
    "stations:map-sketch",
    "stations:data",
    "stations:geojson",
    "stations:csv",
    "stations:changes",
    "stations:hsds",
    "stations:hsds-services",
    "stations:hsds-service",
    "stations:hsds-organizations",
    "stations:poster",
    "stations:qr",
    "stations:door-qr",
    "stations:rating",
    "stations:honours",
    "stations:honours-of-year",
    "stations:feedback",
    "stations:feedback-sent",
    "stations:door",
    "stations:door-counted",
    "stations:group-code",
    "members:join",
    "members:join-union",
    "members:union-code",
    "members:union-code-svg",
    "members:card-check",
    "bargaining:directory",
    "bargaining:agreement",
    "campaigns:home",
    "campaigns:campaign",
    "campaigns:activity",
    "campaigns:pools",
    "campaigns:pool",
    "campaigns:merchant",
    "campaigns:wishes",
    "campaigns:jobs",
    "campaigns:job",
}

# Whose number a page outside the admin takes, where its name does not say so.
ROWS_OF = {
    "campaigns:sign-up": "campaigns.Activity",
    "campaigns:door": "campaigns.Activity",
    "campaigns:cancel": "campaigns.Registration",
    "campaigns:claim": "campaigns.Pool",
    "campaigns:coupon": "campaigns.Coupon",
    "campaigns:coupon-qr": "campaigns.Coupon",
    "campaigns:adopt": "campaigns.Wish",
    "campaigns:wish-verb": "campaigns.Wish",
    "campaigns:interest": "campaigns.JobPost",
    "campaigns:withdraw-interest": "campaigns.JobInterest",
}


# --- The world: county A with marked rows, county B with rows of its own, county C with none --------------------


def scoped_models() -> list[type[models.Model]]:
    return [model for model in apps.get_models() if is_scoped(model)]


def everything_at(organization: Organization, name: str) -> Account:
    """An account that holds every role at one organisation: the strongest user a county can have."""
    account = Account.objects.create(username=f"all-{name}", display_name=name, organization=organization)
    RoleAssignment.objects.bulk_create(
        [RoleAssignment(account=account, role=role, organization=organization) for role in Role]
    )
    return account


class County:
    """A county with an account that holds every role there and, if planted, one row of every scoped model."""

    def __init__(self, name: str, division: str, mark: str) -> None:
        self.mark = mark
        self.organization = make_county(name, division)
        self.account = everything_at(self.organization, mark)
        self.rows: dict[type[models.Model], models.Model] = {
            Organization: self.organization,
            Account: self.account,
        }

    def plant(self) -> None:
        for model in scoped_models():
            self.row_of(model)

    def row_of(self, model: type[models.Model]) -> models.Model:
        if model not in self.rows:
            self.rows[model] = MAKERS.get(model._meta.label, planted)(self, model)
        return self.rows[model]


def planted(county: County, model: type[models.Model], **given: Any) -> models.Model:
    """A row with its required fields filled: texts with the county's mark, references with the county's rows."""
    row = model()
    for field in model._meta.concrete_fields:
        if field.name in given:
            setattr(row, field.name, given[field.name])
        elif (field.is_relation or not field.primary_key) and not field.generated and _needs_value(field):
            setattr(row, field.name, _value_of(county, field))
    try:
        with transaction.atomic():
            row.save()
    except Exception as error:
        pytest.fail(
            f"The walk cannot make a row of {model._meta.label} by itself ({error}). "
            f"Add a sample to MAKERS in tests/test_scope_walk.py.",
            pytrace=False,
        )
    return row


def _needs_value(field: models.Field[Any, Any]) -> bool:
    if isinstance(field, models.CharField | models.TextField) and field.name in ("name", "title", "remarks", "subject"):
        return True
    return not field.null and not field.has_default() and not (field.blank and field.empty_strings_allowed)


_numbers = itertools.count(1)


def _value_of(county: County, field: models.Field[Any, Any]) -> Any:
    if isinstance(field, models.ForeignKey):
        target = field.remote_field.model
        if is_scoped(target):
            return county.row_of(target)
        return target._default_manager.first() or planted(county, target)
    if field.choices:
        return next(value for value, _label in field.flatchoices if value != "")
    for kind, value in (
        (models.DateTimeField, timezone.now()),
        (models.DateField, timezone.localdate() + datetime.timedelta(days=1)),
        (models.TimeField, datetime.time(9)),
        (models.DecimalField, Decimal(1)),
        (models.IntegerField, 1),
        (models.FloatField, 1.0),
        (models.BooleanField, True),
        (models.JSONField, {}),
        (models.BinaryField, b"x"),
    ):
        if isinstance(field, kind):
            return value
    text = f"{county.mark}{next(_numbers)}"
    return text[-field.max_length :] if field.max_length else text


def _station(county: County, model: type[models.Model]) -> models.Model:
    return make_station(county.organization, f"{county.mark}驿站", address=county.mark, keeper_phone="10012345678")


def _event(county: County, model: type[models.Model]) -> models.Model:
    return record("add", county.row_of(Station), by=county.account, purpose=county.mark)


def _doubt(county: County, model: type[models.Model]) -> models.Model:
    return PositionDoubt.objects.create(station=county.row_of(Station), code=PositionDoubt.Code.OUTSIDE)


def _role(county: County, model: type[models.Model]) -> models.Model:
    return RoleAssignment.objects.filter(account=county.account).first()


def _period(county: County, model: type[models.Model]) -> models.Model:
    return model.objects.create(station=county.row_of(Station), weekday=1, opens=480, closes=1080)


def _exception(county: County, model: type[models.Model]) -> models.Model:
    begins = timezone.now()
    ends = begins + datetime.timedelta(days=1)
    return model.objects.create(station=county.row_of(Station), begins=begins, ends=ends, reason=county.mark)


def _with(**given: Callable[[County], Any]) -> Callable[[County, type[models.Model]], models.Model]:
    """The planter's row with some fields given."""
    return lambda county, model: planted(county, model, **{name: value(county) for name, value in given.items()})


def _union_below(county: County) -> Organization:
    return make_union(county.organization, f"{county.mark}企业工会")


def _rectification(county: County, model: type[models.Model]) -> models.Model:
    return model.objects.create(
        station=county.row_of(Station),
        answer=county.row_of(apps.get_model("standards.Answer")),
        due_on=timezone.localdate(),
    )


MAKERS: dict[str, Callable[[County, type[models.Model]], models.Model]] = {
    "stations.Station": _station,
    "stations.PositionDoubt": _doubt,
    "stations.OpeningPeriod": _period,
    "stations.OpeningException": _exception,
    "stations.Rectification": _rectification,
    "stations.Honour": _with(stars=lambda county: 1, evidence=lambda county: county.mark),
    "stations.Appeal": _with(check_made=lambda county: county.row_of(apps.get_model("stations.StationAssessment"))),
    "stations.InvestmentLine": _with(station=lambda county: county.row_of(Station)),
    "stations.ShopMonth": _with(month=lambda county: datetime.date(2026, 10, 1)),
    "targets.Plan": _with(from_year=lambda county: 2026, to_year=lambda county: 2026),
    "targets.Target": _with(figure=lambda county: "10个", year=lambda county: 2026),
    "targets.Check": _with(figure=lambda county: "5个"),
    "audit.AuditEvent": _event,
    "organizations.RoleAssignment": _role,
    "members.Transfer": _with(to_organization=_union_below),
    "bargaining.Vote": _with(present=lambda county: 1, against=lambda county: 0, abstained=lambda county: 0),
    "bargaining.Agreement": _with(term_to=lambda county: datetime.date(2100, 1, 1)),
    "campaigns.Activity": _with(place=lambda county: county.mark),
    "campaigns.JobPost": _with(employer_name=lambda county: county.mark),
}


class World:
    """County A is watched; the outsiders are the strongest users of county B, with rows, and of C, without."""

    def __init__(self) -> None:
        self.a = County(f"{MARK}总工会", "530102", MARK)
        self.b = County("乙县总工会", "530103", "乙县")
        self.c = County("丙县总工会", "530111", "丙县")
        self.a.plant()
        self.b.plant()
        self._read: dict[type[models.Model], int] = {}
        self._rows: dict[type[models.Model], dict[str, dict[str, Any]]] = {}

    @property
    def outsiders(self) -> list[County]:
        return [self.b, self.c]

    def snapshot(self) -> dict[str, Any]:
        """Every row of county A as it is in the database; compared after whatever an outsider tried. A table that
        nothing has been written to since is not read again.
        """
        written = written_so_far()
        for model in scoped_models():
            count = written.get(model._meta.db_table, 0)
            if self._read.get(model) != count:
                self._read[model] = count
                self._rows[model] = rows_of(model, self.a.account)
        return {label: row for rows in self._rows.values() for label, row in rows.items()}


def written_so_far() -> dict[str, int]:
    """How many rows of each table this transaction has written or deleted, undone ones included."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT relname, n_tup_ins + n_tup_upd + n_tup_del FROM pg_stat_xact_user_tables")
        return dict(cursor.fetchall())


def rows_of(model: type[models.Model], reader: Account) -> dict[str, dict[str, Any]]:
    fields = [
        field.attname for field in model._meta.concrete_fields if field.name not in ("last_login", "last_request")
    ]
    seen = model._default_manager.visible_to(reader)
    return {f"{model._meta.label}:{row['pk']}": row for row in seen.values(*fields, pk=models.F("pk"))}


@pytest.fixture
def world() -> World:
    return World()


def test_a_row_that_changes_is_noticed(world: World) -> None:
    """Else the walk would prove nothing."""
    before = world.snapshot()
    assert world.snapshot() == before
    Station.objects.filter(pk=world.a.row_of(Station).pk).update(remarks="walk")
    assert world.snapshot() != before


def assert_unchanged(before: dict[str, Any], after: dict[str, Any], what: str) -> None:
    """Names the rows that differ, which say which page let the write through."""
    changed = sorted(row for row in before.keys() | after.keys() if before.get(row) != after.get(row))
    assert not changed, f"{what} changed rows of county A: {changed}"


_handler = ClientHandler(enforce_csrf_checks=False)


def client_of(account: Account | None) -> Client:
    """A new visitor or member of staff; all of them share one stack of middleware, which takes a while to make."""
    client = Client(raise_request_exception=True)
    client.handler = _handler
    if account is not None:
        client.force_login(account, backend="unionportal.organizations.backends.RoleBackend")
    return client


def text_of(response: HttpResponse) -> str:
    content = b"".join(response.streaming_content) if response.streaming else response.content
    return content.decode("utf-8", errors="replace")


# --- Every address --------------------------------------------------------------------------------------------


def addresses() -> Iterator[tuple[str, str, list[str]]]:
    """(full name, route, parameters) of every named address of the portal."""

    def walk(patterns: Any, namespace: str, route: str, parameters: list[str]) -> Iterator[Any]:
        for entry in patterns:
            found = [*parameters, *_parameters(entry)]
            here = route + str(entry.pattern)
            if isinstance(entry, URLPattern):
                if entry.name:
                    yield namespace + entry.name, here, found
            else:
                inner = f"{namespace}{entry.namespace}:" if entry.namespace else namespace
                yield from walk(entry.url_patterns, inner, here, found)

    yield from walk(get_resolver().url_patterns, "", "", [])


def _parameters(entry: Any) -> list[str]:
    pattern = entry.pattern
    return list(getattr(pattern, "converters", None) or pattern.regex.groupindex)


def samples(county: County, name: str, parameter: str) -> list[Any]:
    """Values of an address's parameter that name a county's rows."""
    model = _model_of(name)
    fixed: dict[str, list[Any]] = {
        "verb": verbs_of(model),
        "doubt": [county.row_of(PositionDoubt).pk],
        "format": ["xlsx", "csv"],
        "field": ["phone", "id_number"],
        "app_label": ["stations", "organizations"],
        # A photo of no check: the page of a check answers for its own only.
        "photo": [county.row_of(apps.get_model("stations.AnswerPhoto")).pk],
        "kind": [resource.kind for resource in kinds()],
        "content_type_id": [apps.get_model("contenttypes.ContentType").objects.get_for_model(Station).pk],
        "code": [county.row_of(Station).code],
    }
    if parameter == "object_id" and name == "admin:view_on_site":
        return [county.row_of(Station).pk]
    if parameter in ("object_id", "pk", "id") and model is not None:
        if is_scoped(model):
            return [county.row_of(model).pk]
        # A catalogue everybody may see, which may be empty.
        return list(model._default_manager.values_list("pk", flat=True)[:1])
    named = next((model for model in scoped_models() if model._meta.model_name == parameter), None)
    if named is not None and parameter not in fixed:
        return [county.row_of(named).pk]
    if parameter not in fixed:
        pytest.fail(
            f"The address {name} has a parameter “{parameter}”: give `samples` in tests/test_scope_walk.py a value "
            f"of it, or name the page in PUBLIC if it is for everybody.",
            pytrace=False,
        )
    return fixed[parameter]


def verbs_of(model: type[models.Model] | None) -> list[str]:
    """What a page may be asked to do: the verbs of its own transition table, or else of all tables of its app's
    `lifecycle`, what a member's page of his wish knows, and one that nobody knows.
    """
    table = getattr(admin.site._registry.get(model), "table", None) if model is not None else None
    apps_of_page = [model._meta.app_config.name] if model is not None else ["members", "bargaining", "campaigns"]
    tables = [table] if isinstance(table, StateTable) else [own for app in apps_of_page for own in tables_of(app)]
    known = {transition.verb for table in tables for transition in table.transitions}
    return sorted(known | {"hide", "show", "thank", "no_such_verb"})


@functools.cache
def tables_of(app: str) -> list[StateTable]:
    if importlib.util.find_spec(f"{app}.lifecycle") is None:
        return []
    lifecycle = importlib.import_module(f"{app}.lifecycle")
    return [value for value in vars(lifecycle).values() if isinstance(value, StateTable)]


def _model_of(name: str) -> type[models.Model] | None:
    if name in ROWS_OF:
        return apps.get_model(ROWS_OF[name])
    bare = name.removeprefix("admin:")
    for model in admin.site._registry:
        if bare.startswith(f"{model._meta.app_label}_{model._meta.model_name}_"):
            return model
    return None


def urls_about(county: County) -> Iterator[tuple[str, str, bool]]:
    """(name, address, whether it names a row of the county) of every page that is not public."""
    for name, _route, parameters in addresses():
        if name in PUBLIC:
            continue
        values = [samples(county, name, parameter) for parameter in parameters]
        model = _model_of(name)
        about_row = bool({"object_id", "pk"} & set(parameters)) and (model is None or is_scoped(model))
        for chosen in itertools.product(*values):
            try:
                yield name, reverse(name, kwargs=dict(zip(parameters, chosen, strict=True))), about_row
            except NoReverseMatch:
                continue


def refusals(name: str) -> tuple[int, ...]:
    """How a page says no. A member's page may also send a stranger to the members' log-in."""
    return (403, 404, 405) if name.startswith("admin:") else (302, 403, 404, 405)


# What forms and questions of the staff's pages are answered with.
ANSWERS = {
    "_save": "1",
    "_sure": "1",
    "sure": "1",
    "post": "yes",
    "reason": "walk",
    "purpose": "walk",
    "answer": "walk",
    "confirm": "1",
}


def test_an_outsider_gets_no_page_of_another_countys_row(world: World) -> None:
    for outsider in world.outsiders:
        client = client_of(outsider.account)
        for name, address, about_row in urls_about(world.a):
            response = client.get(address)
            assert MARK not in text_of(response), f"{name}: GET {address} shows {outsider.mark} a row of county A"
            if about_row:
                assert response.status_code in refusals(name), f"{name}: GET {address} is {response.status_code}"


def test_an_outsider_changes_nothing_by_posting_to_any_address(world: World) -> None:
    before = world.snapshot()
    for outsider in world.outsiders:
        client = client_of(outsider.account)
        session = client.cookies["sessionid"].value
        for name, address, about_row in urls_about(world.a):
            if client.cookies["sessionid"].value != session:  # logged out by the page before
                client = client_of(outsider.account)
                session = client.cookies["sessionid"].value
            response = client.post(address, {**ANSWERS, "to": outsider.organization.pk})
            assert MARK not in text_of(response), f"{name}: POST {address} shows {outsider.mark} a row of county A"
            if about_row:
                assert response.status_code in refusals(name), f"{name}: POST {address} is {response.status_code}"
        assert_unchanged(before, world.snapshot(), f"posting as {outsider.mark} to every address")


def test_a_visitor_who_is_not_logged_in_gets_no_staff_page(world: World) -> None:
    client = client_of(None)
    open_to_all = {"admin:login", "admin:jsi18n"}
    for name, address, about_row in urls_about(world.a):
        for response in (client.get(address), client.post(address, ANSWERS)):
            assert MARK not in text_of(response), f"{name}: {address} shows a visitor a row of county A"
            if (name.startswith("admin:") and name not in open_to_all) or about_row:
                assert response.status_code in (302, 403, 404, 405), f"{name}: {address} is {response.status_code}"


def test_the_county_itself_sees_its_rows(world: World) -> None:
    """Else the walk would prove nothing."""
    client = client_of(world.a.account)
    for model, model_admin in admin.site._registry.items():
        if not is_scoped(model) or not model_admin.has_view_permission(request_of(world.a.account)):
            continue
        listed = client.get(page_of(model, "changelist"))
        opened = client.get(page_of(model, "change", world.a.row_of(model).pk))
        assert listed.status_code == opened.status_code == 200, model._meta.label
        assert MARK in text_of(listed) + text_of(opened), model._meta.label


# --- Every staff page -----------------------------------------------------------------------------------------


def page_of(model: type[models.Model], page: str, *args: Any) -> str:
    return reverse(f"admin:{model._meta.app_label}_{model._meta.model_name}_{page}", args=args)


def request_of(account: Account) -> Any:
    request = RequestFactory().get("/admin/")
    request.user = account
    request.resolver_match = None
    return request


def related_fields(model: type[models.Model]) -> list[Any]:
    return [f for f in (*model._meta.fields, *model._meta.many_to_many) if f.remote_field is not None]


def test_every_staff_page_starts_from_the_scoped_base() -> None:
    plain = [
        model._meta.label
        for model, model_admin in admin.site._registry.items()
        if not isinstance(model_admin, ScopedModelAdmin)
    ]
    assert plain == []


def test_lists_searches_and_filters_show_an_outsider_nothing(world: World) -> None:
    for outsider in world.outsiders:
        client = client_of(outsider.account)
        for model, model_admin in admin.site._registry.items():
            address = page_of(model, "changelist")
            queries = [{"q": PART}, {"q": world.a.row_of(model).pk if is_scoped(model) else PART}, {"_facets": "True"}]
            for field in related_fields(model):
                target = field.remote_field.model
                if is_scoped(target):
                    queries.append({f"{field.name}__id__exact": world.a.row_of(target).pk})
                    queries.append({f"{field.name}__name__startswith": PART})
            for entry in model_admin.get_list_filter(request_of(outsider.account)):
                queries += _filter_queries(world, model, entry)
            for query in queries:
                response = client.get(address, query)
                assert MARK not in text_of(response), f"{address} {query} shows {outsider.mark} a row of county A"


def _filter_queries(world: World, model: type[models.Model], entry: Any) -> list[dict[str, Any]]:
    if not isinstance(entry, tuple):
        return []
    field = model._meta.get_field(entry[0])
    target = field.remote_field.model if field.remote_field else None
    return [{f"{entry[0]}__id__exact": world.a.row_of(target).pk}] if target and is_scoped(target) else []


def test_a_password_or_a_phone_number_cannot_be_guessed_through_a_filter(world: World) -> None:
    client = client_of(world.a.account)
    for model, parameter in ((Account, "password__startswith"), (Station, "keeper_name__startswith")):
        assert client.get(page_of(model, "changelist"), {parameter: "p"}).status_code == 400


def test_autocompletes_offer_an_outsider_nothing(world: World) -> None:
    address = reverse("admin:autocomplete")
    offered = 0
    for model in admin.site._registry:
        for field in related_fields(model):
            if field.remote_field.model not in admin.site._registry:
                continue
            query = {
                "app_label": model._meta.app_label,
                "model_name": model._meta.model_name,
                "field_name": field.name,
                "term": PART,
            }
            for outsider in world.outsiders:
                response = client_of(outsider.account).get(address, query)
                assert MARK not in response.content.decode("unicode_escape", "replace"), query
                assert not response.json().get("results") if response.status_code == 200 else True, query
            inside = client_of(world.a.account).get(address, query)
            offered += len(inside.json()["results"]) if inside.status_code == 200 else 0
    assert offered, "no autocomplete offers the county its own rows: the walk proves nothing"


def test_forms_offer_an_outsider_no_choice_of_another_county(world: World) -> None:
    for outsider in world.outsiders:
        request = request_of(outsider.account)
        for model, model_admin in admin.site._registry.items():
            form = model_admin.get_form(request)
            for inline in model_admin.get_inline_instances(request):
                _assert_no_choice(world, inline.get_formset(request).form, f"{model._meta.label} {inline.model}")
            _assert_no_choice(world, form, model._meta.label)


def _assert_no_choice(world: World, form: Any, where: str) -> None:
    for name, field in form.base_fields.items():
        rows = getattr(field, "queryset", None)
        if rows is not None and is_scoped(rows.model):
            held = rows.filter(pk=world.a.row_of(rows.model).pk)
            assert not held.exists(), f"{where}: the choices of {name} hold a row of county A"


def test_actions_on_several_rows_leave_another_county_alone(world: World) -> None:
    before = world.snapshot()
    for outsider in world.outsiders:
        for model, model_admin in admin.site._registry.items():
            if not is_scoped(model):
                continue
            pk = world.a.row_of(model).pk
            for action in model_admin.get_actions(request_of(outsider.account)):
                data = {**ANSWERS, "action": action, ACTION_CHECKBOX_NAME: [pk], "select_across": "0"}
                response = client_of(outsider.account).post(page_of(model, "changelist"), data)
                assert MARK not in text_of(response), f"{model._meta.label} {action}"
                assert world.snapshot() == before, f"{model._meta.label} {action} changed county A"


def test_nobody_adds_to_another_county_or_moves_his_own_rows_there(world: World) -> None:
    before = world.snapshot()
    for model, model_admin in admin.site._registry.items():
        if not is_scoped(model):
            continue
        data = _form_data(world, model_admin)
        own = world.b.row_of(model)
        for address in (page_of(model, "add"), page_of(model, "change", own.pk)):
            response = client_of(world.b.account).post(address, data)
            assert MARK not in text_of(response).replace(f'value="{MARK}', ""), address
            assert world.snapshot() == before, f"POST {address} changed county A"


def _form_data(world: World, model_admin: Any) -> dict[str, Any]:
    """County B's own form, with county A's row in every choice of a related row."""
    request = request_of(world.b.account)
    own = world.b.row_of(model_admin.model)
    form = model_admin.get_form(request, own, change=True)(instance=own)
    data: dict[str, Any] = {"_save": "1"}
    for name, field in form.fields.items():
        rows = getattr(field, "queryset", None)
        value = form.get_initial_for_field(field, name)
        if rows is not None and is_scoped(rows.model):
            value = world.a.row_of(rows.model).pk
        data[name] = "" if value is None else value
    for inline in model_admin.get_inline_instances(request, own):
        prefix = inline.get_formset(request, own).get_default_prefix()
        data |= {f"{prefix}-TOTAL_FORMS": "0", f"{prefix}-INITIAL_FORMS": "0"}
    return {name: value for name, value in data.items() if not isinstance(value, models.QuerySet)}


# --- Every sheet ----------------------------------------------------------------------------------------------


def test_an_export_holds_no_row_of_another_county(world: World) -> None:
    for resource in kinds():
        for outsider in world.outsiders:
            try:
                rows = exportable(resource, outsider.account)
            except PermissionDenied:
                continue
            ready = resource(Context(outsider.organization, outsider.account))
            lines = [" ".join(map(str, line)) for line in ready.export_rows(rows)]
            assert not any(MARK in line for line in lines), resource.kind
        inside = exportable(resource, world.a.account)
        assert inside.filter(pk=world.a.row_of(resource.model).pk).exists(), resource.kind


def test_an_outsider_cannot_hand_in_a_sheet_for_another_county(world: World) -> None:
    for resource in kinds():
        for outsider in world.outsiders:
            with pytest.raises(PermissionDenied):
                hand_in(
                    "名称\n甲\n".encode(),
                    filename="甲.csv",
                    kind=resource.kind,
                    organization=world.a.organization,
                    by=outsider.account,
                )


def test_an_import_offers_its_reader_no_row_of_another_county(world: World) -> None:
    for resource in kinds():
        for outsider in world.outsiders:
            context = Context(outsider.organization, outsider.account)
            rows = context.editable(resource.model)
            assert not rows.filter(pk=world.a.row_of(resource.model).pk).exists(), resource.kind
