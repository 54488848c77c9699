from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from unionportal.figures import Figure, FigureError, Qualifier, money, parse_figure, to_fen
from unionportal.numerals import chinese_number

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


# As federations print them


def read(text):
    """value, high, unit, qualifier, per of a printed figure, plain enough to compare with what a reader sees."""
    figure = parse_figure(text)
    high = None if figure.high is None else float(figure.high)
    return float(figure.value), high, figure.unit, str(figure.qualifier), figure.per


PRINTED = [
    ("2460多万元", 24_600_000, "元", "over"),
    (">100万", 1_000_000, "", "over"),
    ("30余", 30, "", "over"),
    ("60余", 60, "", "over"),
    ("1.8万件", 18_000, "件", "exact"),
    ("1.2万张", 12_000, "张", "exact"),
    ("135件", 135, "件", "exact"),
    ("300余张", 300, "张", "over"),
    ("70余场", 70, "场", "over"),
    ("1500余人", 1500, "人", "over"),
    ("44万余人次", 440_000, "人次", "over"),
    ("30多万", 300_000, "", "over"),
    ("379.18万元", 3_791_800, "元", "exact"),
    ("10多个", 10, "个", "over"),
    ("8万元", 80_000, "元", "exact"),
    ("10余万元", 100_000, "元", "over"),
    ("3万余", 30_000, "", "over"),
    ("36万元", 360_000, "元", "exact"),
    ("25万", 250_000, "", "exact"),
    ("≥50", 50, "", "at_least"),
    ("3.2万", 32_000, "", "exact"),
    ("500万元", 5_000_000, "元", "exact"),
    ("200余", 200, "", "over"),
    ("70 %", 70, "%", "exact"),
    ("5年以内", 5, "年", "at_most"),
    ("3.8万", 38_000, "", "exact"),
    ("98.3 %", 98.3, "%", "exact"),
    ("3000万元", 30_000_000, "元", "exact"),
    ("930万元", 9_300_000, "元", "exact"),
    ("6.84万元", 68_400, "元", "exact"),
    ("100余", 100, "", "over"),
    ("近1100", 1100, "", "nearly"),
    ("19.4万", 194_000, "", "exact"),
    ("近600", 600, "", "nearly"),
    ("两万单+", 20_000, "单", "at_least"),
    ("≥1年", 1, "年", "at_least"),
    ("300余台", 300, "台", "over"),
    ("254.7万元", 2_547_000, "元", "exact"),
    ("2000余", 2000, "", "over"),
    ("4.8万", 48_000, "", "exact"),
    ("15万多条", 150_000, "条", "over"),
    ("84.5 %", 84.5, "%", "exact"),
    ("7868万元", 78_680_000, "元", "exact"),
    ("约1.3万", 13_000, "", "about"),
    ("两万元", 20_000, "元", "exact"),
    ("250余", 250, "", "over"),
    ("12000余", 12_000, "", "over"),
    ("7.3万元", 73_000, "元", "exact"),
    ("8.39万", 83_900, "", "exact"),
    ("12.8万人(次)", 128_000, "人次", "exact"),
    ("107项(次)", 107, "项次", "exact"),
    ("数千", 1000, "", "several"),
    ("5000余", 5000, "", "over"),
    ("15万名", 150_000, "名", "exact"),
    ("4场", 4, "场", "exact"),
    ("近60", 60, "", "nearly"),
    ("6万多元", 60_000, "元", "over"),
    ("57.68万元", 576_800, "元", "exact"),
    ("1102万元", 11_020_000, "元", "exact"),
    ("1900余人", 1900, "人", "over"),
    ("150余", 150, "", "over"),
    ("60多万元", 600_000, "元", "over"),
    ("近40万元", 400_000, "元", "nearly"),
    ("16万余", 160_000, "", "over"),
    ("14万余", 140_000, "", "over"),
    ("上万", 10_000, "", "at_least"),
    ("600余人次", 600, "人次", "over"),
    ("15万元", 150_000, "元", "exact"),
    ("百场", 100, "场", "exact"),
    ("1万余", 10_000, "", "over"),
    ("50余", 50, "", "over"),
    ("1590余", 1590, "", "over"),
    ("近百万方", 1_000_000, "方", "nearly"),
    ("12187.57 m²", 12_187.57, "m2", "exact"),
]


@pytest.mark.parametrize(("text", "value", "unit", "qualifier"), PRINTED)
def test_every_figure_that_the_reports_print_is_read(text, value, unit, qualifier):
    assert read(text) == (value, None, unit, qualifier, "")


@pytest.mark.parametrize(
    ("text", "low", "high", "unit", "qualifier", "per"),
    [
        ("60–300元/人/月", 60, 300, "元", "exact", "人/月"),
        ("60元~300元", 60, 300, "元", "exact", ""),
        ("10–20元", 10, 20, "元", "exact", ""),
        ("30–40名/年", 30, 40, "名", "exact", "年"),
        ("20-30人", 20, 30, "人", "exact", ""),
        ("约20-30人", 20, 30, "人", "about", ""),
        ("20-30人左右", 20, 30, "人", "about", ""),
        ("8千-1万", 8000, 10_000, "", "exact", ""),
        ("月薪8千-1万", 8000, 10_000, "元", "exact", "月"),
        ("1.2万至1.5万张", 12_000, 15_000, "张", "exact", ""),
        ("三至五万元", 30_000, 50_000, "元", "exact", ""),
        ("十到十五人", 10, 15, "人", "exact", ""),
        ("三四十名", 30, 40, "名", "about", ""),
        ("两三百人", 200, 300, "人", "about", ""),
        ("十七八个", 17, 18, "个", "about", ""),
        ("20至22元/小时以上", 20, 22, "元", "at_least", "小时"),
        ("100元-200元不等", 100, 200, "元", "exact", ""),
    ],
)
def test_a_range_keeps_both_ends_its_rate_and_how_sure_it_is(text, low, high, unit, qualifier, per):
    assert read(text) == (low, high, unit, qualifier, per)


@pytest.mark.parametrize(
    ("text", "value", "unit", "qualifier", "per"),
    [
        ("22元/小时以上", 22, "元", "at_least", "小时"),
        ("22元以上/小时", 22, "元", "at_least", "小时"),
        ("≥5000元/月", 5000, "元", "at_least", "月"),
        ("300元/人·月", 300, "元", "exact", "人/月"),
        ("每人每月300元", 300, "元", "exact", "人/月"),
        ("每月20日", 20, "日", "exact", "月"),
        ("3000万元/年", 30_000_000, "元", "exact", "年"),
        ("近百人", 100, "人", "nearly", ""),
        ("百余名", 100, "名", "over", ""),
        ("两百多名", 200, "名", "over", ""),
        ("三十余名", 30, "名", "over", ""),
        ("一千多万元", 10_000_000, "元", "over", ""),
        ("一百二十人", 120, "人", "exact", ""),
        ("一万两千人", 12_000, "人", "exact", ""),
        ("一千零五人", 1005, "人", "exact", ""),
        ("十几个", 10, "个", "over", ""),
        ("三十来人", 30, "人", "about", ""),
        ("几百人", 100, "人", "several", ""),
        ("不到100人", 100, "人", "nearly", ""),
        ("最高30万元", 300_000, "元", "at_most", ""),
        ("不低于2000元", 2000, "元", "at_least", ""),
        ("100+人", 100, "人", "at_least", ""),
        ("1亿3000万元", 130_000_000, "元", "exact", ""),
        ("3万5千元", 35_000, "元", "exact", ""),
        ("月薪7000", 7000, "元", "exact", "月"),
    ],
)
def test_chinese_numerals_rates_and_marks_are_read(text, value, unit, qualifier, per):
    assert read(text) == (value, None, unit, qualifier, per)


@pytest.mark.parametrize(
    "text",
    [
        "万元",
        "百",
        "百万元",
        "一百二人",
        "二〇二三年",
        "一万五",
        "十十人",
        "三千千",
        "至少20人以上",
        "5千3万元",
        "上",
        "近三四十多人",
    ],
)
def test_what_people_understand_differently_is_refused_and_not_guessed(text):
    with pytest.raises(FigureError) as caught:
        parse_figure(text)
    assert caught.value.code == "figure-format"


@given(
    st.integers(0, 10**6),
    st.integers(0, 10**6),
    st.sampled_from(["", "元", "人", "人次", "%", "m2"]),
    st.sampled_from([q for q in Q if q != Q.SEVERAL]),
    st.sampled_from(["", "小时", "月", "人/月"]),
)
def test_a_printed_range_reads_back_as_the_same_range(low, more, unit, qualifier, per):
    figure = Figure(Decimal(low), unit, qualifier, high=Decimal(low + more), per=per)
    assert parse_figure(str(figure)) == figure


@given(st.integers(1, 10**8 - 1))
def test_a_number_in_chinese_characters_is_read_as_the_same_number(number):
    assert chinese_number(in_characters(number)) == number


def in_characters(number, *, leading=True):
    """The full written form: 一万零五, 三十, 十五."""
    if number >= 10_000:
        head, tail = divmod(number, 10_000)
        rest = in_characters(tail, leading=False) if tail else ""
        return f"{in_characters(head)}万{'零' if 0 < tail < 1000 else ''}{rest}"
    text, zero = "", False
    for worth, sign in ((1000, "千"), (100, "百"), (10, "十"), (1, "")):
        digit, number = divmod(number, worth)
        if digit:
            one = "" if sign == "十" and digit == 1 and not text and leading else "零一二三四五六七八九"[digit]
            text += ("零" if zero and text else "") + one + sign
            zero = False
        else:
            zero = True
    return text
