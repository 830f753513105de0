"""Texts of the real default model: fields by constrained decoding, rows together as rows alone."""

from __future__ import annotations

import json
import time
from dataclasses import replace

from studio.prototypes.content.content import Content

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
