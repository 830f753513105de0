"""What a classifier has to learn from: how many examples of each label, and what to look at.

Draws the account of the last training.
"""

from __future__ import annotations

import streamlit as st

from components import chart_frame as frame
from components import format as fmt
from components import notice
from components.chart_frame import BLUE, Axis
from components.i18n import _, translate
from studio.prototypes.classifier.classifier import Classifier
from studio.prototypes.classifier.data import DataReport
from studio.prototypes.classifier.reporting import sentences

ROW_PX = 22
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
    for column, (name, n) in zip(st.columns(len(figures)), figures, strict=True):
        column.metric(name, fmt.count(n))
    found = sentences(report)
    for sentence in found:
        st.markdown(f":material/info: {notice.plain(translate(sentence))}")
    if not found and report.n_rows:
        st.markdown(f":material/check: {_('Nothing to complain about in these tables.')}")
    if report.balance:
        _balance(classifier, report)


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
