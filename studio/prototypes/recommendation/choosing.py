"""Which way of recommending serves a goal, where nobody has said one."""

from __future__ import annotations

from collections.abc import Collection

from studio.prototypes.recommendation.data.verdict import Support
from studio.prototypes.recommendation.evaluation import Evaluation
from studio.prototypes.recommendation.goals import CANDIDATES, Goal, MethodName

NOT_LEARNT: frozenset[MethodName] = frozenset(("popular", "recent", "segment", "content"))
"""Ways that do not learn from what belongs together in behaviour."""
PERSONAL_GOALS: frozenset[Goal] = frozenset(("for_you", "liked", "basket"))


def chosen_method(
    goal: Goal, there: Collection[MethodName], support: Support, found: Evaluation | None
) -> MethodName:
    """What the evaluation found best for the goal, else the first that the data supports.

    Where too few people came back to learn from behaviour, links between items were chance: then it is
    what is alike by description, or what is popular. A test of too few people for a verdict does not
    overrule that.

    Args:
        goal: what the list is for.
        there: the ways that are trained.
        support: what the data can support.
        found: what was measured last; None where nothing was.
    """
    is_told = found is not None and (found.is_convincing or support != "content")
    best = found.best_for(goal) if found is not None and is_told else None
    if best is not None and best in there:
        return best
    candidates = CANDIDATES[goal]
    if support != "behaviour":
        candidates = tuple(name for name in candidates if name in NOT_LEARNT)
        if support == "content" and goal in PERSONAL_GOALS:
            candidates = ("content",)
    return next((name for name in candidates if name in there), "popular")
