"""How a measured quantity is spread: a histogram with its percentiles named.

Knows no prototype: values come as they are to be drawn.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from components import chart_frame as frame
from components.i18n import _

if TYPE_CHECKING:
    import plotly.graph_objects as go

HEIGHT = 260
MAX_BINS = 40
PERCENTILES = (50, 90, 99)


def figure(values: Sequence[float], x: frame.Axis, *, color: str = frame.BLUE) -> go.Figure:
    """Bars of how many requests lie where; the p50, p90 and p99 are marked."""
    import numpy as np

    chart = frame.figure(x, frame.Axis(title=_("Requests"), starts_at_zero=True), height=HEIGHT)
    known = np.asarray(values, dtype=float)
    known = known[np.isfinite(known)]
    if not len(known):
        return chart
    n_bins = int(min(MAX_BINS, max(5, np.ceil(np.sqrt(len(known)) * 2))))
    counts, edges = np.histogram(known, bins=n_bins)
    chart.add_bar(
        x=(edges[:-1] + edges[1:]) / 2,
        y=counts,
        width=np.diff(edges),
        marker={"color": color, "line": {"width": 0}},
        customdata=np.stack([edges[:-1], edges[1:]], axis=1),
        hovertemplate=frame.hover(
            f"%{{customdata[0]:{x.hover}}} – %{{customdata[1]:{x.hover}}}{x.suffix}",
            _("{n} requests", n="%{y}"),
        ),
    )
    for i, (percent, value) in enumerate(
        zip(PERCENTILES, np.percentile(known, PERCENTILES), strict=True)
    ):
        chart.add_vline(
            x=value,
            line={"color": frame.GRAY, "dash": "solid", "width": 1},
            annotation={"text": f"p{percent}", "yshift": -14 * i, "xanchor": "left"},
            annotation_position="top right",
        )
    chart.update_layout(bargap=0.02, showlegend=False)
    return chart
