"""What tokens attend to, as a grid: a row looks, a column is looked at."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from components import chart_frame as frame
from components.i18n import _

if TYPE_CHECKING:
    import plotly.graph_objects as go
    from numpy.typing import NDArray

LEAST_PX, PER_TOKEN_PX = 240, 14
LEAST_MOST = 0.05
"""A weight below this is never drawn as if it were much."""
NEVER, ALWAYS = "rgba(47, 143, 207, 0)", frame.BLUE


def _most(weights: NDArray[Any]) -> float:
    """The weight that is drawn strongest: the most of any but the first token.

    The first one catches what no other needs, and beside it nothing else would be seen (Xiao et al.,
    2023, "Efficient streaming language models with attention sinks").
    """
    others = weights[:, 1:]
    return max(float(others.max()), LEAST_MOST) if others.size else 1.0


def attention(weights: NDArray[Any], tokens: Sequence[str]) -> go.Figure:
    """The grid of one head.

    Args:
        weights: `(n, n)`, rows sum to 1 over what is kept.
        tokens: the n tokens, as they are to be named.
    """
    names = [f"{number} {frame.escaped(token)}" for number, token in enumerate(tokens, 1)]
    chart = frame.figure(
        frame.Axis(title=_("looked at")),
        frame.Axis(title=_("looks")),
        height=LEAST_PX + PER_TOKEN_PX * len(tokens),
    )
    chart.add_heatmap(
        z=weights,
        x=names,
        y=names,
        colorscale=[[0, NEVER], [1, ALWAYS]],
        zmin=0,
        zmax=_most(weights),
        showscale=False,
        hovertemplate=frame.hover("%{y} → %{x}", "%{z:.3f}"),
    )
    chart.update_xaxes(type="category", tickformat="", showgrid=False, tickangle=-60)
    frame.names_on(chart, names)
    return chart
