"""Files are looked over on the page before they are added: choices, masking, cutting, reports."""

from __future__ import annotations

import pytest
from streamlit.testing.v1 import AppTest

from tests.unit.ingestion.office_files import xlsx
from tests.unit.ingestion.pdf_files import locked, pdf_with_pages

RETURNS = b"# Returns\n\nTents can be returned within 60 days. The shop pays the postage."
STAFF = b"# Staff\n\nAnn is at ann.smith@gmail.com. Bob is at +44 20 7946 0958."
GOODS = (
    "name,price,note\n"
    + "\n".join(f"Tent {n},{300 + n},light and dry number {n}" for n in range(9))
).encode()
PROGRAM = b"MZ\x90\x00" + bytes(range(256)) * 8


@pytest.fixture(params=["chatbot", "search"])
def kind(request) -> str:
    return request.param


@pytest.fixture
def made(bench, kind):
    create = {"chatbot": bench.create_chatbot, "search": bench.create_search}[kind]
    return create("Help desk")


@pytest.fixture
def at(open_page, made, kind) -> AppTest:
    page = open_page(f"build/{kind}.py", prototype=made.slug)
    assert not page.exception
    return page


def texts(at: AppTest) -> str:
    shown = [*at.markdown, *at.caption, *at.error, *at.warning, *at.info]
    return "\n".join(element.value for element in shown).replace("\\", "")


def upload(at: AppTest, *files: tuple[str, bytes]) -> AppTest:
    at.file_uploader[0].set_value([(name, content, "") for name, content in files]).run()
    assert not at.exception
    return at


def add(at: AppTest, made) -> AppTest:
    at.button(key=f"_intake.add.{made.id}").click().run()
    assert not at.exception
    return at


def open_fold(at: AppTest, key: str) -> AppTest:
    at.session_state[key] = True
    at.run()
    assert not at.exception
    return at


def intake_id(at: AppTest, made) -> str:
    return at.session_state[f"documents.intake.{made.id}"]


def test_nothing_is_stored_before_the_click_and_all_after_it(at, made):
    upload(at, ("returns.md", RETURNS), ("program.exe", PROGRAM))
    assert made.documents() == ()
    assert "Nothing is stored yet." in texts(at)
    assert "program.exe is a program" in texts(at) or "cannot be read" in texts(at)
    assert "1 of 2 files will be added." in texts(at)
    add(at, made)
    assert [record.name for record in made.documents()] == ["returns.md"]
    assert at.toast[0].value.replace("\\", "") == "1 document was added."
    made.update_index().wait(30)
    assert made.index_state().state == "ready"
    assert at.file_uploader[0].value == []


def test_everything_there_is_to_tell_of_a_file_is_told(at):
    header = b"name,price,stock,colour\n"
    mixed = header + "茶壶,9,1\n".encode("gb18030") * 40 + "茶杯,3,2\n".encode() * 40
    upload(at, ("goods.csv", mixed))
    shown = texts(at)
    assert "goods.csv mixes two encodings" in shown
    assert "80 of 80 rows of goods.csv have more or fewer cells" in shown


def test_a_table_is_read_again_with_its_first_row_as_a_row(at, made):
    upload(at, ("people.csv", b"Alice,Paris\nBob,London\nCarol,Rome\n"))
    assert "Read as UTF-8, cells parted by: comma. A row names the columns." in texts(at)
    (toggle,) = (one for one in at.toggle if one.label == "The first row names the columns")
    toggle.set_value(False).run()
    assert not at.exception
    assert "No row names the columns." in texts(at)
    add(at, made)
    (record,) = made.documents()
    assert record.report["n_rows"] == 3
    assert record.report["form"] == ["utf-8", ",", False]


def test_each_sheet_of_a_workbook_is_read_again_with_its_first_row_as_a_row(at, made):
    people = [["Alice", "Paris"], ["Bob", "London"], ["Carol", "Rome"]]
    upload(at, ("both.xlsx", xlsx(People=people, More=people)))
    assert "The first row of both.xlsx (More) was taken for the names" in texts(at)
    sheets = at.pills[0]
    assert (sheets.options, sheets.value) == (["People", "More"], ["People", "More"])
    sheets.set_value(["People"]).run()
    assert not at.exception
    assert at.pills[0].value == ["People"]
    add(at, made)
    (record,) = made.documents()
    assert record.report["n_rows"] == 5
    assert {use.name for use in made.columns()} == {"Alice", "Paris", "Column 1", "Column 2"}


def test_the_only_sheet_of_a_workbook_has_the_switch_that_a_text_table_has(at, made):
    upload(at, ("one.xlsx", xlsx(People=[["Alice", "Paris"], ["Bob", "Rome"]])))
    (toggle,) = (one for one in at.toggle if one.label == "The first row names the columns")
    toggle.set_value(False).run()
    add(at, made)
    assert made.documents()[0].report["n_rows"] == 2


def test_clean_text_file_needs_one_click(at, made):
    upload(at, ("returns.md", RETURNS))
    assert not at.checkbox
    add(at, made)
    assert len(made.documents()) == 1


def test_cancel_stores_nothing_and_brings_the_upload_back(at, made):
    upload(at, ("returns.md", RETURNS))
    assert not at.file_uploader
    at.button(key=f"_intake.cancel.{made.id}").click().run()
    assert made.documents() == ()
    assert at.file_uploader


def test_nothing_to_add_offers_only_to_close(at, made):
    upload(at, ("program.exe", PROGRAM))
    assert f"_intake.add.{made.id}" not in [button.key for button in at.button]
    assert at.button(key=f"_intake.cancel.{made.id}").label == "Close"


def test_copies_are_unticked_and_can_be_added_all_the_same(at, made):
    made.add_file("old.md", RETURNS)
    upload(at, ("copy.md", RETURNS.upper()), ("staff.md", STAFF))
    assert "The same as old.md, which is here already." in texts(at)
    assert [box.value for box in at.checkbox] == [False, True]
    at.checkbox[0].check().run()
    add(at, made)
    assert [record.name for record in made.documents()] == ["old.md", "copy.md", "staff.md"]


def test_unticked_file_is_left_out(at, made):
    upload(at, ("returns.md", RETURNS), ("goods.csv", GOODS))
    at.checkbox[0].uncheck().run()
    add(at, made)
    assert len(made.documents()) == 1


def test_personal_data_is_counted_and_masked_at_one_toggle(at, made, bench):
    upload(at, ("staff.md", STAFF))
    assert "Personal data was found: 1 e-mail address, 1 phone number." in texts(at)
    at.toggle(key=f"_intake.mask.{intake_id(at, made)}").set_value(True).run()
    add(at, made)
    (record,) = made.documents()
    assert "[email]" in made.document(record.document_id).pages[0].text
    assert b"ann.smith" not in bench.workspace.documents.original(record.document_id)
    at.button(key=f"_documents.open.{record.document_id}").click().run()
    assert "Masked before it was stored: 1 e-mail address, 1 phone number." in texts(at)


def test_columns_are_shown_with_examples_and_can_be_changed(at, made):
    upload(at, ("goods.csv", GOODS))
    waiting = intake_id(at, made)
    open_fold(at, f"_intake.columns.{waiting}")
    assert "such as Tent 0 · Tent 1 · Tent 2" in texts(at)
    roles = {box.label: box for box in at.selectbox}
    assert roles["name"].value == "title"
    roles["note"].set_value("ignore").run()
    assert {box.label: box.value for box in at.selectbox}["note"] == "ignore"
    add(at, made)
    assert {column.name: column.role for column in made.columns()}["note"] == "ignore"


def test_cutting_is_previewed_and_kept_with_the_files(at, made):
    upload(at, ("goods.csv", GOODS))
    waiting = intake_id(at, made)
    open_fold(at, f"_intake.cut.{waiting}")
    assert "9 passages, about" in texts(at)
    assert "light and dry number 3" in texts(at)
    at.selectbox(key=f"_intake.cutting.{waiting}.method").set_value("tokens").run()
    assert "1 passage, about" in texts(at)
    at.slider(key=f"_intake.cutting.{waiting}.max_tokens").set_value(32).run()
    assert not at.exception
    assert made.settings.passage_method == "auto"  # nothing is kept before the click
    add(at, made)
    kept = made.settings
    assert (kept.passage_method, kept.passage_tokens, kept.passage_overlap) == ("tokens", 32, 16)


def test_time_is_unknown_until_it_is_measured(at, made):
    upload(at, ("goods.csv", GOODS * 3))
    assert "is not known before it has read something" in texts(at)
    at.button(key=f"_intake.measure.{made.id}").click().run()
    assert not at.exception
    assert "is not known before it has read something" not in texts(at)


def test_locked_file_is_unlocked_before_it_is_added(at, made):
    pdf = locked(pdf_with_pages("The yearly fee is 19 dollars."), "Tide-77-pool")
    upload(at, ("fees.pdf", pdf))
    (field,) = [field for field in at.text_input if "intake_" in str(field.key)]
    form = field.key.removeprefix("_documents.")
    field.set_value("wrong")
    at.button(key=f"_{form}").click().run()
    assert "No text could be read with this password." in texts(at)
    at.text_input(key=field.key).set_value("Tide-77-pool")
    at.button(key=f"_{form}").click().run()
    assert not at.exception
    add(at, made)
    assert [(record.name, record.status) for record in made.documents()] == [("fees.pdf", "read")]
    assert "Tide-77-pool" not in repr(at.session_state._state.filtered_state)


def test_pasted_questions_are_looked_over_and_added(at, made):
    at.text_input(key=f"_documents.paste_name.{made.id}").set_value("Fees")
    at.text_area(key=f"_documents.paste.{made.id}").set_value(
        "Q: What is the fee?\nA: 19 dollars.\nQ: Who pays the postage?\nA: The shop."
    )
    at.button(key=f"_documents.paste_add.{made.id}").click().run()
    assert not at.exception
    assert "questions and answers" in texts(at)
    add(at, made)
    assert [record.name for record in made.documents()] == ["Fees"]


def test_report_shows_passages_of_the_index(at, made):
    made.add_file("returns.md", RETURNS)
    made.update_index().wait(30)
    (record,) = made.documents()
    at.run()
    at.button(key=f"_documents.open.{record.document_id}").click().run()
    assert "1 passage in the index" in texts(at)
    assert "Tents can be returned within 60 days." in texts(at)
    at.button(key=f"_documents.open.{record.document_id}").click().run()
    assert "1 passage in the index" not in texts(at)


def test_another_cutting_says_that_the_index_is_to_be_built_and_what_that_takes(at, made):
    made.add_file("goods.csv", GOODS)
    made.update_index().wait(30)
    open_fold(at, f"_documents.cut.{made.id}")
    at.selectbox(key=f"_documents.cutting.{made.id}.method").set_value("tokens").run()
    assert not at.exception
    assert made.index_state().state == "stale"
    assert "has to read" in texts(at)
    assert f"_index.{made.id}.build" in [button.key for button in at.button]
    at.toggle(key=f"_documents.more.{made.id}").set_value(True).run()
    assert "few enough to compare the question with every one of them" in texts(at)


def test_files_that_are_gone_are_said_to_be_gone(at, made):
    from components import cache

    upload(at, ("returns.md", RETURNS))
    cache.intakes().drop(intake_id(at, made))
    at.run()
    assert not at.exception
    assert at.file_uploader
    assert made.documents() == ()
