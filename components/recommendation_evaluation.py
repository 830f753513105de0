"""The test of a recommender: the verdict against popularity, all ways with intervals, parts, tuning.

Measuring and tuning are jobs of the prototype; their last results are drawn again after a reload.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import streamlit as st

from components import (
    bench_chart,
    notice,
    progress,
    recommendation_profile,
    recommendation_tuning,
)
from components import format as fmt
from components import recommendation_words as words
from components.i18n import _, ngettext
from components.setting_field import change
from studio.evaluation.comparison import Interval, Outcome, signed
from studio.prototypes.recommendation.evaluation import (
    Evaluation,
    MeasuredMethod,
    MeasureName,
)
from studio.prototypes.recommendation.goals import MethodName
from studio.prototypes.recommendation.recommendation import Recommendation

if TYPE_CHECKING:
    import pandas as pd

MAIN: MeasureName = "nDCG@10"
WAY_PX = 170
"""Of the column that stays in sight, so that a phone has room for another."""


def show(recommender: Recommendation) -> None:
    """Draw the way to test, and what came of it last."""
    state = recommender.training_state()
    if not state.is_usable:
        st.caption(_("The test appears here once the recommender is trained."))
        return
    found = recommender.evaluation()
    job = recommender.evaluating()
    is_busy = progress.is_active(job)
    if found is None:
        st.markdown(
            _(
                "Would it have foretold what people did next? The past is learnt, the last part is kept"
                " back, and every way is measured by it, the plain best-seller list among them."
            )
        )
    if not is_busy:
        st.button(
            _("Test it") if found is None else _("Test again"),
            key=f"_recommendation.evaluate.{recommender.id}",
            type="primary" if found is None else "secondary",
            icon=":material/straighten:",
            on_click=_start,
            args=(recommender,),
        )
    progress.watch(recommender.evaluating, key=f"recommendation.{recommender.id}.evaluation")
    if found is not None and not is_busy:
        _draw(recommender, found)


def _start(recommender: Recommendation) -> None:
    recommender.start_evaluating()


def _draw(recommender: Recommendation, found: Evaluation) -> None:
    verdict(found)
    warn_of_old(recommender)
    st.caption(notice.plain(basis(found)))
    _methods(recommender, found)
    _parts(recommender, found)
    recommendation_tuning.show(recommender, found)


def warn_of_old(recommender: Recommendation) -> None:
    """Say that the test is of other data or settings, where it is."""
    if not recommender.is_evaluation_current():
        notice.show(
            _("Data or settings have changed since this test. Test again to be sure."),
            "warning",
        )


def verdict(found: Evaluation) -> None:
    """Draw what the test says, in a paragraph."""
    if not found.is_convincing:
        notice.show(found.verdict, "info")
    else:
        notice.show(found.verdict, "success" if found.best != "popular" else "warning")


def basis(found: Evaluation) -> str:
    """On what the figures stand."""
    if found.split_at is not None:
        how = _(
            "learnt from everything before {day}, tested on what came after",
            day=recommendation_profile.day(found.split_at),
        )
    else:
        how = _("tested on the last item of each person, learnt from the rest")
    n_train = found.n_train
    parts = [
        how,
        ngettext("{shown} person", "{shown} people", found.n_users, shown=fmt.count(found.n_users)),
        ngettext(
            "learnt from {shown} pair of a person and an item",
            "learnt from {shown} pairs of a person and an item",
            n_train,
            shown=fmt.count(n_train),
        ),
        fmt.ago(found.measured_at, datetime.now(UTC)),
    ]
    return " · ".join(parts)


def _methods(recommender: Recommendation, found: Evaluation) -> None:
    name, explanation = words.measures()[MAIN]
    st.subheader(_("How well each way foretold"), anchor=False, help=explanation)
    popular = found.of("popular")
    rows = [(method_name(one), one.measures[MAIN]) for one in found.methods]
    bench_chart.show(
        rows,
        name,
        key=f"recommendation_methods_{recommender.id}",
        top=end_of(rows),
        digits=3,
        baseline=popular.measures[MAIN].mean if popular else None,
    )
    st.caption(
        _(
            "The dotted line is the best-seller list (popularity). Bars show where the value lies for 95"
            " of 100 draws of people like these."
        )
    )
    with st.expander(
        _("All measures"), key=f"_recommendation.measures.{recommender.id}", type="compact"
    ):
        _table(found)
    _use(recommender, found)


def method_name(one: MeasuredMethod) -> str:
    """What a measured way is called in short, with a word where its parameters were tuned."""
    name = words.short_method(one.method)
    return _("{method}, tuned", method=name) if one.is_tuned else name


def _table(found: Evaluation) -> None:
    frame, explained = _frame(found)
    st.dataframe(
        frame,
        hide_index=True,
        column_config={
            name: st.column_config.Column(
                help=text, pinned=at == 0, width=WAY_PX if at == 0 else None
            )
            for at, (name, text) in enumerate(explained.items())
        },
        alt=_("All measures of all ways of recommending"),
    )


def _frame(found: Evaluation) -> tuple[pd.DataFrame, dict[str, str]]:
    """One row per way, and what each column means."""
    import pandas as pd

    names = words.measures()
    explained = {_("Way"): ""}
    rows = []
    for one in found.methods:
        row: dict[str, str] = {_("Way"): method_name(one)}
        for measure, interval in one.measures.items():
            name, explanation = names.get(measure, (measure, ""))
            row[name] = f"{interval.mean:.3f} ({interval.low:.3f}–{interval.high:.3f})"
            explained[name] = explanation
        for name, text, explanation in _others(one):
            row[name] = text
            explained[name] = explanation
        rows.append(row)
    return pd.DataFrame(rows), explained


def _others(one: MeasuredMethod) -> list[tuple[str, str, str]]:
    """Name, value and meaning of what is no measure of being right."""
    percent = recommendation_profile.percent
    against = one.against_popular
    level = level_of(against) if against else ""
    diversity = "–" if one.diversity is None else f"{one.diversity:.2f}"
    return [
        (
            _("Against best-sellers"),
            "–" if against is None else f"{difference(against)} · {outcome(one.outcome)}",
            _(
                "Difference in nDCG@10, person by person, and where it lies with {level}.",
                level=level,
            )
            if level
            else "",
        ),
        (_("Coverage"), percent(one.coverage), _("Share of all items that anybody is shown.")),
        (
            _("Novelty"),
            _("{value} bits", value=fmt.number(one.novelty)),
            _("How little known the shown items are; one bit more means half as many know them."),
        ),
        (_("Variety"), diversity, _("How much the items of a list differ, from 0 to 1.")),
        (
            _("Popularity bias"),
            f"× {fmt.number(one.popularity_bias)}",
            _("How much more popular shown items are than those that people took."),
        ),
        (_("Training"), fmt.duration(one.fit_s), _("Time to learn from all events.")),
        (_("Memory"), fmt.size(one.memory_bytes), _("Of the trained way.")),
        (
            _("One list"),
            fmt.duration(one.p95_ms / 1000),
            _("Time of a list; 95 of 100 are faster (p95)."),
        ),
    ]


def difference(gain: Interval) -> str:
    """A difference with its interval: "+0.012 (−0.003 to +0.027)"."""
    mean, low, high = (signed(value, ".3f") for value in (gain.mean, gain.low, gain.high))
    return _("{mean} ({low} to {high})", mean=mean, low=low, high=high)


def level_of(interval: Interval) -> str:
    """With which certainty a value lies in an interval: "99.4%"."""
    return _("{value}%", value=f"{100 * interval.level:.3g}")


def outcome(name: Outcome) -> str:
    """How a way stands to the best-seller list, in a word."""
    names: dict[Outcome, str] = {
        "better": _("better"),
        "worse": _("worse"),
        "unclear": _("may be chance"),
        "same": _("the same"),
    }
    return names.get(name, name)


def _use(recommender: Recommendation, found: Evaluation) -> None:
    """Say which way answers, and offer the best: the first one only if it is better for sure."""
    now = recommender.method_for_goal()
    goal = words.goals()[recommender.settings.goal]
    st.markdown(
        _(
            "For “{goal}”, {method} answers now.",
            goal=notice.plain(goal),
            method=f"**{notice.plain(words.method(now))}**",
        )
    )
    if recommender.settings.goal != "for_you" or not found.is_convincing:
        return
    first: MethodName = found.methods[0].method
    if first != found.best:
        st.caption(
            _(
                "{method} has the highest mean, but is not shown to be better than the best-seller"
                " list.",
                method=notice.plain(words.method(first)),
            )
        )
    if found.best != now:
        st.button(
            _("Use {method}", method=notice.plain(words.method(found.best))),
            key=f"_recommendation.use.{recommender.id}",
            on_click=change,
            args=(recommender, "method", found.best),
        )


def _parts(recommender: Recommendation, found: Evaluation) -> None:
    """Draw how one way does for parts of the users and items."""
    st.subheader(_("For whom it works"), anchor=False)
    measured = {one.method: one for one in found.methods if one.segments}
    if not measured:
        return
    chosen = st.selectbox(
        _("Way of recommending"),
        list(measured),
        format_func=words.method,
        key=f"_recommendation.parts.{recommender.id}",
    )
    rows = [(words.segment(part.name), part.ndcg) for part in measured[chosen].segments]
    bench_chart.show(
        rows,
        words.measures()[MAIN][0],
        key=f"recommendation_parts_{recommender.id}",
        top=end_of(rows),
        digits=3,
    )


def end_of(rows: Sequence[tuple[str, Interval]]) -> float:
    """Where an axis ends that shows these intervals; 1 where all are 0."""
    return max((interval.high for _label, interval in rows), default=0.0) or 1.0
