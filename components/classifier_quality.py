"""How good a classifier is: the verdict, what answering less gains, calibration, labels, mistakes.

Draws the last test; testing is part of learning.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import streamlit as st

from components import bench_chart, classifier_charts, notice, progress, session
from components import classifier_words as words
from components import format as fmt
from components.i18n import _, ngettext
from studio.evaluation.comparison import Interval, signed
from studio.prototypes.classifier.classifier import Classifier
from studio.prototypes.classifier.evaluation import Change, Evaluation

if TYPE_CHECKING:
    import pandas as pd

N_MISTAKES = 5


def show(classifier: Classifier) -> None:
    """Draw what the last test found, or why there is none."""
    found = classifier.evaluation()
    if found is None:
        st.caption(
            _(
                "No test yet: it needs labelled texts that are held out. With two examples of a label or"
                " more, a fifth of them tests; ten of each tell something."
            )
        )
        return
    verdict(found)
    if progress.is_active(classifier.training()):
        st.caption(_("This is the test before the training that runs now."))
    elif not classifier.is_evaluation_current():
        notice.show(
            _("Texts, labels or settings have changed since this test. Train again to be sure."),
            "warning",
        )
    st.caption(notice.plain(basis(found)))
    _compared(classifier, found)
    _answering(classifier, found)
    _labels(classifier, found)
    _mistakes(classifier, found)
    if st.toggle(_("More"), key=f"_classifier.more_quality.{classifier.id}"):
        _confusions(classifier, found)
        _calibration(classifier, found)


def verdict(found: Evaluation) -> None:
    """Draw what the test says, in a paragraph."""
    notice.show(found.verdict, "success" if found.outcome == "better" else "warning")


def basis(found: Evaluation) -> str:
    """On what the figures stand."""
    n = found.n_examples
    parts = [
        ngettext("{shown} text tested", "{shown} texts tested", found.n_test,
                 shown=fmt.count(found.n_test)),
        ngettext("{shown} example learnt from", "{shown} examples learnt from", n,
                 shown=fmt.count(n)),
        words.methods()[found.method],
        _("macro F1 {value}", value=_interval(found.scores.macro_f1)),
        fmt.ago(found.measured_at, datetime.now(UTC)),
    ]  # fmt: skip
    return " · ".join(parts)


def progress_of(classifier: Classifier) -> None:
    """Draw the verdict now, what the last examples changed, and accuracy over all measurements."""
    found = classifier.evaluation()
    if found is None:
        return
    verdict(found)
    if found.change is not None and found.change.n_more:
        st.caption(notice.plain(_changed(found.change)))
    points = classifier.milestones()
    if len(points) > 1:
        classifier_charts.milestones(points, key=f"_classifier.milestones.{classifier.id}")


def _changed(change: Change) -> str:
    n = change.n_more
    if not change.is_enough:
        return ngettext(
            "What {n} more example changed cannot be told: only {n_both} of the texts tested were in the"
            " test before.",
            "What {n} more examples changed cannot be told: only {n_both} of the texts tested were in"
            " the test before.",
            n,
            n_both=change.difference.n,
        )
    if change.is_none:
        return ngettext(
            "{n} more example moved nothing: the {n_both} texts of both tests came out as before.",
            "{n} more examples moved nothing: the {n_both} texts of both tests came out as before.",
            n,
            n_both=change.difference.n,
        )
    facts = {
        "move": signed(change.difference.mean * 100, ".1f"),
        "low": signed(change.difference.low * 100, ".1f"),
        "high": signed(change.difference.high * 100, ".1f"),
    }
    if change.is_clear:
        return ngettext(
            "{n} more example moved accuracy by {move} points (between {low} and {high}).",
            "{n} more examples moved accuracy by {move} points (between {low} and {high}).",
            n,
            **facts,
        )
    return ngettext(
        "{n} more example moved accuracy by {move} points; between {low} and {high} is possible, so it"
        " may be chance.",
        "{n} more examples moved accuracy by {move} points; between {low} and {high} is possible, so it"
        " may be chance.",
        n,
        **facts,
    )


def _interval(one: Interval) -> str:
    return f"{one.mean:.2f} ({one.low:.2f}–{one.high:.2f})"


def _compared(classifier: Classifier, found: Evaluation) -> None:
    """Accuracy beside what it must beat."""
    rows = [(words.methods()[found.method], found.scores.accuracy)]
    others = (
        (words.methods()["descriptions"], found.meanings if found.method == "examples" else None),
        (_("Counted words (TF-IDF)"), found.words),
        (_("Most frequent label"), found.frequent),
    )
    rows += [(name, interval) for name, interval in others if interval is not None]
    st.subheader(_("Against simpler ways"), anchor=False)
    bench_chart.show(rows, _("accuracy"), key=f"_classifier.compared.{classifier.id}")


def _answering(classifier: Classifier, found: Evaluation) -> None:
    st.subheader(
        _("Answering only when sure"),
        anchor=False,
        help=_(
            "Each point is a threshold. To the left fewer texts are answered, and more of the answers"
            " are right; the rest goes to a person."
        ),
    )
    classifier_charts.answered(
        found.scores.curve,
        classifier.settings.threshold,
        key=f"_classifier.answered.{classifier.id}",
    )


def _labels(classifier: Classifier, found: Evaluation) -> None:
    st.subheader(_("Label by label"), anchor=False)
    st.dataframe(
        _table(found),
        hide_index=True,
        key=f"_classifier.by_label.{classifier.id}",
        column_config={
            name: st.column_config.NumberColumn(format="%.0f%%")
            for name in (_("Found (recall)"), _("Right (precision)"), _("F1"))
        },
    )


def _table(found: Evaluation) -> pd.DataFrame:
    """One row for each label that occurs, the hardest first."""
    import pandas as pd

    rows = [
        {
            _("Label name"): label,
            _("Texts tested"): one.n_true,
            _("Found (recall)"): 100 * one.recall if one.n_true else None,
            _("Right (precision)"): 100 * one.precision,
            _("F1"): 100 * one.f1,
        }
        for label, one in zip(found.labels, found.scores.by_label, strict=True)
        if one.n_true + one.n_predicted
    ]
    return pd.DataFrame(rows).sort_values(_("F1"), kind="stable")


def _mistakes(classifier: Classifier, found: Evaluation) -> None:
    """Some mistakes of one label, the surest first."""
    with_mistakes = list(dict.fromkeys(one.right for one in found.mistakes))
    if not with_mistakes:
        st.caption(_("It made no mistake in the test."))
        return
    st.subheader(_("Mistakes"), anchor=False)
    key = f"_classifier.mistakes.{classifier.id}"
    session.default_widget_value(key, with_mistakes[0])
    chosen = st.selectbox(_("Texts that should have got"), with_mistakes, key=key)
    for one in [m for m in found.mistakes if m.right == chosen][:N_MISTAKES]:
        text = " ".join(one.text.split())
        st.markdown(
            f"{notice.plain(text)}  \n:gray[→ {notice.plain(one.given)} · "
            f"{_('confidence {share}', share=fmt.share(one.confidence))}]"
        )


def _confusions(classifier: Classifier, found: Evaluation) -> None:
    st.subheader(_("What is taken for what"), anchor=False)
    counts = found.scores.confusion
    rows = _most_confused(counts)
    if len(rows) < len(_occurring(counts)):
        st.caption(
            _("The {n} labels with the most mistakes; the table above has all.", n=len(rows))
        )
    classifier_charts.confusions(
        [found.labels[at] for at in rows],
        [[counts[at][other] for other in rows] for at in rows],
        key=f"_classifier.confusions.{classifier.id}",
    )


def _most_confused(counts: Sequence[Sequence[int]]) -> list[int]:
    """Of the labels that occur, those that take part in most mistakes, in their order."""
    wrong = [
        sum(row) + sum(other[at] for other in counts) - 2 * row[at] for at, row in enumerate(counts)
    ]
    order = sorted(_occurring(counts), key=lambda at: -wrong[at])
    return sorted(order[: classifier_charts.MAX_CELLS])


def _occurring(counts: Sequence[Sequence[int]]) -> list[int]:
    """The labels that a text of the test has or was given."""
    return [at for at, row in enumerate(counts) if sum(row) + sum(other[at] for other in counts)]


def _calibration(classifier: Classifier, found: Evaluation) -> None:
    st.subheader(_("Is it as sure as it is right?"), anchor=False)
    classifier_charts.reliability(
        found.scores.reliability, key=f"_classifier.reliability.{classifier.id}"
    )
    st.caption(
        _(
            "On average its confidence is {points} points away from how often it is right (expected"
            " calibration error).",
            points=f"{found.scores.calibration_error * 100:.1f}",
        )
    )
