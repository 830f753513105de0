"""What one browser session remembers; the only module that touches `st.session_state`.

Durable keys are named `area.name`, widget keys `_area.name`. Values are ids and small frozen
dataclasses: whatever must outlive the session belongs to the workspace. The module draws nothing.
"""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import streamlit as st
from streamlit.runtime.secrets import secrets_singleton

from studio.evaluation.drafting import Draft
from studio.evaluation.reading import ReadJudgements
from studio.prototypes.intake import IntakeChoices

LANGUAGE = "shell.language"
FLASH = "shell.flash"
DELETED = "home.deleted"
REMOTE_MODELS = "models.remote_list"
FORM_PROBLEMS = "models.form_problems"
PRICE_PROBLEM = "settings.price_problem"
DELETED_SCENARIO = "business.deleted"
BUSINESS_PROTOTYPE = "business.prototype"
PROJECT = "home.project"
VISITOR_TOKEN = "demo.token"
DEMO_SESSION = "demo.session"
FIRST_FILLED = "widgets.first_s"

LOADED_S = 10.0
"""After this long the browser has loaded and drawn a widget it was told of."""


@dataclass(frozen=True, slots=True, kw_only=True)
class DeletedPrototype:
    """A prototype that was just deleted and can be brought back."""

    prototype_id: str
    name: str


@dataclass(frozen=True, slots=True, kw_only=True)
class DeletedScenario:
    """A scenario that was just deleted and can be brought back."""

    scenario_id: str
    name: str


@dataclass(frozen=True, slots=True, kw_only=True)
class RemoteModels:
    """The models an endpoint named, or why it named none (a sentence for the user)."""

    base_url: str
    names: tuple[str, ...] = ()
    problem: str = ""


def _get(key: str, default: Any = None) -> Any:  # session values have no common type
    return st.session_state.get(key, default)


def _set(key: str, value: Any) -> None:  # as above
    st.session_state[key] = value


def language() -> str | None:
    """The language chosen in this session, or None while none was."""
    return _get(LANGUAGE)  # type: ignore[no-any-return]


def set_language(code: str) -> None:
    """Remember the language of this session."""
    _set(LANGUAGE, code)


def widget_value(key: str, default: Any = None) -> Any:  # a widget's value has the widget's type
    """The value of the widget with this key, for callbacks; the default where it is not drawn."""
    return _get(key, default)


def set_widget_value(key: str, value: Any) -> None:  # as above
    """Give a widget its value before it is drawn (or in a callback)."""
    _set(key, value)


def fill_widget(key: str, value: Any, *, is_typed: bool = False) -> None:  # as above
    """Give a widget the value it is to show; called in every run, before it is drawn.

    Widgets are loaded late in the browser. One that was given its value in an earlier run only, and
    appears after a later one, begins empty and says so, as if a person had emptied it. The browser
    also knows a choice by its label: one that is written otherwise since (in another language, with
    another model's name) would come back as that old label, as if a person had chosen it. So the value
    is given in every run.

    Args:
        key: of the widget.
        value: what it is to show.
        is_typed: whether somebody may be typing in it: such a text is given only while the widget may
            still be on its way.
    """
    if not is_typed or _is_on_its_way(key) or widget_value(key) != value:
        _set(key, value)


def default_widget_value(key: str, value: Any) -> None:  # as above
    """Give a widget its first value; a callback may still choose another (`default=` forbids that)."""
    if _is_on_its_way(key):  # see `fill_widget`
        _set(key, widget_value(key, value))


def _is_on_its_way(key: str) -> bool:
    """Whether a widget was first given a value so lately that the browser may not have drawn it."""
    first_s: dict[str, float] = _get(FIRST_FILLED, {})
    if key not in st.session_state:
        first_s[key] = time.monotonic()
        _set(FIRST_FILLED, first_s)
    return time.monotonic() - first_s.get(key, -LOADED_S) < LOADED_S


def forget(*keys: str) -> None:
    """Drop these keys; unknown ones are ignored."""
    for key in keys:
        st.session_state.pop(key, None)


def forget_beginning(prefix: str) -> None:
    """Drop all keys that begin with this."""
    forget(*(str(key) for key in list(st.session_state) if str(key).startswith(prefix)))


def flash(text: str) -> None:
    """Keep a sentence to be shown once by the next run of a page; its signs stand for themselves."""
    _set(FLASH, text)


def take_flash() -> str | None:
    """The sentence kept by `flash`, once; None when there is none."""
    text = _get(FLASH)
    forget(FLASH)
    return text  # type: ignore[no-any-return]


def set_deleted(deleted: DeletedPrototype | None) -> None:
    """Remember which prototype was deleted last, for the undo; None forgets it."""
    _set(DELETED, deleted)


def deleted() -> DeletedPrototype | None:
    """The prototype deleted last in this session, or None."""
    return _get(DELETED)  # type: ignore[no-any-return]


def set_remote_models(found: RemoteModels | None) -> None:
    """Keep what an endpoint answered to "List models"; None forgets it."""
    _set(REMOTE_MODELS, found)


def remote_models() -> RemoteModels | None:
    """What the endpoint that was asked last answered, or None."""
    return _get(REMOTE_MODELS)  # type: ignore[no-any-return]


def upload_round(prototype_id: str) -> int:
    """How many uploads a prototype has taken in this session; part of the uploader's widget key.

    A new key empties the uploader, so that no file is read twice.
    """
    return int(_get(f"documents.round.{prototype_id}", 0))


def end_upload_round(prototype_id: str) -> None:
    """Empty the uploader of a prototype at the next run."""
    _set(f"documents.round.{prototype_id}", upload_round(prototype_id) + 1)


def set_intake(prototype_id: str, intake_id: str | None) -> None:
    """Keep which files wait to be added to a prototype; None when none do any more."""
    _set(f"documents.intake.{prototype_id}", intake_id)


def intake(prototype_id: str) -> str | None:
    """The id of the files that wait to be added to a prototype, or None."""
    return _get(f"documents.intake.{prototype_id}")  # type: ignore[no-any-return]


def set_intake_choices(prototype_id: str, choices: IntakeChoices) -> None:
    """Keep what is to be done with the files that wait."""
    _set(f"documents.choices.{prototype_id}", choices)


def intake_choices(prototype_id: str) -> IntakeChoices:
    """What is to be done with the files that wait, as far as it was said."""
    return _get(f"documents.choices.{prototype_id}") or IntakeChoices()


def set_open_document(prototype_id: str, document_id: str | None) -> None:
    """Keep which document's report is shown; None for none."""
    _set(f"documents.open.{prototype_id}", document_id)


def open_document(prototype_id: str) -> str | None:
    """The document whose report is shown, or None."""
    return _get(f"documents.open.{prototype_id}")  # type: ignore[no-any-return]


def set_waiting_question(prototype_id: str, question: str | None) -> None:
    """Keep a question until the documents and models it needs are ready; None drops it."""
    _set(f"chat.waiting.{prototype_id}", question)


def waiting_question(prototype_id: str) -> str | None:
    """The question that waits for documents or models, or None."""
    return _get(f"chat.waiting.{prototype_id}")  # type: ignore[no-any-return]


def remembered(key: str, value: bool) -> bool:
    """The value first given under this key in this session: what stays as it was at the first look."""
    if _get(key) is None:
        _set(key, value)
    return bool(_get(key))


def remembered_yes(key: str, value: bool) -> bool:
    """Whether the value was ever true under this key in this session."""
    if value:
        _set(key, True)
    return bool(_get(key, False))


def set_form_problems(problems: Mapping[str, str]) -> None:
    """Keep what is wrong with the fields of the add form, field -> sentence; empty forgets it."""
    _set(FORM_PROBLEMS, dict(problems))


def form_problems() -> Mapping[str, str]:
    """What was wrong with the fields of the add form when it was sent last."""
    problems: Mapping[str, str] = _get(FORM_PROBLEMS, {})
    return problems


def set_price_problem(problem: str | None) -> None:
    """Keep why the typed price of the machine cannot be used; None when it can."""
    _set(PRICE_PROBLEM, problem)


def price_problem() -> str | None:
    """Why the price that was typed last cannot be used, or None."""
    problem: str | None = _get(PRICE_PROBLEM)
    return problem


def set_similar_to(prototype_id: str, chunk_id: int | None) -> None:
    """Keep the passage whose like are wanted; None closes the list."""
    _set(f"search.similar.{prototype_id}", chunk_id)


def similar_to(prototype_id: str) -> int | None:
    """The passage whose like are wanted, or None."""
    chunk_id: int | None = _get(f"search.similar.{prototype_id}")
    return chunk_id


def trial(prototype_id: str) -> Mapping[str, Any]:
    """The settings on trial on the bench that differ from those in use, by name."""
    values: Mapping[str, Any] = _get(f"bench.trial.{prototype_id}", {})
    return values


def set_trial(prototype_id: str, values: Mapping[str, Any]) -> None:
    """Keep the settings on trial; none ends the trial."""
    _set(f"bench.trial.{prototype_id}", dict(values))


def drafts(prototype_id: str) -> Sequence[Draft]:
    """The drafts of judgements that wait for a person's word."""
    waiting: Sequence[Draft] = _get(f"bench.drafts.{prototype_id}", ())
    return waiting


def set_drafts(prototype_id: str, waiting: Sequence[Draft]) -> None:
    """Keep the drafts that still wait."""
    _set(f"bench.drafts.{prototype_id}", tuple(waiting))


def read_judgements(prototype_id: str) -> ReadJudgements | None:
    """What the file of judgements that was uploaded last gave, or None."""
    found: ReadJudgements | None = _get(f"bench.read.{prototype_id}")
    return found


def set_read_judgements(prototype_id: str, found: ReadJudgements | None) -> None:
    """Keep what a file of judgements gave; None forgets it."""
    _set(f"bench.read.{prototype_id}", found)


def judgement_problem(prototype_id: str) -> str:
    """Why the file of judgements that was uploaded last could not be read; empty when it could."""
    return str(_get(f"bench.problem.{prototype_id}", ""))


def set_judgement_problem(prototype_id: str, problem: str) -> None:
    """Keep why a file of judgements could not be read; empty forgets it."""
    _set(f"bench.problem.{prototype_id}", problem)


def business_prototype() -> str | None:
    """The address of the prototype that the business pages are about, or None while none was chosen."""
    slug: str | None = _get(BUSINESS_PROTOTYPE)
    return slug


def set_business_prototype(slug: str) -> None:
    """Keep which prototype the business pages are about."""
    _set(BUSINESS_PROTOTYPE, slug)


def set_deleted_scenario(deleted: DeletedScenario | None) -> None:
    """Remember which scenario was deleted last, for the undo; None forgets it."""
    _set(DELETED_SCENARIO, deleted)


def deleted_scenario() -> DeletedScenario | None:
    """The scenario deleted last in this session, or None."""
    return _get(DELETED_SCENARIO)  # type: ignore[no-any-return]


def likes(prototype_id: str, user_id: str = "") -> tuple[str, ...]:
    """The items that the user who is played likes beside the history, oldest first; "" is new."""
    liked: tuple[str, ...] = _get(f"recommendation.likes.{prototype_id}.{user_id}", ())
    return liked


def set_likes(prototype_id: str, user_id: str, item_ids: Sequence[str]) -> None:
    """Keep what the user who is played likes, each item once."""
    _set(f"recommendation.likes.{prototype_id}.{user_id}", tuple(dict.fromkeys(item_ids)))


def taken_back(prototype_id: str, user_id: str) -> tuple[str, ...]:
    """The items of a user's own history that are not to count while the user is played."""
    items: tuple[str, ...] = _get(f"recommendation.taken_back.{prototype_id}.{user_id}", ())
    return items


def set_taken_back(prototype_id: str, user_id: str, item_ids: Sequence[str]) -> None:
    """Keep which items of a user's history are not to count."""
    _set(f"recommendation.taken_back.{prototype_id}.{user_id}", tuple(dict.fromkeys(item_ids)))


def opened_item(prototype_id: str) -> str | None:
    """The item whose page is open, or None."""
    item_id: str | None = _get(f"recommendation.item.{prototype_id}")
    return item_id


def set_opened_item(prototype_id: str, item_id: str | None) -> None:
    """Keep which item's page is open; None closes it."""
    _set(f"recommendation.item.{prototype_id}", item_id)


def brief_problems(prototype_id: str) -> Mapping[str, str]:
    """What was wrong with the form when it was sent last, by variable."""
    problems: Mapping[str, str] = _get(f"content.brief_problems.{prototype_id}", {})
    return problems


def set_brief_problems(prototype_id: str, problems: Mapping[str, str]) -> None:
    """Keep what is wrong with the fields of the form; empty forgets it."""
    _set(f"content.brief_problems.{prototype_id}", dict(problems))


def chosen_batch(prototype_id: str) -> str | None:
    """The batch that is looked at; empty for a new one, None before anything was chosen."""
    chosen: str | None = _get(f"content.batch.{prototype_id}")
    return chosen


def set_chosen_batch(prototype_id: str, batch_id: str | None) -> None:
    """Keep which batch is looked at; empty for a new one."""
    _set(f"content.batch.{prototype_id}", batch_id)


def kept_value(key: str, default: Any = None) -> Any:  # of the caller's own type
    """Something small and frozen that a view keeps while its widgets are not drawn."""
    return _get(f"view.{key}", default)


def keep_value(key: str, value: Any) -> None:  # as above
    """Keep something small for `kept_value`; None forgets it."""
    if value is None:
        forget(f"view.{key}")
    else:
        _set(f"view.{key}", value)


def visitor_token() -> str | None:
    """The token of a demo's visitor whose browser keeps no cookie; None while none was made."""
    made: str | None = _get(VISITOR_TOKEN)
    return made


def set_visitor_token(token: str) -> None:
    """Keep the token of a visitor whose browser keeps no cookie."""
    _set(VISITOR_TOKEN, token)


def is_demo_session() -> bool:
    """Whether this session was opened at a demo's address."""
    return bool(_get(DEMO_SESSION, False))


def set_demo_session() -> None:
    """Note that this session was opened at a demo's address; it stays so."""
    _set(DEMO_SESSION, True)


def begin_anew() -> None:
    """Forget everything but who looks on, and in which language: the next person at a screen."""
    kept = (LANGUAGE, VISITOR_TOKEN, DEMO_SESSION)
    forget(*(str(key) for key in list(st.session_state) if key not in kept))


def headers() -> Mapping[str, str]:
    """The headers with which the browser opened this session; none in a test of the page."""
    return dict(st.context.headers)


def cookies() -> Mapping[str, str]:
    """The cookies with which the browser opened this session; none in a test of the page."""
    return dict(st.context.cookies)


def provided_user() -> Mapping[str, Any]:
    """What a provider says of the person who signed in through it; empty where nobody did."""
    return st.user.to_dict()


def auth_secrets() -> Mapping[str, Any]:
    """The section `[auth]` of `.streamlit/secrets.toml`; empty without one."""
    if not secrets_singleton.load_if_toml_exists():
        return {}
    section: Mapping[str, Any] = secrets_singleton.get("auth", {})
    return section


def project() -> str | None:
    """The project that is looked at; None for all of them."""
    chosen: str | None = _get(PROJECT)
    return chosen


def set_project(project_id: str | None) -> None:
    """Keep which project is looked at; None for all of them."""
    _set(PROJECT, project_id)
