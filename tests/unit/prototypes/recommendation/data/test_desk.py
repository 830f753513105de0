"""Tables are kept, read in the background, corrected, and read back after a restart."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from studio.config import Settings
from studio.errors import InvalidInput, NotFound
from studio.jobs.runner import JobState
from studio.prototypes import table_desk
from studio.prototypes.recommendation.data import prepared
from studio.prototypes.recommendation.data.desk import DataDesk
from studio.prototypes.recommendation.settings import RecommendationSettings
from studio.workbench import Workbench
from tests.unit.ingestion.office_files import xlsx

ITEMS = (
    b"sku,name,genre,cost\n1,Pot,tea|gift,4\n2.0,Pan,cook,5\n3,Cup,tea|cook,6\n4,Tin,cook|tea,7\n"
)
EVENTS = (
    b"user_id,sku,event,when\n"
    b"u1,1,view,2025-01-01 10:00\nu1,1,view,2025-01-01 10:00\nu1, 2 ,buy,2025-01-02 10:00\n"
    b"u2,3.0,view,2025-02-01 10:00\nu2,9,view,2025-02-01 10:00\n"
)


@pytest.fixture
def workbench(tmp_path: Path) -> Iterator[Workbench]:
    with Workbench.open(settings=Settings(home=tmp_path / "home", is_demo=True)) as opened:
        yield opened


@pytest.fixture
def desk(workbench: Workbench) -> DataDesk:
    record = workbench.workspace.prototypes.create(
        "recommendation", "Shop", RecommendationSettings().to_json()
    )
    return DataDesk(record.id, workbench._toolbox)


def test_two_files_become_data(desk: DataDesk) -> None:
    desk.add([("items.csv", ITEMS), ("events.csv", EVENTS)])
    assert desk.current() is None
    made = desk.prepare().result(30)
    assert made.items.ids == ("1", "2", "3", "4")
    assert made.items.attributes["genre"][0] == ("tea", "gift")
    assert [table.n_rows for table in made.tables] == [4, 5]
    assert (made.report.n_kept, made.report.n_repeated, made.report.n_unknown_item) == (3, 1, 1)
    assert made.fingerprint == desk.fingerprint()
    assert desk.current() is made


def test_nothing_is_read_again_while_nothing_changes(desk: DataDesk) -> None:
    desk.add([("items.csv", ITEMS), ("events.csv", EVENTS)])
    assert desk.prepare().result(30) is desk.prepare().result(30)


def test_restart_reads_back_the_same(desk: DataDesk, workbench: Workbench, monkeypatch) -> None:
    desk.add([("items.csv", ITEMS), ("events.csv", EVENTS)])
    made = desk.prepare().result(30)
    again = DataDesk(desk._id, workbench._toolbox)

    def refuse(*_args, **_options):
        raise AssertionError("the tables were read again")

    monkeypatch.setattr(table_desk, "read_long_tables", refuse)
    found = again.prepare().result(30)
    assert found.items.ids == made.items.ids
    assert found.items.attributes == made.items.attributes
    assert found.report == made.report
    assert found.profile == made.profile
    assert found.tables == made.tables
    assert (found.events.item_codes == made.events.item_codes).all()


def test_damaged_file_is_made_again(desk: DataDesk, workbench: Workbench) -> None:
    desk.add([("events.csv", EVENTS)])
    made = desk.prepare().result(30)
    (desk.folder / prepared.FILE).write_bytes(b"PK\x03\x04 half a file")
    again = DataDesk(desk._id, workbench._toolbox)
    assert again.current() is None
    assert again.prepare().result(30).report == made.report


def test_a_role_that_is_corrected_makes_other_data(desk: DataDesk) -> None:
    desk.add([("items.csv", ITEMS), ("events.csv", EVENTS)])
    before = desk.prepare().result(30)
    assert desk.tables()[0].roles["name"] == "title"
    desk.set_role("items.csv", "genre", "title")
    assert desk.tables()[0].roles == {
        "sku": "item", "name": "ignore", "genre": "title", "cost": "price",
    }  # fmt: skip
    assert desk.current() is before  # the old data serves until the new is there
    assert desk.prepare().result(30).items.titles[1] == "cook"


def test_a_table_that_holds_something_else_is_corrected(desk: DataDesk) -> None:
    desk.add([("things.csv", b"a,b\nx,1\ny,2\nz,3\n")])
    assert desk.tables()[0].kind == "items"
    desk.set_kind("things.csv", "events")
    (table,) = desk.tables()
    assert (table.kind, table.guessed_kind, table.roles) == (
        "events", "items", {"a": "user", "b": "item"},
    )  # fmt: skip
    assert len(desk.prepare().result(30).events) == 3
    desk.set_kind("things.csv", "ignore")
    assert desk.fingerprint() == ""


def test_missing_role_is_said_and_the_table_not_used(desk: DataDesk) -> None:
    desk.add([("events.csv", EVENTS)])
    desk.set_role("events.csv", "user_id", "ignore")
    (table,) = desk.tables()
    assert "user's id" in str(table.problem)
    job = desk.prepare()
    job.wait(30)
    assert job.state is JobState.FAILED
    assert "Upload one" in str(job.error)


@pytest.mark.parametrize(
    ("table", "column", "role", "error"),
    [
        ("events.csv", "user_id", "price", InvalidInput),
        ("events.csv", "nothing", "user", NotFound),
        ("other.csv", "user_id", "user", NotFound),
    ],
)
def test_impossible_corrections_are_refused(desk: DataDesk, table, column, role, error) -> None:
    desk.add([("events.csv", EVENTS)])
    with pytest.raises(error):
        desk.set_role(table, column, role)


def test_refused_file_stays_with_its_reason_and_can_be_removed(desk: DataDesk) -> None:
    (record,) = desk.add([("picture.csv", b"\x89PNG\r\n\x1a\n123")])
    assert record.status == "refused"
    assert "picture" in str(record.reason)
    assert desk.tables() == ()
    desk.remove(record.document_id)
    assert desk.files() == ()


def test_two_files_of_events_are_one_stream(desk: DataDesk) -> None:
    desk.add([("january.csv", EVENTS), ("february.csv", EVENTS.replace(b"u1", b"u7"))])
    made = desk.prepare().result(30)
    assert set(made.events.users) == {"u1", "u2", "u7"}


def test_a_copy_of_the_prototype_has_its_tables(desk: DataDesk, workbench: Workbench) -> None:
    desk.add([("items.csv", ITEMS), ("events.csv", EVENTS)])
    desk.set_role("items.csv", "genre", "ignore")
    copy = workbench.workspace.prototypes.duplicate(desk._id, "Copy")
    copied = DataDesk(copy.id, workbench._toolbox)
    assert [table.roles for table in copied.tables()] == [table.roles for table in desk.tables()]
    assert copied.prepare().result(30).report == desk.prepare().result(30).report


def test_keeping_automatic_visitors_makes_other_data(desk: DataDesk) -> None:
    desk.add([("events.csv", EVENTS)])
    before = desk.fingerprint()
    desk.set_leave_out_bots(False)
    assert desk.fingerprint() != before


def test_a_table_without_rows_is_refused_with_the_reason(desk: DataDesk) -> None:
    (record,) = desk.add([("events.csv", b"user_id,product_id,event,timestamp\n")])
    assert record.status == "refused"
    assert "holds no rows below them" in str(record.reason)
    assert desk.tables() == ()


def test_leaving_out_users_makes_other_data_and_taking_them_back_the_same(desk: DataDesk) -> None:
    desk.add([("events.csv", EVENTS)])
    before = desk.fingerprint()
    desk.set_users_left_out([" u1 ", "u1", ""])
    assert desk.fingerprint() != before
    made = desk.prepare().result(30)
    assert "u1" not in made.events.users
    assert made.report.n_left_out_events > 0
    desk.set_users_left_out([])
    assert desk.fingerprint() == before


def test_a_sheet_that_names_no_items_beside_one_that_does_is_left_out(desk: DataDesk) -> None:
    book = xlsx(
        Products=[("sku", "title"), ("1", "Tea pot"), ("2", "Iron pan"), ("3", "Tin cup")],
        Returns=[("Reason", "Who pays"), ("Damaged", "we"), ("Too large", "you"), ("Late", "we")],
    )
    desk.add([("shop.xlsx", book)])

    assert [(table.name, table.kind) for table in desk.tables()] == [
        ("shop.xlsx/Products", "items"),
        ("shop.xlsx/Returns", "ignore"),
    ]
    assert desk.prepare().result(30).items.ids == ("1", "2", "3")
