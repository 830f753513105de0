from __future__ import annotations

import csv
import io

import pytest
from hypothesis import given
from hypothesis import strategies as st

from studio.ingestion.decoding import Decoded
from studio.ingestion.result import TableForm
from studio.ingestion.table import looks_like_table, read_table, sniff_delimiter


def read(text: str):
    return read_table("t.csv", Decoded(text=text, encoding="utf-8"))


def lines(text: str) -> list[str]:
    return read(text).pages[0].text.split("\n\n")


@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
def test_the_delimiter_is_found(delimiter) -> None:
    text = "\n".join(delimiter.join(row) for row in [["name", "price"], ["cup", "3"], ["pot", "9"]])

    assert sniff_delimiter(text) == delimiter
    assert lines(text) == ["name: cup; price: 3", "name: pot; price: 9"]


def test_decimal_commas_do_not_pass_for_delimiters() -> None:
    assert lines("a;b;c\n1,5;2,5;3\n1,0;7;2,25") == [
        "a: 1,5; b: 2,5; c: 3",
        "a: 1,0; b: 7; c: 2,25",
    ]


def test_quotes_and_line_ends_within_cells_are_kept_in_the_row() -> None:
    assert lines('q,a\n"What, now?","Line one\nline ""two"""') == [
        'q: What, now?; a: Line one line "two"'
    ]


def test_old_mac_line_ends_make_rows() -> None:
    assert lines("a,b\r1,2\r3,4") == ["a: 1; b: 2", "a: 3; b: 4"]


def test_rows_of_another_width_are_kept_and_counted() -> None:
    content = read("a,b\n1\n1,2,3\n4,5\n6,7\n")

    assert content.pages[0].text.split("\n\n") == [
        "a: 1",
        "a: 1; b: 2; 3",
        "a: 4; b: 5",
        "a: 6; b: 7",
    ]
    assert content.n_rows == 4
    assert content.is_complete
    assert "2 of 4 rows" in str(content.notices[0])


def test_a_table_without_a_header_gets_none() -> None:
    assert lines("1,cup,3\n2,pot,9\n3,pan,4") == ["1; cup; 3", "2; pot; 9", "3; pan; 4"]


def test_rows_stand_where_they_say_with_their_cells() -> None:
    page = read("Price list\nname,name,\ncup,big,3,new\n\npot,,9\n").pages[0]

    assert [row.cells for row in page.rows] == [
        (("name", "cup"), ("name (2)", "big"), ("Column 3", "3"), ("Column 4", "new")),
        (("name", "pot"), ("Column 3", "9")),
    ]
    assert [page.text[row.start : row.end] for row in page.rows] == [
        "name: cup; name: big; 3; new",
        "name: pot; 9",
    ]


def test_a_table_without_a_header_names_its_columns_by_number_and_says_so() -> None:
    content = read("1,cup,3\n2,pot,9\n3,pan,4")

    assert content.pages[0].rows[0].cells == (
        ("Column 1", "1"),
        ("Column 2", "cup"),
        ("Column 3", "3"),
    )
    assert "Column 1" in str(content.notices[0])


def test_questions_and_answers_are_no_header() -> None:
    assert lines("Can I return a used tent?,Yes\nDo you ship it to Norway?,No") == [
        "Can I return a used tent?; Yes",
        "Do you ship it to Norway?; No",
    ]


def test_years_in_order_may_be_names_of_columns() -> None:
    assert (
        lines("Product,2024,2025\nTent,10,12\nStove,3,4")[0] == "Product: Tent; 2024: 10; 2025: 12"
    )
    assert lines("Toyota,1999,2005\nHonda,2001,2007")[0] == "Toyota; 1999; 2005"


def test_a_title_above_the_header_is_kept_apart() -> None:
    assert lines("Price list 2026,,\nname,unit,price\ncup,piece,3\npot,piece,9\n") == [
        "Price list 2026",
        "name: cup; unit: piece; price: 3",
        "name: pot; unit: piece; price: 9",
    ]


def test_blank_header_cells_leave_values_without_a_name() -> None:
    assert lines("id,,age\n1,John,30\n2,Ann,31") == ["id: 1; John; age: 30", "id: 2; Ann; age: 31"]


def test_a_quote_that_is_never_closed_does_not_swallow_the_table() -> None:
    text = 'name,price\n"cup,3\n' + "\n".join(f"pot{n},9" for n in range(300))

    content = read(text)

    assert content.n_rows == 301
    assert "name: pot299; price: 9" in content.pages[0].text
    assert "never closed" in str(content.notices[-1])


def test_a_file_that_is_cut_off_within_a_cell_keeps_the_cells_before_it() -> None:
    content = read('id,text\n1,"two\nlines, one cell"\n2,"here the file\nends')

    assert content.pages[0].text.split("\n\n")[0] == "id: 1; text: two lines, one cell"
    assert not content.is_complete
    assert "never closed" in str(content.notices[-1])


def test_a_quote_that_swallows_rows_up_to_another_is_broken_too() -> None:
    text = 'name,price\n"cup,3\n' + "".join(f"pot{n},9\n" for n in range(300)) + '"pan,5\nlid,1'

    content = read(text)

    assert content.n_rows == 303
    assert not content.is_complete


def test_a_long_cell_with_its_quotes_is_one_cell() -> None:
    letter = "\n".join(f"Line {n}, of a long letter" for n in range(120))
    rows = [["id", "text"], ["1", letter], ["2", 'a "word"'], ["3", "x" * 200_000], ["4", letter]]
    buffer = io.StringIO()
    csv.writer(buffer).writerows(rows)

    content = read(buffer.getvalue())

    assert (content.n_rows, content.is_complete, content.notices) == (4, True, ())
    assert "x" * 200_000 in content.pages[0].text


def test_a_cell_above_the_parsers_limit_is_kept() -> None:
    content = read("a,b\n" + "x" * 200_000 + ",2\n3,4")

    assert "x" * 200_000 in content.pages[0].text
    assert content.n_rows == 2


@pytest.mark.parametrize("end", ["\u2028", "\u2029", "\x85", "\x0b", "\x0c"])
def test_line_ends_of_typesetters_do_not_end_a_row(end) -> None:
    assert lines(f"a,b\none{end}two,2\n3,4") == ["a: one two; b: 2", "a: 3; b: 4"]


def test_a_table_of_empty_cells_is_empty() -> None:
    assert read(",,\n,,\n").pages == ()


@given(
    st.lists(
        st.lists(st.text(alphabet="ab1 ,;\"'\n中", min_size=1, max_size=6), min_size=2, max_size=4),
        min_size=1,
        max_size=6,
    )
)
def test_no_character_of_a_cell_is_lost(rows) -> None:
    buffer = io.StringIO()
    csv.writer(buffer).writerows([["w", "x", "y", "z"], *rows])
    decoded = Decoded(text=buffer.getvalue(), encoding="utf-8")

    content = read_table("t.csv", decoded, delimiter=",")
    kept = content.pages[0].text if content.pages else ""

    for character in "ab1中":
        assert kept.count(character) == sum(c.count(character) for row in rows for c in row)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("a,b,c\n1,2,3\n4,5,6\n", True),
        ("a\tb\n1\t2\n3\t4\n", True),
        ("Hello, world.\nAs I said, no.\nWell, yes.\n", False),
        ("One line, two, three\n", False),
        ("| a | b |\n|---|---|\n| 1 | 2 |\n", False),
        (
            "First, we meet at the old station in the northern part of the city, then we walk along.\n"
            * 5,
            False,
        ),
    ],
)
def test_only_what_is_surely_a_table_passes_for_one(text, expected) -> None:
    assert looks_like_table(text) is expected


def test_names_below_a_title_are_found_again_after_they_were_taken_for_a_row() -> None:
    decoded = Decoded(text="Price list,\nName,Price\nCup,3\nMug,4\n", encoding="utf-8")

    read, off, on = (
        read_table("t.csv", decoded, first_row_names=said) for said in (None, False, True)
    )

    assert (read.n_rows, off.n_rows, on.n_rows) == (2, 4, 2)
    assert on.pages == read.pages


def test_a_first_row_that_may_be_one_like_the_others_is_told_and_can_be_read_as_one() -> None:
    text = "Alice,Paris\nBob,London\nCarol,Rome\n"
    guessed = read(text)
    assert "was taken for the names of the columns: Alice, Paris" in str(guessed.notices[0])
    assert guessed.form == TableForm(encoding="utf-8", delimiter=",", has_header=True)
    decoded = Decoded(text=text, encoding="utf-8")
    again = read_table("t.csv", decoded, first_row_names=False)
    assert again.pages[0].rows[0].cells == (("Column 1", "Alice"), ("Column 2", "Paris"))
    assert (again.n_rows, again.form.has_header) == (3, False)
    single = read_table(
        "t.csv", Decoded(text="word\nrope\n", encoding="utf-8"), first_row_names=True
    )
    assert single.pages[0].rows[0].cells == (("word", "rope"),)


@pytest.mark.parametrize(
    "text", ["name,city\nBob,London\n", "who,age\nBob,31\n", "who,about\nBob," + "x " * 40]
)
def test_a_first_row_that_is_unlike_the_others_raises_no_doubt(text) -> None:
    assert read(text).notices == ()


def test_what_shops_write_above_the_names_does_not_hide_them() -> None:
    head = "Exported,2026-11-30 10:05,,\nBy,Ann,,\n"
    table = "name,unit,price,added\ncup,piece,3,2026-01-02\npot,piece,9,2026-01-03\n"

    assert lines(head + table)[-1] == "name: pot; unit: piece; price: 9; added: 2026-01-03"
    wide = "Exported,2026-11-30,shop,7\n"
    assert lines(wide + table)[-1] == "name: pot; unit: piece; price: 9; added: 2026-01-03"


def test_words_in_a_row_of_numbers_are_no_names() -> None:
    assert lines("cup,3,9\npot,4,9\nnone,low,high\npan,4,9")[2] == "none; low; high"


def test_html_in_cells_is_read_as_its_text_and_counted() -> None:
    content = read(
        "name,text\npot,<p>For <b>two</b></p><p>Oak &amp; tin</p>\npan,a < b\ncup,<br>\n"
    )

    assert content.pages[0].text.split("\n\n")[0] == "name: pot; text: For two Oak & tin"
    assert [row.cells[1][1] for row in content.pages[0].rows][1:] == ["a < b", "<br>"]
    assert content.pages[0].rows[0].written[1][1].startswith("<p>For")
    assert "One cell of" in str(content.notices[-1])


SIZES = """handle,title,text,kind,size,price
pot,Tea pot,For two,kitchen,S,3
pot,,,,M,4
pan,Iron pan,For eggs,kitchen,S,5
pan,,,,M,6
cup,Cup,For tea,kitchen,S,7
"""


def test_rows_that_go_on_with_the_one_above_take_what_they_leave_empty() -> None:
    content = read(SIZES)

    assert (
        lines(SIZES)[1]
        == "handle: pot; title: Tea pot; text: For two; kind: kitchen; size: M; price: 4"
    )
    assert content.pages[0].rows[1].written == (("handle", "pot"), ("size", "M"), ("price", "4"))
    assert "2 rows of" in str(content.notices[0])


@pytest.mark.parametrize(
    "table",
    [
        SIZES.replace(
            "pan,,,,M", "pan,Iron pan,For eggs,kitchen,M"
        ),  # said twice, so others are gaps
        SIZES.replace("pan,,,,M", "lid,,,,M"),  # a single product of two sizes
        "user,item,note\na,1,x\na,2,\nb,3,y\nb,4,\n",
    ],
)
def test_gaps_below_are_not_filled_where_rows_do_not_go_on(table) -> None:
    content = read(table)

    assert not any("go on with" in str(notice) for notice in content.notices)
