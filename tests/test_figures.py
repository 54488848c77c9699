from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from unionportal.figures import Figure, FigureError, Qualifier, money, parse_figure, to_fen

Q = Qualifier


@pytest.mark.parametrize(
    ("text", "value", "unit", "qualifier"),
    [
        ("近60", 60, "", Q.NEARLY),
        ("近40万元", 400_000, "元", Q.NEARLY),
        ("6万多元", 60_000, "元", Q.OVER),
        ("60多万元", 600_000, "元", Q.OVER),
        ("10余万元", 100_000, "元", Q.OVER),
        ("2460多万元", 24_600_000, "元", Q.OVER),
        ("44万余人次", 440_000, "人次", Q.OVER),
        ("1000余人", 1000, "人", Q.OVER),
        ("70余场", 70, "场", Q.OVER),
        ("200多名", 200, "名", Q.OVER),
        ("超5000家", 5000, "家", Q.OVER),
        ("上万", 10_000, "", Q.AT_LEAST),
        ("上千人", 1000, "人", Q.AT_LEAST),
        ("数千", 1000, "", Q.SEVERAL),
        ("数十万元", 100_000, "元", Q.SEVERAL),
        ("12.8万人(次)", 128_000, "人次", Q.EXACT),
        ("12.8万人（次）", 128_000, "人次", Q.EXACT),
        ("1.8万件", 18_000, "件", Q.EXACT),
        ("3名", 3, "名", Q.EXACT),
        ("150名左右", 150, "名", Q.ABOUT),
        ("约300人", 300, "人", Q.ABOUT),
        ("1000名以上", 1000, "名", Q.AT_LEAST),
        ("不超过20人", 20, "人", Q.AT_MOST),
        ("6.84万元", 68_400, "元", Q.EXACT),
        ("3千万元", 30_000_000, "元", Q.EXACT),
        ("12亿元", 1_200_000_000, "元", Q.EXACT),
        ("１，１０２万元", 11_020_000, "元", Q.EXACT),
        ("0.5元", Decimal("0.5"), "元", Q.EXACT),
    ],
)
def test_a_figure_is_read_with_its_unit_and_its_qualifier(text, value, unit, qualifier):
    assert parse_figure(text) == Figure(Decimal(value), unit, qualifier)


@pytest.mark.parametrize(
    ("text", "low", "high", "unit", "per"),
    [
        ("5000元至7000元", 5000, 7000, "元", ""),
        ("60元~300元", 60, 300, "元", ""),
        ("60元～300元", 60, 300, "元", ""),
        ("20至22元/小时", 20, 22, "元", "小时"),
        ("8—12人", 8, 12, "人", ""),
        ("1至2万元", 10_000, 20_000, "元", ""),
        ("5000元-1万元", 5000, 10_000, "元", ""),
        ("5000至1万元", 5000, 10_000, "元", ""),
        ("月薪5000-7000元", 5000, 7000, "元", "月"),
    ],
)
def test_a_range_is_read_with_both_ends(text, low, high, unit, per):
    assert parse_figure(text) == Figure(Decimal(low), unit, high=Decimal(high), per=per)


@pytest.mark.parametrize(
    ("text", "per"), [("22元/小时", "小时"), ("2000元/月", "月"), ("月薪7000元", "月"), ("22元", "")]
)
def test_a_rate_keeps_what_it_is_per(text, per):
    assert parse_figure(text).per == per


@pytest.mark.parametrize("text", ["", "面议", "元", "近1000余人", "约200名左右", "1.2.3万", "万", "10%的人", "-5人"])
def test_what_is_no_figure_is_refused(text):
    with pytest.raises(FigureError) as caught:
        parse_figure(text)
    assert caught.value.code == "figure-format"


@pytest.mark.parametrize("text", ["7000元至5000元", "3人至5元"])
def test_a_range_the_wrong_way_round_or_of_two_units_is_refused(text):
    with pytest.raises(FigureError) as caught:
        parse_figure(text)
    assert caught.value.code == "figure-range"


@pytest.mark.parametrize(
    "text",
    [
        *(
            "近60",
            "6万多元",
            "60多万元",
            "10余万元",
            "2460多万元",
            "44万余人次",
            "1000余人",
            "上万",
            "数千",
            "200多名",
        ),
        *(
            "5000元至7000元",
            "150名左右",
            "1000名以上",
            "3名",
            "12.8万人次",
            "6.84万元",
            "22元/小时",
            "15130人",
            "超5000家",
        ),
    ],
)
def test_a_figure_is_printed_as_it_was_read(text):
    assert str(parse_figure(text)) == text


def test_a_figure_that_was_never_printed_takes_the_usual_words():
    assert str(Figure(Decimal(60_000), "元", Q.OVER)) == "6万多元"
    assert str(Figure(Decimal(600_000), "元", Q.OVER)) == "60多万元"
    assert str(Figure(Decimal(25_586), "人")) == "25586人"
    assert str(Figure(Decimal(128_000), "人次")) == "12.8万人次"
    assert str(Figure(Decimal(10_000), "人", Q.SEVERAL)) == "数万人"
    assert str(Figure(Decimal(20), "元", high=Decimal(22), per="小时")) == "20元至22元/小时"


@given(
    st.decimals(0, 10**9, places=2),
    st.sampled_from(["", "元", "人", "人次", "场次", "家", "件"]),
    st.sampled_from([q for q in Q if q != Q.SEVERAL]),
)
def test_what_is_printed_reads_back_as_the_same_figure(value, unit, qualifier):
    figure = Figure(value, unit, qualifier)
    assert parse_figure(str(figure)) == figure


def test_several_of_an_odd_number_and_a_backward_range_are_refused():
    with pytest.raises(ValueError):
        Figure(Decimal(5000), "人", Q.SEVERAL)
    with pytest.raises(ValueError):
        Figure(Decimal(2), "人", high=Decimal(1))


# Money


def test_the_printed_total_of_the_chairs_allowance():
    assert money(19 * 300 * 12 * 100) == "6.84万元"


@pytest.mark.parametrize(
    ("fen", "text"),
    [
        (0, "0元"),
        (5, "0.05元"),
        (123_450, "1234.5元"),
        (999_999, "9999.99元"),
        (1_000_000, "1万元"),
        (1_234_500, "1.2345万元"),
        (1_234_501, "12345.01元"),
        (254_700_000, "254.7万元"),
        (-6_840_000, "-6.84万元"),
    ],
)
def test_money_is_printed_without_rounding(fen, text):
    assert money(fen) == text


@given(st.integers(0, 10**13))
def test_money_reads_back_to_the_fen(fen):
    assert parse_figure(money(fen)).fen == fen


def test_less_than_a_fen_is_refused_instead_of_rounded():
    with pytest.raises(FigureError) as caught:
        to_fen(Decimal("0.001"))
    assert caught.value.code == "figure-fen"


def test_people_are_not_money():
    with pytest.raises(FigureError) as caught:
        _fen = parse_figure("3名").fen
    assert caught.value.code == "figure-not-money"
