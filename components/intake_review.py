"""Files that were read, before they are added: what became of each, and what is to be done with them.

Nothing is stored before the button is pressed. The choices are kept in the session and the files on the
shelf; the module draws and decides nothing.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import streamlit as st

from components import cache, locked_document, notice, passages_form, passages_preview, session
from components import document_words as words
from components.i18n import _, ngettext, translate
from components.passages_form import Cut
from studio.prototypes.intake import IncomingFile, Intake, IntakeChoices
from studio.prototypes.passage_preview import PassagePreview
from studio.records import Task
from studio.retrieval.chunking import Role
from studio.workbench import AnyDocumented

N_SHOWN = 8


def begin(prototype: AnyDocumented, intake: Intake) -> None:
    """Put files on the shelf and show them from the next run on."""
    cache.intakes().put(intake)
    session.set_intake(prototype.id, intake.id)
    session.set_intake_choices(prototype.id, intake.suggested())


def waiting(prototype: AnyDocumented) -> Intake | None:
    """The files of this session that wait for a decision; None where none do."""
    intake_id = session.intake(prototype.id)
    if intake_id is None:
        return None
    found = cache.intakes().get(intake_id)
    if found is None:
        session.set_intake(prototype.id, None)
        notice.show(_("The files you were looking at were not added. Choose them again."))
    return found


def show(prototype: AnyDocumented, intake: Intake) -> None:
    """Draw what was read of each file, the choices, and the button that adds them."""
    choices = session.intake_choices(prototype.id)
    taken = intake.taken(choices)
    st.markdown(f"**{_('Look it over. Nothing is stored yet.')}**")
    # In sight at once, however many files follow.
    top = st.container()
    _files(prototype, intake, choices)
    _not_compared(intake)
    preview = None
    if taken:
        preview = _preview(prototype, intake, choices)
        _columns(prototype, intake)
        _cutting(prototype, intake, preview)
    with top:
        _head(prototype, intake, choices, preview)


def _head(
    prototype: AnyDocumented,
    intake: Intake,
    choices: IntakeChoices,
    preview: PassagePreview | None,
) -> None:
    """Draw how many files will be added, what that takes, and the buttons."""
    n_taken = len(intake.taken(choices))
    if n_taken < len(intake.files):
        st.caption(
            ngettext(
                "{taken} of {n} file will be added.",
                "{taken} of {n} files will be added.",
                len(intake.files),
                taken=n_taken,
            )
        )
    if preview is not None:
        _personal(prototype, intake, choices)
        passages_preview.cost(preview.cost, cache.workbench().catalogue.get(preview.model).name)
        passages_preview.measure_button(
            preview.cost,
            lambda: prototype.measure_reading(intake, choices),
            f"_intake.measure.{prototype.id}",
        )
    _buttons(prototype, intake, choices)


def _files(prototype: AnyDocumented, intake: Intake, choices: IntakeChoices) -> None:
    """Draw a line for each file: first those with a problem, because they want attention."""
    order = {"refused": 0, "partial": 1, "read": 2}
    ordered = sorted(
        intake.files,
        key=lambda f: (order[f.read.status], not (f.like or f.personal or f.read.notices)),
    )
    show_all = len(ordered) > N_SHOWN and st.toggle(
        ngettext("Show all {n} file", "Show all {n} files", len(ordered)),
        key=f"_intake.all.{intake.id}",
    )
    for file in ordered if show_all else ordered[:N_SHOWN]:
        with st.container(gap=None, key=f"incoming_{file.id}"):
            _file(prototype, intake, file, choices)


def _file(
    prototype: AnyDocumented, intake: Intake, file: IncomingFile, choices: IntakeChoices
) -> None:
    read = file.read
    label = f"{words.ICONS[read.status]} {notice.plain(read.name)}"
    if not file.is_readable:
        st.markdown(label)
    elif len(intake.files) == 1:
        st.markdown(label)
        _extent(file)
    else:
        _bound_checkbox(
            label,
            file.id not in choices.skip,
            f"_intake.take.{intake.id}.{file.id}",
            lambda is_taken: _skip(prototype, file.id, is_skipped=not is_taken),
        )
        _extent(file)
    for sentence in read.notices:
        st.caption(notice.plain(translate(sentence)))
    _form(prototype, intake, file)
    if file.like is not None:
        st.caption(f":orange[:material/content_copy:] {_likeness(file)}")
    if file in intake.locked:
        _unlock(prototype, intake, file)


def _extent(file: IncomingFile) -> None:
    read = file.read
    facts = [words.extent(read.media_type, len(read.pages), read.n_characters_kept, read.n_rows)]
    if read.shape == "questions":
        facts.insert(0, _("questions and answers"))
    facts.append(words.dropped(read.n_rows_dropped, read.n_characters_dropped))
    st.caption(" · ".join(filter(None, facts)))


def _form(prototype: AnyDocumented, intake: Intake, file: IncomingFile) -> None:
    """Draw how a table was read, and the choice that is most often guessed wrong."""
    form, sheets = file.read.form, file.read.sheets
    if form is not None:
        st.caption(words.form(form.encoding, form.delimiter, form.has_header))
    if form is not None or len(sheets) == 1:
        sheet = sheets[0].name if sheets else ""
        _bound_toggle(
            _("The first row names the columns"),
            sheets[0].has_header if form is None else form.has_header,
            f"_intake.header.{intake.id}.{file.id}",
            lambda is_named: cache.intakes().put(
                prototype.read_again(intake, file.id, first_row_names=is_named, sheet=sheet)
            ),
            help=_(
                "The file is read again. Without names the columns are called Column 1, Column 2."
            ),
        )
    elif sheets:
        _sheets(prototype, intake, file)


def _sheets(prototype: AnyDocumented, intake: Intake, file: IncomingFile) -> None:
    """Draw of which worksheets a row names the columns; a click on one reads it the other way."""
    named = [sheet.name for sheet in file.read.sheets if sheet.has_header]
    key = f"_intake.sheets.{intake.id}.{file.id}"

    def keep() -> None:
        chosen, again = session.widget_value(key) or [], intake
        for sheet in {*chosen} ^ {*named}:
            again = prototype.read_again(
                again, file.id, first_row_names=sheet in chosen, sheet=sheet
            )
        cache.intakes().put(again)

    session.fill_widget(key, named)
    st.pills(
        _("Sheets whose first row names the columns"),
        [sheet.name for sheet in file.read.sheets],
        selection_mode="multi",
        format_func=notice.plain,
        key=key,
        on_change=keep,
        help=_("The file is read again. Without names the columns are called Column 1, Column 2."),
    )


def _likeness(file: IncomingFile) -> str:
    like = file.like
    if like is None:
        return ""
    name = notice.plain(like.name)
    if like.is_exact and like.is_stored:
        return _("The same as {name}, which is here already.", name=name)
    if like.is_exact:
        return _("The same as {name}.", name=name)
    share = int(100 * like.similarity)  # never rounded up to the same
    if like.is_stored:
        return _("{share}% like {name}, which is here already.", share=share, name=name)
    return _("{share}% like {name}.", share=share, name=name)


def _not_compared(intake: Intake) -> None:
    if intake.n_not_compared:
        st.caption(
            ngettext(
                "{n} older document was not looked at for similar ones, only for exact copies.",
                "{n} older documents were not looked at for similar ones, only for exact copies.",
                intake.n_not_compared,
            )
        )


def _unlock(prototype: AnyDocumented, intake: Intake, file: IncomingFile) -> None:
    password = locked_document.ask(file.read.name, f"intake_{intake.id}_{file.id}")
    if password is None:
        return
    with st.spinner(_("Reading {name}", name=notice.plain(file.read.name))):
        opened = prototype.unlock(intake, password)
    if opened is intake:
        locked_document.say_wrong()
        return
    cache.intakes().put(opened)
    were_locked = {file.id for file in intake.locked}
    choices = session.intake_choices(prototype.id)
    copies = opened.suggested().skip & were_locked
    _keep(prototype, replace(choices, skip=choices.skip | copies))
    st.rerun()


def _personal(prototype: AnyDocumented, intake: Intake, choices: IntakeChoices) -> None:
    found = intake.personal_in(choices)
    if not found:
        return
    st.markdown(
        ":material/shield_person: "
        + _("Personal data was found: {what}.", what=words.personal(found))
    )
    _bound_toggle(
        _("Mask it before anything is stored"),
        choices.mask,
        f"_intake.mask.{intake.id}",
        lambda mask: _keep(prototype, replace(session.intake_choices(prototype.id), mask=mask)),
        help=_(
            "Each is replaced by a placeholder such as [email]. Only the masked text is kept then, "
            "not the files as they came. Names, postal addresses, passports and numbers written in"
            " an unusual way are not recognised; look through the text where it matters."
        ),
    )


def _columns(prototype: AnyDocumented, intake: Intake) -> None:
    uses = prototype.incoming_columns(intake)
    if not uses:
        return
    chosen = dict(session.intake_choices(prototype.id).roles)
    uses = tuple(replace(use, role=chosen.get(use.name, use.role)) for use in uses)
    fold = st.expander(
        _("Columns of your tables"), key=f"_intake.columns.{intake.id}", on_change="rerun"
    )
    if not fold.open:
        return

    def keep(name: str, role: Role) -> None:
        choices = session.intake_choices(prototype.id)
        roles = tuple({**dict(choices.roles), name: role}.items())
        _keep(prototype, replace(choices, roles=roles))

    with fold:
        passages_form.columns(uses, keep, f"_intake.role.{intake.id}")


def _cutting(prototype: AnyDocumented, intake: Intake, preview: PassagePreview) -> None:
    settings = session.intake_choices(prototype.id).applied(prototype.settings)
    fold = st.expander(
        _("How it will be cut"),  # without a number: a fold with another label closes
        key=f"_intake.cut.{intake.id}",
        on_change="rerun",
    )
    if not fold.open:
        return

    def keep(cut: Cut) -> None:
        choices = session.intake_choices(prototype.id)
        changes = replace(
            choices,
            method=cut.method,
            max_tokens=cut.max_tokens,
            overlap_tokens=cut.overlap_tokens,
        )
        _keep(prototype, changes)

    with fold:
        passages_form.cutting(Cut.of(settings), keep, f"_intake.cutting.{intake.id}")
        if prototype.documents():
            st.caption(_("This holds for all documents, also for those that are here."))
        passages_preview.figures(preview)
        passages_preview.first(preview.first, f"intake_first_{intake.id}")


def _preview(prototype: AnyDocumented, intake: Intake, choices: IntakeChoices) -> PassagePreview:
    """The preview of these choices, made anew only when something it shows has changed."""
    models = cache.workbench().models.status()
    loaded = tuple(s.id for s in models if s.task is Task.EMBEDDING and s.info is not None)
    key = (
        choices,
        prototype.version,
        tuple(record.document_id for record in prototype.documents()),
        tuple(file.id for file in intake.taken(choices)),
        prototype.index_state().n_passages,
        loaded,
        cache.workbench().ledger.count(),  # a measurement makes time and price known
    )
    return cache.intakes().preview(intake.id, key, lambda: prototype.preview(intake, choices))


def _buttons(prototype: AnyDocumented, intake: Intake, choices: IntakeChoices) -> None:
    n_taken = len(intake.taken(choices))
    with st.container(horizontal=True):
        is_wanted = n_taken and st.button(
            _("Add and build the index"),
            key=f"_intake.add.{prototype.id}",
            type="primary",
        )
        st.button(
            _("Cancel") if n_taken else _("Close"),
            key=f"_intake.cancel.{prototype.id}",
            on_click=_end,
            args=(prototype, intake),
        )
    if is_wanted:
        with st.spinner(_("Storing the documents")):
            records = prototype.take(intake, choices)
        prototype.update_index()
        _end(prototype, intake)
        session.flash(
            ngettext("{n} document was added.", "{n} documents were added.", len(records))
        )
        st.rerun()


def _end(prototype: AnyDocumented, intake: Intake) -> None:
    cache.intakes().drop(intake.id)
    session.set_intake(prototype.id, None)


def _keep(prototype: AnyDocumented, choices: IntakeChoices) -> None:
    session.set_intake_choices(prototype.id, choices)


def _skip(prototype: AnyDocumented, file_id: str, *, is_skipped: bool) -> None:
    choices = session.intake_choices(prototype.id)
    skip = choices.skip | {file_id} if is_skipped else choices.skip - {file_id}
    _keep(prototype, replace(choices, skip=skip))


def _bound_checkbox(label: str, value: bool, key: str, keep: Callable[[bool], None]) -> None:
    session.fill_widget(key, value)
    st.checkbox(label, key=key, on_change=_changed, args=(key, keep))


def _bound_toggle(
    label: str, value: bool, key: str, keep: Callable[[bool], None], help: str
) -> None:
    session.fill_widget(key, value)
    st.toggle(label, key=key, on_change=_changed, args=(key, keep), help=help)


def _changed(key: str, keep: Callable[[bool], None]) -> None:
    keep(bool(session.widget_value(key)))
