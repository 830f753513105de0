"""A form of one's own to begin with: two fields and a short instruction, in both languages."""

from __future__ import annotations

from collections.abc import Mapping

from studio.prototypes.content.template import Template, Variable
from studio.prototypes.content.templates.names import NAMES

OWN = "own"
"""Its id."""

_ENGLISH = Template(
    id=OWN,
    name=NAMES[OWN][0],
    description=NAMES[OWN][1],
    variables=(
        Variable(
            name="subject",
            label="What it is about",
            example="tomato soup",
            required=True,
            is_source=True,
        ),
        Variable(
            name="facts",
            label="Facts",
            type="list",
            help="What may be said, one fact per line.",
            example="roasted tomatoes; basil; $9",
            is_source=True,
        ),
    ),
    instructions=(
        "Write two sentences about {{ subject }}.\n"
        "{% if facts %}\nFacts: {{ facts | join('; ') }}\n{% endif %}"
    ),
)

_CHINESE = Template(
    id=OWN,
    name=NAMES[OWN][0],
    description=NAMES[OWN][1],
    variables=(
        Variable(name="subject", label="写什么", example="番茄汤", required=True, is_source=True),
        Variable(
            name="facts",
            label="事实",
            type="list",
            help="可以写的内容，一行一条。",
            example="烤番茄；罗勒；9美元",
            is_source=True,
        ),
    ),
    instructions=(
        "写两句话介绍{{ subject }}。\n{% if facts %}\n事实：{{ facts | join('；') }}\n{% endif %}"
    ),
)

OWN_TEMPLATES: Mapping[str, Template] = {"en": _ENGLISH, "zh": _CHINESE}
"""Language -> the template."""
