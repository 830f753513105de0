"""Step 1 of a tuning: where its examples come from, and what is left out of them.

What a prototype has is gathered anew at every run; a file waits on a shelf until it is learnt.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

import streamlit as st

from components import (
    cache,
    care_panel,
    care_words,
    notice,
    progress,
    session,
    tune_words,
    who,
)
from components.i18n import _, ngettext, sentences, translate
from studio.acting import Role
from studio.errors import StudioError
from studio.inference.training.plan import Method
from studio.jobs.runner import JobState
from studio.prototypes.classifier.classifier import Classifier
from studio.prototypes.data_care import CareFinding
from studio.prototypes.search.search import Search
from studio.records import Task
from studio.sample_company import sample_judgements
from studio.tuning.care import look_over_examples
from studio.tuning.examples import Example, Source
from studio.tuning.writing import N_WRITTEN, Written
from studio.workbench import AnyPrototype

N_SHOWN = 3
MAX_SHOWN = 90


def show(prototype: AnyPrototype, method: Method, *, is_learnt: bool = True) -> tuple[Example, ...]:
    """Draw the sources and give the chosen examples, in order.

    Args:
        prototype: whose.
        method: which model they are for.
        is_learnt: whether they are learnt from; else something is only measured on them.
    """
    if is_learnt:
        st.caption(
            _(
                "Its labelled texts: the model learns to bring those of one label together. Those of the"
                " classifier's own test are held out, and accuracy on them is measured before and after."
            )
            if isinstance(prototype, Classifier)
            else _(
                "Queries with what is right for them: the model learns to bring the two together."
            )
            if method == "contrastive"
            else _("Questions with the answer you want: the model learns to answer like that.")
        )
    elif isinstance(prototype, Classifier):
        st.caption(
            _(
                "Its labelled texts: the classifier learns from each form anew, and accuracy is measured"
                " on the texts of its own test."
            )
        )
    shelf = _shelf(prototype, method)
    found = cache.workbench().tuning.gather(prototype.id, method)
    found += cache.tuning_examples().get(shelf) or ()
    counts = Counter(one.source for one in found)
    chosen = {one for one, n in counts.items() if _wanted(prototype, method, one, n)}
    if not found:
        st.markdown(
            _("There are no examples yet. Label texts and train the classifier on its page.")
            if isinstance(prototype, Classifier)
            else _("There are no examples yet.")
        )
    if not isinstance(prototype, Classifier):  # whose texts and labels are on its own page
        _sample(prototype, method, counts)
        _upload(prototype, method)
        if is_learnt:
            _write(prototype, method, found)
    examples = tuple(one for one in found if one.source in chosen)
    _preview(examples, is_learnt=is_learnt)
    return examples


def cares(
    prototype: AnyPrototype, method: Method, examples: tuple[Example, ...]
) -> tuple[str, ...]:
    """Draw what could be mended in examples; gives what is ticked. What is kept stays as it is."""
    key = f"_tune.care.{prototype.id}.{method}"
    wanted: list[str] = []

    def tick(finding: CareFinding) -> None:
        if st.checkbox(care_words.action(finding.kind), key=f"{key}.{finding.kind}"):
            wanted.append(finding.kind)

    care_panel.show(look_over_examples(examples), tick)
    return tuple(wanted)


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


def _put(
    prototype: AnyPrototype,
    method: Method,
    examples: tuple[Example, ...],
    *,
    is_more: bool = False,
) -> None:
    """Keep examples beside those of other sources; `is_more`: also beside earlier ones of the same."""
    shelf, name = cache.tuning_examples(), _shelf(prototype, method)
    sources = set() if is_more else {one.source for one in examples}
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


def _write(prototype: AnyPrototype, method: Method, found: tuple[Example, ...]) -> None:
    """Let a model write more of them; what it wrote stands beside the others, as a source to untick."""
    tuning = cache.workbench().tuning
    models = {spec.id: spec.name for spec in cache.workbench().ready_models(Task.GENERATION)}
    job = tuning.writing(prototype.id, method)
    key = f"_tune.write.{prototype.id}.{method}"
    if not progress.is_active(job) and job is not None and job.state is JobState.DONE:
        taken, shelf = cache.taken_writing(), _shelf(prototype, method)
        if taken.get(shelf) != job.id:
            taken.put(shelf, job.id)  # for all sessions: the examples are everybody's
            written: Written = job.result()
            _put(prototype, method, written.examples, is_more=True)
            n = len(written.examples)
            told = [ngettext("{n} example was written.", "{n} examples were written.", n)]
            if written.n_dropped:
                told.append(
                    ngettext(
                        "{n} text was of no use.", "{n} texts were of no use.", written.n_dropped
                    )
                )
            session.flash(sentences(*told))
            st.rerun()
    progress.watch(lambda: tuning.writing(prototype.id, method), key=f"tune.write.{prototype.id}")
    if not models or not who.may(Role.EDITOR) or progress.is_active(job):
        return
    fold = st.expander(_("Let a model write more"), key=f"{key}.fold")
    with fold:
        st.caption(
            _(
                "Questions that your passages answer. They are marked, learnt from, and never measured"
                " with; untick them above to leave them out."
            )
            if method == "contrastive"
            else _(
                "Your questions in other words, with the same answers. They are marked, learnt from, and"
                " never measured with; untick them above to leave them out."
            )
        )
        _preview([one for one in found if one.source == "synthetic"], n_shown=N_WRITTEN)
        model = st.selectbox(
            _("Model that writes"), list(models), format_func=models.__getitem__, key=f"{key}.model"
        )
        if st.button(ngettext("Write {n} example", "Write {n} examples", N_WRITTEN), key=key):
            tuning.write_examples(prototype.id, method, found, model)
            st.rerun()


def _preview(
    examples: Sequence[Example], *, is_learnt: bool = True, n_shown: int = N_SHOWN
) -> None:
    """The first few, so that a mistaken column is seen before anything is learnt from it.

    A text that is only measured with stands beside its label, not beside another text of it.
    """
    if not examples:
        return
    if not is_learnt:
        pairs = [(one.prompt, one.label or one.answer or one.item) for one in examples]
    else:
        pairs = [(one.prompt, one.answer or one.item) for one in examples]
    with st.container(gap="xxsmall"):
        for prompt, answer in list(dict.fromkeys(pairs))[:n_shown]:
            st.caption(f"{notice.plain(_short(prompt))} → {notice.plain(_short(answer))}")


def _short(text: str) -> str:
    line = " ".join(text.split())
    return line if len(line) <= MAX_SHOWN else line[: MAX_SHOWN - 1] + "…"
