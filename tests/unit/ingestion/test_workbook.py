"""Workbooks: what people see in the cells, sheet by sheet, and nothing that brings the studio down."""

from __future__ import annotations

import io
import itertools
import zipfile
from datetime import date, datetime, time, timedelta

import pytest

from studio.ingestion.cellvalues import shown
from studio.ingestion.result import SheetForm
from studio.ingestion.workbook import read_workbook
from tests.unit.ingestion.office_files import raw_xlsx, xlsx, xlsx_made_by, zip_of


def texts(content) -> list[tuple[str, list[str]]]:
    return [(page.name, page.text.split("\n\n")) for page in content.pages]


def test_each_sheet_is_a_page_with_its_name_and_rows() -> None:
    content = read_workbook(
        "shop.xlsx",
        xlsx(
            Products=[["Name", "Price"], ["Tent", 199.5], ["Stove", 49]],
            库存=[["商品", "数量"], ["帐篷", 12]],
        ),
    )

    assert texts(content) == [
        ("Products", ["Name: Tent; Price: 199.5", "Name: Stove; Price: 49"]),
        ("库存", ["商品: 帐篷; 数量: 12"]),
    ]
    assert content.pages[0].rows[1].cells == (("Name", "Stove"), ("Price", "49"))
    assert content.n_rows == 3
    assert (content.is_complete, content.notices) == (True, ())


@pytest.mark.parametrize(
    ("value", "number_format", "expected"),
    [
        (None, "General", ""),
        (True, "General", "TRUE"),
        (3.0, "General", "3"),
        (0.1 + 0.2, "General", "0.3"),
        (123456789012345678, "General", "123456789012345678"),
        (0.15, "0%", "15%"),
        (0.1525, "0.0%", "15.2%"),
        (12.5, '"$"#,##0.00', "$12.50"),
        (1299, "[$¥-804]#,##0.00", "¥1,299.00"),
        (-5, "#,##0 [$€-407]", "-5 €"),
        (2.5, '0.0" kg"', "2.5 kg"),
        (7, "00000", "00007"),
        (2.5, "0.##", "2.5"),
        (2.0, "0.##", "2"),
        (-0.001, "0.00", "0.00"),
        (0.5, "# ?/?", "0.5"),
        (1500000, "0.0,,", "1500000"),
        (1234.5, "0.00E+00", "1234.5"),
        (5, '_("$"* #,##0.00_);_("$"* (#,##0.00)', "$5.00"),
        (datetime(2026, 11, 23), "yyyy-mm-dd", "2026-11-23"),
        (datetime(2026, 11, 23, 14, 30), "General", "2026-11-23 14:30"),
        (datetime(2026, 11, 23, 14, 30, 5), "General", "2026-11-23 14:30:05"),
        (date(2026, 11, 23), "General", "2026-11-23"),
        (time(9, 5), "General", "09:05"),
        (timedelta(hours=30, minutes=5), "General", "30:05:00"),
        ("a\r\nb", "@", "a\nb"),
        ("#N/A", "General", "#N/A"),
    ],
)
def test_values_are_shown_as_people_see_them(value, number_format, expected) -> None:
    assert shown(value, number_format) == expected


def test_formats_are_applied_to_the_cells_of_a_sheet() -> None:
    def fill(book) -> None:
        sheet = book.create_sheet("S")
        sheet.append(["Item", "Discount", "From"])
        sheet.append(["Tent", 0.2, datetime(2026, 5, 1)])
        sheet["B2"].number_format = "0%"

    assert texts(read_workbook("a.xlsx", xlsx_made_by(fill))) == [
        ("S", ["Item: Tent; Discount: 20%; From: 2026-05-01"])
    ]


def test_a_cell_merged_downwards_counts_for_every_row_beside_it() -> None:
    def fill(book) -> None:
        sheet = book.create_sheet("S")
        for row in (["Group", "Item"], ["Tents", "Cove"], ["", "Cape"], ["Stoves", "Spark"]):
            sheet.append(row)
        sheet.merge_cells("A2:A3")

    assert texts(read_workbook("a.xlsx", xlsx_made_by(fill)))[0][1] == [
        "Group: Tents; Item: Cove",
        "Group: Tents; Item: Cape",
        "Group: Stoves; Item: Spark",
    ]


def test_empty_columns_and_a_title_do_not_hide_the_header() -> None:
    rows = [[None, None, "Price list"], [], [None, None, "Name", "Price"], [None, None, "Cup", 3]]

    assert texts(read_workbook("a.xlsx", xlsx(S=rows))) == [
        ("S", ["Price list", "Name: Cup; Price: 3"])
    ]


PEOPLE = [["Alice", "Paris"], ["Bob", "London"], ["Carol", "Rome"]]
PRICES = [["Price list"], ["Name", "Price"], ["Cup", 3], ["Mug", 4]]
NUMBERS = [[2024, 7], [2030, 9]]


def test_what_names_the_columns_is_said_for_each_sheet_and_guessed_of_the_others() -> None:
    book = xlsx(People=PEOPLE, Prices=PRICES, Numbers=NUMBERS, Note=[["Only this"]])
    guessed = read_workbook("b.xlsx", book)

    assert guessed.sheets == (
        SheetForm(name="People", has_header=True),
        SheetForm(name="Prices", has_header=True),
        SheetForm(name="Numbers", has_header=False),
    )
    assert [str(notice).split(" was taken")[0] for notice in guessed.notices[:1]] == [
        "The first row of b.xlsx (People)"
    ]

    said = read_workbook("b.xlsx", book, first_row_names={"People": False, "Numbers": True})
    assert [(one.has_header, one.is_said) for one in said.sheets] == [
        (False, True),
        (True, False),
        (True, True),
    ]
    assert said.pages[0].rows[0].cells == (("Column 1", "Alice"), ("Column 2", "Paris"))
    assert said.pages[1].text == guessed.pages[1].text
    assert said.pages[2].rows[0].cells == (("2024", "2030"), ("7", "9"))
    assert (guessed.n_rows, said.n_rows) == (7, 7)


def test_names_below_a_title_are_still_the_names_when_they_are_said_to_be_there() -> None:
    again = read_workbook("b.xlsx", xlsx(S=PRICES), first_row_names={"S": True})

    assert again.pages[0].rows[0].cells == (("Name", "Cup"), ("Price", "3"))


def test_a_sheet_of_one_row_is_never_emptied_by_calling_it_names() -> None:
    again = read_workbook("b.xlsx", xlsx(S=[["Alice", "Paris"]]), first_row_names={"S": True})

    assert (again.pages[0].text, again.sheets) == ("Alice; Paris", ())


def test_hidden_sheets_are_left_out_and_told() -> None:
    def fill(book) -> None:
        book.create_sheet("Shown").append(["text"])
        hidden = book.create_sheet("Margins")
        hidden.append(["secret"])
        hidden.sheet_state = "hidden"

    content = read_workbook("a.xlsx", xlsx_made_by(fill))

    assert [page.name for page in content.pages] == ["Shown"]
    assert "Margins" in str(content.notices[0])
    assert (content.is_complete, content.n_rows_dropped) == (False, None)


def test_formulas_give_their_saved_results_and_are_counted_without_one() -> None:
    row = '<row r="{r}"><c r="A{r}" t="inlineStr"><is><t>x</t></is></c><c r="B{r}">{cell}</c></row>'
    sheet = (
        row.format(r=1, cell="<f>1+1</f><v>2</v>")
        + row.format(r=2, cell="<f>1+2</f>")
        + row.format(r=3, cell='<f t="shared" si="0"/><v></v>')
        + '<row r="4"><c r="A4" t="str"><f>""</f><v></v></c></row>'
    )

    content = read_workbook("a.xlsx", raw_xlsx(sheet))

    assert texts(content)[0][1] == ["x; 2", "x", "x"]
    assert not content.is_complete
    assert "2 formulas" in str(content.notices[-1])


def test_a_stray_cell_at_the_far_end_costs_neither_memory_nor_the_table() -> None:
    far = '<row r="1048576"><c r="XFD1048576"><v>2</v></c></row>'
    sheet = f'<row r="1"><c r="A1"><v>1</v></c></row>{far}'

    content = read_workbook("a.xlsx", raw_xlsx(sheet))

    assert texts(content) == [("S", ["1", "2"])]


def test_a_wrongly_stated_size_costs_no_cells() -> None:
    cells = "".join(f'<c r="{column}1"><v>{at}</v></c>' for at, column in enumerate("ABC"))

    content = read_workbook(
        "a.xlsx", raw_xlsx(f'<row r="1">{cells}</row>', '<dimension ref="A1"/>')
    )

    assert texts(content) == [("S", ["0; 1; 2"])]


def test_reading_stops_after_the_time_limit_and_keeps_what_it_has() -> None:
    ticks = itertools.count()
    content = read_workbook(
        "a.xlsx",
        xlsx(S=[["Name", "Price"], *([f"item {n}", n] for n in range(50))]),
        max_seconds=20,
        clock=lambda: float(next(ticks)),
    )

    assert 0 < content.n_rows < 50
    assert not content.is_complete
    assert content.n_rows_dropped is None
    assert f"first {content.n_rows} rows" in str(content.notices[-1])


def test_a_workbook_without_values_is_empty() -> None:
    content = read_workbook("a.xlsx", xlsx(S=[]))

    assert content.pages == ()
    assert "empty" in str(content.notices[0])


def test_pictures_in_a_workbook_are_told() -> None:
    whole = xlsx(S=[["Name", "Price"], ["Cup", 3]])
    with zipfile.ZipFile(io.BytesIO(whole)) as package:
        files = {name: package.read(name) for name in package.namelist()}

    content = read_workbook("a.xlsx", zip_of(files | {"xl/media/image1.png": b"picture"}))

    assert "pictures" in str(content.notices[0])


def test_a_damaged_workbook_is_refused() -> None:
    whole = xlsx(S=[["Name", "Price"], ["Cup", 3]])

    for content in (whole[:-100], zip_of({"[Content_Types].xml": "<x/>", "xl/workbook.xml": "no"})):
        read = read_workbook("a.xlsx", content)
        assert read.pages == ()
        assert "damaged" in str(read.notices[0])


def test_the_names_can_be_said_to_be_below_a_title() -> None:
    book = xlsx(Sheet=[["Lager"], ["Ware", "Ort", 2026], ["Topf", "Bonn", 3], ["Kanne", "Kiel", 4]])

    content = read_workbook("a.xlsx", book, first_row_names={"Sheet": True})

    assert texts(content)[0][1][-1] == "Ware: Kanne; Ort: Kiel; 2026: 4"
