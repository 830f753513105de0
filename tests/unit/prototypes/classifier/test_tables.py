"""Which column is the text and which the label: guessed by names and content, and correctable."""

from __future__ import annotations

from dataclasses import replace

import pytest

from studio.errors import InvalidInput, NotFound
from tests.unit.prototypes.classifier.mails import rows, table


def columns(classifier, name: str = "mails.csv"):
    found = next(one for one in classifier.desk.tables() if one.name == name)
    return found.use, found.text_column, found.label_column, found.problem


@pytest.mark.parametrize(
    ("header", "text", "label"),
    [
        ("text,label", "text", "label"),
        ("邮件,类别", "邮件", "类别"),
        ("a,b", "a", "b"),  # by what is in them
        ("Customer message,Team", "Customer message", "Team"),
    ],
)
def test_columns_are_guessed(empty, header, text, label):
    empty.desk.add([("mails.csv", table(header=header))])
    assert columns(empty) == ("learn", text, label, None)


def test_ids_and_dates_are_no_labels(empty):
    lines = ["id,date,mail,team"]
    lines += [
        f"{n},2026-01-{1 + n % 28:02d},{t},{label}" for n, (t, label) in enumerate(rows(9, 0))
    ]
    empty.desk.add([("mails.csv", "\n".join(lines).encode())])
    assert columns(empty)[1:3] == ("mail", "team")


def test_a_table_without_labels_and_a_test_table_are_known_by_themselves(empty):
    empty.desk.add(
        [
            ("new.csv", b"text\n" + b"\n".join(t.encode() for t, _ in rows())),
            ("mails_test.csv", table()),
        ]
    )
    assert columns(empty, "new.csv")[0] == "unlabelled"
    assert columns(empty, "mails_test.csv")[0] == "test"


def test_a_guess_is_corrected_and_what_is_missing_said(empty):
    empty.desk.add([("mails.csv", table())])
    before = empty.desk.fingerprint()
    empty.desk.set_columns("mails.csv", text="label", label="text")
    assert columns(empty) == ("learn", "label", "text", None)
    assert empty.desk.fingerprint() != before
    empty.desk.set_columns("mails.csv", text="text", label="text")
    assert "cannot be the same" in str(columns(empty)[3])
    empty.desk.set_columns("mails.csv", text="text", label="")
    assert "which column holds the label" in str(columns(empty)[3])
    empty.desk.set_use("mails.csv", "unlabelled")
    assert columns(empty)[3] is None
    empty.desk.set_columns("mails.csv", text="", label="")
    assert "which column holds the text" in str(columns(empty)[3])
    empty.desk.set_use("mails.csv", "ignore")
    assert columns(empty)[3] is None
    with pytest.raises(InvalidInput, match="learn, test"):
        empty.desk.set_use("mails.csv", "dream")
    with pytest.raises(NotFound, match="no column"):
        empty.desk.set_columns("mails.csv", text="x", label="")
    with pytest.raises(NotFound, match="no table"):
        empty.desk.set_columns("gone.csv", text="text", label="")


def test_a_refused_file_is_kept_with_its_reason(empty):
    (record,) = empty.desk.add([("logo.csv", b"\x89PNG\r\n\x1a\n123")])
    assert record.status == "refused"
    assert empty.desk.tables() == ()
    assert empty.desk.fingerprint() == ""


def test_only_a_table_that_the_studio_made_is_one_of_made_texts(empty):
    old = b"text,label,made_from\nwhere is it,delivery,where is my parcel\n"
    own = b"text,label,made_from\nthe chair broke,repair,oak\n"
    new = b"text,label,made_by_a_model_from\nit broke,repair,the chair broke\n"
    files = [("made-by-a-model-2026-01-01-101010.csv", old), ("chairs.csv", own), ("n.csv", new)]
    empty.desk.add(files)
    empty.configure(replace(empty.settings, table_uses=(("chairs", "synthetic"),)))
    tables = {one.columns[2] + " " + one.examples[1][0]: one for one in empty.desk.tables()}
    assert {name: (one.use, one.source_column) for name, one in tables.items()} == {
        "made_from delivery": ("synthetic", "made_from"),
        "made_from repair": ("learn", ""),
        "made_by_a_model_from repair": ("synthetic", "made_by_a_model_from"),
    }
