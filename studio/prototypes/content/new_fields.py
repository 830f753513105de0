"""Fields that an instruction uses and the form does not have yet: so a form is made by writing.

Proposes only what would make the instruction usable; stores nothing.
"""

from __future__ import annotations

from jinja2 import Environment, TemplateSyntaxError, meta, nodes

from studio.prototypes.content.sandbox import problem_of
from studio.prototypes.content.settings import MAX_VARIABLES, ContentSettings
from studio.prototypes.content.template import Variable

_OF_A_LIST = ("join", "first", "last")


def fields_to_add(settings: ContentSettings) -> tuple[Variable, ...]:
    """The fields whose names stand in the instruction and not in the form, in their order there.

    A name that a loop goes over, or that is joined, is a list; the others are texts. Empty where the
    instruction has none, or is not usable with them either.
    """
    try:
        tree = Environment(autoescape=False).parse(settings.instructions)  # only read
        used = meta.find_undeclared_variables(tree)
    except (TemplateSyntaxError, RecursionError):
        return ()
    known = {variable.name: variable.type for variable in settings.variables}
    names = used - known.keys()
    if not names or len(known) + len(names) > MAX_VARIABLES:
        return ()
    lists = _lists(tree)
    added = tuple(
        Variable(
            name=name,
            label=name.replace("_", " ").capitalize(),
            type="list" if name in lists else "text",
            is_source=True,
        )
        for name in sorted(names, key=lambda name: (settings.instructions.find(name), name))
    )
    types = {**known, **{variable.name: variable.type for variable in added}}
    return () if problem_of(settings.instructions, types) else added


def _lists(tree: nodes.Template) -> frozenset[str]:
    """Names that are used as lists."""
    loops = (loop.iter for loop in tree.find_all(nodes.For))
    joined = (one.node for one in tree.find_all(nodes.Filter) if one.name in _OF_A_LIST)
    return frozenset(one.name for one in (*loops, *joined) if isinstance(one, nodes.Name))
