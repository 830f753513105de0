"""Real files, broken at random, and settings of any shape: refused in plain words, without a trace."""

from __future__ import annotations

import contextlib
import dataclasses
import io
import os
import zipfile
from email.message import EmailMessage

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from PIL import Image

from studio.economics.traffic import read_trace_file
from studio.errors import InvalidInput, StudioError
from studio.ingestion.reader import read_files
from studio.prototypes.content.sheet import read_sheet
from studio.prototypes.registry import KINDS
from studio.prototypes.uploaded_rows import rows_of
from studio.sharing.logo import small_logo
from studio.tuning.reading import read_examples
from studio.workspace.api_key_record import KeyGrants
from studio.workspace.publication_record import PublicationChoices
from tests.unit.ingestion.office_files import docx, paragraph, pptx_made_by, table, xlsx, zip_of
from tests.unit.ingestion.pdf_files import pdf_with_pages

LIMIT = 10**6
TRIES = settings(
    max_examples=int(os.environ.get("STUDIO_FUZZ_TRIES", "25")),
    database=None,
    derandomize="STUDIO_FUZZ_TRIES" not in os.environ,
    suppress_health_check=list(HealthCheck),
)


def _mail() -> bytes:
    message = EmailMessage()
    message["Subject"], message["From"], message["To"] = "Returns", "a@x.org", "b@x.org"
    message.set_content("Most items may be returned.")
    message.add_alternative("<p>Most <b>items</b> may be returned.</p>", subtype="html")
    message.add_attachment(b"a,b\n1,2\n", maintype="text", subtype="csv", filename="a.csv")
    return message.as_bytes()


def _slides(deck) -> None:
    slide = deck.slides.add_slide(deck.slide_layouts[1])
    slide.shapes.title.text = "Returns"
    slide.placeholders[1].text = "Within 45 days"


WHOLE = {
    "a.docx": docx(
        paragraph("Returns", "Title") + paragraph("45 days.") + table(("a", "b"), ("1", "2"))
    ),
    "a.xlsx": xlsx(S=[["question", "answer"], ["When?", "Now"], [1, 2.5]]),
    "a.pptx": pptx_made_by(_slides),
    "a.pdf": pdf_with_pages("Most items may be returned.", "Within 45 days."),
    "a.zip": zip_of({"b.csv": "a,b\n1,2\n", "c/d.md": "# Title\n\nText.\n"}),
    "a.eml": _mail(),
    "a.csv": b"question,answer,label\nWhen?,Now,yes\nWhere?,Here,no\n",
    "a.json": b'[{"question": "When?", "answer": "Now", "n": 1}, {"question": "Where?"}]',
    "a.jsonl": b'{"prompt": "When?", "completion": "Now"}\n{"prompt": "Where?"}\n',
    "a.html": b"<html><head><title>T</title></head><body><h1>A</h1><table><tr><td>1</table></body>",
    "nothing.html": b"<!DOCTYPE html><!-- only a comment -->",
    "a.md": b"# Title\n\n| a | b |\n|---|---|\n| 1 | 2 |\n\nText.\n",
}
NAMES = st.sampled_from(sorted(WHOLE))


@st.composite
def broken_files(draw) -> tuple[str, bytes]:
    """A real file with bytes changed, cut out or put in; of a packed one, also of a part of it."""
    name = draw(NAMES)
    content = WHOLE[name]
    if name.endswith(("docx", "xlsx", "pptx", "zip")) and draw(st.booleans()):
        return name, _repacked(draw, content)
    return name, _changed(draw, content)


def _changed(draw, content: bytes) -> bytes:
    made = bytearray(content)
    for _ in range(draw(st.integers(1, 6))):
        at = draw(st.integers(0, max(0, len(made) - 1)))
        match draw(st.sampled_from(["change", "cut", "insert", "drop", "repeat"])):
            case "change" if made:
                made[at] = draw(st.integers(0, 255))
            case "cut":
                del made[at:]
            case "insert":
                made[at:at] = draw(st.binary(max_size=20))
            case "drop":
                del made[at : at + draw(st.integers(1, 40))]
            case "repeat":
                made[at:at] = made[at : at + draw(st.integers(1, 200))]
    return bytes(made)


def _repacked(draw, content: bytes) -> bytes:
    parts = {}
    with zipfile.ZipFile(io.BytesIO(content)) as packed:
        for part in packed.namelist():
            parts[part] = packed.read(part)
    victim = draw(st.sampled_from(sorted(parts)))
    if draw(st.integers(0, 4)) == 0:
        del parts[victim]
    else:
        parts[victim] = _changed(draw, parts[victim])
    return zip_of(parts)


@TRIES
@given(broken_files())
def test_a_broken_document_is_read_or_refused(file) -> None:
    name, content = file
    for read in read_files(name, content, max_bytes=LIMIT):
        assert (read.status == "refused") == (not read.pages)
        assert read.notices or read.status == "read"
        for notice in read.notices:
            assert str(notice)
            assert "something unexpected happened" not in str(notice)


@pytest.mark.parametrize(
    "read",
    [
        lambda name, content: read_sheet(name, content, max_bytes=LIMIT),
        lambda name, content: rows_of(name, content, wanted="question", max_bytes=LIMIT),
        lambda name, content: read_examples(name, content, "lora", max_bytes=LIMIT),
        lambda name, content: read_examples(name, content, "contrastive", max_bytes=LIMIT),
    ],
    ids=["batch", "rows", "answers", "pairs"],
)
def test_a_broken_table_is_read_or_refused(read) -> None:
    @TRIES
    @given(broken_files())
    def tried(file) -> None:
        with contextlib.suppress(StudioError):
            read(*file)

    tried()


def _logo() -> bytes:
    out = io.BytesIO()
    Image.new("RGB", (40, 20), "#AA3300").save(out, format="PNG")
    return out.getvalue()


WHOLE_BY_READER = {
    "trace": (read_trace_file, b"timestamp,tokens_in,tokens_out\n1700000000,5,6\n1700000009,7,8\n"),
    "dated trace": (read_trace_file, b"time\n2024-01-01 10:00:00\n2024-01-01 10:00:09\n"),
    "logo": (small_logo, _logo()),
}


@pytest.mark.parametrize("reader", WHOLE_BY_READER)
def test_a_broken_upload_is_read_or_refused(reader) -> None:
    read, content = WHOLE_BY_READER[reader]

    @TRIES
    @given(st.data())
    def tried(data) -> None:
        with contextlib.suppress(StudioError):
            assert read(_changed(data.draw, content))

    tried()


VALUES = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(2**70), 2**70)
    | st.floats()
    | st.text(max_size=20)
    | st.sampled_from(["en", "zh", "hybrid", "", "0", "-1"]),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3)
    ),
    max_leaves=5,
)


@pytest.mark.parametrize("kind", sorted(KINDS))
def test_settings_of_any_shape_are_taken_or_refused(kind) -> None:
    """They come from files that others made (`studio import`) and from forms."""
    made = KINDS[kind].default_settings("en")
    values = made if isinstance(made, dict) else made.to_json()

    @TRIES
    @given(st.dictionaries(st.sampled_from(sorted(values)), VALUES, min_size=1, max_size=3))
    def tried(changed) -> None:
        read = KINDS[kind].settings_type.from_json
        with contextlib.suppress(InvalidInput):
            stored = read({**values, **changed}).to_json()
            assert read(stored).to_json() == stored

    tried()


@TRIES
@given(
    st.dictionaries(
        st.sampled_from(
            [one.name for one in dataclasses.fields(KeyGrants) if one.name != "publications"]
        ),
        st.none() | st.integers(-5, 2**40),
        max_size=4,
    ),
    st.none() | st.decimals(),
)
def test_limits_of_a_key_are_taken_or_refused(changed, money) -> None:
    changed["usd_per_day"] = money
    for name in ("opens_models", "weight"):
        if changed.get(name) is None:
            changed.pop(name, None)
    with contextlib.suppress(InvalidInput):
        grants = KeyGrants(**changed)
        assert 1 <= grants.weight <= 100


@TRIES
@given(
    st.dictionaries(
        st.sampled_from([one.name for one in dataclasses.fields(PublicationChoices)]),
        st.integers(-5, 2**40) | st.text(max_size=300),
        max_size=3,
    )
)
def test_choices_of_a_publication_are_taken_or_refused(changed) -> None:
    kept = {
        name: value
        for name, value in changed.items()
        if isinstance(value, type(getattr(PublicationChoices(headline="x"), name, None)))
    }
    with contextlib.suppress(InvalidInput):
        assert PublicationChoices(**{"headline": "x", **kept}).headline
