from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from unionportal.codes import (
    CodeError,
    DivisionLevel,
    IdKind,
    check_character,
    check_credit_code,
    check_division_code,
    check_resident_id,
    division_level,
    division_parent,
    has_valid_check_character,
    id_check_digit,
    is_union_credit_code,
)

TODAY = date(2026, 11, 22)


def refusal(check, value, **options) -> str:
    with pytest.raises(CodeError) as caught:
        check(value, **options)
    assert str(caught.value)
    return caught.value.code


def completed(first_17: str) -> str:
    return first_17 + id_check_digit(first_17)


# Resident ID


def test_the_two_numbers_printed_in_the_standard_are_accepted():
    woman = check_resident_id("11010519491231002X")
    assert (woman.division, woman.birth_date, woman.gender) == ("110105", date(1949, 12, 31), "F")
    man = check_resident_id("440524188001010014")
    assert (man.birth_date, man.gender, man.kind) == (date(1880, 1, 1), "M", IdKind.RESIDENT)


def test_a_number_is_read_as_people_type_it():
    assert check_resident_id(" １１０１０５ 19491231 002x ").number == "11010519491231002X"
    assert check_resident_id("'11010519491231002x").number == "11010519491231002X"
    # As copied out of a chat or an address book, with marks of direction that nobody sees.
    assert check_resident_id("\u202a11010519491231002x\u202c\t").number == "11010519491231002X"
    assert check_resident_id("\u2068110105\u206019491231002x\u2069").number == "11010519491231002X"


@pytest.mark.parametrize(
    ("first_17", "kind", "division"),
    [
        ("81000019900101001", IdKind.HONG_KONG, "810000"),
        ("82000019900101001", IdKind.MACAO, "820000"),
        ("83000019900101001", IdKind.TAIWAN, "830000"),
        ("93784019900101001", IdKind.FOREIGNER, "370000"),
        ("37089919900101001", IdKind.RESIDENT, "370899"),
    ],
)
def test_permits_and_unknown_divisions_are_accepted(first_17, kind, division):
    checked = check_resident_id(completed(first_17))
    assert (checked.kind, checked.division) == (kind, division)


@pytest.mark.parametrize(
    ("value", "code"),
    [
        ("", "id-length"),
        (True, "id-length"),
        ("11010519491231002", "id-length"),
        ("110105194912310020X", "id-length"),
        ("110105491231002", "id-15-digits"),
        ("1101051949123100AX", "id-format"),
        ("01010519491231002X", "id-format"),
        ("110105194913310025", "id-date"),
        (completed("11010519490229001"), "id-date"),
        (completed("11010520261123001"), "id-date"),
        (completed("11010500010101001"), "id-date"),
        ("110105194912310021", "id-check-digit"),
        ("11010519491231020X", "id-check-digit"),
    ],
)
def test_a_wrong_number_is_refused_with_its_reason(value, code):
    assert refusal(check_resident_id, value, today=TODAY) == code


@pytest.mark.parametrize(
    "cell",
    [
        "5.30102E+17",
        "5.3E+17",
        5.30102199001011e17,
        530102199001011000,
        float("nan"),
        "530102199001011000",
    ],
)
def test_a_number_that_a_spreadsheet_mangled_is_told_apart(cell):
    assert refusal(check_resident_id, cell, today=TODAY) == "id-lost-digits"


def test_a_numeric_cell_is_refused_even_when_its_check_digit_happens_to_fit():
    number = next(n for n in (completed(f"53010219900101{serial:03}") for serial in range(1000)) if n.isdigit())
    assert check_resident_id(number, today=TODAY)
    assert refusal(check_resident_id, int(number), today=TODAY) == "id-lost-digits"


def test_an_old_number_in_a_numeric_cell_is_still_named_an_old_number():
    assert refusal(check_resident_id, 110105491231002.0) == "id-15-digits"


def test_neither_the_error_nor_the_repr_shows_the_number():
    with pytest.raises(CodeError) as caught:
        check_resident_id("110105194912310021")
    assert "110105194912310021" not in str(caught.value) + repr(caught.value)
    assert "11010519491231002X" not in repr(check_resident_id("11010519491231002X"))


@given(position=st.integers(0, 16), shift=st.integers(1, 9))
def test_any_single_wrong_digit_is_found(position, shift):
    number = "11010519491231002X"
    wrong = number[:position] + str((int(number[position]) + shift) % 10) + number[position + 1 :]
    with pytest.raises(CodeError):
        check_resident_id(wrong)


# Credit code


@pytest.mark.parametrize(
    "code",
    [
        "81370800F7PRCDM5B0",
        "813708003Q5GTCBFP0",
        "81370800MC00000019",
        "91110108551385082Q",
        "91350100M000100Y43",
    ],
)
def test_good_credit_codes_pass_also_those_whose_check_digit_is_zero(code):
    assert check_credit_code(f" {code[:8]}-{code[8:].lower()} ") == code
    assert is_union_credit_code(code) == code.startswith("81")


def test_a_rural_collective_whose_code_begins_with_a_letter_passes():
    first_17 = "N2370811MF1234567"
    passing = [first_17 + c for c in "0123456789ABCDEFGHJKLMNPQRTUWXY" if not failing(first_17 + c)]
    assert len(passing) == 1


def failing(code: str) -> bool:
    try:
        check_credit_code(code)
    except CodeError:
        return True
    return False


@pytest.mark.parametrize(
    ("value", "code"),
    [
        ("91110108551385082", "credit-length"),
        ("91110108551385082O", "credit-format"),
        ("9111010A551385082Q", "credit-format"),
        ("91110108551385083Q", "credit-check-digit"),
        (911101085513850820, "credit-lost-digits"),
        ("9.11101E+17", "credit-lost-digits"),
    ],
)
def test_a_wrong_credit_code_is_refused_with_its_reason(value, code):
    assert refusal(check_credit_code, value) == code


def test_a_broken_union_code_is_not_a_union_code():
    assert not is_union_credit_code("81370800MC00000018")


# Divisions


@pytest.mark.parametrize(
    ("code", "level", "parent"),
    [
        ("370000", DivisionLevel.PROVINCE, None),
        ("370800", DivisionLevel.CITY, "370000"),
        ("370811", DivisionLevel.COUNTY, "370800"),
        ("429004", DivisionLevel.COUNTY, "429000"),
        ("370811001", DivisionLevel.STREET, "370811"),
        ("370811001002", DivisionLevel.COMMUNITY, "370811001"),
        ("370811001000", DivisionLevel.STREET, "370811"),
        ("370800000000", DivisionLevel.CITY, "370000"),
        (370811.0, DivisionLevel.COUNTY, "370800"),
    ],
)
def test_a_division_knows_its_level_and_its_parent(code, level, parent):
    assert (division_level(code), division_parent(code)) == (level, parent)


def test_zeros_that_only_fill_up_a_division_are_dropped():
    assert check_division_code("370811000000") == "370811"


@pytest.mark.parametrize("value", ["", "3708", "3708110", "37081A", "070811", "3708110010021"])
def test_a_wrong_division_code_is_refused(value):
    assert refusal(check_division_code, value) == "division-format"


# Station check character


def test_the_example_of_the_standard_library_of_check_digits_holds():
    assert check_character("A12425GABC1234002") == "M"


def test_hyphens_and_small_letters_do_not_change_the_check_character():
    assert check_character("370811-001-yz-0001") == check_character("370811001YZ0001")


ALPHABET = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ"


@given(st.text(ALPHABET, min_size=1, max_size=20), st.data())
def test_any_single_wrong_character_of_a_station_code_is_found(text, data):
    code = text + check_character(text)
    assert has_valid_check_character(code)
    position = data.draw(st.integers(0, len(code) - 1))
    other = data.draw(st.sampled_from(ALPHABET).filter(lambda c: c != code[position]))
    assert not has_valid_check_character(code[:position] + other + code[position + 1 :])


def test_a_station_code_with_other_letters_is_refused():
    assert refusal(check_character, "济宁001") == "check-alphabet"
    assert not has_valid_check_character("济宁001")
    assert not has_valid_check_character("")
