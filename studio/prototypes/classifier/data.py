"""Labelled texts as they are learnt from: cleaned, each once, with an account of what was done.

Rows come in as they stand in the tables; what people labelled by hand counts above all of them. Knows
no file, no model and no store.
"""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace

import numpy as np

from studio.csv_file import says_nothing
from studio.evaluation.leakage import leakage
from studio.evaluation.splits import is_held_out
from studio.prototypes.classifier.label_names import LabelPair, alike_labels
from studio.prototypes.classifier.settings import MAX_LABEL, ClassifierSettings
from studio.prototypes.classifier.tables import TableUse
from studio.prototypes.data_care import CareFinding, cared, look_over

MAX_TEXT = 20_000
"""Characters of a text that are kept; a model reads some hundred words of it."""
TEST_SHARE = 0.2
N_LISTED = 5
SEED = 20261129


@dataclass(frozen=True, slots=True, kw_only=True)
class Example:
    """A text with its label; `is_by_hand`: a person gave that here; `is_made`: a model made the text."""

    text: str
    label: str
    is_by_hand: bool = False
    is_made: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class DataReport:
    """What was done to the rows, and what a founder should look at.

    Attributes:
        n_rows: rows in the used tables.
        n_empty: rows without a text, left out.
        n_cut: texts cut at `MAX_TEXT`.
        n_repeated: rows that say again what another says, left out.
        conflicts: texts that stand with different labels; the more frequent one counts, else none.
        n_conflicts: how many there are.
        n_overlapping: texts of a test table that are also learnt from; left out of the test.
        overlapping: some of them.
        n_near: texts of the test that nearly repeat one that is learnt from; not tested with.
        near: some of them, with what they repeat.
        n_made: texts that a model made, learnt from and never tested with.
        care: what could be mended in the texts as they came, or is mended.
        alike: labels that may be the same with a typing mistake.
        single: labels with one example only.
        unlearnt: labels that only the test has: nothing can be learnt of them.
        balance: (label, examples), the most frequent first.
    """

    n_rows: int = 0
    n_empty: int = 0
    n_cut: int = 0
    n_repeated: int = 0
    conflicts: tuple[tuple[str, tuple[str, ...]], ...] = ()
    n_conflicts: int = 0
    n_overlapping: int = 0
    overlapping: tuple[str, ...] = ()
    n_near: int = 0
    near: tuple[tuple[str, str], ...] = ()
    n_made: int = 0
    care: tuple[CareFinding, ...] = ()
    alike: tuple[LabelPair, ...] = ()
    single: tuple[str, ...] = ()
    unlearnt: tuple[str, ...] = ()
    balance: tuple[tuple[str, int], ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class LabelledData:
    """What a classifier knows.

    `labels` are all that occur or are described, in the order of the settings, then by how often they
    occur. `learn` and `test` share no text; `has_own_test` says that the test stands in a table of its
    own. `pool` are texts without a label, each once.
    """

    labels: tuple[str, ...]
    learn: tuple[Example, ...]
    test: tuple[Example, ...]
    pool: tuple[str, ...]
    has_own_test: bool
    report: DataReport


@dataclass(slots=True)
class RawRow:
    """A row as it stands in a table: its text, its label ("" for none), what the table is for.

    `made_from` is the text that a model made it from.
    """

    text: str
    label: str
    use: TableUse
    made_from: str = ""


@dataclass(slots=True)
class _Texts:
    """The rows of one use: each text once, with every label that it stands with."""

    texts: dict[str, str] = field(default_factory=dict)  # key -> as it was written first
    labels: dict[str, Counter[str]] = field(default_factory=dict)
    n_repeated: int = 0

    def take(self, text: str, label: str) -> None:
        key = text_key(text)
        if key in self.texts:
            self.n_repeated += 1
        self.texts.setdefault(key, text)
        if label:
            self.labels.setdefault(key, Counter())[label] += 1

    def settled(self, key: str) -> str:
        """The label of a text: the more frequent one, "" where two are equally so."""
        found = self.labels.get(key, Counter()).most_common(2)
        if not found or (len(found) == 2 and found[0][1] == found[1][1]):
            return ""
        return found[0][0]


@dataclass(slots=True)
class _Rows:
    """The rows by what their table is for."""

    learn: _Texts = field(default_factory=_Texts)
    test: _Texts = field(default_factory=_Texts)
    pool: _Texts = field(default_factory=_Texts)
    made: list[tuple[Example, str]] = field(default_factory=list)  # with the key of its source


def text_key(text: str) -> str:
    """What two texts share that are the same but for space, capitals and punctuation at the end."""
    return " ".join(text.casefold().split()).rstrip(".!?。！？ ")


def prepared(
    rows: Iterable[RawRow],
    by_hand: Sequence[tuple[str, str]],
    settings: ClassifierSettings,
) -> LabelledData:
    """The rows cleaned and split.

    A fifth of each label's examples is held out to test, unless a table of its own tests; labels given
    by hand are learnt from, as they were picked and so are no fair test, but where there is nothing
    else. A text that nearly repeats one that is learnt from does not test, and neither does one that a
    model made; one that was made from a text of the test is not learnt from.

    Args:
        rows: of the used tables.
        by_hand: (text, label), the latest word of a person on each text.
        settings: for merged and described labels.
    """
    canonical = _Canonical(settings)
    found, report = _taken(rows, canonical, settings.cleaning)
    hand = {
        text_key(clean): (clean, canonical(label))
        for text, label in by_hand
        for clean in [cared(text, settings.cleaning)]
    }
    examples = _examples(found.learn, hand)
    has_own_test = bool(found.test.labels)
    if has_own_test:
        held_out = _test_examples(found.test, _keys(examples))
    else:
        held_out, examples = _split(examples)
    held_out, near = without_repeats(examples, held_out)
    if not has_own_test:
        examples = [*examples, *(one for one, _ in near)]
    labels = _labels(settings, examples, held_out)
    made = [o for o in made_to_learn(found.made, examples, held_out) if o.label in labels]
    report = replace(
        _account(report, found, examples, held_out),
        n_near=len(near),
        near=tuple((one.text, other) for one, other in near[:N_LISTED]),
        n_made=len(made),
    )
    return LabelledData(
        labels=labels,
        learn=(*examples, *made),
        test=tuple(held_out),
        pool=_pool(found, _keys(examples) | _keys(held_out) | set(hand)),
        has_own_test=has_own_test,
        report=report,
    )


def _pool(found: _Rows, known: set[str]) -> tuple[str, ...]:
    """Texts that nobody gave a label, in tables of such and in others."""
    learn = found.learn
    waiting = {**found.pool.texts}
    waiting |= {key: text for key, text in learn.texts.items() if key not in learn.labels}
    return tuple(text for key, text in waiting.items() if key not in known)


def _account(
    report: DataReport, found: _Rows, examples: Sequence[Example], held_out: Sequence[Example]
) -> DataReport:
    """The account with what is known after the split."""
    learn, test, learnt = found.learn, found.test, _keys(examples)
    counts = Counter(one.label for one in examples)
    conflicts = [key for key, labels in learn.labels.items() if len(labels) > 1]
    overlapping = [text for key, text in test.texts.items() if key in learnt]
    return replace(
        report,
        n_repeated=learn.n_repeated + test.n_repeated + found.pool.n_repeated,
        conflicts=tuple(
            (learn.texts[key], tuple(sorted(learn.labels[key]))) for key in conflicts[:N_LISTED]
        ),
        n_conflicts=len(conflicts),
        n_overlapping=len(overlapping),
        overlapping=tuple(overlapping[:N_LISTED]),
        alike=alike_labels(_counted(learn, test)),
        single=tuple(sorted(label for label, n in counts.items() if n == 1)),
        unlearnt=tuple(sorted({one.label for one in held_out} - set(counts))),
        balance=tuple(sorted(counts.items(), key=lambda pair: (-pair[1], pair[0]))),
    )


class _Canonical:
    """The label that one counts as: without surplus space, merged, and in one way of writing."""

    def __init__(self, settings: ClassifierSettings) -> None:
        self._merged = dict(settings.merged)
        self._written = {name.casefold(): name for name, _ in settings.label_meanings}

    def __call__(self, label: str) -> str:
        name = " ".join(label.split())[:MAX_LABEL]
        seen: set[str] = set()
        while name in self._merged and name not in seen:
            seen.add(name)
            name = self._merged[name]
        return self._written.setdefault(name.casefold(), name) if name else ""


def _taken(
    rows: Iterable[RawRow], canonical: _Canonical, cleaning: Sequence[str]
) -> tuple[_Rows, DataReport]:
    """The rows by use, and how many there were, were empty, were cut, and could be mended."""
    found = _Rows()
    n_rows = n_empty = n_cut = 0
    as_they_came: dict[str, None] = {}
    for row in rows:
        n_rows += 1
        text = row.text.strip()
        if says_nothing(text):
            n_empty += 1
            continue
        n_cut += len(text) > MAX_TEXT
        label = "" if says_nothing(row.label) else canonical(row.label)
        as_they_came.setdefault(text[:MAX_TEXT])
        text = cared(text, cleaning)
        if row.use == "synthetic":
            if label:
                source = text_key(cared(row.made_from.strip(), cleaning))
                made = Example(text=text[:MAX_TEXT], label=label, is_made=True)
                found.made.append((made, source))
        elif row.use == "unlabelled":
            found.pool.take(text[:MAX_TEXT], "")
        elif row.use == "test" and label:
            found.test.take(text[:MAX_TEXT], label)
        else:
            found.learn.take(text[:MAX_TEXT], label)
    care = look_over(list(as_they_came))
    return found, DataReport(n_rows=n_rows, n_empty=n_empty, n_cut=n_cut, care=care)


def _examples(learn: _Texts, hand: Mapping[str, tuple[str, str]]) -> list[Example]:
    """What may be learnt from: the tables' rows, and what people said of them or of other texts."""
    examples = [
        Example(text=learn.texts[key], label=label)
        for key in learn.labels
        if key not in hand and (label := learn.settled(key))
    ]
    examples += [
        Example(text=text, label=label, is_by_hand=True) for text, label in hand.values() if label
    ]
    return examples


def _test_examples(test: _Texts, learnt: set[str]) -> list[Example]:
    return [
        Example(text=test.texts[key], label=label)
        for key in test.labels
        if key not in learnt and (label := test.settled(key))
    ]


def without_repeats(
    learn: Sequence[Example], test: Sequence[Example]
) -> tuple[list[Example], list[tuple[Example, str]]]:
    """What tests, and what does not as it nearly repeats a learnt text, with that text.

    Of sets so large that not all pairs can be compared (4 million), all tests.
    """
    found = leakage([one.text for one in learn], [one.text for one in test])
    near = {text_key(one.second): one.first for one in found.overlaps}
    kept = [one for one in test if text_key(one.text) not in near]
    return kept, [(o, near[text_key(o.text)]) for o in test if text_key(o.text) in near]


def made_to_learn(
    made: Sequence[tuple[Example, str]], learn: Sequence[Example], test: Sequence[Example]
) -> list[Example]:
    """Texts that a model made and that may be learnt from, each once.

    Left out is what stands in the data already, and what was made from a text of the test or nearly
    says what one says.

    Args:
        made: with the key of the text that each was made from.
        learn: learnt from.
        test: tested with.
    """
    tested = _keys(test)
    fresh = {
        text_key(one.text): one
        for one, source in made
        if source not in tested and text_key(one.text) not in tested
    }
    known = _keys(learn)
    wanted = [one for key, one in fresh.items() if key not in known]
    told = leakage([one.text for one in test], [one.text for one in wanted]).overlaps
    near = {text_key(one.second) for one in told}
    return [one for one in wanted if text_key(one.text) not in near]


def _split(examples: Sequence[Example]) -> tuple[list[Example], list[Example]]:
    """Held out and learnt from, in this order."""
    fair = [one for one in examples if not one.is_by_hand]
    if len({one.label for one in fair}) < 2:
        fair = list(examples)
    codes = {label: code for code, label in enumerate(dict.fromkeys(o.label for o in fair))}
    keys = [_key(one.text) for one in fair]
    chosen = is_held_out(
        np.array([codes[one.label] for one in fair], dtype=np.int64), keys, TEST_SHARE
    )
    held_out = [one for one, is_chosen in zip(fair, chosen, strict=True) if is_chosen]
    tested = {text_key(one.text) for one in held_out}
    return held_out, [one for one in examples if text_key(one.text) not in tested]


def _key(text: str) -> bytes:
    return hashlib.blake2b(f"{SEED}|{text_key(text)}".encode(), digest_size=8).digest()


def _keys(examples: Sequence[Example]) -> set[str]:
    return {text_key(one.text) for one in examples}


def _labels(
    settings: ClassifierSettings, learn: Sequence[Example], test: Sequence[Example]
) -> tuple[str, ...]:
    described = [name for name, _ in settings.label_meanings if name not in dict(settings.merged)]
    counted = Counter(one.label for one in learn)
    occurring = sorted(counted, key=lambda label: (-counted[label], label))
    rest = sorted({one.label for one in test})
    return tuple(dict.fromkeys((*described, *occurring, *rest)))


def _counted(*places: _Texts) -> Counter[str]:
    total: Counter[str] = Counter()
    for place in places:
        for found in place.labels.values():
            total.update(found.keys())
    return total
