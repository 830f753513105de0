"""What the content pages compute themselves: parts of a text, rows of tables, figures of a price."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from decimal import Decimal

import pandas as pd
import pytest

from components import (
    content_actions,
    content_batch,
    content_batch_price,
    content_batch_rows,
    content_batch_run,
    content_card,
    content_form_editor,
    content_history,
    content_outline,
    content_output_form,
    content_seo,
    content_standings,
)
from studio.evaluation.text_checks.result import CheckResult
from studio.prototypes.content.batch import Batch, BatchRow
from studio.prototypes.content.estimate import BatchEstimate
from studio.prototypes.content.settings import ContentSettings
from studio.prototypes.content.sheet import ColumnMapping
from studio.prototypes.content.template import OutputField, Variable
from studio.prototypes.content.text import Text
from studio.prototypes.content.votes import Standing
from studio.records import Notice

NOW = datetime(2026, 1, 1, tzinfo=UTC)
ESTIMATE = BatchEstimate(
    n_rows=500,
    n_measured=3,
    tokens_in=50_000,
    tokens_out=25_000,
    seconds=100.0,
    cost=Decimal("0.05"),
    currency="USD",
    cost_source=Notice("This machine"),
    attempts_per_row=1.0,
    notice=Notice("From three rows."),
)
BATCH = Batch(
    id="b",
    name="briefs.csv",
    state="running",
    columns=("name", "price"),
    mapping=ColumnMapping(columns=(("product", "name"),)),
    n_rows=20,
    n_done=5,
    n_rejected=2,
    n_failed=1,
    tokens_in=1000,
    tokens_out=500,
    cost=None,
    currency="USD",
    seconds=10.0,
    tokens_per_s=52.4,
    remaining_s=15.0,
    estimate=None,
    error=None,
    version=1,
    created_at=NOW,
)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("It holds 1.5 kg. It is light.", ["It holds 1.5 kg.", "It is light."]),
        ("# Title\n\nOne line\n- a point", ["# Title", "One line", "- a point"]),
        ("两个门厅。重2.1公斤！", ["两个门厅。", "重2.1公斤！"]),
        ("  \n ", []),
    ],
)
def test_parts_of_a_text_are_its_sentences_where_they_stand(text, expected) -> None:
    assert [text[start:end] for start, end in content_actions.parts(text)] == expected


def test_an_estimate_for_some_rows_is_in_proportion_and_an_unknown_price_stays_unknown() -> None:
    part = content_batch_price.scaled(ESTIMATE, 20)
    assert (part.n_rows, part.tokens_in, part.tokens_out) == (20, 2_000, 1_000)
    assert part.seconds == pytest.approx(4.0)
    assert part.cost == Decimal("0.002")
    assert content_batch_price.scaled(ESTIMATE, 500) == ESTIMATE
    assert content_batch_price.scaled(replace(ESTIMATE, cost=None), 20).cost is None
    assert "cost unknown" in content_batch_price.said(replace(ESTIMATE, cost=None))


def test_a_running_batch_says_rows_failures_rate_and_remaining_time() -> None:
    said = content_batch_run.figures(BATCH)
    assert said == (
        "8 of 20 rows · 2 did not pass their checks · 1 without a text · 52 tokens/s · about 15 s left"
    )
    assert "tokens/s" not in content_batch_run.figures(replace(BATCH, state="done"))


def test_rows_become_a_table_with_a_mark_for_each_check_that_looked_at_something() -> None:
    checks = (
        CheckResult(name="length", status="passed", notice=Notice("ok")),
        CheckResult(name="support", status="failed", notice=Notice("no")),
        CheckResult(name="voice", status="skipped", notice=Notice("no samples")),
    )
    text = Text(id="", content="A\nB", values={}, checks=checks, version=1, created_at=NOW)
    rows = [
        BatchRow(position=0, cells={"name": "Tent", "price": "1"}, state="rejected", text=text),
        BatchRow(position=4, cells={"name": "Mug"}, state="failed", error=Notice("Too long.")),
    ]
    table = content_batch_rows.table(BATCH, rows)
    assert list(table.columns) == [
        "Row",
        "name",
        "Result",
        "Text",
        "Did not pass",
        "Length",
        "Facts",
    ]
    assert table.iloc[0].tolist() == [1, "Tent", "a check failed", "A B", "Facts", "✓", "✗"]
    assert table.iloc[1].tolist() == [5, "Mug", "no text", "", "", "", ""]


def test_queries_are_read_from_lines_and_written_back() -> None:
    asked = (("light tent", 3), ("mug", 1))
    assert content_seo.read(" light tent\t3 \nmug\n\n") == asked
    assert content_seo.read(content_seo.written(asked)) == asked
    assert content_seo.read("a\na\t2") == (("a", 3),)
    assert content_seo.read("a\tmany") == (("a", 1),)


def test_an_edited_outline_leaves_out_rows_without_a_heading() -> None:
    edited = pd.DataFrame([("Wash", "30 °C; gentle"), (None, "lost"), ("Dry；", None)])
    found = content_outline.sections(edited)
    assert [(one.heading, one.points) for one in found] == [
        ("Wash", ("30 °C", "gentle")),
        ("Dry；", ()),
    ]


def test_a_form_survives_its_table_and_new_rows_get_a_name() -> None:
    settings = ContentSettings(
        variables=(
            Variable(name="product", label="Product", required=True, is_source=True),
            Variable(name="tone", label="语气", type="choice", choices=("calm", "loud")),
        )
    )
    frame = content_form_editor.frame(settings)
    assert content_form_editor.variables(frame) == settings.variables
    new = {"label": "Target group", "type": None, "required": None, "is_source": None}
    chinese = {"label": "受众", "name": None}
    edited = pd.concat([frame, pd.DataFrame([new, chinese, {"label": None}])], ignore_index=True)
    made = content_form_editor.variables(edited)
    assert [one.name for one in made] == ["product", "tone", "target_group", "field_4"]
    assert (made[2].type, made[2].required) == ("text", False)


def test_a_form_without_fields_gives_an_empty_table() -> None:
    assert content_form_editor.variables(content_form_editor.frame(ContentSettings())) == ()
    assert content_output_form.fields(content_output_form.frame(ContentSettings())) == ()


def test_the_fields_of_a_text_survive_their_table() -> None:
    made = (
        OutputField(name="title", max_length=60),
        OutputField(name="tags", type="list", required=False),
    )
    frame = content_output_form.frame(ContentSettings(fields=made))
    assert content_output_form.fields(frame) == made
    added = pd.concat([frame, pd.DataFrame([{"name": " price "}, {"name": None}])])
    assert content_output_form.fields(added)[-1] == OutputField(name="price")


@pytest.mark.parametrize(
    ("name", "status", "value", "unit", "badge"),
    [
        ("readability", "skipped", 63.4, "points", ("Easy to read 63", None, "gray")),
        ("voice", "skipped", 0.5, "share", ("Sounds like the brand 50%", None, "gray")),
        ("length", "passed", 63.0, "words", ("Length", ":material/check:", "green")),
    ],
)
def test_what_is_only_measured_has_a_grey_badge_with_its_figure(name, status, value, unit, badge):
    check = CheckResult(name=name, status=status, value=value, unit=unit, notice=Notice("x"))
    assert content_card.badge(check)[1:] == badge[1:]
    assert content_card.badge(check)[0].endswith(badge[0].rsplit(" ", 1)[-1])


def test_votes_say_whether_it_may_be_chance() -> None:
    standing = Standing(
        first="A", second="B", n_first=9, n_second=1, n_ties=0, share=0.9, low=0.6, high=0.98
    )
    assert content_standings.sentence(standing).endswith("A is better, beyond chance.")
    unclear = replace(standing, n_first=2, share=0.67, low=0.2, high=0.94)
    assert "may still be chance" in content_standings.sentence(unclear)
    behind = replace(standing, n_first=1, n_second=9, share=0.1, low=0.02, high=0.4)
    assert content_standings.sentence(behind).endswith("B is better, beyond chance.")


def test_headings_of_a_text_stay_headings_and_nothing_else_becomes_markup() -> None:
    shown = content_card.markdown("# Care\n\n- wash :red[it]\n<b>now</b> for $5")
    assert shown.splitlines()[0] == "### Care"
    assert ":red[" not in shown
    assert "<b>" not in shown


def test_the_list_of_batches_tells_no_state_that_changes_while_it_is_shown():
    assert "Running" not in content_batch._name(replace(BATCH, state="running"))
    assert " · Paused · " in content_batch._name(replace(BATCH, state="paused"))


def test_what_stood_in_a_form_is_told_by_its_labels_with_lists_on_a_line():
    settings = ContentSettings(
        variables=(
            Variable(name="product", label="Product"),
            Variable(name="facts", label="Facts", type="list"),
            Variable(name="tone", label="Tone"),
        )
    )
    values = {"product": "Cove", "facts": "2.1 kg\ntwo doors", "tone": " ", "gone": "x"}
    text = Text(id="", content="A tent.", values=values, checks=(), version=1, created_at=NOW)
    told = content_history.filled_in(text, settings)
    assert told == ["Product: Cove", "Facts: 2.1 kg; two doors", "gone: x"]
