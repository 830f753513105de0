"""What was uploaded is kept whole, once, and can be taken out and brought back."""

from __future__ import annotations

import errno
import os
from concurrent.futures import ThreadPoolExecutor

import pytest

from studio.errors import DataError, InvalidInput, NotFound, StorageFull, StudioError
from studio.records import Document, Notice, Page, Row
from studio.workspace import files

PAGES = (Page(text="one", number=1), Page(text="", number=2), Page(text="三"))


def test_a_document_is_kept_with_text_bytes_and_account(workspace, bot):
    reason = Notice("{n} pages had no text: {why}", n=1, why=Notice("page {n} is a scan", n=2))
    made = workspace.documents.add_document(
        bot.id,
        "guide.pdf",
        b"%PDF",
        PAGES,
        media_type="application/pdf",
        status="partial",
        reason=reason,
        report={"dropped": [2]},
    )
    assert workspace.documents.list(bot.id) == (made,)
    assert workspace.documents.get(made.document_id) == made
    assert (made.n_bytes, made.n_pages, made.n_characters) == (4, 3, 4)
    assert (made.status, made.reason, made.report) == ("partial", reason, {"dropped": [2]})
    assert workspace.documents.document(made.document_id) == Document(
        document_id=made.document_id, name="guide.pdf", pages=PAGES
    )
    assert workspace.documents.original(made.document_id) == b"%PDF"


def test_documents_keep_the_order_they_were_added_in(workspace, bot):
    names = [f"{n}.txt" for n in range(12)]
    for name in names:
        workspace.documents.add_document(bot.id, name, name.encode())
    assert [document.name for document in workspace.documents.list(bot.id)] == names
    assert workspace.documents.list("nobody") == ()


def test_the_same_content_is_found_again_but_not_in_another_prototype(workspace, bot, tmp_path):
    first = workspace.documents.add_document(bot.id, "a.txt", b"same", PAGES)
    again = workspace.documents.add_document(bot.id, "b.txt", b"same", PAGES)
    other = workspace.prototypes.create("chatbot", "Other", {})
    elsewhere = workspace.documents.add_document(other.id, "c.txt", b"same", PAGES)
    assert again == first
    assert elsewhere.document_id != first.document_id
    stored = [path for path in (tmp_path / "files").rglob("*") if path.is_file()]
    assert [path.name for path in stored] == [first.sha256]


def test_threads_that_add_one_file_make_one_document(workspace, bot):
    with ThreadPoolExecutor(8) as pool:
        made = list(
            pool.map(
                lambda _: workspace.documents.add_document(bot.id, "a", b"same", PAGES), range(16)
            )
        )
    assert len({document.document_id for document in made}) == 1
    assert len(workspace.documents.list(bot.id)) == 1


def test_a_refused_document_gives_way_when_it_can_be_read(workspace, bot):
    def add(status, pages=()):
        return workspace.documents.add_document(
            bot.id, "a.pdf", b"locked", pages, status=status, reason=Notice("It has a password.")
        )

    refused = add("refused")
    assert add("refused") == refused
    read = add("read", PAGES)
    assert (read.status, read.n_pages) == ("read", 3)
    assert workspace.documents.list(bot.id) == (read,)
    assert add("refused") == read


def test_a_removed_document_can_be_brought_back(workspace, bot):
    made = workspace.documents.add_document(bot.id, "a.txt", b"a", PAGES)
    removed = workspace.documents.remove(made.document_id)
    assert workspace.documents.list(bot.id) == ()
    assert workspace.documents.list(bot.id, include_removed=True) == (removed,)
    assert workspace.documents.document(made.document_id).pages == PAGES
    assert workspace.documents.restore(made.document_id) == made
    assert workspace.documents.list(bot.id) == (made,)


def test_restoring_a_document_that_was_added_again_gives_the_newer_one(workspace, bot):
    old = workspace.documents.add_document(bot.id, "a.txt", b"a", PAGES)
    workspace.documents.remove(old.document_id)
    new = workspace.documents.add_document(bot.id, "a.txt", b"a", PAGES)
    assert new.document_id != old.document_id
    assert workspace.documents.restore(old.document_id) == new
    assert workspace.documents.list(bot.id) == (new,)


def test_texts_that_no_database_stores_are_mended(workspace, bot):
    made = workspace.documents.add_document(
        bot.id, "\ud800.txt", b"x", (Page(text="a\0b\udfffc"),), report={"title": "\ud800"}
    )
    assert (made.name, made.n_characters) == ("?.txt", 4)
    assert workspace.documents.document(made.document_id).pages == (Page(text="ab?c"),)


def test_unknown_ids_and_reports_that_are_not_json_are_refused(workspace, bot):
    with pytest.raises(NotFound, match="no prototype nobody"):
        workspace.documents.add_document("nobody", "a", b"a")
    for method in ("get", "document", "original", "remove", "restore"):
        with pytest.raises(NotFound, match="no document nobody"):
            getattr(workspace.documents, method)("nobody")
    with pytest.raises(InvalidInput):
        workspace.documents.add_document(bot.id, "a", b"a", report={"a": object()})


@pytest.mark.parametrize("code", [errno.ENOSPC, errno.EDQUOT])
def test_a_full_disk_leaves_neither_file_nor_document(workspace, bot, tmp_path, monkeypatch, code):
    def fail(_handle):
        raise OSError(code, os.strerror(code))

    with monkeypatch.context() as patch:
        patch.setattr(files.os, "fsync", fail)
        with pytest.raises(StorageFull, match="no room left on the disk"):
            workspace.documents.add_document(bot.id, "a", b"a")
    assert workspace.documents.list(bot.id) == ()
    assert not [path for path in (tmp_path / "files").rglob("*") if path.is_file()]
    workspace.documents.add_document(bot.id, "a", b"a")


def test_a_file_changed_or_gone_on_the_disk_is_said_to_be(workspace, bot, tmp_path):
    made = workspace.documents.add_document(bot.id, "a", b"a")
    path = tmp_path / "files" / made.sha256[:2] / made.sha256
    path.write_bytes(b"b")
    with pytest.raises(DataError, match="changed or damaged"):
        workspace.documents.original(made.document_id)
    path.unlink()
    with pytest.raises(NotFound, match="not there any more"):
        workspace.documents.original(made.document_id)
    path.write_bytes(b"c")
    assert workspace.documents.add_document(bot.id, "a", b"a") == made
    assert workspace.documents.original(made.document_id) == b"a"


def test_a_folder_in_the_way_is_said_plainly(tmp_path):
    (tmp_path / "files").write_text("in the way")
    with pytest.raises(StudioError, match="cannot be used"):
        files.FileStore(tmp_path / "files").put(b"a")


def test_rows_and_names_of_pages_are_kept(workspace, bot):
    rows = (Row(start=0, end=10, cells=(("Name", "Tent"), ("Price", "12"))),)
    page = Page(text="Name: Tent", name="Sheet 1", rows=rows)
    record = workspace.documents.add_document(bot.id, "a.csv", b"a", (page,))
    assert workspace.documents.document(record.document_id).pages == (page,)
    copy = workspace.prototypes.duplicate(bot.id, "Copy")
    (copied,) = workspace.documents.list(copy.id)
    assert workspace.documents.document(copied.document_id).pages == (page,)


def test_another_prototype_gets_what_it_has_not_and_bytes_are_shared(workspace, bot):
    other = workspace.prototypes.create("chatbot", "Other", {})
    workspace.documents.add_document(bot.id, "a.md", b"one", (Page(text="one"),))
    workspace.documents.add_document(bot.id, "b.md", b"two", (Page(text="two"),))
    own = workspace.documents.add_document(other.id, "mine.md", b"one", (Page(text="one"),))
    assert workspace.documents.copy(bot.id, other.id) == 1
    kept, copied = workspace.documents.list(other.id)
    assert (kept, copied.name) == (own, "b.md")
    assert workspace.documents.document(copied.document_id).pages == (Page(text="two"),)
    assert workspace.documents.copy(bot.id, other.id) == 0
    with pytest.raises(NotFound):
        workspace.documents.copy(bot.id, "nobody")


def test_a_fingerprint_changes_with_the_documents_and_beginnings_are_of_those_present(
    workspace, bot
):
    documents, seen = workspace.documents, [workspace.documents.fingerprint(bot.id)]
    first = documents.add_document(bot.id, "a.txt", b"a", PAGES)
    seen.append(documents.fingerprint(bot.id))
    documents.add_document(bot.id, "b.txt", b"b", [Page(text="x" * 5000)])
    seen.append(documents.fingerprint(bot.id))
    assert documents.beginnings(bot.id) == (("one三", 4), ("x" * 2000, 5000))
    documents.remove(first.document_id)
    seen.append(documents.fingerprint(bot.id))
    assert documents.beginnings(bot.id) == (("x" * 2000, 5000),)
    assert len(set(seen)) == len(seen)
    documents.restore(first.document_id)
    assert documents.fingerprint(bot.id) == seen[2]
