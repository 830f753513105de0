"""Adding a model to the catalogue: from the hub, a folder, a GGUF file or an endpoint.

Reads the fields and hands a `ModelSpec` to the catalogue, which checks it. A key goes straight into the
secret store and is never shown again.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Literal, cast

import streamlit as st

from components import cache, i18n, session
from components import model_labels as labels
from components.i18n import _
from components.safe_markdown import escape
from studio.errors import InvalidInput, StudioError
from studio.inference.catalogue import ModelSpec
from studio.inference.endpoint import list_models
from studio.records import Task

FIELD = "_models.add."
FormSource = Literal["hub", "folder", "gguf", "remote"]
DRAWN = {"location", "base_url", "name"}
"""Fields whose problem is drawn beside them."""
TASKS: Mapping[FormSource, tuple[Task, ...]] = {
    "hub": (Task.GENERATION, Task.EMBEDDING, Task.RERANKING),
    "folder": (Task.GENERATION, Task.EMBEDDING, Task.RERANKING),
    "gguf": (Task.GENERATION,),
    "remote": (Task.GENERATION, Task.EMBEDDING),
}
"""What models from a source can be for."""


def show() -> None:
    """Draw the form. Adding shows the model in the catalogue; what is wrong is said at its field."""
    source = _source()
    tasks = TASKS[source]
    if len(tasks) > 1:
        st.segmented_control(
            _("What is it for"),
            tasks,
            default=tasks[0],
            required=True,
            format_func=labels.task,
            key=_task_key(source),
        )
    problems = session.form_problems()
    _location_fields(source, problems)
    _text(
        "name",
        _("Name in the studio"),
        problems,
        help=_("Empty: the model's own name."),
    )
    for name in set(problems) - DRAWN:
        st.error(escape(problems[name]))
    st.button(
        _("Add the model"),
        key=FIELD + "submit",
        type="primary",
        on_click=_add,
        args=(source,),
    )


def _source() -> FormSource:
    chosen = st.segmented_control(
        _("Where is the model"),
        ["hub", "folder", "gguf", "remote"],
        default="hub",
        required=True,
        format_func={
            "hub": _("Model hub"),
            "folder": _("Folder"),
            "gguf": _("GGUF file"),
            "remote": _("Endpoint (OpenAI-compatible)"),
        }.__getitem__,
        key=FIELD + "source",
        on_change=session.set_form_problems,
        args=({},),
    )
    return cast("FormSource", chosen)


def _task_key(source: FormSource) -> str:
    """One key per choice of tasks: what was chosen for one source may not be there for another."""
    return FIELD + ("remote_task" if source == "remote" else "task")


def _text(
    field: str, label: str, problems: Mapping[str, str], *, help: str = "", placeholder: str = ""
) -> None:
    st.text_input(label, key=FIELD + field, help=help or None, placeholder=placeholder or None)
    if field in problems:
        st.markdown(f":red[{escape(problems[field])}]")


def _location_fields(source: FormSource, problems: Mapping[str, str]) -> None:
    if source == "hub":
        _text(
            "location",
            _("Name on the hub"),
            problems,
            placeholder="Qwen/Qwen2.5-0.5B-Instruct",
            help=_("As the hub shows it: owner/name. It is fetched when it is loaded first."),
        )
    elif source == "folder":
        _text(
            "location",
            _("Folder"),
            problems,
            placeholder="~/models/my-model",
            help=_("It holds config.json, the tokenizer and safetensors files."),
        )
    elif source == "gguf":
        _text("location", _("File"), problems, placeholder="~/models/my-model.gguf")
    else:
        _endpoint_fields(problems)


def _endpoint_fields(problems: Mapping[str, str]) -> None:
    _text("base_url", _("Address (base URL)"), problems, placeholder="https://api.example.com/v1")
    st.text_input(
        _("Key (API key)"),
        key=FIELD + "key",
        type="password",
        autocomplete="off",
        help=_("Stored encrypted on this computer and never shown again. Empty if none is needed."),
    )
    st.button(_("List models"), key=FIELD + "list", on_click=_list_models)
    found = session.remote_models()
    if found is not None and found.problem:
        st.error(found.problem)
    if found is not None and found.names:
        st.selectbox(
            _("Model"), found.names, key=FIELD + "location", accept_new_options=True, index=0
        )
        if "location" in problems:
            st.markdown(f":red[{escape(problems['location'])}]")
    else:
        _text("location", _("Model"), problems, placeholder="gpt-4o-mini")


def _value(field: str) -> str:
    return str(session.widget_value(FIELD + field, "") or "").strip()


def _list_models() -> None:
    base_url = _value("base_url")
    try:
        names = list_models(base_url, _value("key"))
    except StudioError as error:
        problem = i18n.translate(error.notice)
        session.set_remote_models(session.RemoteModels(base_url=base_url, problem=problem))
    else:
        session.forget(FIELD + "location")
        session.set_remote_models(session.RemoteModels(base_url=base_url, names=names))


def _add(source: FormSource) -> None:
    bench, location, key = cache.workbench(), _value("location"), _value("key")
    model_id = free_id(_value("name") or location, {spec.id for spec in bench.catalogue.list()})
    needs_key = source == "remote" and bool(key)
    task = session.widget_value(_task_key(source))
    spec = ModelSpec(
        id=model_id,
        name=_value("name") or location.rstrip("/").rpartition("/")[2],
        task=task if task in TASKS[source] else TASKS[source][0],
        source=source,
        location=location,
        base_url=_value("base_url").rstrip("/") if source == "remote" else "",
        secret_name=model_id if needs_key else "",
    )
    try:
        bench.catalogue.add(spec)
    except InvalidInput as error:
        problems = i18n.translated(error.fields) or {"": i18n.translate(error.notice)}
        if "location" in problems and not spec.name:
            problems.pop("name", None)  # the name comes from the location once that is mended
        session.set_form_problems(problems)
        return
    if needs_key:
        bench.secrets.set(model_id, key)
    session.set_form_problems({})
    session.set_remote_models(None)
    for field in ("key", "location", "base_url", "name"):
        # Emptied, not forgotten: the browser would keep showing what was typed.
        session.set_widget_value(FIELD + field, "")
    session.flash(_("{name} is in the catalogue now. Load it to try it.", name=spec.name))


def free_id(text: str, taken: set[str]) -> str:
    """A catalogue id made from a name or location that none of the taken ids equals."""
    base = re.sub(r"[^a-z0-9._-]+", "-", text.rstrip("/").rpartition("/")[2].lower())
    base = base.strip("-._")[:56].strip("-._") or "model"
    candidates = (base, *(f"{base}-{n}" for n in range(2, len(taken) + 3)))
    return next(candidate for candidate in candidates if candidate not in taken)
