"""Step 1 of a tuning: where its examples come from, and what is left out of them.

What a prototype has is gathered anew at every run; a file waits on a shelf until it is learnt.
"""

from __future__ import annotations

from collections import Counter

import streamlit as st

from components import cache, notice, session, tune_words, who
from components.i18n import _, ngettext, translate
from studio.acting import Role
from studio.errors import StudioError
from studio.inference.training.plan import Method
from studio.prototypes.search.search import Search
from studio.sample_company import sample_judgements
from studio.tuning.examples import Example, Source
from studio.workbench import AnyPrototype

N_SHOWN = 3
MAX_SHOWN = 90


def show(prototype: AnyPrototype, method: Method) -> tuple[Example, ...]:
    """Draw the sources and give the chosen examples, in order."""
    st.caption(
        _("Queries with what is right for them: the model learns to bring the two together.")
        if method == "contrastive"
        else _("Questions with the answer you want: the model learns to answer like that.")
    )
    shelf = _shelf(prototype, method)
    found = cache.workbench().tuning.gather(prototype.id, method)
    found += cache.tuning_examples().get(shelf) or ()
    counts = Counter(one.source for one in found)
    chosen = {one for one, n in counts.items() if _wanted(prototype, method, one, n)}
    if not found:
        st.markdown(_("There are no examples yet."))
    _sample(prototype, method, counts)
    _upload(prototype, method)
    examples = tuple(one for one in found if one.source in chosen)
    _preview(examples)
    return examples


def _shelf(prototype: AnyPrototype, method: Method) -> str:
    return f"{prototype.id}.{method}"


def _wanted(prototype: AnyPrototype, method: Method, source: Source, n: int) -> bool:
    key = f"_tune.source.{prototype.id}.{method}.{source}"
    session.default_widget_value(key, True)
    label = ngettext(
        "{name}: {n} example", "{name}: {n} examples", n, name=tune_words.source(source)
    )
    return st.checkbox(label, key=key)


def _sample(prototype: AnyPrototype, method: Method, counts: Counter[Source]) -> None:
    if not prototype.record.is_sample or not who.may(Role.EDITOR):
        return
    if prototype.kind == Search.kind:
        if method == "contrastive" and not counts["judgement"]:
            st.button(
                _("Use the sample judgements"),
                key=f"_tune.sample.{prototype.id}",
                icon=":material/auto_stories:",
                on_click=_judge_sample,
                args=(prototype,),
            )
    elif not counts["sample"]:
        st.button(
            _("Use the sample questions"),
            key=f"_tune.sample.{prototype.id}.{method}",
            icon=":material/auto_stories:",
            on_click=_take_sample,
            args=(prototype, method),
        )


def _judge_sample(prototype: AnyPrototype) -> None:
    if isinstance(prototype, Search):
        content = sample_judgements(prototype.settings.language)
        try:
            read = prototype.bench.read_judgements("judgements.csv", content)
            session.flash(translate(read.summary))
        except StudioError as error:
            session.flash(translate(error.notice))


def _take_sample(prototype: AnyPrototype, method: Method) -> None:
    try:
        _put(prototype, method, cache.workbench().tuning.sample(method, _language(prototype)))
    except StudioError as error:
        session.flash(translate(error.notice))


def _language(prototype: AnyPrototype) -> str:
    return str(prototype.settings.language)


def _put(prototype: AnyPrototype, method: Method, examples: tuple[Example, ...]) -> None:
    """Keep examples beside those of other sources, instead of earlier ones of the same."""
    shelf, name = cache.tuning_examples(), _shelf(prototype, method)
    sources = {one.source for one in examples}
    kept = tuple(one for one in shelf.get(name) or () if one.source not in sources)
    shelf.put(name, kept + examples)


def _upload(prototype: AnyPrototype, method: Method) -> None:
    rounds = f"tune.{prototype.id}.{method}"
    file = st.file_uploader(
        _("Upload examples"),
        help=_(
            "A CSV or Excel file with the columns query and passage; if you like also negative (a"
            " passage that looks right and is wrong) and part (train or test)."
        )
        if method == "contrastive"
        else _(
            "A CSV or Excel file with the columns prompt and answer; if you like also part (train or"
            " test)."
        ),
        type=["csv", "tsv", "xlsx", "json", "jsonl"],
        key=f"_tune.file.{prototype.id}.{method}.{session.upload_round(rounds)}",
    )
    if file is None:
        return
    try:
        examples = cache.workbench().tuning.read(file.name, file.getvalue(), method)
    except StudioError as error:
        notice.show(error.notice, "error")
        return
    _put(prototype, method, examples)
    session.end_upload_round(rounds)
    st.rerun()


def _preview(examples: tuple[Example, ...]) -> None:
    """The first few, so that a mistaken column is seen before anything is learnt from it."""
    if not examples:
        return
    with st.container(gap="xxsmall"):
        for one in examples[:N_SHOWN]:
            answer = one.answer or one.item
            st.caption(f"{notice.plain(_short(one.prompt))} → {notice.plain(_short(answer))}")


def _short(text: str) -> str:
    line = " ".join(text.split())
    return line if len(line) <= MAX_SHOWN else line[: MAX_SHOWN - 1] + "…"
