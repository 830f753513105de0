"""Content generation: the handle that pages, notebooks and the HTTP interface hold.

Combines a form with an instruction (settings), the shared model service, the documents where facts
come from, and the checks. Settings are read anew for each text.

    content = bench.create(Content, "Shop texts", Content.default_settings("en"))
    content.use_template("product-description")
    written = content.write({"product": "Cove 1 Tent", "facts": "one person; 1.45 kg"})
    written.texts[0].content, written.texts[0].checks
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import ClassVar, Literal

from studio.inference.model_spec import ModelSpec
from studio.prototypes.base import JobHandler
from studio.prototypes.content.batch import Batches
from studio.prototypes.content.long_text import LongTexts
from studio.prototypes.content.seo import SeoWorkbench
from studio.prototypes.content.settings import ContentSettings
from studio.prototypes.content.template import Template
from studio.prototypes.content.text import Text, Variants
from studio.prototypes.content.voice import Voice
from studio.prototypes.content.votes import Votes
from studio.prototypes.content.writing import Writing
from studio.prototypes.documented import DocumentedPrototype
from studio.records import Message, Notice

Surface = Literal["page", "api", "notebook", "job", "bench"]

BATCH_JOB = "content-batch"
"""The kind of job that writes batches; its key is the prototype's id."""


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

    Raises:
        NotFound: there is no prototype of that id.
    """

    kind: ClassVar[str] = "content"
    settings_type: ClassVar[type[ContentSettings]] = ContentSettings
    resumable: ClassVar[Mapping[str, JobHandler]] = {**DocumentedPrototype.resumable}

    batches: Batches
    votes: Votes
    seo: SeoWorkbench
    long_texts: LongTexts

    # What it is

    @property
    def model(self) -> ModelSpec:
        """The model that writes: the chosen one, or the default."""
        raise NotImplementedError

    def limits(self) -> tuple[Notice, ...]:
        """What its model cannot be expected to do with these settings, in plain words; () for nothing.

        A small model does not keep to long instructions, one that does not know the language writes
        none of it, and so on.
        """
        raise NotImplementedError

    def templates(self) -> tuple[Template, ...]:
        """The templates that come with the studio, in the language of its texts."""
        raise NotImplementedError

    def use_template(self, template_id: str) -> None:
        """Begin with a template: form, instruction, shape, fields, lengths and checks; a new version.

        The voice, the model and what was written stay.

        Raises:
            NotFound: there is no such template.
        """
        raise NotImplementedError

    def problems(self, settings: ContentSettings | None = None) -> Mapping[str, Notice]:
        """What is wrong with form and instruction, by setting or variable; {} when it can write.

        The instruction is tried with the examples of the form; what the sandbox refuses (loops
        without end, attributes, calls) is told here and when somebody writes.
        """
        raise NotImplementedError

    def read_voice(self, samples: Sequence[str]) -> Voice:
        """The voice of sample texts; a proposal, nothing is stored.

        Raises:
            InvalidInput: the samples are too short.
        """
        raise NotImplementedError

    def prompt(self, values: Mapping[str, str]) -> tuple[Message, ...]:
        """What the model would be told for a form.

        Raises:
            InvalidInput: the form is not complete, or the instruction cannot be used.
        """
        raise NotImplementedError

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
        self, values: Mapping[str, str], n_variants: int | None = None, surface: Surface = "page"
    ) -> Writing[Variants]:
        """Start texts for a form; gives the writing at once. All are stored when they are done.

        Args:
            values: variable -> what was typed; lists with one value per line or between semicolons.
            n_variants: how many; as the settings say by default.
            surface: where it came from, for the ledger.

        Raises:
            InvalidInput: the form is not complete, or the instruction cannot be used.
        """
        raise NotImplementedError

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
        raise NotImplementedError

    def edit(self, text_id: str, content: str) -> Text:
        """Keep a person's version of a text, checked anew; a new text, the old one stays.

        Raises:
            NotFound: there is no such text.
            InvalidInput: it is empty or too long.
        """
        raise NotImplementedError

    def rate(self, text_id: str, rating: int | None) -> None:
        """Keep how good a text is, 1 to 5; None takes it back."""
        raise NotImplementedError

    def keep(self, text_id: str, is_kept: bool = True) -> None:
        """Mark a text as one to keep, or take that back."""
        raise NotImplementedError

    # History

    def text(self, text_id: str) -> Text:
        """A stored text.

        Raises:
            NotFound: there is none.
        """
        raise NotImplementedError

    def history(
        self, *, only_kept: bool = False, offset: int = 0, limit: int = 50
    ) -> tuple[Text, ...]:
        """What was written, the newest first."""
        raise NotImplementedError

    def revisions(self, text_id: str) -> tuple[Text, ...]:
        """A text with all it was made from and all that was made from it, the oldest first."""
        raise NotImplementedError

    def restore(self, text_id: str) -> Text:
        """Take an older text up again: a new text with its content, made from the latest of them."""
        raise NotImplementedError
