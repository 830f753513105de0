"""Texts of the real default model: fields by constrained decoding, rows together as rows alone, and a
summary that the document bears out."""

from __future__ import annotations

import json
import time
from dataclasses import replace

from studio.prototypes.content.borne_out import borne_out
from studio.prototypes.content.content import Content
from studio.sample_company import SAMPLE_DATA

SHEET = b"Product,Facts\nAlder Mug,350 ml; steel\nCove Tent,2.1 kg; two doors\nTide Jacket,190 g\n"


def test_fields_are_json_of_the_schema_without_mending(real_workbench):
    content = real_workbench.create(Content, "Fields", Content.default_settings("en"))
    content.use_template("seo")
    content.configure(replace(content.settings, temperature=0.0, n_retries=0))
    text = content.write({"topic": "enamel mugs", "facts": "350 ml; 180 g"}, 1).texts[0]
    assert set(json.loads(text.content)) == {"title", "description", "keywords"}
    assert text.note is None
    assert next(check for check in text.checks if check.name == "fields").status == "passed"


def test_rows_written_together_are_those_written_alone(real_workbench):
    content = real_workbench.create(Content, "Rows", Content.default_settings("en"))
    content.configure(replace(content.settings, temperature=0.0, n_retries=0, max_new_tokens=40))
    sheet = content.batches.read("b.csv", SHEET)
    mapping = content.batches.guess(sheet)
    batch = content.batches.start(sheet, mapping)
    deadline = time.monotonic() + 200
    while content.batches.get(batch.id).state != "done" and time.monotonic() < deadline:
        time.sleep(0.1)
    rows = content.batches.rows(batch.id)
    assert [row.position for row in rows] == [0, 1, 2]
    for row in rows:
        alone = content.write(mapping.values(row.cells), 1).texts[0]
        assert row.text.content == alone.content


def test_a_summary_says_nothing_twice_and_nothing_of_its_own(real_workbench):
    content = real_workbench.create(Content, "Summary", Content.default_settings("en"))
    files = ("about_us.md", "returns_policy.md")
    texts = [(SAMPLE_DATA / "documents" / "en" / name).read_text("utf-8") for name in files]
    document = "\n\n".join(texts)
    summary = content.long_texts.summarise(document, words=40).result(280)
    assert len(summary.steps) == 2
    for text in (summary.text.content, *(step.text for step in summary.steps)):
        assert text
        assert borne_out(text, document).split() == text.split()
    assert {check.name for check in summary.text.checks if check.status == "failed"} <= {"copying"}
