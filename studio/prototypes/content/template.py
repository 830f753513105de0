"""What a template is: a form, an instruction with places for its fields, and the shape of the text.

Plain values, as they are stored in settings; knows no model. The templates that come with the
studio are in `templates`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

from studio.records import Notice

VariableType = Literal["text", "long_text", "list", "number", "choice"]
OutputShape = Literal["plain", "markdown", "fields"]
FieldType = Literal["text", "list", "number", "yes_no"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Variable:
    """A field of the form.

    Attributes:
        name: how the instruction calls it: a letter, then letters, digits and underscores.
        label: what the form calls it, in the language of the texts.
        type: "list" is several values, one per line or between semicolons.
        help: a sentence under the field.
        example: what could stand in it; the form shows it until something is typed.
        required: whether a text needs it.
        choices: the values of a "choice".
        is_source: whether it holds facts; texts are held against these.
    """

    name: str
    label: str
    type: VariableType = "text"
    help: str = ""
    example: str = ""
    required: bool = False
    choices: tuple[str, ...] = ()
    is_source: bool = False

    @classmethod
    def from_json(cls, stored: Mapping[str, Any]) -> Variable:
        """The variable from plain values."""
        return cls(**{**stored, "choices": tuple(stored.get("choices", ()))})


@dataclass(frozen=True, slots=True, kw_only=True)
class OutputField:
    """A field of a text of the shape "fields": its name, its type, and what goes into it.

    `max_length` is the most characters of a "text"; 0 for no limit.
    """

    name: str
    type: FieldType = "text"
    help: str = ""
    required: bool = True
    max_length: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Example:
    """A worked example that the model reads: the values of a form, and the text that is right for it."""

    values: tuple[tuple[str, str], ...]
    text: str

    @classmethod
    def from_json(cls, stored: Mapping[str, Any]) -> Example:
        """The example from plain values."""
        return cls(
            values=tuple((name, value) for name, value in stored["values"]), text=stored["text"]
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Template:
    """A template that comes with the studio, in one language.

    Attributes:
        id: the same in every language.
        name: for the gallery, in the language of the studio.
        description: what comes out, in a sentence; for the gallery.
        variables: the form, in the language of the texts.
        instructions: Jinja over the variables, in the language of the texts.
        examples: worked examples that small models need.
        shape: what the text looks like.
        fields: of the shape "fields".
        min_words: least length; characters in Chinese.
        max_words: greatest length; characters in Chinese.
        max_new_tokens: room for the answer.
        suits_small: whether a model of under 300 million parameters has a fair chance; where not, the
            studio says so before anything is written.
        needs_documents: whether it writes from documents (an FAQ) rather than from the form alone.
    """

    id: str
    name: Notice
    description: Notice
    variables: tuple[Variable, ...]
    instructions: str
    examples: tuple[Example, ...] = ()
    shape: OutputShape = "plain"
    fields: tuple[OutputField, ...] = ()
    min_words: int = 0
    max_words: int = 0
    max_new_tokens: int = 200
    suits_small: bool = True
    needs_documents: bool = False
