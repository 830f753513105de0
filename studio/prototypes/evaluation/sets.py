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
from dataclasses import dataclass, replace
from typing import Any, get_args

from studio.errors import DataError, InvalidInput, NotFound
from studio.evaluation.case import (
    CaseSource,
    EvaluationCase,
    KnowsRight,
    LearnsTexts,
    NamesColumns,
    NamesItems,
    Part,
    TellsLabels,
    in_part,
    part_of_case,
    same_label,
)
from studio.evaluation.case_reading import ReadCases, case_id_of, read_cases
from studio.evaluation.drafting import Draft
from studio.evaluation.judgements import normalised
from studio.evaluation.leakage import Leakage, leakage, near_repeats
from studio.prototypes.base import StoredPrototype, Toolbox
from studio.prototypes.classifier.label_names import alike_labels
from studio.prototypes.data_care import CareFinding, cared, look_over, repeats_in
from studio.prototypes.documented import DocumentedPrototype
from studio.prototypes.uploaded_rows import rows_of
from studio.records import Notice
from studio.workspace.evaluation_record import EvaluationSetRecord

MENDING = "mending"
"""Kind of the drafts that keep what a mending changed; the title is the set's id."""
TUNE_SHARE = 0.5
MAX_CASES = 10_000
WANTED = "question, answer, gold_document, gold_passage, answerable"
N_NAMED = 5
MAX_LABEL_SHOWN = 120
MAX_FOREIGN = 100
"""Labels that a classifier has not and that are compared with those it has."""
OFTEN = 1000
"""Rows that a known label counts as having, so that any other one is rare beside it."""
MANY_LOOKS = 5
"""Different settings or data measured on the test part, from which on its best is partly luck; judgement
(the best of five equal ones lies a standard error above their mean)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ReadSet:
    """A set that was read from a file, with what came of each row."""

    record: EvaluationSetRecord
    read: ReadCases


@dataclass(frozen=True, slots=True, kw_only=True)
class Mended:
    """What a mending did: questions that were put away, and questions as they were before.

    `id` is that of the draft that keeps it, so that it can be taken back later, too.
    """

    id: str
    removed: tuple[str, ...]
    before: tuple[EvaluationCase, ...]


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
        self._mendings = toolbox.workspace.drafts

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
        found = read_cases(
            rows,
            documents=self._names(),
            fields=self._fields(),
            source=source,
            is_for_people=isinstance(self._prototype, NamesItems),
            own=self._prototype.own_columns()
            if isinstance(self._prototype, NamesColumns)
            else None,
        )
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
        """Add what people said was right: answers of the team, results judged right, labels corrected.

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
        if isinstance(self._prototype, KnowsRight):
            for text, said in self._prototype.told_right():
                answers.setdefault(normalised(text), (text, []))[1].append(said)
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

    def confirm(
        self,
        set_id: str,
        draft: Draft,
        question: str = "",
        answer: str = "",
        passage: str | None = None,
    ) -> None:
        """Keep a draft as a question, in these words and with this answer if they are given.

        Args:
            set_id: of the set.
            draft: what was made of the documents.
            question: other words; those of the draft by default.
            answer: what is right; nobody knows by default.
            passage: what answers it, in the document's words; that of the draft by default.

        Raises:
            InvalidInput: the question or the answer is too long.
        """
        asked = question.strip() or draft.query
        case = EvaluationCase(
            case_id=case_id_of(asked),
            question=asked,
            answers=(answer.strip(),) if answer.strip() else (),
            gold=(draft.item_id,),
            gold_passage=(draft.passage if passage is None else passage).strip(),
            source="draft",
        )
        self.put(set_id, [case])

    def overlap(self, set_id: str) -> Leakage:
        """Questions of the test part that are nearly the same as one of the tune part."""
        return leakage(
            [case.question for case in self.cases(set_id, "tune")],
            [case.question for case in self.cases(set_id, "test")],
        )

    def care(self, set_id: str) -> tuple[CareFinding, ...]:
        """What could be mended in the questions and right answers of a set; () for nothing.

        Nothing is mended before `mend` is called. Raises NotFound.
        """
        cases = self.cases(set_id)
        texts = [text for case in cases for text in (case.question, *case.answers)]
        repeats = repeats_in([case.question for case in _asked(cases)])
        return (*look_over(texts), *([] if repeats is None else [repeats]))

    def mend(self, set_id: str, kind: str) -> Mended:
        """Mend one thing in all questions and right answers, or take near repeats out.

        It is kept what it was before; `last_mended` and `unmend` take it back. Raises NotFound.
        """
        cases = self.cases(set_id)
        if kind == "repeats":
            asked = _asked(cases)
            rows = {one.row for one in near_repeats([case.question for case in asked])}
            ids = [case.case_id for row, case in enumerate(asked) if row in rows]
            mended = self._noted(set_id, removed=ids)
            self.remove(set_id, ids)
            return mended
        record = self.get(set_id)
        pairs = [(case, _mended(case, kind, record)) for case in cases]
        changed = [(before, after) for before, after in pairs if before != after]
        mended = self._noted(set_id, before=[before for before, _ in changed])
        self.put(set_id, [after for _, after in changed])
        return mended

    def last_mended(self, set_id: str) -> Mended | None:
        """The mending of a set that can be taken back next; None where none is left. Raises NotFound."""
        heads = self._mendings.list(self._prototype.id, MENDING, limit=1, title=self.get(set_id).id)
        if not heads:
            return None
        content = self._mendings.get(self._prototype.id, heads[0].id).content
        return Mended(
            id=heads[0].id,
            removed=tuple(content["removed"]),
            before=tuple(map(EvaluationCase.from_json, content["before"])),
        )

    def unmend(self, set_id: str, mended: Mended) -> None:
        """Take a mending back, the last one first; nothing where it was taken back. Raises NotFound."""
        last = self.last_mended(set_id)
        if last is None or last.id != mended.id:
            return
        self.put(set_id, mended.before)
        self.bring_back(set_id, mended.removed)
        self._mendings.delete(self._prototype.id, mended.id)

    def _noted(
        self,
        set_id: str,
        *,
        removed: Sequence[str] = (),
        before: Sequence[EvaluationCase] = (),
    ) -> Mended:
        content = {"removed": [*removed], "before": [case.to_json() for case in before]}
        kept = self._mendings.add(self._prototype.id, MENDING, set_id, content)
        return Mended(id=kept.id, removed=tuple(removed), before=tuple(before))

    def n_looks(self, set_id: str) -> int:
        """How many different states of the prototype the test part was measured on.

        Another setting is another one, and so is other data, such as what was labelled after a look;
        deleted runs count, too.
        """
        runs = self._tools.workspace.evaluation_runs.list(self._prototype.id, include_deleted=True)
        seen = {
            (repr(sorted(run.setup["settings"].items())), run.setup["data_fingerprint"])
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
        said += self._said_of_learnt(cases)
        said += self._said_of_labels(cases)
        n_looks = self.n_looks(set_id)
        if n_looks >= MANY_LOOKS:
            said.append(
                Notice(
                    "The test part was measured with {n} different settings or states of the data. The "
                    "best of many is partly luck: choose by the tune part, or add new questions.",
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

    def _said_of_learnt(self, cases: Sequence[EvaluationCase]) -> Sequence[Notice]:
        if not isinstance(self._prototype, LearnsTexts):
            return ()
        learnt = {normalised(text) for text in self._prototype.learnt_texts()}
        both = [case.question for case in cases if normalised(case.question) in learnt]
        if not both:
            return ()
        return (
            Notice(
                "Questions of the set that the prototype has learnt from: {n}. It knows what is right "
                "for them, so that figures on them are too good. For example: {example}",
                n=len(both),
                example=both[0][:200],
            ),
        )

    def _said_of_labels(self, cases: Sequence[EvaluationCase]) -> Sequence[Notice]:
        """Labels that the prototype cannot give: of typing mistakes, and of what it never learnt."""
        known = self._prototype.known_labels() if isinstance(self._prototype, TellsLabels) else ()
        if not known:
            return ()
        able = set(map(same_label, known))
        foreign = dict.fromkeys(
            label for case in cases for label in case.answers if same_label(label) not in able
        )
        meant = {label: _meant(label, known) for label in list(foreign)[:MAX_FOREIGN]}
        mistyped = [f"{label} → {other}" for label, other in meant.items() if other]
        unknown = [label for label in foreign if not meant.get(label)]
        said = []
        if mistyped:
            said.append(
                Notice(
                    "Labels of the set that may be typing mistakes: {labels}. As they stand, their "
                    "texts count as wrong. Correct them in the file and upload it again.",
                    labels=_listed(mistyped),
                )
            )
        if unknown:
            said.append(
                Notice(
                    "Labels of the set that the classifier does not have: {labels}. Their texts count "
                    "as wrong. Teach it these labels, or take the texts out of the set.",
                    labels=_listed(unknown),
                )
            )
        return said

    def _names(self) -> Mapping[str, str] | None:
        """What the documents, rows or items may be called; a table as a whole by its file's name."""
        if isinstance(self._prototype, NamesItems):
            return self._prototype.item_names()
        if not isinstance(self._prototype, DocumentedPrototype):
            return None
        files = {record.name: record.name for record in self._prototype.documents()}
        by_name = self._prototype.bench.names().by_name
        return ChainMap(files, by_name)  # type: ignore[arg-type] # it is only read

    def _fields(self) -> Sequence[str]:
        """The fields of the form, for kinds that have one."""
        variables = getattr(self._prototype.settings, "variables", ())
        return [str(variable.name) for variable in variables]


def _meant(label: str, known: Sequence[str]) -> str:
    """The known label that another one may be with a typing mistake; "" for none."""
    pairs = alike_labels({**dict.fromkeys(known, OFTEN), label: 1})
    return next((pair.frequent for pair in pairs if pair.rare == label), "")


def _listed(labels: Sequence[str]) -> str:
    more = len(labels) - N_NAMED
    shown = ", ".join(label[:MAX_LABEL_SHOWN] for label in labels[:N_NAMED])
    return f"{shown} (+{more})" if more > 0 else shown


def _asked(cases: Sequence[EvaluationCase]) -> list[EvaluationCase]:
    """The cases that ask something; of filled forms the first field alone says too little."""
    return [case for case in cases if not case.values]


def _mended(case: EvaluationCase, kind: str, record: EvaluationSetRecord) -> EvaluationCase:
    """The case with a thing mended, in the part it was in."""
    question = cared(case.question, (kind,))
    part = part_of_case(case, record.seed, record.tune_share)
    return replace(
        case,
        question=question,
        answers=tuple(dict.fromkeys(cared(answer, (kind,)) for answer in case.answers)),
        values=tuple((name, cared(value, (kind,))) for name, value in case.values),
        part=case.part if question == case.question else part,
    )


PARTS: tuple[Part, ...] = get_args(Part)
