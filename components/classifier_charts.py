"""Charts of a classifier's test: accuracy against what is answered, calibration, confusions, progress.

Draws what it is given.
"""

from __future__ import annotations

from collections.abc import Sequence

from components import chart_frame as frame
from components import format as fmt
from components.chart_frame import BLUE, GRAY, ORANGE, Axis
from components.i18n import _
from studio.evaluation.classification import AnsweredShare, ReliabilityBin
from studio.prototypes.classifier.evaluation import Milestone

MAX_CELLS = 12
"""Labels in the picture of confusions; more could not be read."""
CELL_PX = 34
FEW_EXAMPLES = 6


def answered(curve: Sequence[AnsweredShare], threshold: float, *, key: str) -> None:
    """Draw accuracy of what is answered against the share that is answered, with the threshold now."""
    chart = frame.figure(
        Axis(title=_("Share of texts answered"), is_share=True),
        Axis(title=_("Right among these"), is_share=True),
    )
    points = sorted(curve, key=lambda point: point.answered)
    x = [point.answered for point in points]
    frame.band(chart, x, [p.right.low for p in points], [p.right.high for p in points], BLUE)
    chart.add_scatter(
        x=x,
        y=[point.right.mean for point in points],
        customdata=[[point.threshold] for point in points],
        hovertemplate=frame.hover(
            _("answered: {value}", value="%{x:.0%}"),
            _("right: {value}", value="%{y:.1%}"),
            _("threshold: {value}", value="%{customdata[0]:.0%}"),
        ),
        showlegend=False,
        **frame.line(_("accuracy"), BLUE, "measured"),
    )
    now = next((p for p in reversed(curve) if p.threshold <= threshold), None)
    if now is not None:
        chart.add_scatter(
            x=[now.answered],
            y=[now.right.mean],
            mode="markers+text",
            text=[_("now")],
            textposition="bottom center",
            marker={"size": 11, "color": ORANGE},
            hoverinfo="skip",
            showlegend=False,
        )
    alt = _("The fewer texts are answered, the more of the answers are right.")
    frame.show(chart, key=key, alt=alt)


def reliability(bins: Sequence[ReliabilityBin], *, key: str) -> None:
    """Draw how often it was right at each confidence; on the dotted line both are the same."""
    chart = frame.figure(
        Axis(title=_("Confidence"), is_share=True),
        Axis(title=_("Share that is right"), is_share=True),
    )
    chart.add_scatter(
        x=[0, 1], y=[0, 1], hoverinfo="skip", showlegend=False,
        **frame.line(_("as sure as right"), GRAY, "assumed", 1.5),
    )  # fmt: skip
    chart.add_scatter(
        x=[one.confidence for one in bins],
        y=[one.right.mean for one in bins],
        mode="markers",
        marker={"color": BLUE, "size": [8 + min(12, one.right.n**0.5) for one in bins]},
        error_y={
            "type": "data",
            "symmetric": False,
            "array": [one.right.high - one.right.mean for one in bins],
            "arrayminus": [one.right.mean - one.right.low for one in bins],
            "color": BLUE,
        },
        customdata=[[one.right.n] for one in bins],
        hovertemplate=frame.hover(
            _("confidence: {value}", value="%{x:.0%}"),
            _("right: {value}", value="%{y:.0%}"),
            _("texts: {value}", value="%{customdata[0]}"),
        ),
        showlegend=False,
    )
    chart.update_yaxes(range=[-0.02, 1.04])
    frame.show(chart, key=key, alt=_("Confidence against the share that was right."))


def confusions(labels: Sequence[str], counts: Sequence[Sequence[int]], *, key: str) -> None:
    """Draw how often each true label (row) got which label (column)."""
    chart = frame.figure(Axis(title=_("Label given")), Axis(title=_("Right label")))
    names = [frame.escaped(label if len(label) <= 24 else f"{label[:23]}…") for label in labels]
    shares = [[n / max(1, sum(row)) for n in row] for row in counts]
    chart.add_heatmap(
        x=names,
        y=names,
        z=shares,
        text=[[str(n) for n in row] for row in counts],
        colorscale=frame.grid_colours(),
        zmin=0,
        zmax=1,
        showscale=False,
        hovertemplate=frame.hover("%{y} → %{x}", _("texts: {value}", value="%{text}")),
    )
    frame.texts_on(chart, names, names, [[str(n) if n else "" for n in row] for row in counts])
    frame.names_on(chart, names)
    chart.update_xaxes(type="category", tickformat="", side="bottom", showgrid=False)
    chart.update_layout(height=140 + CELL_PX * len(names))
    frame.show(chart, key=key, alt=_("Right labels against the labels that were given."))


def milestones(points: Sequence[Milestone], *, key: str) -> None:
    """Draw accuracy against the number of examples, in the order in which it was measured."""
    chart = frame.figure(
        Axis(title=_("Examples learnt from")),
        Axis(title=_("Right in the test"), is_share=True),
        height=240,
    )
    chart.add_scatter(
        x=[one.n_examples for one in points],
        y=[one.accuracy.mean for one in points],
        error_y={
            "type": "data",
            "symmetric": False,
            "array": [one.accuracy.high - one.accuracy.mean for one in points],
            "arrayminus": [one.accuracy.mean - one.accuracy.low for one in points],
            "color": BLUE,
            "thickness": 1,
        },
        hovertemplate=frame.hover(
            _("examples: {value}", value="%{x}"), _("right: {value}", value="%{y:.1%}")
        ),
        showlegend=False,
        **{**frame.line(_("accuracy"), BLUE, "measured"), "mode": "lines+markers"},
    )
    chart.update_xaxes(tickformat=",d")
    counts = [one.n_examples for one in points]
    if max(counts) - min(counts) < FEW_EXAMPLES:
        chart.update_xaxes(dtick=1)  # there is no half an example
    last = points[-1]
    alt = _(
        "With {n} examples, {share} right.",
        n=last.n_examples,
        share=fmt.share(last.accuracy.mean),
    )
    frame.show(chart, key=key, alt=alt)
