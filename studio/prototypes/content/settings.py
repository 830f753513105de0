"""What a founder can set of a content prototype, with defaults that work and the ranges allowed."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from typing import Any, ClassVar, get_args

from studio.evaluation.text_checks.result import CheckName
from studio.prototypes import document_settings
from studio.prototypes.content.template import Example, OutputField, OutputShape, Variable
from studio.prototypes.content.voice import Voice
from studio.prototypes.document_settings import DocumentSettings
from studio.prototypes.prototype_settings import Range
from studio.records import Notice

MAX_VARIABLES = 20
MAX_EXAMPLES = 6
MAX_FIELDS = 12
_NAME = re.compile(r"[A-Za-z]\w{0,39}", re.ASCII)

LABELS: Mapping[str, Notice] = {
    "language": Notice("Language of the texts"),
    "template": Notice("Template"),
    "variables": Notice("Form"),
    "instructions": Notice("Instruction"),
    "examples": Notice("Worked examples"),
    "voice": Notice("Brand voice"),
    "shape": Notice("Shape of the text"),
    "fields": Notice("Fields of the text"),
    "generation_model": Notice("Model that writes"),
    "n_variants": Notice("Variants"),
    "max_new_tokens": Notice("Text length, at most (tokens)"),
    "temperature": Notice("Variety (temperature)"),
    "seed": Notice("Seed"),
    "uses_documents": Notice("Take facts from my documents"),
    "n_passages": Notice("Passages to read (top k)"),
    "checks": Notice("Checks"),
    "n_retries": Notice("Further attempts when a check fails"),
    **{name: label for name, label in document_settings.LABELS.items() if name != "language"},
}
"""What a person calls each setting: in forms, in messages, in the list of versions."""

RANGES: Mapping[str, Range] = {
    "n_variants": (1, 8),
    "max_new_tokens": (16, 2048),
    "temperature": (0.0, 1.5),
    "seed": (0, 2**31 - 1),
    "n_passages": (1, 12),
    "n_retries": (0, 3),
    **document_settings.RANGES,
}
CHOICES: Mapping[str, tuple[str, ...]] = {
    "shape": get_args(OutputShape),
    **document_settings.CHOICES,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class CheckRules:
    """What the checks hold a text against.

    Lengths count words, in Chinese characters without punctuation. A limit of 0 is none.

    Attributes:
        min_words: least length.
        max_words: greatest length.
        required_words: phrases that have to occur, in any case of letters.
        banned_words: phrases that must not occur.
        keywords: phrases that should occur, such as those people search for.
        min_keyword_share: how many of these must, 0 to 1.
        min_readability: least reading ease, 0 to 100 (Flesch in English; in Chinese a figure of
            the same range from the length of the sentences).
        max_repetition: greatest share of repeated word triples, 0 to 1.
        max_variant_similarity: greatest cosine with another variant.
        max_copying: greatest cosine with the source.
        min_voice_similarity: least cosine with the samples of the voice.
        variables_required: names of list variables whose values have to occur (`must_include`).
        variables_banned: names of list variables whose values must not occur (`must_avoid`).
        must_pass: the checks that a text has to pass; others are shown only.
    """

    min_words: int = 0
    max_words: int = 0
    required_words: tuple[str, ...] = ()
    banned_words: tuple[str, ...] = ()
    keywords: tuple[str, ...] = ()
    min_keyword_share: float = 0.5
    min_readability: float = 0.0
    max_repetition: float = 0.2
    max_variant_similarity: float = 0.95
    max_copying: float = 0.98
    min_voice_similarity: float = 0.0
    variables_required: tuple[str, ...] = ()
    variables_banned: tuple[str, ...] = ()
    must_pass: tuple[CheckName, ...] = ("banned_words", "language", "repetition", "fields")

    @classmethod
    def from_json(cls, stored: Mapping[str, Any]) -> CheckRules:
        """The rules from plain values; unknown names are left out."""
        known = {one.name for one in fields(cls)}
        values: dict[str, Any] = {  # Any: what JSON can say
            name: tuple(value) if isinstance(value, list | tuple) else value
            for name, value in stored.items()
            if name in known
        }
        return cls(**values)


@dataclass(frozen=True, slots=True, kw_only=True)
class ContentSettings(DocumentSettings):
    """A content prototype's behaviour, beside what `DocumentSettings` says.

    Attributes:
        template: id of the template it began with; empty for one of the user's own.
        variables: the form.
        instructions: Jinja over the variables.
        examples: worked examples that the model reads.
        voice: how the brand speaks.
        shape: what a text looks like.
        fields: of the shape "fields".
        generation_model: catalogue id of the model that writes; empty for the default.
        n_variants: texts for one brief, 1 to 8.
        max_new_tokens: length limit of a text in tokens, 16 to 2048.
        temperature: 0 gives the likeliest words (then all variants are one); up to 1.5.
        seed: the same seed, form and model give the same texts.
        uses_documents: find facts in the documents, and cite them.
        n_passages: how many passages are read for a text, 1 to 12.
        checks: what texts are held against.
        n_retries: how often a text that fails a check it must pass is written again, 0 to 3.
    """

    labels: ClassVar[Mapping[str, Notice]] = LABELS
    ranges: ClassVar[Mapping[str, Range]] = RANGES
    choices: ClassVar[Mapping[str, tuple[str, ...]]] = CHOICES
    k_field: ClassVar[str] = "n_passages"

    template: str = ""
    variables: tuple[Variable, ...] = ()
    instructions: str = ""
    examples: tuple[Example, ...] = ()
    voice: Voice = field(default_factory=Voice)
    shape: OutputShape = "plain"
    fields: tuple[OutputField, ...] = ()
    generation_model: str = ""
    n_variants: int = 3
    max_new_tokens: int = 200
    temperature: float = 0.7
    seed: int = 0
    uses_documents: bool = False
    n_passages: int = 3
    checks: CheckRules = field(default_factory=CheckRules)
    n_retries: int = 1

    def _problems(self) -> dict[str, Notice]:
        # Written out, as a dataclass with slots is another class than the one `super()` would mean.
        problems = DocumentSettings._problems(self)
        found = {
            "variables": _form_problem(self.variables),
            "fields": _shape_problem(self.shape, self.fields),
            "checks": _rules_problem(self.checks),
        }
        if len(self.examples) > MAX_EXAMPLES:
            found["examples"] = Notice(
                "There are {n} worked examples; at most {limit} are read.",
                n=len(self.examples),
                limit=MAX_EXAMPLES,
            )
        problems.update({name: one for name, one in found.items() if one is not None})
        return problems

    @classmethod
    def _made(cls, name: str, value: Any) -> Any:  # what JSON can say
        return _made(name, value)


def _form_problem(variables: tuple[Variable, ...]) -> Notice | None:
    names = [variable.name for variable in variables]
    if len(names) > MAX_VARIABLES:
        return Notice(
            "The form has {n} fields; at most {limit} are allowed.",
            n=len(names),
            limit=MAX_VARIABLES,
        )
    for variable in variables:
        if not _NAME.fullmatch(variable.name):
            return Notice(
                "The field {name} needs a name of letters, digits and underscores that begins with a "
                "letter.",
                name=variable.name or "–",
            )
        if names.count(variable.name) > 1:
            return Notice("Two fields are called {name}.", name=variable.name)
        if not variable.label.strip():
            return Notice("The field {name} needs a label.", name=variable.name)
        if variable.type == "choice" and not variable.choices:
            return Notice("The field {name} has nothing to choose from.", name=variable.name)
    return None


def _shape_problem(shape: OutputShape, fields_: tuple[OutputField, ...]) -> Notice | None:
    names = [one.name for one in fields_]
    if shape == "fields" and not names:
        return Notice("A text of fields needs at least one field.")
    if len(names) > MAX_FIELDS:
        return Notice(
            "The text has {n} fields; at most {limit} are allowed.", n=len(names), limit=MAX_FIELDS
        )
    for name in names:
        if not _NAME.fullmatch(name):
            return Notice(
                "The field {name} needs a name of letters, digits and underscores that begins with a "
                "letter.",
                name=name or "–",
            )
        if names.count(name) > 1:
            return Notice("Two fields are called {name}.", name=name)
    return None


def _rules_problem(rules: CheckRules) -> Notice | None:
    for share in (
        rules.min_keyword_share,
        rules.max_repetition,
        rules.max_variant_similarity,
        rules.max_copying,
        rules.min_voice_similarity,
    ):
        if not 0 <= share <= 1:
            return Notice("A share is {value}; it must be between 0 and 1.", value=share)
    if not 0 <= rules.min_readability <= 100:
        return Notice(
            "The reading ease is {value}; it must be between 0 and 100.",
            value=rules.min_readability,
        )
    if rules.min_words < 0 or rules.max_words < 0 or 0 < rules.max_words < rules.min_words:
        return Notice(
            "The length is {low} to {high}; the first must not be greater than the second.",
            low=rules.min_words,
            high=rules.max_words,
        )
    unknown = [name for name in rules.must_pass if name not in get_args(CheckName)]
    if unknown:
        return Notice(
            "{name} is no check; there are: {known}.",
            name=unknown[0],
            known=", ".join(get_args(CheckName)),
        )
    return None


def _made(name: str, stored: Any) -> Any:  # Any: what JSON can say, or what is made of it
    """The value of a setting from plain values."""
    match name:
        case "variables":
            return tuple(Variable.from_json(one) for one in stored)
        case "examples":
            return tuple(Example.from_json(one) for one in stored)
        case "fields":
            return tuple(OutputField(**one) for one in stored)
        case "voice":
            return Voice.from_json(stored)
        case "checks":
            return CheckRules.from_json(stored)
    return stored
