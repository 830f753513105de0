"""What the data can support, in sentences a founder understands.

The limits are our own and stand beside their reason. Knows numbers only.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from studio.prototypes.recommendation.data.profile import Profile
from studio.records import Notice

Support = Literal["nothing", "popular", "content", "behaviour"]
"""From what one can recommend: nothing, only what is popular, descriptions, or behaviour as well."""

MIN_LINKING_USERS = 30
"""Below, two items that go together were chance: no pair of them is shared by more than a few."""
MIN_SHARED_ITEMS = 10
"""Items of five users or more; with fewer there is hardly anything to choose from."""
SURE_USERS = 400
"""Users to test on: a difference of 0.02 in nDCG with a spread of 0.2 is seen four times of five, by
the sample size of a paired comparison, (1.96 + 0.84)^2 * 0.2^2 / 0.02^2 = 784 for all, half of it for
the usual correlation of 0.75 between two ways."""
MIN_TEST_USERS = 20
SHORT_DAYS = 14


@dataclass(frozen=True, slots=True, kw_only=True)
class DataVerdict:
    """What can be built on the data. `headline` says it in a sentence, `details` why and what to do."""

    support: Support
    headline: Notice
    details: tuple[Notice, ...] = ()


def verdict_of(profile: Profile) -> DataVerdict:
    """What the data with this profile can support."""
    support = _support(profile)
    return DataVerdict(
        support=support, headline=_headline(support, profile), details=tuple(_details(profile))
    )


def _support(profile: Profile) -> Support:
    has_texts = profile.n_described_items >= 2
    learns = (
        profile.n_linking_users >= MIN_LINKING_USERS and profile.n_shared_items >= MIN_SHARED_ITEMS
    )
    if learns:
        return "behaviour"
    if has_texts:
        return "content"
    return "popular" if profile.n_events else "nothing"


def _headline(support: Support, profile: Profile) -> Notice:
    if support == "nothing":
        return Notice(
            "There is nothing to recommend from yet: no events, and no descriptions of items. Add a"
            " table of events, or titles and texts to the items."
        )
    if support == "behaviour":
        return Notice(
            "Enough to learn from behaviour: {n} people used two items or more, so it shows which items"
            " go together.",
            n=profile.n_linking_users,
        )
    if not profile.n_events:
        return Notice(
            "There are no events, so items can only be recommended by their descriptions"
            " (content-based)."
        )
    why: Notice
    if profile.n_linking_users < MIN_LINKING_USERS:
        why = Notice(
            "Too few people came back to learn from behaviour (collaborative filtering): {n} used two"
            " items or more, and at least {least} are needed.",
            n=profile.n_linking_users,
            least=MIN_LINKING_USERS,
        )
    else:
        why = Notice(
            "Too few items are shared by people to learn from behaviour (collaborative filtering): {n}"
            " were used by five or more, and at least {least} are needed.",
            n=profile.n_shared_items,
            least=MIN_SHARED_ITEMS,
        )
    if support == "content":
        return Notice("{why} So descriptions it is (content-based).", why=why)
    return Notice(
        "{why} And there are no descriptions, so only what is popular can be recommended. Add a table"
        " of items with titles and texts.",
        why=why,
    )


def _details(profile: Profile) -> list[Notice]:
    told: list[Notice] = []
    if not profile.n_events:
        return told
    if profile.n_active_users < MIN_TEST_USERS:
        told.append(
            Notice(
                "Only {n} people used three items or more; with fewer than {least} no test is possible.",
                n=profile.n_active_users,
                least=MIN_TEST_USERS,
            )
        )
    elif profile.n_active_users < SURE_USERS:
        told.append(
            Notice(
                "{n} people can be tested on. That tells large differences from chance, not small ones;"
                " about {enough} would.",
                n=profile.n_active_users,
                enough=SURE_USERS,
            )
        )
    if profile.first_at is None or profile.last_at is None:
        told.append(
            Notice(
                "The events have no times, so nobody can tell what came last. The order of the lines is"
                " taken for the order of time; add a column of times to be sure."
            )
        )
    elif (profile.last_at - profile.first_at).days < SHORT_DAYS:
        told.append(
            Notice(
                "All events lie within {n} days, so the test looks only that far ahead.",
                n=(profile.last_at - profile.first_at).days + 1,
            )
        )
    if profile.n_cold_items > 0.2 * profile.n_items:
        told.append(
            Notice(
                "{n} of {all} items have no event yet. Only their descriptions can bring them up.",
                n=profile.n_cold_items,
                all=profile.n_items,
            )
        )
    if profile.n_one_item_users > 0.5 * profile.n_users:
        told.append(
            Notice(
                "{n} of {all} people used a single item. For them the goal “new users” counts most.",
                n=profile.n_one_item_users,
                all=profile.n_users,
            )
        )
    return told
