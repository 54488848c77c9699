import base64

import pytest
from django.core.exceptions import FieldError, ImproperlyConfigured
from django.db import connection, models
from django.test.utils import isolate_apps
from hypothesis import given
from hypothesis import strategies as st

from unionportal import privacy
from unionportal.privacy import (
    EncryptedTextField,
    LookupHashField,
    PhoneError,
    PrivacyError,
    Sealed,
    looks_like_mobile,
    lookup_hash,
    mask_id_number,
    mask_landline,
    mask_name,
    mask_phone,
    normalize_phone,
    seal,
    split_phones,
    unseal,
)

ID_NUMBER = "11010519491231002X"
COLUMN = "members.member.id_number"


def key(filling: int) -> str:
    return base64.b64encode(bytes([filling]) * 32).decode()


@pytest.fixture(autouse=True)
def keys(settings):
    settings.PRIVACY_KEYS = {"k1": key(1), "k2": key(2)}
    settings.PRIVACY_KEY_ID = "k1"
    settings.PRIVACY_HASH_KEY = key(3)
    settings.DEMO_PHONE_NUMBERS = False


# Sealing


@pytest.mark.parametrize("value", [ID_NUMBER, "张三", "", "x" * 5000])
def test_what_is_sealed_opens_again(value):
    assert unseal(seal(value, COLUMN), COLUMN) == value


def test_a_token_names_its_key_and_hides_the_value():
    first, second = seal(ID_NUMBER, COLUMN), seal(ID_NUMBER, COLUMN)
    assert first.startswith("k1.") and first != second
    assert ID_NUMBER not in first


def test_a_value_moved_to_another_column_does_not_open():
    with pytest.raises(PrivacyError):
        unseal(seal(ID_NUMBER, COLUMN), "members.member.phone")


def test_any_changed_byte_is_found():
    key_id, body = seal("秘", COLUMN).split(".")
    raw = base64.b64decode(body)
    for position in range(len(raw)):
        changed = raw[:position] + bytes([raw[position] ^ 1]) + raw[position + 1 :]
        with pytest.raises(PrivacyError):
            unseal(f"{key_id}.{base64.b64encode(changed).decode()}", COLUMN)


@pytest.mark.parametrize("token", ["", "plain text", "k1.", "k1.AAAA", "k1.not base64!", "k9.AAAA"])
def test_text_that_was_never_sealed_does_not_open(token):
    with pytest.raises(PrivacyError):
        unseal(token, COLUMN)


def test_after_a_rotation_old_values_open_and_new_ones_use_the_new_key(settings):
    old = seal(ID_NUMBER, COLUMN)
    settings.PRIVACY_KEY_ID = "k2"
    assert unseal(old, COLUMN) == ID_NUMBER
    assert seal(ID_NUMBER, COLUMN).startswith("k2.")


def test_a_retired_key_opens_nothing(settings):
    old = seal(ID_NUMBER, COLUMN)
    settings.PRIVACY_KEYS = {"k2": key(2)}
    with pytest.raises(PrivacyError):
        unseal(old, COLUMN)


def test_the_error_does_not_repeat_the_value():
    with pytest.raises(PrivacyError) as caught:
        unseal(ID_NUMBER, COLUMN)
    assert ID_NUMBER not in str(caught.value)


@pytest.mark.parametrize("bad", [base64.b64encode(b"short").decode(), "not base64!"])
def test_a_bad_key_is_a_configuration_error(settings, bad):
    settings.PRIVACY_KEYS = {"k1": bad}
    with pytest.raises(ImproperlyConfigured):
        seal("x", COLUMN)


def test_an_unknown_current_key_is_a_configuration_error(settings):
    settings.PRIVACY_KEY_ID = "k9"
    with pytest.raises(ImproperlyConfigured):
        seal("x", COLUMN)


def test_a_look_up_hash_depends_on_value_purpose_and_key(settings):
    found = lookup_hash(ID_NUMBER, "resident_id")
    assert found == lookup_hash(ID_NUMBER, "resident_id") and len(found) == 64
    assert found != lookup_hash("440524188001010014", "resident_id")
    assert found != lookup_hash(ID_NUMBER, "phone")
    settings.PRIVACY_HASH_KEY = key(4)
    assert found != lookup_hash(ID_NUMBER, "resident_id")


# Fields


@pytest.fixture
def person_model(transactional_db):
    with isolate_apps("unionportal"):

        class Person(models.Model):  # noqa: DJ008
            id_number = EncryptedTextField(null=True, blank=True)
            phone = EncryptedTextField(blank=True, default="")
            phone_hash = LookupHashField(source="phone", purpose="phone", normalize=normalize_phone)

            class Meta:
                app_label = "unionportal"

        with connection.schema_editor() as editor:
            editor.create_model(Person)
        yield Person
        with connection.schema_editor() as editor:
            editor.delete_model(Person)


def stored(model) -> list[tuple]:
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT id_number, phone, phone_hash FROM {model._meta.db_table} ORDER BY id")
        return cursor.fetchall()


def test_the_database_never_sees_the_text(person_model):
    person = person_model.objects.create(id_number=ID_NUMBER, phone="13800138000")
    id_number, phone, phone_hash = stored(person_model)[0]
    assert unseal(id_number, "unionportal.person.id_number") == ID_NUMBER
    assert unseal(phone, "unionportal.person.phone") == "13800138000"
    assert phone_hash == person.phone_hash == lookup_hash("13800138000", "phone")
    assert person_model.objects.get().id_number == ID_NUMBER


def test_nothing_is_decrypted_before_it_is_read(person_model, monkeypatch):
    person_model.objects.create(id_number=ID_NUMBER)
    opened = []
    monkeypatch.setattr(privacy, "unseal", lambda *args: opened.append(args) or ID_NUMBER)
    person = person_model.objects.get()
    assert opened == []
    assert (person.id_number, person.id_number) == (ID_NUMBER, ID_NUMBER)
    assert len(opened) == 1


def test_a_deferred_column_is_fetched_and_opened(person_model):
    person_model.objects.create(id_number=ID_NUMBER)
    assert person_model.objects.defer("id_number").get().id_number == ID_NUMBER


def test_values_gives_something_that_opens_but_never_shows_itself_in_a_log(person_model):
    person_model.objects.create(id_number=ID_NUMBER)
    value = person_model.objects.values_list("id_number", flat=True).get()
    assert isinstance(value, Sealed) and str(value) == ID_NUMBER
    assert ID_NUMBER not in repr(value)


def test_nothing_and_empty_stay_apart(person_model):
    person_model.objects.create(id_number=None, phone="")
    person_model.objects.create(id_number="", phone="")
    assert [row[0] for row in stored(person_model)] == [None, ""]
    assert [row[2] for row in stored(person_model)] == [None, None]
    assert [p.id_number for p in person_model.objects.order_by("id")] == [None, ""]
    assert person_model.objects.filter(id_number__isnull=True).count() == 1


def test_bulk_writes_are_sealed_and_hashed_too(person_model):
    people = person_model.objects.bulk_create([person_model(phone="138 0013 8000"), person_model(phone="12351")])
    assert [row[2] for row in stored(person_model)] == [lookup_hash(n, "phone") for n in ("13800138000", "12351")]
    people[0].id_number = ID_NUMBER
    person_model.objects.bulk_update(people, ["id_number"])
    person_model.objects.filter(pk=people[1].pk).update(id_number="x")
    tokens = [row[0] for row in stored(person_model)]
    assert [unseal(t, "unionportal.person.id_number") for t in tokens] == [ID_NUMBER, "x"]


def test_a_value_swapped_between_columns_in_the_database_does_not_open(person_model):
    person_model.objects.create(id_number=ID_NUMBER, phone="13800138000")
    with connection.cursor() as cursor:
        cursor.execute(f"UPDATE {person_model._meta.db_table} SET phone = id_number")
    with pytest.raises(PrivacyError):
        _opened = person_model.objects.get().phone


def test_saving_an_old_row_seals_it_with_the_current_key(person_model, settings):
    person_model.objects.create(id_number=ID_NUMBER)
    settings.PRIVACY_KEY_ID = "k2"
    person_model.objects.get().save()
    assert stored(person_model)[0][0].startswith("k2.")


def test_a_sealed_column_cannot_be_filtered_on(person_model):
    with pytest.raises(FieldError, match="look-up hash"):
        person_model.objects.filter(id_number=ID_NUMBER)


def test_a_person_is_found_by_the_hash_however_the_phone_is_typed(person_model):
    person = person_model.objects.create(phone="+86 138-0013-8000")
    field = person_model._meta.get_field("phone_hash")
    assert person_model.objects.get(phone_hash=field.hash_of("１３８００１３８０００")) == person


def test_a_partial_save_that_would_leave_the_hash_behind_is_refused(person_model):
    person = person_model.objects.create(phone="13800138000")
    person.phone = "13900139000"
    with pytest.raises(ValueError, match="phone_hash"):
        person.save(update_fields=["phone"])
    person.save(update_fields=["phone", "phone_hash"])
    assert stored(person_model)[0][2] == lookup_hash("13900139000", "phone")


def test_a_history_copy_of_the_field_opens_the_same_values(person_model):
    field = person_model._meta.get_field("id_number")
    copy = field.clone()
    assert copy.context == "unionportal.person.id_number"
    hashing = person_model._meta.get_field("phone_hash").clone()
    assert (hashing.source, hashing.purpose, hashing.normalize) == ("phone", "phone", normalize_phone)


def test_a_form_shows_one_line():
    assert EncryptedTextField().formfield().widget.input_type == "text"


# Masks


def test_masks_show_what_staff_need_and_no_more():
    assert mask_id_number(ID_NUMBER) == "110105********002X"
    assert mask_id_number("E12345678") == "E*******8"
    assert mask_id_number("") == ""
    assert mask_phone("13800135678") == "138****5678"
    assert mask_phone("0371-67956331") == "0371-****6331"
    assert mask_landline("0537-2345678") == "0537-***5678"
    assert mask_landline("010-62345678-801") == "010-****5678-***"
    assert mask_landline("67956331") == "****6331"
    assert mask_phone("12351") == "12351"
    assert (mask_name("张三"), mask_name("王小明"), mask_name("")) == ("张*", "王**", "")


# Phones


@pytest.mark.parametrize(
    ("typed", "normal"),
    [
        ("13800138000", "13800138000"),
        ("１３８ ００１３-８０００", "13800138000"),
        ("+86 138 0013 8000", "13800138000"),
        ("(+86)13800138000", "13800138000"),
        ("008613800138000", "13800138000"),
        ("8613800138000", "13800138000"),
        ("013800138000", "13800138000"),
        ("13800138000.0", "13800138000"),
        (13800138000.0, "13800138000"),
        (13800138000, "13800138000"),
        ("0371-67956331", "0371-67956331"),
        ("0371—67956331", "0371-67956331"),
        ("(0371)67956331", "0371-67956331"),
        ("（０３７１）６７９５６３３１", "0371-67956331"),
        ("037167956331", "0371-67956331"),
        ("+86-10-62345678", "010-62345678"),
        ("0766-3828009", "0766-3828009"),
        ("010-62345678转801", "010-62345678-801"),
        ("010 62345678-801", "010-62345678-801"),
        (37167956331.0, "0371-67956331"),
        ("1062345678.0", "010-62345678"),
        ("67956331", "67956331"),
        ("400-123-4567", "4001234567"),
        ("800 810 1234", "8008101234"),
        ("12351", "12351"),
        (12351.0, "12351"),
        ("0371-12351", "0371-12351"),
        ("95598", "95598"),
        ("120", "120"),
    ],
)
def test_a_phone_is_read_however_it_is_typed(typed, normal):
    assert normalize_phone(typed) == normal


@pytest.mark.parametrize(
    "typed",
    [
        "",
        "无",
        "1380013800",
        "138001380000",
        "12800138000",
        "10000000001",
        "0371-6795",
        "01-23456789",
        "张三13800138000",
    ],
)
def test_what_is_no_phone_is_refused(typed):
    with pytest.raises(PhoneError) as caught:
        normalize_phone(typed)
    assert caught.value.code == "phone-format"
    assert str(caught.value)


def test_a_rounded_phone_is_told_apart():
    with pytest.raises(PhoneError) as caught:
        normalize_phone("1.38001E+10")
    assert caught.value.code == "phone-lost-digits"


def test_demonstration_numbers_pass_only_where_they_are_allowed(settings):
    assert not looks_like_mobile("10000000001")
    settings.DEMO_PHONE_NUMBERS = True
    assert normalize_phone("100-0000-0001") == "10000000001"


@pytest.mark.parametrize(
    ("cell", "phones"),
    [
        ("0371-67956331;0371-60223349", ["0371-67956331", "0371-60223349"]),
        ("0371-67956331、60223349", ["0371-67956331", "0371-60223349"]),
        ("13800138000/13900139000", ["13800138000", "13900139000"]),
        ("13800138000,13900139000", ["13800138000", "13900139000"]),
        ("13800138000\n0371-67956331\n", ["13800138000", "0371-67956331"]),
        ("13800138000 13900139000", ["13800138000", "13900139000"]),
        ("138 0013 8000；138 0013 8000", ["13800138000"]),
        ("0371 67956331", ["0371-67956331"]),
        (13800138000.0, ["13800138000"]),
        ("", []),
        (None, []),
    ],
)
def test_two_phones_in_one_cell_come_apart(cell, phones):
    assert split_phones(cell) == phones


def test_one_bad_number_in_a_cell_is_not_dropped_in_silence():
    with pytest.raises(PhoneError):
        split_phones("13800138000、找门卫")


@given(st.text(max_size=30))
def test_reading_any_text_as_phones_either_works_or_says_why(text):
    try:
        phones = split_phones(text)
    except PhoneError:
        return
    assert all(normalize_phone(phone) == phone for phone in phones)


def test_a_landline_of_the_demonstration_passes_only_where_it_is_allowed(settings):
    settings.DEMO_PHONE_NUMBERS = True
    assert normalize_phone("087100002001") == "0871-00002001"
    settings.DEMO_PHONE_NUMBERS = False
    with pytest.raises(PhoneError):
        normalize_phone("0871-00002001")
