"""Evaluation cases from the rows of an uploaded file, with a report of what was dropped and why.

A row is a mapping from column name to value, wherever it comes from. The module knows no files.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Literal

from studio.csv_file import as_it_was, says_nothing
from studio.errors import DataError, StudioError
from studio.evaluation.case import CaseSource, EvaluationCase
from studio.evaluation.judgements import normalised
from studio.evaluation.reading import DroppedRow
from studio.records import Notice

CasePart = Literal["case_id", "question", "answer", "gold", "gold_passage", "answerable", "grade"]
SEPARATOR = " | "
"""Between several right answers, or several documents, in one cell."""

# How columns are called in files that people have: ours, SQuAD's, and in Chinese.
_NAMES: Mapping[CasePart, tuple[str, ...]] = {
    "case_id": ("id", "case_id", "question_id", "qid", "编号", "序号"),
    "question": (
        "question", "query", "text", "input", "prompt", "问题", "提问", "文本",
    ),
    "answer": (
        "answer", "expected_answer", "expected", "answers", "reference", "output", "label", "gold",
        "答案", "参考答案", "标准答案", "回答", "标签",
    ),
    "gold": (
        "gold_document", "document", "source", "gold_doc", "file", "items", "item",
        "文档", "来源", "文件", "商品",
    ),
    "gold_passage": ("gold_passage", "passage", "context", "evidence", "段落", "原文"),
    "grade": ("grade", "relevance", "score", "评分", "相关度"),
    "answerable": ("answerable", "is_answerable", "has_answer", "可回答", "能回答"),
}  # fmt: skip
_VISITORS = ("likes", "user_id", "user", "喜欢", "用户")
"""How the column that takes a question's place is called where lists are made for people."""
_NO = frozenset({"no", "false", "n", "0", "0.0", "否", "不能", "不可"})
_YES = frozenset({"yes", "true", "y", "1", "1.0", "是", "能", "可"})


@dataclass(frozen=True, slots=True, kw_only=True)
class ReadCases:
    """What a file gave: cases in its order, rows that were dropped, and rows that were taken in part.

    `n_merged` rows repeated a question of a row above and gave it further answers or documents.
    """

    cases: tuple[EvaluationCase, ...]
    dropped: tuple[DroppedRow, ...]
    noted: tuple[DroppedRow, ...]
    n_merged: int

    @property
    def summary(self) -> Notice:
        """One sentence for the user."""
        return Notice(
            "Questions read: {n_cases}; with an expected answer: {n_answers}; that should be refused: "
            "{n_refused}. Rows dropped: {n_dropped}.",
            n_cases=len(self.cases),
            n_answers=sum(bool(case.answers) for case in self.cases),
            n_refused=sum(not case.is_answerable for case in self.cases),
            n_dropped=len(self.dropped),
        )


@dataclass(slots=True)
class _Reader:
    """Takes row after row; remembers the ids and questions it has seen."""

    columns: Mapping[CasePart, str]
    documents: Mapping[str, str] | None
    fields: Mapping[str, str]
    source: CaseSource
    cases: dict[str, EvaluationCase] = field(default_factory=dict)
    asked: dict[str, str] = field(default_factory=dict)
    dropped: list[DroppedRow] = field(default_factory=list)
    noted: list[DroppedRow] = field(default_factory=list)
    n_merged: int = 0

    def take(self, number: int, row: Mapping[str, object]) -> None:
        try:
            case = self._case(number, row)
        except StudioError as error:
            self.dropped.append(DroppedRow(number=number, reason=error.notice))
            return
        if isinstance(case, Notice):
            self.dropped.append(DroppedRow(number=number, reason=case))
            return
        key = "\n".join((normalised(case.question), *(value for _, value in case.values)))
        if key in self.asked:
            self._merge(number, self.asked[key], case)
        elif case.case_id in self.cases:
            reason = Notice(
                "The id {id} stands for another question in a row above.", id=case.case_id
            )
            self.dropped.append(DroppedRow(number=number, reason=reason))
        else:
            self.cases[case.case_id] = case
            self.asked[key] = case.case_id

    def _merge(self, number: int, case_id: str, case: EvaluationCase) -> None:
        first = self.cases[case_id]
        answers = tuple(dict.fromkeys((*first.answers, *case.answers)))
        gold = tuple(dict.fromkeys((*first.gold, *case.gold)))
        if case.is_answerable != first.is_answerable:
            reason = Notice(
                "The same question stands in a row above, and one of them says that it cannot be "
                "answered."
            )
            self.dropped.append(DroppedRow(number=number, reason=reason))
        elif (answers, gold) == (first.answers, first.gold):
            reason = Notice("The same question stands in a row above.")
            self.dropped.append(DroppedRow(number=number, reason=reason))
        else:
            self.cases[case_id] = replace(first, answers=answers, gold=gold)
            self.n_merged += 1

    def _case(self, number: int, row: Mapping[str, object]) -> EvaluationCase | Notice:
        values = tuple(
            (name, text) for name, column in self.fields.items() if (text := _text(row, column))
        )
        if number == 1 and self._is_head(row):
            return Notice("It is the heading of the list.")
        question = self._of(row, "question") or " · ".join(value for _, value in values[:1])
        if not question:
            return Notice("The question is empty.")
        written = self._of(row, "answerable")
        is_answerable = _yes_or_no(written)
        if is_answerable is None:
            return Notice(
                "Whether it can be answered cannot be read from {value!r}; write yes or no.",
                value=written,
            )
        if self._of(row, "grade") in ("0", "0.0"):
            return Notice("Its document is graded 0: it is not a right one.")
        answers = _several(self._of(row, "answer"))
        if answers and not is_answerable:
            return Notice("It has an expected answer and says that it cannot be answered.")
        return EvaluationCase(
            case_id=self._of(row, "case_id") or case_id_of(question, values),
            question=question,
            answers=answers,
            gold=self._gold(number, row),
            gold_passage=self._of(row, "gold_passage"),
            is_answerable=is_answerable,
            values=values,
            source=self.source,
        )

    def _is_head(self, row: Mapping[str, object]) -> bool:
        """Whether a row of one column is what it is called: readers take such a list for one without."""
        return len(row) == 1 and self._of(row, "question").casefold() in _NAMES["question"]

    def _gold(self, number: int, row: Mapping[str, object]) -> tuple[str, ...]:
        """The items that are named; what there is not is noted, and the question kept without it."""
        items = []
        for name in _several(self._of(row, "gold")):
            item = name if self.documents is None else self.documents.get(name)
            if item is not None:
                items.append(item)
                continue
            reason = Notice(
                "Kept without its document: there is none called {name} here.", name=name
            )
            self.noted.append(DroppedRow(number=number, reason=reason))
        return tuple(dict.fromkeys(items))

    def _of(self, row: Mapping[str, object], part: CasePart) -> str:
        return _text(row, self.columns.get(part, ""))


def read_cases(
    rows: Iterable[Mapping[str, object]],
    *,
    documents: Mapping[str, str] | None = None,
    fields: Sequence[str] = (),
    source: CaseSource = "upload",
    is_for_people: bool = False,
    own: tuple[Sequence[str], Sequence[str]] | None = None,
) -> ReadCases:
    """The cases in the rows.

    A file needs a column of questions (a single column is one), or for a form a column for at least
    one of its fields. All else is optional: id, answer, gold_document, gold_passage, answerable.
    Several answers or documents in a cell are separated by " | ". No rows give no cases.

    Args:
        rows: column name to value, in the file's order.
        documents: what a document may be called to its id; None takes every name as an id.
        fields: of the form, where the prototype has one.
        source: how the cases came about.
        is_for_people: whether a case is a person, or what one likes, so that a column of users counts as
            that of questions.
        own: what columns of texts and of right answers are called in tables of the prototype, where it
            has some.

    Raises:
        DataError: there is no column of questions; the message lists the columns.
    """
    reader: _Reader | None = None
    for number, row in enumerate(rows, start=1):
        if reader is None:
            more = _more_names(own, is_for_people=is_for_people)
            columns, filled = _find_columns(list(row), fields, more)
            _need_question(columns, filled, row, fields, has_labels=own is not None)
            reader = _Reader(columns=columns, documents=documents, fields=filled, source=source)
        reader.take(number, row)
    if reader is None:
        return ReadCases(cases=(), dropped=(), noted=(), n_merged=0)
    return ReadCases(
        cases=tuple(reader.cases.values()),
        dropped=tuple(reader.dropped),
        noted=tuple(reader.noted),
        n_merged=reader.n_merged,
    )


def case_id_of(question: str, values: Sequence[tuple[str, str]] = ()) -> str:
    """A short id made of the words of a question, the same for the same words."""
    told = "\n".join((normalised(question), *(value for _, value in values)))
    return f"c-{hashlib.sha256(told.encode('utf-8', 'replace')).hexdigest()[:12]}"


def _more_names(
    own: tuple[Sequence[str], Sequence[str]] | None, *, is_for_people: bool
) -> Mapping[CasePart, Sequence[str]]:
    """What columns may be called beside the usual names, in lower case."""
    texts, answers = own or ((), ())
    visitors = _VISITORS if is_for_people else ()
    return {
        "question": (*visitors, *(name.strip().casefold() for name in texts)),
        "answer": tuple(name.strip().casefold() for name in answers),
    }


def _find_columns(
    present: list[str], fields: Sequence[str], more: Mapping[CasePart, Sequence[str]]
) -> tuple[dict[CasePart, str], dict[str, str]]:
    by_name = {name.strip().casefold(): name for name in reversed(present)}
    filled = {name: by_name[name.casefold()] for name in fields if name.casefold() in by_name}
    taken = set(filled.values())
    found: dict[CasePart, str] = {}
    for part, known in _NAMES.items():
        names = (*known, *more.get(part, ()))
        column = next((by_name[n] for n in names if n in by_name and by_name[n] not in taken), None)
        if column is not None:
            found[part] = column
            taken.add(column)
    if len(present) == 1 and not found and not fields:
        found["question"] = present[0]  # a plain list
    return found, filled


def _need_question(
    found: Mapping[CasePart, str],
    filled: Mapping[str, str],
    present: Iterable[str],
    fields: Sequence[str],
    *,
    has_labels: bool,
) -> None:
    """Raise DataError, which lists the columns, where none holds a question."""
    if "question" in found or filled:
        return
    listed = ", ".join(present) or "-"
    if has_labels:
        raise DataError(
            "The file needs a column called text, or as in the tables that are learnt from; label and "
            "answerable are optional. The columns are: {columns}. Rename one and upload the file again.",
            columns=listed,
        )
    wanted = f"question ({', '.join(fields)})" if fields else "question"
    raise DataError(
        "The file needs a column called {wanted}; answer, gold_document, gold_passage and answerable "
        "are optional. The columns are: {columns}. Rename one and upload the file again.",
        wanted=wanted,
        columns=listed,
    )


def _text(row: Mapping[str, object], column: str) -> str:
    value = row.get(column)
    text = "" if value is None else as_it_was(str(value).strip())
    return "" if says_nothing(text) else text


def _several(cell: str) -> tuple[str, ...]:
    return tuple(dict.fromkeys(part.strip() for part in cell.split(SEPARATOR) if part.strip()))


def _yes_or_no(written: str) -> bool | None:
    word = written.casefold()
    if not word or word in _YES:
        return True
    return False if word in _NO else None
