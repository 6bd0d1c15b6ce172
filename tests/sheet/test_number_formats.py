"""Numbers and dates look as they do in the person's program."""

from __future__ import annotations

import pytest

from batchgen.sheet.number_format import BUILT_IN, compile_format, general, text_format


@pytest.mark.parametrize(
    ("code", "stored", "seen"),
    [
        ("00000", "123", "00123"),
        ("0", "0.5", "1"),
        ("0", "-0.4", "0"),
        ("0.0", "2.25", "2.3"),
        ("0.#", "5", "5."),
        ("#", "0", ""),
        ("#,##0", "-1234", "-1,234"),
        ("#,##0.00", "1234567.891", "1,234,567.89"),
        ("#,##0,", "1234567", "1,235"),
        ("0%", "0.5", "50%"),
        ("0.00%", "0.1234", "12.34%"),
        ('#,##0.00 "€"', "1234.5", "1,234.50 €"),
        ("#,##0.00 [$€-407]", "1234.5", "1,234.50 €"),
        ("[$£-809]#,##0.00", "9.99", "£9.99"),
        (BUILT_IN[44], "-12.5", "$(12.50)"),
        ("(000) 000-0000", "5551234567", "(555) 123-4567"),
        ("+00 000 0000000", "491701234567", "+49 170 1234567"),
        ('"ID-"0000', "42", "ID-0042"),
        ("0;-0;;@", "0", ""),
        ("0.00;[Red](0.00)", "-3", "(3.00)"),
        ('[>=100]"big" 0;"small" 0', "5", "small 5"),
        ("0.00E+00", "12345", "1.23E+04"),
        ("##0.0E+0", "12345", "12.3E+3"),
        ("# ?/?", "1.25", "1 1/4"),
        ("# ??/16", "1.25", "1 4/16"),
        ('General" kg"', "5.5", "5.5 kg"),
        ("0", "1E+300", "1E+300"),
        ("0." + "0" * 20, "123456789012.5", "123456789012.5" + "0" * 19),
    ],
)
def test_a_number_is_shown_in_its_own_format(code: str, stored: str, seen: str) -> None:
    show = compile_format(code)
    assert show is not None
    assert show(stored) == seen


@pytest.mark.parametrize(
    ("code", "stored", "seen"),
    [
        ("yyyy-mm-dd", "45000.5", "2023-03-15"),
        ("d.m.yyyy hh:mm", "45000.64583333333", "15.3.2023 15:30"),
        ("dddd, mmmm d", "45000", "Wednesday, March 15"),
        ("mmm yy", "45000", "Mar 23"),
        ("mmmmm", "45000", "M"),
        ("h:mm AM/PM", "0.75", "6:00 PM"),
        ("hh:mm:ss", "0.99999999", "00:00:00"),
        ("[h]:mm", "1.5", "36:00"),
        ("[mm]:ss", "0.05", "72:00"),
        ("mm:ss.0", "0.0001", "00:08.6"),
        ("[$-407]dd.mm.yyyy", "45000", "15.03.2023"),
        ("[$-F800]dddd, mmmm dd, yyyy", "45000", "Wednesday, March 15, 2023"),
        (BUILT_IN[14], "1", "1/1/1900"),
        (BUILT_IN[14], "59", "2/28/1900"),
        (BUILT_IN[14], "61", "3/1/1900"),
        (BUILT_IN[22], "45000.25", "3/15/2023 6:00"),
    ],
)
def test_a_date_is_shown_in_its_own_format(code: str, stored: str, seen: str) -> None:
    show = compile_format(code)
    assert show is not None
    assert show(stored) == seen


def test_workbooks_from_old_macs_count_days_from_1904() -> None:
    show = compile_format("yyyy-mm-dd", date1904=True)
    assert show is not None
    assert show("0") == "1904-01-01"


def test_a_negative_date_is_shown_as_its_number_not_as_hashes() -> None:
    show = compile_format("yyyy-mm-dd")
    assert show is not None
    assert show("-5") == "-5"


@pytest.mark.parametrize(
    ("stored", "seen"),
    [
        ("5", "5"),
        ("5.0", "5"),
        ("0.30000000000000004", "0.3"),
        ("7.0000000000000007E-2", "0.07"),
        ("1E-5", "0.00001"),
        ("491701234567", "491701234567"),
        ("12345678901234567", "12345678901234567"),
        ("-0.5", "-0.5"),
        ("1.5E-12", "1.5E-12"),
    ],
)
def test_a_plain_number_shows_all_its_digits_and_no_more(stored: str, seen: str) -> None:
    assert general(stored) == seen


@pytest.mark.parametrize("code", ["General", "@", ";;;", ""])
def test_formats_that_show_nothing_of_a_number_leave_it_readable(code: str) -> None:
    assert compile_format(code) is None


def test_a_format_may_put_words_around_a_text() -> None:
    assert text_format('"Dr. "@') == ("Dr. ", "")
    assert text_format("@") is None
    assert text_format(BUILT_IN[44]) is None
