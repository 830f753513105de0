"""What all sessions of the process share; the only module that uses `st.cache_*`.

It keeps the workbench, which is safe to use from every thread. It holds no data of its own.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import numpy as np
import streamlit as st
from numpy.typing import NDArray

from components.intake_shelf import IntakeShelf
from components.shelf import Shelf
from studio.economics.business_case import BusinessCase, ServingFigures
from studio.economics.comparison import ModelResult, result_of
from studio.economics.hosted import HostedModel
from studio.economics.measured_base import MeasuredBase
from studio.economics.serving import Dot, LoadPoint, Serving, serve
from studio.economics.serving_choice import ServingChoice, Slo
from studio.economics.serving_inputs import serving_figures as _serving_figures
from studio.economics.serving_simulation import PlayedTraffic, play
from studio.economics.uncertainty import Outlook, outlooks
from studio.errors import StudioError
from studio.inference.hardware import Machine, describe_machine
from studio.metering import DayUsage
from studio.prototypes.content.sheet import Sheet
from studio.prototypes.content.writing import Writing
from studio.records import Notice
from studio.tuning.examples import Example
from studio.workbench import Workbench
from studio.workspace.api_key_record import ACCOUNT_PREFIX

if TYPE_CHECKING:
    import plotly.graph_objects as go


@st.cache_resource(show_spinner=False, on_release=Workbench.close)
def workbench() -> Workbench:
    """The one workbench of this process, opened on first use with settings from the environment.

    Work that an earlier process left unfinished is there to see, and waits for the roof to let it
    begin, after the first page.

    Raises:
        StudioError: the studio's files cannot be opened; the next call tries again.
    """
    from components import who  # it asks this module for the workbench

    opened = Workbench.open(resume=False, find_actor=who.find_actor)
    try:
        opened.resume_jobs(old_work_may_begin().wait)
    except StudioError:
        opened.close()
        raise
    return opened


def release() -> None:
    """Close the workbench if it was opened, and forget it."""
    workbench.clear()


@st.cache_resource(show_spinner=False)
def old_work_may_begin() -> threading.Event:
    """Set once what an earlier process left unfinished may go on."""
    return threading.Event()


@st.cache_resource(show_spinner=False)
def first_paint() -> threading.Event:
    """Set once the first page of this process has been drawn; work that can wait waits for it."""
    return threading.Event()


@st.cache_resource(show_spinner=False)
def intakes() -> IntakeShelf:
    """Files that were read and not added yet."""
    return IntakeShelf()


@st.cache_resource(show_spinner=False)
def writings() -> Shelf[Writing[Any]]:
    """What is being written, or was a moment ago: one thing for each view of a prototype."""
    return Shelf(32)


@st.cache_resource(show_spinner=False)
def sheets() -> Shelf[Sheet]:
    """Sheets that wait to run as a batch, by prototype, so that the disk is read once for each."""
    return Shelf(8)


@st.cache_resource(show_spinner=False)
def tuning_examples() -> Shelf[tuple[Example, ...]]:
    """Examples that were read from a file and not learnt yet, by prototype and method."""
    return Shelf(16)


@st.cache_resource(show_spinner=False)
def taken_writing() -> Shelf[str]:
    """The job whose written examples were taken last, by prototype and method."""
    return Shelf(64)


@st.cache_resource(show_spinner=False)
def machine() -> Machine:
    """What this machine has; looked at once, as asking for a GPU may take seconds."""
    return describe_machine()


@st.cache_resource(show_spinner=False, ttl=3600)
def writing_models() -> tuple[HostedModel, ...]:
    """Hosted models that write and are not being withdrawn, at this hour's prices.

    Reading the list takes a third of a second; some prices depend on the hour.
    """
    listed = workbench().prices().hosted_models(datetime.now(UTC))
    return tuple(model for model in listed if model.writes and not model.is_deprecated)


@st.cache_resource(show_spinner=False, ttl=3600)
def embedding_models() -> tuple[HostedModel, ...]:
    """Hosted models that make vectors of texts and are not being withdrawn, at this hour's prices."""
    listed = workbench().prices().hosted_models(datetime.now(UTC))
    return tuple(model for model in listed if model.embeds and not model.is_deprecated)


@st.cache_resource(show_spinner=False, max_entries=64)
def measured_base(prototype_id: str, accounts: str, state: str) -> MeasuredBase:
    """What the ledger knows of a prototype's requests; `state` says all that it depends on.

    `accounts` is how the accounts begin whose requests are meant; empty for everybody's.
    """
    del state  # what the result is kept under
    return workbench().measured_base(prototype_id, account_prefix=accounts)


@st.cache_resource(show_spinner=False, max_entries=16)
def customers_of(prototype_id: str, state: str) -> Mapping[str, int]:
    """Accounts of API customers that asked a prototype -> how many requests; `state` as above."""
    del state  # what the result is kept under
    return workbench().customers_of(prototype_id)


@st.cache_resource(show_spinner=False, max_entries=4)
def key_usage(state: str, n_days: int) -> tuple[DayUsage, ...]:
    """What each API key used on each of the last days; `state` says all that it depends on."""
    del state  # what the result is kept under
    return workbench().meters.by_day(ACCOUNT_PREFIX, n_days)


@st.cache_resource(show_spinner=False, max_entries=16)
def chart(state: str, _draw: Callable[[], go.Figure]) -> go.Figure:
    """A chart as it was drawn while `state`, all that it depends on, was the same.

    Plotly looks at every setting of a chart, which takes ten milliseconds.
    """
    del state  # what the result is kept under
    return _draw()


@st.cache_resource(show_spinner=False, max_entries=512)
def serving(
    prototype_id: str,
    accounts: str,
    state: str,
    key: str,
    hour: datetime,
    _choice: ServingChoice,
) -> Serving:
    """A way of serving a prototype's base with the prices of an aware hour; `key` names the choice.

    Raises:
        StudioError: the choice does not fit the base, or has no price; the next call tries again.
    """
    del key  # what the result is kept under
    return serve(measured_base(prototype_id, accounts, state), _choice, at=hour)


@st.cache_resource(show_spinner=False, max_entries=64)
def servings(
    prototype_id: str,
    accounts: str,
    state: str,
    key: str,
    hour: datetime,
    _choices: Sequence[ServingChoice],
) -> tuple[Serving | Notice, ...]:
    """`serving` of many choices, which `key` names; in place of one that cannot be, why not."""
    del key  # what the result is kept under
    base = measured_base(prototype_id, accounts, state)
    found: list[Serving | Notice] = []
    for choice in _choices:
        try:
            found.append(serve(base, choice, at=hour))
        except StudioError as error:
            found.append(error.notice)
    return tuple(found)


@st.cache_resource(show_spinner=False, max_entries=512)
def load_curve(
    key: str, _serving: Serving, _rates_per_s: Sequence[float], _replicas: int | None, _slo: Slo
) -> tuple[LoadPoint, ...]:
    """`Serving.curve`; `key` says all that it depends on. It takes ten milliseconds a rate."""
    del key  # what the result is kept under
    return _serving.curve(_rates_per_s, replicas=_replicas, slo=_slo)


@st.cache_resource(show_spinner=False, max_entries=128)
def dots(key: str, _servings: Sequence[Serving], _rate_per_s: float, _slo: Slo) -> tuple[Dot, ...]:
    """`Serving.dot` of each; `key` says all that they depend on."""
    del key  # what the result is kept under
    return tuple(serving.dot(_rate_per_s, _slo) for serving in _servings)


@st.cache_resource(show_spinner=False, max_entries=128)
def group_curve(
    key: str,
    _serving: Serving,
    _people: Sequence[int],
    _think_s: float,
    _replicas: int,
    _slo: Slo,
) -> tuple[LoadPoint, ...]:
    """`Serving.at_users` for each number of people; `key` names everything it depends on."""
    del key  # what the result is kept under
    return tuple(_serving.at_users(n, _think_s, replicas=_replicas, slo=_slo) for n in _people)


@st.cache_resource(show_spinner=False, max_entries=32)
def played_traffic(
    key: str, _serving: Serving, _arrivals_s: NDArray[np.float64], _replicas: int
) -> PlayedTraffic:
    """Traffic played through a way of serving; `key` says all that it depends on."""
    del key  # what the result is kept under
    return play(_serving, _arrivals_s, replicas=_replicas)


@st.cache_resource(show_spinner=False, max_entries=128)
def serving_figures(key: str, _serving: Serving, _slo: Slo) -> ServingFigures:
    """What a way of serving puts into the business models; `key` says all that it depends on.

    Its queue is solved for up to 16 servers, which takes a quarter of a second.
    """
    del key  # what the result is kept under
    return _serving_figures(_serving, slo=_slo)


@st.cache_resource(show_spinner=False, max_entries=512)
def model_result(key: str, _case: BusinessCase, _serving: Serving, _slo: Slo) -> ModelResult:
    """What a business model comes to; `key` says all that it depends on."""
    del key  # what the result is kept under
    return result_of(_case, _serving, _slo)


@st.cache_resource(show_spinner=False, max_entries=32)
def model_outlooks(key: str, _results: Sequence[ModelResult]) -> tuple[Outlook, ...]:
    """Business models in random worlds; `key` says all that they depend on. It takes a second."""
    del key  # what the result is kept under
    return outlooks([result.case for result in _results])
