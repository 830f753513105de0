"""The evaluation sets of one prototype: read from a file, from feedback, from drafts a person confirmed.

    questions = evaluation.sets.read("questions.csv", data).record
    evaluation.sets.cases(questions.id)
    evaluation.sets.problems(questions.id)      # what to know before its figures are believed

Nothing counts before a person has confirmed it. Knows the bench of prototypes over documents; other
kinds have sets without documents.
"""

from __future__ import annotations

from collections import ChainMap
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, get_args

from studio.errors import DataError, InvalidInput, NotFound
from studio.evaluation.case import CaseSource, EvaluationCase, Part, in_part
from studio.evaluation.case_reading import ReadCases, case_id_of, read_cases
from studio.evaluation.drafting import Draft
from studio.evaluation.judgements import normalised
from studio.evaluation.leakage import Leakage, leakage
from studio.prototypes.base import StoredPrototype, Toolbox
from studio.prototypes.documented import DocumentedPrototype
from studio.prototypes.uploaded_rows import rows_of
from studio.records import Notice
from studio.workspace.evaluation_record import EvaluationSetRecord

TUNE_SHARE = 0.5
MAX_CASES = 10_000
WANTED = "question, answer, gold_document, gold_passage, answerable"
MANY_LOOKS = 5
"""Different settings measured on the test part, from which on its best figure is partly luck; judgement
(the best of five equal ones lies a standard error above their mean)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ReadSet:
    """A set that was read from a file, with what came of each row."""

    record: EvaluationSetRecord
    read: ReadCases


class EvaluationSets:
    """The sets of one prototype. Every method may be called by any thread.

    Args:
        prototype: whose.
        toolbox: what it works with.
    """

    def __init__(self, prototype: StoredPrototype[Any], toolbox: Toolbox) -> None:
        self._prototype = prototype
        self._tools = toolbox
        self._store = toolbox.workspace.evaluation_sets

    def list(self) -> tuple[EvaluationSetRecord, ...]:
        """The sets, the one that was changed last first."""
        return self._store.list(self._prototype.id)

    def get(self, set_id: str) -> EvaluationSetRecord:
        """A set of this prototype. Raises NotFound."""
        record = self._store.get(set_id)
        if record.prototype_id != self._prototype.id:
            raise NotFound("This evaluation set is not there (any more). Choose another one.")
        return record

    def create(
        self, name: str, *, seed: int = 0, tune_share: float = TUNE_SHARE
    ) -> EvaluationSetRecord:
        """A new set without questions.

        Args:
            name: for people.
            seed: decides, with the words of a question, which part it belongs to.
            tune_share: share of the questions to choose settings by; the others are the test part.

        Raises:
            InvalidInput: the name is empty or too long, or the share is not between 0 and 1.
        """
        if not 0 <= tune_share <= 1:
            raise InvalidInput(
                "The share of questions to tune by is {value}; it must be between 0 and 1.",
                value=tune_share,
            )
        return self._store.create(self._prototype.id, name, seed=seed, tune_share=tune_share)

    def rename(self, set_id: str, name: str) -> None:
        """Give a set another name. Raises NotFound, InvalidInput."""
        self._store.rename(set_id, name)

    def delete(self, set_id: str) -> None:
        """Put a set away; `restore` brings it back. Raises NotFound."""
        self._store.delete(set_id)

    def restore(self, set_id: str) -> None:
        """Bring a deleted set back. Raises NotFound."""
        self._store.delete(set_id, is_deleted=False)

    def cases(self, set_id: str, part: Part = "all") -> tuple[EvaluationCase, ...]:
        """The questions of a set, or of a part of it, in order. Raises NotFound."""
        record = self.get(set_id)
        cases = map(EvaluationCase.from_json, self._store.cases(set_id))
        return in_part(cases, part, seed=record.seed, tune_share=record.tune_share)

    def put(self, set_id: str, cases: Sequence[EvaluationCase]) -> None:
        """Keep questions; one whose id the set has already takes its place.

        Raises:
            NotFound: there is no such set.
            InvalidInput: it would have more than 10,000 questions.
        """
        known = {case.case_id for case in self.cases(set_id)}
        n = len(known | {case.case_id for case in cases})
        if n > MAX_CASES:
            raise InvalidInput(
                "The set would have {n:,} questions; at most {limit:,} are kept. Upload fewer.",
                n=n,
                limit=MAX_CASES,
            )
        self._store.put_cases(set_id, [case.to_json() for case in cases])

    def remove(self, set_id: str, case_ids: Sequence[str]) -> None:
        """Put questions away; `bring_back` undoes it. Raises NotFound."""
        self._store.delete_cases(set_id, case_ids)

    def bring_back(self, set_id: str, case_ids: Sequence[str]) -> None:
        """Bring questions back that were put away. Raises NotFound."""
        self._store.delete_cases(set_id, case_ids, is_deleted=False)

    def read(
        self,
        name: str,
        content: bytes,
        *,
        set_id: str | None = None,
        source: CaseSource = "upload",
    ) -> ReadSet:
        """Keep the questions in a CSV, Excel, JSON or JSONL file, as a new set or in an old one.

        Columns: question, and if wanted id, answer, gold_document, gold_passage, answerable; for a
        form its fields. Documents may be named as in judgements.

        Args:
            name: of the file; the new set is called so.
            content: its bytes.
            set_id: the set they are added to; a new one by default.
            source: how the questions came about.

        Raises:
            DataError: it cannot be read, has no table, no column of questions, or no question at all.
            InvalidInput: there are too many questions.
        """
        limit = self._tools.settings.max_upload_bytes
        rows = rows_of(name, content, wanted=WANTED, max_bytes=limit)
        found = read_cases(rows, documents=self._names(), fields=self._fields(), source=source)
        if not found.cases:
            raise DataError(
                "{name} has no question that can be used. The first row was dropped: {reason}",
                name=name,
                reason=found.dropped[0].reason,
            )
        if len(found.cases) > MAX_CASES:
            raise InvalidInput(
                "The set would have {n:,} questions; at most {limit:,} are kept. Upload fewer.",
                n=len(found.cases),
                limit=MAX_CASES,
            )
        record = self.create(name) if set_id is None else self.get(set_id)
        self.put(record.id, found.cases)
        return ReadSet(record=self._store.get(record.id), read=found)

    def take_feedback(self, set_id: str) -> int:
        """Add what people said was right: answers of the team, and results judged right.

        Questions that the set has already stay as they are. Gives how many were added. Raises NotFound.
        """
        answers: dict[str, tuple[str, list[str]]] = {}
        for curated in self._tools.workspace.curated_answers.list(self._prototype.id):
            words = normalised(curated.question)
            answers.setdefault(words, (curated.question, []))[1].append(curated.answer)
        gold: dict[str, list[str]] = {}
        if isinstance(self._prototype, DocumentedPrototype):
            for judged in self._prototype.bench.judgements():
                if judged.grade > 0 and judged.item is not None:
                    answers.setdefault(normalised(judged.query), (judged.query, []))
                    gold.setdefault(normalised(judged.query), []).append(judged.item)
        known = {normalised(case.question) for case in self.cases(set_id)}
        cases = [
            EvaluationCase(
                case_id=case_id_of(question),
                question=question,
                answers=tuple(dict.fromkeys(said)),
                gold=tuple(dict.fromkeys(gold.get(words, ()))),
                source="feedback",
            )
            for words, (question, said) in answers.items()
            if words not in known
        ]
        self.put(set_id, cases)
        return len(cases)

    def drafts(self, set_id: str, n: int = 20, *, seed: int = 0) -> tuple[Draft, ...]:
        """Questions that the documents may answer, each with the item it was made of, to be confirmed.

        None for kinds without documents, and none that the set has already.
        """
        if not isinstance(self._prototype, DocumentedPrototype):
            return ()
        known = {normalised(case.question) for case in self.cases(set_id)}
        drafts = self._prototype.bench.drafts(n + len(known), seed=seed)
        return tuple(one for one in drafts if normalised(one.query) not in known)[:n]

    def confirm(self, set_id: str, draft: Draft, question: str = "", answer: str = "") -> None:
        """Keep a draft as a question, in these words and with this answer if they are given.

        Raises:
            InvalidInput: the question or the answer is too long.
        """
        asked = question.strip() or draft.query
        case = EvaluationCase(
            case_id=case_id_of(asked),
            question=asked,
            answers=(answer.strip(),) if answer.strip() else (),
            gold=(draft.item_id,),
            source="draft",
        )
        self.put(set_id, [case])

    def overlap(self, set_id: str) -> Leakage:
        """Questions of the test part that are nearly the same as one of the tune part."""
        return leakage(
            [case.question for case in self.cases(set_id, "tune")],
            [case.question for case in self.cases(set_id, "test")],
        )

    def n_looks(self, set_id: str) -> int:
        """With how many different settings the test part was measured; deleted runs count, too."""
        runs = self._tools.workspace.evaluation_runs.list(self._prototype.id, include_deleted=True)
        seen = {
            repr(sorted(run.setup["settings"].items()))
            for run in runs
            if run.set_id == set_id and run.part != "tune" and run.n_done
        }
        return len(seen)

    def problems(self, set_id: str) -> tuple[Notice, ...]:
        """What should be known before its figures are believed; () for nothing."""
        cases = self.cases(set_id)
        said: list[Notice] = []
        if len(cases) == 1:
            said.append(Notice("The set has one question: it cannot tell anything from chance."))
        if cases and not any(c.answers or c.gold or not c.is_answerable for c in cases):
            said.append(
                Notice(
                    "No question has an expected answer or a right document, so only time and cost can "
                    "be measured. Add one of them."
                )
            )
        empty = [p for p in ("tune", "test") if cases and not self.cases(set_id, p)]
        if empty and len(cases) > 1 and 0 < self._store.get(set_id).tune_share < 1:
            said.append(
                Notice(
                    "One part of the set is empty, as it has few questions. Measure on all of it."
                )
            )
        said += self._said_of_overlap(set_id)
        n_looks = self.n_looks(set_id)
        if n_looks >= MANY_LOOKS:
            said.append(
                Notice(
                    "The test part was measured with {n} different settings. The best of many is partly "
                    "luck: choose by the tune part, or add new questions.",
                    n=n_looks,
                )
            )
        return tuple(said)

    def _said_of_overlap(self, set_id: str) -> Sequence[Notice]:
        overlaps = self.overlap(set_id).overlaps
        if not overlaps:
            return ()
        return (
            Notice(
                "Questions of the test part that are nearly the same as one of the tune part: {n}. "
                "Figures on the test part are a little too good. For example: {first} / {second}",
                n=len(overlaps),
                first=overlaps[0].first,
                second=overlaps[0].second,
            ),
        )

    def _names(self) -> Mapping[str, str] | None:
        """What the documents and rows may be called; a table as a whole by its file's name."""
        if not isinstance(self._prototype, DocumentedPrototype):
            return None
        files = {record.name: record.name for record in self._prototype.documents()}
        by_name = self._prototype.bench.names().by_name
        return ChainMap(files, by_name)  # type: ignore[arg-type] # it is only read

    def _fields(self) -> Sequence[str]:
        """The fields of the form, for kinds that have one."""
        variables = getattr(self._prototype.settings, "variables", ())
        return [str(variable.name) for variable in variables]


PARTS: tuple[Part, ...] = get_args(Part)
