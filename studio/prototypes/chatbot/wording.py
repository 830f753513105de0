"""What a chatbot says by itself, in its own language: greetings, and that nothing was found.

These are the chatbot's words to its end users, so they follow the chatbot's language, not the one
the founder reads the studio in.
"""

from __future__ import annotations

import re
from collections.abc import Mapping

from studio.prototypes.prototype_settings import Language

NOT_FOUND: Mapping[Language, str] = {
    "en": "I could not find this in the documents.",
    "zh": "我在文档里没有找到相关内容。",
}

_GREETINGS: Mapping[Language, str] = {
    "en": "Hello. Ask me anything about our documents.",
    "zh": "您好，想了解什么都可以问我。",
}

_SMALL_TALK = re.compile(
    r"(?:hi|hello|hey|good (?:morning|afternoon|evening)|thanks?(?: you)?(?: very much)?|bye|goodbye"
    r"|你好|您好|嗨|早上好|下午好|晚上好|谢谢(?:你|您)?|再见)(?: there)?[\s!.,。！~]*",
    re.IGNORECASE,
)


def default_greeting(language: Language) -> str:
    """What a chatbot says first when its owner wrote nothing."""
    return _GREETINGS[language]


def is_small_talk(text: str) -> bool:
    """Whether a message is only a hello, thanks or goodbye, which nothing needs to be searched for."""
    return _SMALL_TALK.fullmatch(text.strip()) is not None
