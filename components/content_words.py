"""Words of the content pages: checks, their rules, shapes, kinds of fields, where a text comes from.

Draws nothing.
"""

from __future__ import annotations

from components.i18n import _, ngettext, translate
from studio.evaluation.text_checks.result import CheckName
from studio.prototypes.content.batch import BatchRow, BatchState, RowState
from studio.prototypes.content.sheet_file import SheetWords
from studio.prototypes.content.template import FieldType, OutputShape, VariableType
from studio.prototypes.content.text import TextOrigin


def checks() -> dict[CheckName, str]:
    """The checks in the order in which they are shown, as short as a badge needs."""
    return {
        "length": _("Length"),
        "required_words": _("Required words"),
        "banned_words": _("Banned words"),
        "keywords": _("Keywords"),
        "language": _("Language"),
        "readability": _("Readability"),
        "repetition": _("Repetition"),
        "support": _("Facts"),
        "variants": _("Own wording"),
        "copying": _("Not copied"),
        "voice": _("Brand voice"),
        "fields": _("Fields"),
    }


def check_help() -> dict[CheckName, str]:
    """What each check looks at, in a sentence; with the term of the field where experts look for it."""
    return {
        "length": _("Words of the text; in Chinese, characters without punctuation."),
        "required_words": _("Words and phrases that have to stand in every text."),
        "banned_words": _("Words and phrases that must not stand in any text."),
        "keywords": _("Phrases that people search for, and how many of them a text has to use."),
        "language": _("Whether the text is in the language that is set."),
        "readability": _("How easily it reads: 60 and more is plain, below 30 is hard (Flesch)."),
        "repetition": _("How much of the text repeats itself (word triples)."),
        "support": _(
            "Numbers and names that stand in the text but not in the form or the documents"
            " (unsupported facts). It does not see Chinese names without brackets, a name at the"
            " beginning of a sentence, “several” or “a third”, or a claim without number or name."
        ),
        "variants": _(
            "How alike the variants are (cosine of their embeddings; duplicate content)."
        ),
        "copying": _(
            "How close the text is to what it was written from (cosine of the embeddings)."
        ),
        "voice": _("How close the text is to your sample texts (cosine of the embeddings)."),
        "fields": _("Whether every field is there and of its type (JSON)."),
    }


def rules() -> dict[str, str]:
    """What the limits of the checks are called."""
    return {
        "min_words": _("Least length"),
        "max_words": _("Greatest length"),
        "required_words": _("Required words, one per line"),
        "banned_words": _("Banned words, one per line"),
        "keywords": _("Keywords, one per line"),
        "min_keyword_share": _("Share of the keywords that is needed"),
        "min_readability": _("Least reading ease"),
        "max_repetition": _("Repetition, at most"),
        "max_variant_similarity": _("Likeness of variants, at most"),
        "max_copying": _("Likeness to the source, at most"),
        "min_voice_similarity": _("Likeness to your samples, at least"),
        "variables_required": _("Form fields whose values are required"),
        "variables_banned": _("Form fields whose values are banned"),
        "must_pass": _("Checks that must pass"),
    }


def voice_parts() -> dict[str, str]:
    """What the parts of a brand voice are called."""
    return {
        "tone": _("Tone, one word or phrase per line"),
        "vocabulary": _("Words it likes, one per line"),
        "do": _("Do, one rule per line"),
        "dont": _("Don't, one rule per line"),
        "samples": _("Sample texts"),
    }


def variable_types() -> dict[VariableType, str]:
    """The kinds of form fields."""
    return {
        "text": _("Short text"),
        "long_text": _("Long text"),
        "list": _("List"),
        "number": _("Number"),
        "choice": _("Choice"),
    }


def field_types() -> dict[FieldType, str]:
    """The kinds of fields that a text can have."""
    return {
        "text": _("Text"),
        "list": _("List"),
        "number": _("Number"),
        "yes_no": _("Yes or no"),
    }


def shapes() -> dict[OutputShape, str]:
    """What a text can look like."""
    return {
        "plain": _("Plain text"),
        "markdown": _("With headings and lists (Markdown)"),
        "fields": _("Fields (JSON)"),
    }


def origins() -> dict[TextOrigin, str]:
    """How a text came about."""
    return {
        "written": _("written"),
        "edited": _("edited by hand"),
        "rewritten": _("a part rewritten"),
        "restored": _("restored"),
    }


def batch_states() -> dict[BatchState, tuple[str, str]]:
    """How a batch stands, with the colour of its badge."""
    return {
        "waiting": (_("Waiting"), "gray"),
        "running": (_("Running"), "blue"),
        "paused": (_("Paused"), "orange"),
        "done": (_("Done"), "green"),
        "cancelled": (_("Stopped"), "gray"),
        "failed": (_("Failed"), "red"),
    }


def sheet() -> SheetWords:
    """What the columns of a downloaded sheet and their cells are called."""
    return SheetWords(
        text=_("text"),
        state=_("result"),
        result=row_result,
        attempts=_("attempts"),
        error=_("error"),
        sources=_("sources"),
        check=_("check: {name}"),
        checks=checks(),
        statuses={"passed": _("passed"), "failed": _("failed"), "skipped": _("not checked")},
        accepted=_("texts"),
        not_accepted=_("not accepted"),
        say=translate,
    )


def row_states() -> dict[RowState, str]:
    """What became of a row."""
    return {
        "waiting": _("waiting"),
        "done": _("passed"),
        "rejected": _("a check failed"),
        "failed": _("no text"),
    }


def row_result(row: BatchRow) -> str:
    """What became of a row; one that passed says how many checks that need not pass it did not."""
    n = row.n_notes
    if row.state != "done" or not n:
        return row_states()[row.state]
    return ngettext("passed, {n} note", "passed, {n} notes", n)
