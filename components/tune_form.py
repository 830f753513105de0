"""Step 2 of a tuning: the model it begins with, how it is trained, what that will take, and start."""

from __future__ import annotations

import streamlit as st

from components import cache, notice, session, tune_words, who
from components import format as fmt
from components.i18n import _, ngettext, sentences, translate, translated
from studio.acting import Role
from studio.errors import StudioError
from studio.inference.training.plan import DEFAULTS, RANGES, Method, TrainingSettings
from studio.prototypes.documented import DocumentedPrototype
from studio.prototypes.model_choice import automatic_embedding_model
from studio.records import Task
from studio.tuning.examples import MIN_EXAMPLES, Example
from studio.tuning.trainable import TASK_OF
from studio.tuning.tuning import Review, Tunable, TuningRequest
from studio.workbench import AnyPrototype


def show(
    prototype: AnyPrototype,
    method: Method,
    examples: tuple[Example, ...],
    cares: tuple[str, ...] = (),
) -> None:
    """Draw the choices, the estimate and the button; `cares` are mended in the examples first."""
    model = _model(prototype, method)
    if model is None:
        return
    key = f"_tune.name.{prototype.id}.{method}"
    session.default_widget_value(
        key,
        _("{model}, tuned for {prototype}", model=model.spec.name, prototype=prototype.name)[:80],
    )
    name = st.text_input(_("Name of the tuned model"), max_chars=80, key=key)
    settings = _settings(prototype, method)
    if not examples:
        st.caption(
            ngettext(
                "Choose at least {n} example above, 50 and more make sense.",
                "Choose at least {n} examples above, 50 and more make sense.",
                MIN_EXAMPLES,
            )
        )
        return
    try:
        if settings is None:
            return
        request = TuningRequest(
            name=name,
            method=method,
            base_model=model.spec.id,
            examples=examples,
            prototype_id=prototype.id,
            settings=settings,
            cares=cares,
        )
        review = cache.workbench().tuning.review(request)
    except StudioError as error:
        notice.show(error.notice, "warning")
        return
    _review(review)
    # No callback: it would take what was chosen when the page was last drawn to its end.
    if who.may(Role.EDITOR) and st.button(
        _("Start the tuning"),
        key=f"_tune.start.{prototype.id}.{method}",
        type="primary",
        icon=":material/model_training:",
        disabled=not name.strip(),
    ):
        _start(request)
        st.rerun()


def _model(prototype: AnyPrototype, method: Method) -> Tunable | None:
    """Draw the choice of the base; the prototype's own model first if it can be trained."""
    listed = {one.spec.id: one for one in cache.workbench().tuning.tunable(method)}
    own = own_model(prototype, method)
    able = [model_id for model_id, one in listed.items() if one.problem is None]
    if own in able:
        able = [own, *(model_id for model_id in able if model_id != own)]
    if own in listed and (problem := listed[own].problem) is not None:
        st.caption(translate(problem))
    if not able:
        notice.show(_("No model on this computer can be trained. Add one on the Models page."))
        return None
    chosen = st.selectbox(
        _("Begin with"),
        able,
        format_func=lambda model_id: listed[model_id].spec.name,
        key=f"_tune.base.{prototype.id}.{method}",
    )
    say_other_base(prototype, method, chosen)
    return listed[chosen]


def own_model(prototype: AnyPrototype, method: Method) -> str:
    """The catalogue id of the model that a prototype asks and a method tunes."""
    chosen = str(getattr(prototype.settings, tune_words.FIELD_OF[method]))
    if chosen:
        return chosen
    if isinstance(prototype, DocumentedPrototype):
        return prototype.automatic_model(TASK_OF[method]).id
    bench = cache.workbench()
    if TASK_OF[method] is Task.EMBEDDING:
        language = str(prototype.settings.language)
        return automatic_embedding_model(bench.catalogue, bench.settings, language).id
    return bench.catalogue.default(TASK_OF[method]).id


def say_other_base(prototype: AnyPrototype, method: Method, base: str, tuned: str = "") -> None:
    """Say that a tuning is measured against another model than the one that the prototype asks.

    Args:
        prototype: whose.
        method: of the tuning.
        base: catalogue id of the model that it begins with.
        tuned: that of the model that came of it.
    """
    names = {spec.id: spec.name for spec in cache.workbench().catalogue.list(TASK_OF[method])}
    own = own_model(prototype, method)
    if own in (base, tuned) or own not in names or base not in names:
        return
    st.caption(
        notice.plain(
            _(
                "{prototype} asks {own} now. Before and after are those of {base}: they do not say"
                " whether the tuned model is better than {own}. Evaluate tells, before and after you"
                " use it.",
                prototype=prototype.name,
                own=names[own],
                base=names[base],
            )
        )
    )


def _settings(prototype: AnyPrototype, method: Method) -> TrainingSettings | None:
    """Draw the settings behind More; None where one of them is not allowed, which is then said."""
    start = DEFAULTS[method]
    key = f"_tune.{prototype.id}.{method}."
    # Folded, not left out: what was typed holds while it is out of sight.
    with st.expander(_("More"), type="compact", key=key + "more"):
        left, right = st.columns(2)
    with left:
        n_epochs = _whole(_("Rounds (epochs)"), "n_epochs", start.n_epochs, key)
        learning_rate = st.number_input(
            _("Learning rate"),
            min_value=RANGES["learning_rate"][0],
            max_value=RANGES["learning_rate"][1],
            value=start.learning_rate,
            format="%.1e",
            help=_("Lower it when the loss rises or is no number any more."),
            key=key + "learning_rate",
        )
        patience = _whole(_("Rounds without gain before it stops"), "patience", start.patience, key)
    with right:
        batch_size = _whole(_("Examples at a time (batch)"), "batch_size", start.batch_size, key)
        max_tokens = _whole(_("Longest text, in tokens"), "max_tokens", start.max_tokens, key)
        seed = int(st.number_input(_("Seed"), 0, 2**31 - 1, start.seed, key=key + "seed"))
    rank = start.rank
    if method == "lora":
        with left:
            rank = _whole(_("Size of what is learnt (rank)"), "rank", start.rank, key)
    try:
        return TrainingSettings(
            n_epochs=n_epochs,
            batch_size=batch_size,
            learning_rate=learning_rate,
            patience=patience,
            max_tokens=max_tokens,
            seed=seed,
            rank=rank,
        )
    except StudioError as error:
        notice.show(sentences(*translated(error.fields).values()), "error")
        return None


def _whole(label: str, field: str, value: int, key: str) -> int:
    low, high = RANGES[field]
    return int(st.number_input(label, int(low), int(high), value, key=key + field))


def _review(review: Review) -> None:
    """What is learnt, held out and left out, and what it will take."""
    parted, estimate = review.parted, review.estimate
    st.markdown(
        _(", ").join(
            (
                ngettext(
                    "{n} example to learn from", "{n} examples to learn from", len(parted.train)
                ),
                _("{n} to see when to stop", n=fmt.count(len(parted.watched))),
                _("{n} held out to measure", n=fmt.count(len(parted.held_out))),
            )
        )
    )
    for one in parted.dropped:
        st.caption(
            ngettext(
                "{n} left out, {reason}",
                "{n} left out, {reason}",
                one.n,
                reason=translate(one.reason),
            )
        )
    time = tune_words.spread(estimate.low_s, estimate.high_s)
    cost = f"{fmt.money(estimate.low_usd)} – {fmt.money(estimate.high_usd)}"
    st.caption(
        _("Takes {time} and {cost}, as the last tuning of this model did.", time=time, cost=cost)
        if estimate.basis == "earlier run"
        else _(
            "Takes about {time} and {cost}; a guess from the speed of this machine until it has"
            " trained this model once. You can go on working meanwhile.",
            time=time,
            cost=cost,
        )
    )


def _start(request: TuningRequest) -> None:
    try:
        cache.workbench().tuning.start(request)
    except StudioError as error:
        session.flash(translate(error.notice))
