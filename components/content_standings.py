"""How the sides of blind comparisons stand after all votes, and how sure that is."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime

import streamlit as st

from components import bench_chart, cache, content_contender, notice
from components import format as fmt
from components.i18n import _, ngettext, sentences
from studio.evaluation.comparison import Interval
from studio.prototypes.content.votes import Standing
from studio.records import Task


def show(standings: Sequence[Standing]) -> None:
    """Draw the votes between each pair with the interval of the share; nothing without votes."""
    if not standings:
        return
    st.markdown("**" + _("How the votes stand") + "**")
    for at, standing in enumerate(map(as_read, standings)):
        st.markdown(notice.plain(sentence(standing)))
        if standing.created_at is not None and standing.version:
            st.caption(notice.plain(origin(standing, standing.created_at)))
        if standing.share is None or standing.low is None or standing.high is None:
            continue
        share = Interval(
            mean=standing.share,
            low=standing.low,
            high=standing.high,
            n=n_votes(standing),
            level=0.95,
        )
        bench_chart.show(
            [(standing.first, share)],
            _("Share of votes for {name}", name=standing.first),
            key=f"content_standing_{at}",
        )


def as_read(standing: Standing) -> Standing:
    """A standing with the names of sides and models as they are called now, in the reader's language."""
    names = {spec.id: spec.name for spec in cache.workbench().catalogue.list(Task.GENERATION)}
    first, second = (names.get(model, model) for model in standing.models)
    return replace(
        standing,
        first=content_contender.named(standing.first),
        second=content_contender.named(standing.second),
        models=(first, second),
    )


def origin(standing: Standing, created_at: datetime) -> str:
    """What the votes were between, so that pairs of the same names can be told from each other."""
    return _(
        "{first}: {first_model}; {second}: {second_model}. Version {n} of the settings, latest texts "
        "{when}.",
        first=standing.first,
        first_model=standing.models[0] or "–",
        second=standing.second,
        second_model=standing.models[1] or "–",
        n=standing.version,
        when=fmt.ago(created_at, datetime.now(UTC)),
    )


def n_votes(standing: Standing) -> int:
    """Votes between the two, those for neither included."""
    return standing.n_first + standing.n_second + standing.n_ties


def sentence(standing: Standing) -> str:
    """Who won how often, and whether that can be chance."""
    votes = ngettext("{n} vote", "{n} votes", n_votes(standing))
    told = _(
        "{first} against {second}: {n_first} to {n_second}, {n_ties} equally good ({votes}).",
        first=standing.first,
        second=standing.second,
        n_first=standing.n_first,
        n_second=standing.n_second,
        n_ties=standing.n_ties,
        votes=votes,
    )
    if not standing.is_clear:
        return sentences(told, _("That may still be chance; more votes tell."))
    better = standing.first if (standing.share or 0) > 0.5 else standing.second
    return sentences(told, _("{name} is better, beyond chance.", name=better))
