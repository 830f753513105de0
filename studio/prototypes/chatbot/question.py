"""What may be asked: a question of a readable length. Knows no documents and no model."""

from __future__ import annotations

import re

from studio.errors import InvalidInput

MAX_QUESTION_CHARACTERS = 4000


def checked_question(text: str) -> str:
    """The question without surrounding space.

    Raises:
        InvalidInput: it is empty or longer than 4,000 characters.
    """
    question = re.sub(r"[\x00-\x08\x0b-\x1f]", " ", text).strip()
    if not question:
        raise InvalidInput("The question is empty. Type a question about your documents.")
    if len(question) > MAX_QUESTION_CHARACTERS:
        raise InvalidInput(
            "The question has {n:,} characters; at most {limit:,} can be read. Ask for less at once, "
            "or add the text as a document.",
            n=len(question),
            limit=MAX_QUESTION_CHARACTERS,
        )
    return question
