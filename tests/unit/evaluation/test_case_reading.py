"""Rows become cases; what cannot is told with its row and reason."""

from __future__ import annotations

import csv
import io

import pytest

from components.evaluation_questions import as_csv
from studio.errors import DataError
from studio.evaluation.case import EvaluationCase
from studio.evaluation.case_reading import case_id_of, read_cases


def reasons(read):
    return [(one.number, str(one.reason)) for one in read.dropped]


def test_columns_may_be_called_as_in_tables_of_the_prototype() -> None:
    rows = [{"客户留言": "背包什么时候能到", "类别": "物流配送"}]
    (case,) = read_cases(rows, own=(["客户留言"], ["类别"])).cases
    assert (case.question, case.answers) == ("背包什么时候能到", ("物流配送",))
    (case,) = read_cases([{"Text": "a", "Mail": "b"}], own=(["mail"], [])).cases
    assert case.question == "a"  # the usual names come first
    with pytest.raises(DataError, match="called text, or as in the tables"):
        read_cases(rows, own=(["mail"], ["label"]))


def test_a_full_row_is_read():
    read = read_cases(
        [
            {
                "id": "1", "question": " How? ", "answer": "So | Thus", "gold_document": "A",
                "gold_passage": "It is so.", "answerable": "yes",
            }
        ],
        documents={"A": "a.md"},
    )  # fmt: skip
    (case,) = read.cases
    assert (case.case_id, case.question, case.answers) == ("1", "How?", ("So", "Thus"))
    assert (case.gold, case.gold_passage, case.is_answerable) == (("a.md",), "It is so.", True)


def test_chinese_headings_and_answers_are_read():
    read = read_cases(
        [{"问题": "几天？", "答案": "45 天", "可回答": "是"}, {"问题": "多少？", "可回答": "否"}]
    )
    assert [case.is_answerable for case in read.cases] == [True, False]
    assert read.cases[0].answers == ("45 天",)


def test_without_an_id_the_words_make_one():
    (case,) = read_cases([{"question": "How?"}]).cases
    assert case.case_id == case_id_of("how?")


def test_a_question_that_comes_again_gives_its_answers_to_the_first():
    read = read_cases(
        [{"question": "How?", "answer": "So"}, {"question": "how?", "answer": "Thus"}]
    )
    assert [case.answers for case in read.cases] == [("So", "Thus")]
    assert (read.n_merged, read.dropped) == (1, ())


@pytest.mark.parametrize(
    ("row", "reason"),
    [
        ({"question": ""}, "The question is empty."),
        ({"question": "NaN"}, "The question is empty."),
        ({"question": "x", "answerable": "perhaps"}, "write yes or no"),
        ({"question": "x", "answerable": "no", "answer": "y"}, "cannot be answered"),
        ({"question": "first", "answer": "a"}, "The same question stands in a row above."),
        ({"question": "x", "id": "1"}, "The id 1 stands for another question"),
        ({"question": "x" * 4001}, "4,001 characters"),
        ({"question": "x", "grade": "0"}, "is graded 0"),
    ],
)
def test_a_bad_row_is_dropped_with_its_reason(row, reason):
    first = {"id": "1", "question": "first", "answer": "a", "answerable": "", "grade": ""}
    read = read_cases([first, {**dict.fromkeys(first, ""), **row}])
    assert len(read.cases) == 1
    assert reasons(read)[0][0] == 2
    assert reason in reasons(read)[0][1]


def test_an_unknown_document_is_noted_and_the_question_kept():
    read = read_cases([{"question": "x", "gold_document": "no.md"}], documents={})
    assert read.cases[0].gold == ()
    assert "there is none called no.md" in str(read.noted[0].reason)


def test_a_form_is_filled_from_its_columns():
    read = read_cases(
        [{"Product": "Tent", "facts": "2 kg", "reference": "A tent."}], fields=("product", "facts")
    )
    (case,) = read.cases
    assert (case.question, case.values) == ("Tent", (("product", "Tent"), ("facts", "2 kg")))
    assert case.answers == ("A tent.",)


def test_a_single_column_is_a_list_of_questions_with_or_without_a_heading():
    read = read_cases([{"Column 1": "question"}, {"Column 1": "How?"}, {"Column 1": "Why?"}])
    assert [case.question for case in read.cases] == ["How?", "Why?"]
    assert reasons(read) == [(1, "It is the heading of the list.")]


def test_a_file_without_questions_says_which_columns_it_has():
    with pytest.raises(DataError, match="The columns are: a, b"):
        read_cases([{"a": "1", "b": "2"}])
    assert read_cases([]).cases == ()


def test_a_file_that_was_taken_away_is_read_as_it_was():
    """Cells that a spreadsheet would compute have an apostrophe before them there."""
    case = EvaluationCase(
        case_id="1", question="=2+2 is what?", answers=("-4 degrees", "@home"), gold=("+1.md",)
    )
    rows = list(csv.DictReader(io.StringIO(as_csv([case]).decode("utf-8-sig"))))
    assert rows[0]["question"] == "'=2+2 is what?"
    (read,) = read_cases(rows).cases
    assert (read.question, read.answers, read.gold) == (case.question, case.answers, case.gold)


@pytest.mark.parametrize("name", ["user_id", "likes", "用户"])
def test_a_column_of_users_is_asked_only_where_lists_are_made_for_people(name):
    rows = [{name: "u1", "label": "x"}]
    with pytest.raises(DataError, match="column called question"):
        read_cases(rows)
    assert [case.question for case in read_cases(rows, is_for_people=True).cases] == ["u1"]
