"""Content generation: the handle that pages, notebooks and the HTTP interface hold.

Combines a form with an instruction (settings), the shared model service, the documents where facts
come from, and the checks. Settings are read anew for each text.

    content = bench.create(Content, "Shop texts", Content.default_settings("en"))
    written = content.write({"product": "Cove 1 Tent", "facts": "one person; 1.45 kg"})
    written.texts[0].content, written.texts[0].checks
"""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from functools import partial
from itertools import chain
from typing import Any, ClassVar

from studio.errors import Cancelled, InvalidInput
from studio.evaluation.case import Attempt, EvaluationCase
from studio.inference.model_spec import ModelSpec
from studio.prototypes.base import JobHandler, Toolbox
from studio.prototypes.content.batch import BATCH_JOB, Batches
from studio.prototypes.content.composing import Composer
from studio.prototypes.content.form import read_form
from studio.prototypes.content.forms_filled import example_form, usable_forms
from studio.prototypes.content.grounding import FactFinder
from studio.prototypes.content.history import History
from studio.prototypes.content.limits import Use, limits_of, writes
from studio.prototypes.content.long_text import LongTexts
from studio.prototypes.content.new_fields import fields_to_add
from studio.prototypes.content.prompt import messages_for
from studio.prototypes.content.sandbox import problem_of
from studio.prototypes.content.seo import SeoWorkbench
from studio.prototypes.content.settings import ContentSettings
from studio.prototypes.content.structure import with_field
from studio.prototypes.content.template import Template, Variable
from studio.prototypes.content.templates.gallery import (
    settings_from,
    template_named,
    templates_in,
)
from studio.prototypes.content.text import Text, Variants
from studio.prototypes.content.typed import Typed
from studio.prototypes.content.variants import write_variants
from studio.prototypes.content.voice import Voice, read_voice
from studio.prototypes.content.votes import Votes
from studio.prototypes.content.writing import Writing
from studio.prototypes.documented import DocumentedPrototype
from studio.records import Message, Notice, Replied, Surface, Task

FIRST_TEMPLATE = "product-description"
MAX_TEXT_CHARACTERS = 50_000


class Content(DocumentedPrototype[ContentSettings]):
    """One content prototype. Every method may be called by any thread.

    Args:
        prototype_id: of a stored prototype of the kind "content".
        toolbox: what it works with.

    Attributes:
        batches: texts for the rows of a sheet.
        votes: blind comparisons.
        seo: what people search for, and what a page should say.
        long_texts: outlines, long documents, summaries.
        typed: what stands in its forms.

    Raises:
        NotFound: there is no prototype of that id.
    """

    kind: ClassVar[str] = "content"
    settings_type: ClassVar[type[ContentSettings]] = ContentSettings
    resumable: ClassVar[Mapping[str, JobHandler]] = {
        **DocumentedPrototype.resumable,
        BATCH_JOB: lambda prototype, context: prototype.batches.write_waiting(context),
    }

    def __init__(self, prototype_id: str, toolbox: Toolbox) -> None:
        super().__init__(prototype_id, toolbox)
        self._history = History(self._id, toolbox.workspace.texts)
        self.typed = Typed(self._id, toolbox.workspace.drafts)
        self.batches = Batches(
            self,
            toolbox,
            lambda settings, version, request: self._composer(settings, version, request, "job"),
        )
        self.votes = Votes(
            self._id,
            toolbox,
            lambda: self.settings,
            lambda settings, request: self._composer(settings, self.version, request, "page"),
        )
        self.seo = SeoWorkbench(
            self._id,
            toolbox,
            lambda: self.settings,
            lambda: self.embedding_model,
            lambda settings, request: self._composer(settings, self.version, request, "page"),
        )
        self.long_texts = LongTexts(
            self._id,
            toolbox,
            self._history,
            lambda: self.settings,
            lambda settings, request: self._composer(settings, self.version, request, "page"),
        )

    @classmethod
    def default_settings(cls, language: str) -> Mapping[str, Any]:
        """Settings of a new prototype in that language, as JSON: the first template."""
        empty = ContentSettings(language="zh" if language == "zh" else "en")
        return settings_from(template_named(FIRST_TEMPLATE, language), empty).to_json()

    def take_sample(self, files: Sequence[tuple[str, bytes]]) -> None:
        """Store the sample company's documents, if any; without these there is nothing to index."""
        if files:
            super().take_sample(files)

    # What it is

    @property
    def model(self) -> ModelSpec:
        """The model that writes: the chosen one, or the default."""
        return self._model_of(self.settings)

    def limits(self, use: Use = "texts") -> tuple[Notice, ...]:
        """What its model cannot be expected to do with these settings, in plain words; () for nothing.

        A small model does not keep to long instructions, one that does not know the language writes
        none of it, and so on.

        Args:
            use: what it is wanted for.
        """
        return limits_of(self.settings, self.model, use)

    def writes_language(self) -> bool:
        """Whether its model writes the language of the texts, as far as the catalogue knows."""
        return writes(self.model, self.settings.language)

    def better_models(self) -> tuple[ModelSpec, ...]:
        """Models of the catalogue that write the language of the texts; those it is sure of first."""
        language = self.settings.language
        found = [m for m in self._tools.catalogue.list(Task.GENERATION) if writes(m, language)]
        return tuple(sorted(found, key=lambda model: not model.languages))

    def is_used(self) -> bool:
        """Whether anything was written with it, or is being prepared."""
        workspace = self._tools.workspace
        return bool(
            self.history(limit=1) or self.batches.list() or workspace.drafts.has_any(self._id)
        )

    def templates(self) -> tuple[Template, ...]:
        """The templates that come with the studio, in the language of its texts."""
        return templates_in(self.settings.language)

    def use_template(self, template_id: str) -> None:
        """Begin with a template: form, instruction, shape, fields, lengths and checks; a new version.

        The voice, the model and what was written stay.

        Raises:
            NotFound: there is no such template.
        """
        settings = self.settings
        self.configure(settings_from(template_named(template_id, settings.language), settings))

    def problems(self, settings: ContentSettings | None = None) -> Mapping[str, Notice]:
        """What is wrong with form and instruction, by setting or variable; {} when it can write.

        The instruction is read as the sandbox reads it: what that refuses (loops without end,
        attributes, calls) is told here and when somebody writes.
        """
        settings = settings or self.settings
        problem = problem_of(settings.instructions, {v.name: v.type for v in settings.variables})
        return {} if problem is None else {"instructions": problem}

    def missing_fields(self) -> tuple[Variable, ...]:
        """Fields that its instruction uses and its form does not have, which would make it usable."""
        return fields_to_add(self.settings)

    def read_voice(self, samples: Sequence[str]) -> Voice:
        """The voice of sample texts; a proposal, nothing is stored.

        Raises:
            InvalidInput: the samples are too short.
        """
        return read_voice(samples, self.settings.language)

    def prompt(self, values: Mapping[str, str]) -> tuple[Message, ...]:
        """What the model would be told for a form, without passages of documents.

        Raises:
            InvalidInput: the form is not complete, or the instruction cannot be used.
        """
        return messages_for(self.settings, self.model, values)

    # Writing

    def write(
        self,
        values: Mapping[str, str],
        n_variants: int | None = None,
        surface: Surface = "notebook",
    ) -> Variants:
        """Texts for a form; waits for them. All are stored.

        Raises:
            InvalidInput: the form is not complete (`fields` names each), too long for the model, or
                the instruction cannot be used.
            StudioError: the model failed.
        """
        return self.start(values, n_variants, surface).result()

    def start(
        self,
        values: Mapping[str, str],
        n_variants: int | None = None,
        surface: Surface = "page",
        n_before: int = 0,
    ) -> Writing[Variants]:
        """Start texts for a form; gives the writing at once. All are stored when they are done.

        What is written on somebody's account (`served`) is theirs: it is given and not stored here.

        Args:
            values: variable -> what was typed; lists with one value per line or between semicolons.
            n_variants: how many; as the settings say by default.
            surface: where it came from, for the ledger.
            n_before: how often whoever asks had this form written before: each time gives other
                texts, and the same number always the same ones.

        Raises:
            InvalidInput: the form is not complete, or the instruction cannot be used.
        """
        return self._begin(
            values, n_variants, surface, is_stored=not self._account, n_before=n_before
        )

    def _begin(
        self,
        values: Mapping[str, str],
        n_variants: int | None,
        surface: Surface,
        *,
        is_stored: bool,
        n_before: int = 0,
    ) -> Writing[Variants]:
        settings, version, filled = self.settings, self.version, dict(values)
        settings = replace(settings, seed=(settings.seed + n_before) % 2**31)
        read_form(settings.variables, filled)
        messages_for(settings, self.model, filled)
        n = settings.n_variants if n_variants is None else n_variants

        def work(writing: Writing[Variants]) -> Variants:
            composer = self._composer(settings, version, writing.request_id, surface)
            made = write_variants(composer, filled, n, writing)
            return replace(made, texts=self._history.add(made.texts)) if is_stored else made

        return Writing(
            self._tools.acting.in_turn(work), n_texts=n, request_id=self._new_request_id()
        ).begin()

    # Measuring

    def replay_inputs(self, limit: int) -> tuple[str, ...]:
        """Forms to measure with, as JSON: those that were written from, rows of sheets, the examples."""
        written = (text.values for text in self.history(limit=limit))
        listed = (
            row.text.values
            for batch in self.batches.list()
            for row in self.batches.rows(batch.id, limit=limit)
            if row.text is not None
        )
        variables = self.settings.variables
        forms = usable_forms(variables, chain(written, listed, (example_form(variables),)), limit)
        return tuple(json.dumps(form, ensure_ascii=False) for form in forms)

    def replay(self, text: str) -> Replied:
        """Write for such a form as for a visitor; nothing is stored but the calls.

        Raises:
            InvalidInput: the form does not fit any more.
            StudioError: the model failed.
        """
        made = self._begin(json.loads(text), None, "bench", is_stored=False).result()
        return Replied(request_id=made.request_id)

    def attempt(self, case: EvaluationCase) -> Attempt:
        """Write the text for a form of an evaluation; it is not stored.

        Raises:
            InvalidInput: the form is not complete, or the instruction cannot be used.
            StudioError: the model failed.
        """
        request_id = self._new_request_id("evaluation-")
        composer = self._composer(self.settings, self.version, request_id, "bench")
        text = composer.compose(dict(case.values)).text
        made = [(check.name, check.status == "passed") for check in text.checks
                if check.status != "skipped"]  # fmt: skip
        return Attempt(
            request_id=request_id,
            text=text.content,
            passages=tuple(passage.text for passage in text.passages),
            checks=tuple(made),
            is_accepted=text.is_accepted,
        )

    def rewrite(self, text_id: str, start: int, end: int, wish: str = "") -> Writing[Text]:
        """Write a part of a text anew, and leave the rest; a new text, the old one stays.

        Args:
            text_id: of the text.
            start: first character of the part.
            end: the one after its last.
            wish: how it should be ("shorter"); empty for just another wording.

        Raises:
            NotFound: there is no such text.
            InvalidInput: the part is empty or not in the text.
        """
        old = self.text(text_id)
        return self._rewritten(old, old.content, start, end, wish, lambda content: content)

    def rewrite_field(self, text_id: str, name: str, wish: str = "") -> Writing[Text]:
        """Write one field of a text anew, and leave the others; a new text, the old one stays.

        Args:
            text_id: of a text of the shape "fields".
            name: of the field.
            wish: as in `rewrite`.

        Raises:
            NotFound: there is no such text.
            InvalidInput: the text has no such field, or nothing is in it that could be rewritten.
        """
        old = self.text(text_id)
        value = dict(old.fields).get(name, "")
        keep = partial(with_field, old.content, self.settings.fields, name)
        return self._rewritten(old, value, 0, len(value), wish, keep)

    def _rewritten(
        self, old: Text, text: str, start: int, end: int, wish: str, whole: Callable[[str], str]
    ) -> Writing[Text]:
        """A part of `text` written anew; `whole` makes the content of the new text from the result."""
        if not 0 <= start < end <= len(text) or not text[start:end].strip():
            raise InvalidInput("Choose the part of the text that is to be written anew.")
        settings, version = self.settings, self.version
        n_before = len(self.revisions(old.id))

        def work(writing: Writing[Text]) -> Text:
            began_s = time.perf_counter()
            composer = self._composer(settings, version, writing.request_id, "page")
            writing.report(Notice("Writing the part anew"))
            written, calls = composer.rewrite_part(
                text, start, end, wish, n_before, writing.watcher()
            )
            if writing.is_cancelled:
                raise Cancelled("The text was left as it was.")
            checked = composer.check(whole(written), old.values, old.passages)
            figures = composer.figures(
                (*calls, *checked.calls), (time.perf_counter() - began_s) * 1000
            )
            made = replace(checked.text, origin="rewritten", parent_id=old.id, figures=figures)
            return self._history.add((made,))[0]

        return Writing(self._tools.acting.in_turn(work)).begin()

    def edit(self, text_id: str, content: str) -> Text:
        """Keep a person's version of a text, checked anew; a new text, the old one stays.

        Raises:
            NotFound: there is no such text.
            InvalidInput: it is empty or too long.
        """
        old = self.text(text_id)
        if not content.strip() or len(content) > MAX_TEXT_CHARACTERS:
            raise InvalidInput(
                "The text has {n:,} characters; it must have between 1 and {limit:,}.",
                n=len(content.strip()),
                limit=MAX_TEXT_CHARACTERS,
            )
        composer = self._composer(self.settings, self.version, "", "page")
        text = composer.check(content, old.values, old.passages).text
        made = replace(text, origin="edited", parent_id=text_id, figures=None)
        return self._history.add((made,))[0]

    def rate(self, text_id: str, rating: int | None) -> None:
        """Keep how good a text is, 1 to 5; None takes it back. Raises NotFound, InvalidInput."""
        self._history.rate(text_id, rating)

    def keep(self, text_id: str, is_kept: bool = True) -> None:
        """Mark a text as one to keep, or take that back. Raises NotFound."""
        self._history.keep(text_id, is_kept=is_kept)

    # History

    def text(self, text_id: str) -> Text:
        """A stored text.

        Raises:
            NotFound: there is none.
        """
        return self._history.get(text_id)

    def history(
        self, *, only_kept: bool = False, offset: int = 0, limit: int = 50
    ) -> tuple[Text, ...]:
        """What was written, the newest first."""
        return self._history.list(only_kept=only_kept, offset=offset, limit=limit)

    def revisions(self, text_id: str) -> tuple[Text, ...]:
        """A text with all it was made from and all that was made from it, the oldest first.

        Raises:
            NotFound: there is no such text.
        """
        return self._history.revisions(text_id)

    def restore(self, text_id: str) -> Text:
        """Take an older text up again: a new text with its content, made from the latest of them.

        Raises:
            NotFound: there is no such text.
        """
        old = self.text(text_id)
        latest = self.revisions(text_id)[-1]
        now = self._tools.clock()
        made = replace(
            old,
            id="",
            origin="restored",
            parent_id=latest.id,
            created_at=now,
            is_kept=False,
            rating=None,
        )
        return self._history.add((made,))[0]

    def _model_of(self, settings: ContentSettings) -> ModelSpec:
        chosen, catalogue = settings.generation_model, self._tools.catalogue
        return catalogue.get(chosen) if chosen else catalogue.default(Task.GENERATION)

    def _composer(
        self, settings: ContentSettings, version: int, request_id: str, surface: Surface
    ) -> Composer:
        """Writes texts by these settings; the index is taken as it stands now."""
        facts = None
        if settings.uses_documents:
            facts = FactFinder(
                searcher=self._knowledge.searcher(),
                settings=settings,
                options=settings.search_options(settings.n_passages),
            )
        return Composer(
            toolbox=self._tools,
            settings=settings,
            version=version,
            model=self._model_of(settings),
            embedding_model=lambda: self.embedding_model,
            context=self._call_context(request_id or "content-edit", surface, version),
            facts=facts,
        )

    def _repr_markdown_(self) -> str:
        """What a notebook shows."""
        settings = self.settings
        return (
            f"**{self.name}** · content, version {self.version} · "
            f"{settings.template or 'own template'}, {len(settings.variables)} fields · "
            f"writes with {self.model.name}"
        )
