"""What comes in is read and looked over, and stored only as somebody decided."""

from __future__ import annotations

import io
import zipfile
from dataclasses import replace

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from studio.config import Settings
from studio.errors import InvalidInput
from studio.ingestion.personal import find_personal
from studio.ingestion.reader import read_pasted
from studio.prototypes import intake_desk
from studio.prototypes.intake import IntakeChoices
from studio.prototypes.masking import masked_file
from studio.records import Page, Row
from studio.workbench import Workbench
from tests.unit.ingestion.pdf_files import locked, pdf_with_pages

RETURNS = b"# Returns\n\nTents can be returned within 60 days. The shop pays the postage for it."
NEARLY = RETURNS.replace(b"60", b"90")
STAFF = b"# Staff\n\nAnn is at ann.smith@gmail.com. Bob is at +44 20 7946 0958, or bob.j@yahoo.com."
GOODS = (
    "name,price,note\n"
    + "\n".join(f"Tent {n},{300 + n},light and dry number {n}" for n in range(9))
).encode()
PROGRAM = b"MZ\x90\x00" + bytes(range(256)) * 8


@pytest.fixture
def bench(tmp_path):
    with Workbench(Settings(home=tmp_path / "home", is_demo=True)) as opened:
        yield opened


@pytest.fixture
def made(bench):
    return bench.create_search("Catalogue")


def stored_bytes(bench) -> bytes:
    """Everything that lies in the studio's folder."""
    home = bench.settings.home
    return b"\0".join(path.read_bytes() for path in home.rglob("*") if path.is_file())


def test_inspecting_stores_nothing_and_says_what_became_of_each_file(made, bench):
    told = []
    intake = made.inspect([("a.md", RETURNS), ("b.exe", PROGRAM)], report=told.append)
    assert [(file.read.name, file.read.status) for file in intake.files] == [
        ("a.md", "read"),
        ("b.exe", "refused"),
    ]
    assert [str(progress.notice) for progress in told[:2]] == ["Reading a.md", "Reading b.exe"]
    assert made.documents() == ()
    assert b"postage" not in stored_bytes(bench)


def test_taking_leaves_out_what_is_skipped_and_what_could_not_be_read(made):
    intake = made.inspect([("a.md", RETURNS), ("b.exe", PROGRAM), ("c.csv", GOODS)])
    records = made.take(intake, IntakeChoices(skip=frozenset(["0"])))
    assert [record.name for record in records] == ["c.csv"]
    assert made.documents() == records


def test_files_of_a_compressed_folder_are_chosen_one_by_one(made):
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        archive.writestr("one.md", RETURNS)
        archive.writestr("two.md", STAFF)
    intake = made.inspect([("all.zip", packed.getvalue())])
    (record,) = made.take(intake, IntakeChoices(skip=frozenset([intake.files[0].id])))
    assert record.name == "all.zip/two.md"
    assert made._tools.workspace.documents.original(record.document_id) == STAFF


def test_copies_are_left_out_by_default_and_similar_files_are_named(made):
    made.add_file("old.md", RETURNS)
    intake = made.inspect(
        [("copy.md", RETURNS.upper()), ("near.md", NEARLY * 3), ("new.md", STAFF)]
    )
    copy, near, new = intake.files
    assert (copy.like.name, copy.like.is_exact, copy.like.is_stored) == ("old.md", True, True)
    assert near.like is None or not near.like.is_exact
    assert new.like is None
    assert [record.name for record in made.take(intake)] == ["near.md", "new.md"]


def test_similar_file_is_told_with_its_share_and_added_by_default(made):
    text = " ".join(f"Sentence {n} says that tent {n * 7} is dry." for n in range(60))
    intake = made.inspect(
        [("a.md", text.encode()), ("b.md", text.replace("tent 413", "tent 414").encode())]
    )
    like = intake.files[1].like
    assert (like.name, like.is_exact, like.is_stored) == ("a.md", False, False)
    assert 0.8 <= like.similarity < 1
    assert len(made.take(intake)) == 2


def test_stored_text_beyond_the_limit_is_not_compared_and_that_is_said(made, monkeypatch):
    made.add_file("old.md", RETURNS)
    monkeypatch.setattr(intake_desk, "MOST_COMPARED", 10)
    intake = made.inspect([("copy.md", RETURNS), ("upper.md", RETURNS.upper())])
    assert intake.n_not_compared == 1
    assert intake.files[0].like.is_stored  # the very same bytes are recognised without reading


def test_masked_files_are_stored_without_the_originals(made, bench):
    intake = made.inspect([("ann.smith@gmail.com.md", STAFF)])
    assert intake.personal == (("email", 2), ("phone", 1))
    assert intake.personal_in(IntakeChoices(skip=frozenset(["0"]))) == ()
    (record,) = made.take(intake, IntakeChoices(mask=True))
    assert record.report["masked"] == [["email", 2], ["phone", 1]]
    assert record.report["came_as"] == "text/markdown"
    assert record.name == "[email]"
    text = made.document(record.document_id).pages[0].text
    assert "Ann is at [email]. Bob is at [phone], or [email]." in text
    assert bench.workspace.documents.original(record.document_id).decode() == text
    made.update_index().wait(30)
    bench.ledger.flush()
    kept = stored_bytes(bench)
    assert b"postage" not in kept
    for form in (b"ann.smith", b"7946", b"bob.j@"):
        assert form not in kept


def test_masking_reaches_columns_examples_and_remarks():
    table = "ann.smith@gmail.com\tcity\nbob.j@yahoo.com\tRome\nc.d@web.de\tOslo\ne.f@gmx.net\tBern"
    read, counts = masked_file(read_pasted(table, name="List of g.h@gmail.com"))
    assert counts
    shown = repr((read.name, read.pages, read.columns, [n.values for n in read.notices]))
    assert find_personal(shown) == ()
    assert "@" not in shown


def test_cells_are_masked_though_the_text_does_not_show_them():
    row = Row(start=0, end=4, cells=(("Call", "13800138000"), ("+44 20 7946", "0958")))
    read = replace(read_pasted("Text.", name="a"), pages=(Page(text="Text.", rows=(row,)),))
    (page,) = masked_file(read)[0].pages
    shown = page.rows[0].cells
    assert shown[0] == ("Call", "[phone]")
    assert all(find_personal(f"{column}: {value}") == () for column, value in shown)


PERSONAL = st.sampled_from(
    [
        "ann.smith@gmail.com",
        "+44 20 7946 0958",
        "13800138000",
        "4111 1111 1111 1111",
        "GB82 WEST 1234 5698 7654 32",
        "11010519491231002X",
    ]
)
PIECES = st.lists(
    st.one_of(PERSONAL, st.text(alphabet="ab 19,.:-@\n\t|中", max_size=8)), min_size=1, max_size=12
)


@settings(max_examples=150, suppress_health_check=[HealthCheck.too_slow], deadline=None)
@given(PIECES, st.sampled_from([" ", "\n", "\t", ", "]))
def test_masked_text_holds_no_form_that_can_be_found(pieces, between):
    read = read_pasted(between.join(pieces), name="Pasted")
    if read.status == "refused":
        return
    hidden, _ = masked_file(read)
    for page in hidden.pages:
        assert find_personal(page.text) == ()
        for row in page.rows:
            assert 0 <= row.start <= row.end <= len(page.text)
            for column, value in row.cells:
                assert find_personal(column) == ()
                assert find_personal(value) == ()
                assert find_personal(f"{column}: {value}") == ()
    assert find_personal(hidden.content.decode()) == ()


def test_choices_become_settings_of_one_version(made):
    intake = made.inspect([("goods.csv", GOODS)])
    choices = IntakeChoices(
        roles=(("note", "ignore"),), method="rows", max_tokens=64, overlap_tokens=0
    )
    version = made.version
    made.take(intake, choices)
    kept = made.settings
    assert (kept.passage_method, kept.passage_tokens, kept.passage_overlap) == ("rows", 64, 0)
    assert dict(kept.roles) == {"note": "ignore"}
    assert made.version == version + 1
    assert {c.name: c.role for c in made.columns()}["note"] == "ignore"


def test_taking_without_changes_makes_no_new_version(made):
    version = made.version
    made.take(made.inspect([("goods.csv", GOODS)]))
    assert made.version == version


def test_impossible_choice_stores_nothing(made):
    intake = made.inspect([("a.md", RETURNS)])
    with pytest.raises(InvalidInput):
        made.take(intake, IntakeChoices(max_tokens=4))
    assert made.documents() == ()


@pytest.mark.parametrize("method", ["auto", "structure", "tokens", "rows"])
@pytest.mark.parametrize("mask", [False, True])
def test_preview_is_what_the_index_then_has(made, method, mask):
    long = RETURNS + b"".join(b" Repair %d takes a week and costs nothing." % n for n in range(9))
    made.add_file("old.md", long)
    made.update_index().wait(30)
    intake = made.inspect([("staff.md", STAFF), ("goods.csv", GOODS), ("copy.md", long)])
    choices = replace(
        intake.suggested(), method=method, max_tokens=24, overlap_tokens=8, mask=mask,
        roles=(("price", "ignore"),),
    )  # fmt: skip
    preview = made.preview(intake, choices)
    assert preview.model == made.embedding_model
    records = made.take(intake, choices)
    made.update_index().wait(30)
    new = [chunk for record in records for chunk in made.passages(record.document_id)]
    assert [(c.heading, c.text, c.cells) for c in new][:20] == [
        (p.chunk.heading, p.chunk.text, p.chunk.cells) for p in preview.first
    ]
    assert preview.n_passages == len(new)
    assert preview.n_in_all == made.index_state().n_passages
    assert made.preview().cost.n_passages == 0


def test_time_is_unknown_before_anything_was_measured_and_known_after(made):
    intake = made.inspect([("goods.csv", GOODS)])
    before = made.preview(intake).cost
    assert before.n_passages == 9
    assert before.seconds is None
    assert before.price.amount is None
    made.measure_reading(intake)
    after = made.preview(intake).cost
    assert after.n_passages == 0  # all nine were read, and are known
    more = made.inspect([("more.csv", GOODS.replace(b"Tent", b"Lamp"))])
    cost = made.preview(more).cost
    assert cost.seconds > 0
    assert cost.n_measured_tokens > 0


def test_unlocking_reads_the_locked_files_that_the_password_opens(made):
    files = [
        ("a.pdf", locked(pdf_with_pages("The fee is 19 dollars."), "one")),
        ("b.pdf", locked(pdf_with_pages("The rent is 20 dollars."), "two")),
    ]
    intake = made.inspect(files)
    assert [file.read.name for file in intake.locked] == ["a.pdf", "b.pdf"]
    assert made.unlock(intake, "none") is intake
    opened = made.unlock(intake, "one")
    assert [file.read.name for file in opened.locked] == ["b.pdf"]
    assert [record.name for record in made.take(opened)] == ["a.pdf"]
    assert made.inspect(files, passwords={"b.pdf": "two"}).files[1].is_readable


def test_pasted_questions_are_read_as_such(made):
    text = "Q: What is the fee?\nA: 19 dollars.\nQ: Who pays the postage?\nA: The shop."
    (file,) = made.inspect_pasted(text, "Questions").files
    assert file.read.shape == "questions"
    assert [c.name for c in made.incoming_columns(made.inspect_pasted(text, "Q"))] == [
        "Question",
        "Answer",
    ]


def test_nothing_readable_gives_no_records(made):
    intake = made.inspect([("b.exe", PROGRAM)])
    assert made.take(intake) == ()
    assert made.preview(intake).n_passages == 0


def test_a_file_over_the_limit_of_the_studio_is_refused_before_it_is_read(tmp_path):
    limited = Settings(home=tmp_path / "home", is_demo=True, max_upload_bytes=2**20)
    with Workbench(limited) as opened:
        bot = opened.create_chatbot("Bot")
        (kept,) = bot.add_file("long.txt", b"x" * (2**20 + 1))
        assert kept.status == "refused"
        assert "1.0 MB" in str(kept.reason) or "1 MB" in str(kept.reason)
        assert bot.document(kept.document_id).pages == ()
