"""A business model with its form and what comes of it; six of them, one drawn at a time.

The whole panel is one fragment: a change of a number redraws this part alone.
"""

from __future__ import annotations

from decimal import Decimal
from functools import partial

import streamlit as st

from components import (
    assumption_form,
    business_draft,
    business_source,
    model_result,
    notice,
    session,
    shell,
)
from components.business_draft import SHARED_KEYS
from components.i18n import _, ngettext, translate
from components.shown_currency import ShownCurrency
from studio.economics.assumptions import Assumption
from studio.economics.business_model import BusinessModel
from studio.economics.comparison import ModelResult
from studio.economics.models.registry import MODELS
from studio.errors import StudioError
from studio.workbench import AnyPrototype

CHOSEN = "_models.chosen"
RARE = ("customers_at_start", "sales_cycle", "payment_delay")
"""Assumptions that stand under "More", with those of all models."""


@st.fragment
@shell.guarded()
def show(prototype: AnyPrototype, shown: ShownCurrency) -> None:
    """Draw the choice of the model, its form, and its result."""
    shell.say_flash()
    model = choose()
    st.caption(translate(model.summary))
    source, draft = business_source.of(prototype), business_draft.load(prototype.id)
    try:
        result = source.result(model, draft)
    except StudioError as error:
        notice.show(error.notice, "error")
        if draft.values(model):  # one of them may not be possible any more, and no form is drawn
            _reset_button(prototype, model)
        return
    st.caption(_("Click any figure to see where it comes from."))
    model_result.headline(result, shown)
    left, right = st.columns([3, 8], gap="large")
    with left:
        _form(prototype, model, result, shown)
    with right:
        names = model_result.views()
        view = st.segmented_control(
            _("View"),
            list(names),
            default="month",
            required=True,
            format_func=names.__getitem__,
            label_visibility="collapsed",
            key="_models.view",
            persist_state="session",
        )
        model_result.show(
            view or "month", result, lambda: source.outlooks(draft, [result])[0], shown
        )


def choose() -> BusinessModel:
    """Draw the choice of the model and give it."""
    by_key = {model.key: model for model in MODELS}
    session.default_widget_value(CHOSEN, MODELS[0].key)
    key = st.pills(
        _("Business model"),
        list(by_key),
        required=True,
        format_func=lambda one: translate(by_key[one].name),
        label_visibility="collapsed",
        key=CHOSEN,
        persist_state="session",
    )
    return by_key.get(str(key), MODELS[0])


def _form(
    prototype: AnyPrototype, model: BusinessModel, result: ModelResult, shown: ShownCurrency
) -> None:
    """The assumptions of this model, then, when asked for, the rare ones and those of all models."""
    keep = partial(_keep, prototype.id, model, result.case.assumptions)
    first = [one for one in result.case.assumptions if not _is_rare(one)]
    st.markdown(f"**{_('What is assumed')}**")
    assumption_form.show(first, keep, shown, key=f"models.{model.key}", n_columns=1)
    if st.toggle(_("More"), key=f"_models.more.{model.key}"):
        st.caption(_("Fixed cost, cash, fees and growth count for all six models."))
        rare = [one for one in result.case.assumptions if _is_rare(one)]
        assumption_form.show(rare, keep, shown, key=f"models.{model.key}", n_columns=1)
    _vouched(result.case.assumptions)
    own = [one for one in result.case.assumptions if one.is_own]
    if own:
        _reset_button(prototype, model)


def _reset_button(prototype: AnyPrototype, model: BusinessModel) -> None:
    st.button(
        _("Back to the defaults"),
        key=f"_models.reset.{model.key}",
        on_click=_reset,
        args=(prototype.id, model),
    )


def _vouched(assumptions: tuple[Assumption, ...]) -> None:
    """Say how many numbers no source bears out."""
    n = sum(not one.source.is_verified for one in assumptions)
    if n:
        st.caption(
            ngettext(
                "○ {n} of {total} numbers rests on no source that was read: put in what you know"
                " (then ●).",
                "○ {n} of {total} numbers rest on no source that was read: put in what you know"
                " (then ●).",
                n,
                total=len(assumptions),
            )
        )


def _is_rare(one: Assumption) -> bool:
    return one.key in SHARED_KEYS or one.key in RARE


def _keep(
    prototype_id: str,
    model: BusinessModel,
    assumptions: tuple[Assumption, ...],
    key: str,
    value: Decimal | None,
) -> None:
    """Keep a number that was typed; raises InvalidInput where it is not possible."""
    if value is not None:
        next(one for one in assumptions if one.key == key).with_value(value)
    draft = business_draft.load(prototype_id)
    business_draft.keep(prototype_id, draft.with_value(model, key, value))


def _reset(prototype_id: str, model: BusinessModel) -> None:
    """Take the defaults of a model again; the numbers of all models with them."""
    draft = business_draft.load(prototype_id)
    for one in model.assumptions:
        draft = draft.with_value(model, one.key, None)
    business_draft.keep(prototype_id, draft)
