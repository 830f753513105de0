"""What a classifier has to learn from: how many examples of each label, and what to look at.

Draws the account of the last training.
"""

from __future__ import annotations

import streamlit as st

from components import (
    care_panel,
    care_words,
    classifier_making,
    classifier_tables,
    notice,
    session,
    who,
)
from components import chart_frame as frame
from components import format as fmt
from components.chart_frame import BLUE, Axis
from components.i18n import _, translate
from studio.acting import Role
from studio.errors import StudioError
from studio.prototypes.classifier.classifier import Classifier
from studio.prototypes.classifier.data import DataReport
from studio.prototypes.classifier.reporting import sentences
from studio.prototypes.data_care import CareFinding

ROW_PX = 22
FIGURE_PX = 120
MAX_ROWS = 80


def show(classifier: Classifier) -> None:
    """Draw the figures, what was found, and the balance of the labels."""
    report, state = classifier.report(), classifier.training_state()
    if report is None:
        st.caption(_("What your texts are like appears here once they were learnt from."))
        return
    figures = (
        (_("Labels"), len(state.labels)),
        (_("Examples"), state.n_examples),
        (_("Labelled here"), state.n_by_hand),
        (_("Without a label"), state.n_pool),
    )
    with st.container(horizontal=True):  # two in a row on a phone
        for name, n in figures:
            st.metric(name, fmt.count(n), width=FIGURE_PX)
    st.caption(
        _(
            "Vectors of the texts took about {learning} of memory while learning, and take {now} now.",
            learning=fmt.size(state.n_bytes_learning),
            now=fmt.size(state.n_bytes),
        )
    )
    found = sentences(report)
    for sentence in found:
        st.markdown(f":material/info: {notice.plain(translate(sentence))}")
    if not found and not report.care and report.n_rows:
        st.markdown(f":material/check: {_('Nothing to complain about in these tables.')}")
    care_panel.show(report.care, lambda finding: _mend(classifier, finding))
    if report.balance:
        _balance(classifier, report)
    classifier_making.show(classifier)


def _mend(classifier: Classifier, finding: CareFinding) -> None:
    """Whether it is mended; the tables stay as they came."""
    key = f"_classifier.care.{finding.kind}.{classifier.id}"
    session.fill_widget(key, finding.kind in classifier.settings.cleaning)
    st.checkbox(
        care_words.action(finding.kind),
        key=key,
        disabled=not who.may(Role.EDITOR),
        help=_("In what is learnt and in what is classified. The tables stay as they came."),
        on_change=_set_mend,
        args=(classifier, finding.kind, key),
    )


def _set_mend(classifier: Classifier, kind: str, key: str) -> None:
    chosen = set(classifier.settings.cleaning) - {kind}
    if session.widget_value(key):
        chosen.add(kind)
    try:
        classifier.desk.set_cleaning(sorted(chosen))
    except StudioError as error:
        session.flash(translate(error.notice))
        return
    classifier_tables.learn(classifier)


def _balance(classifier: Classifier, report: DataReport) -> None:
    st.subheader(
        _("Examples of each label"),
        anchor=False,
        help=_("Those that were learnt from in the test; the held-out ones are not counted."),
    )
    rows = report.balance[:MAX_ROWS]
    names = [frame.escaped(label) for label, _n in rows]
    chart = frame.figure(Axis(title=_("Examples"), starts_at_zero=True), Axis(title=""))
    chart.add_bar(
        x=[n for _label, n in rows],
        y=names,
        orientation="h",
        marker={"color": BLUE},
        hovertemplate="%{y}: %{x}<extra></extra>",
        showlegend=False,
    )
    frame.names_on(chart, names)
    chart.update_layout(height=90 + ROW_PX * len(rows))
    least = report.balance[-1]
    alt = _(
        "{n_labels} labels; the rarest, {label}, has {n} examples.",
        n_labels=len(report.balance),
        label=least[0],
        n=least[1],
    )
    frame.show(chart, key=f"_classifier.balance.{classifier.id}", alt=alt)
