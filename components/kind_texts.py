"""How each kind of prototype is introduced, in the order of the navigation. Draws nothing."""

from __future__ import annotations

from dataclasses import dataclass

from components.i18n import _


@dataclass(frozen=True, slots=True, kw_only=True)
class KindTexts:
    """How a kind is introduced; `icon` is a Material icon, `explanation` one sentence."""

    kind: str
    name: str
    icon: str
    explanation: str
    sample: str
    new_label: str
    new_name: str
    yours: str


def texts() -> dict[str, KindTexts]:
    """The introduction of every kind, in the user's language."""
    chatbot = KindTexts(
        kind="chatbot",
        name=_("Chatbot"),
        icon=":material/forum:",
        explanation=_(
            "Answers questions from your own documents and shows the passages behind each answer."
        ),
        sample=_("Opens a finished chatbot with the documents of a fictional company."),
        new_label=_("New chatbot"),
        new_name=_("My chatbot"),
        yours=_("Your chatbots"),
    )
    content = KindTexts(
        kind="content",
        name=_("Content"),
        icon=":material/edit_note:",
        explanation=_(
            "Writes texts from a form or a whole sheet, in your brand's voice, and checks every one."
        ),
        sample=_("Opens a finished generator of product texts for a fictional company."),
        new_label=_("New content generator"),
        new_name=_("My texts"),
        yours=_("Your content generators"),
    )
    search = KindTexts(
        kind="search",
        name=_("Search"),
        icon=":material/search:",
        explanation=_(
            "Finds things by what is meant, not only by the words typed, in your tables and documents."
        ),
        sample=_("Opens a finished search over the catalogue of a fictional company."),
        new_label=_("New search"),
        new_name=_("My search"),
        yours=_("Your searches"),
    )
    recommendation = KindTexts(
        kind="recommendation",
        name=_("Recommendations"),
        icon=":material/recommend:",
        explanation=_(
            "Shows each person what they may like next, learnt from what people did, and tells whether"
            " that beats a plain best-seller list."
        ),
        sample=_("Opens a finished recommender over a year of visits to a fictional shop."),
        new_label=_("New recommender"),
        new_name=_("My recommender"),
        yours=_("Your recommenders"),
    )
    classifier = KindTexts(
        kind="classifier",
        name=_("Classifier"),
        icon=":material/label:",
        explanation=_(
            "Gives each text one of your labels, such as the team that answers a mail, and says when a"
            " person has to decide."
        ),
        sample=_("Opens a finished classifier of the mails to a fictional company's support."),
        new_label=_("New classifier"),
        new_name=_("My classifier"),
        yours=_("Your classifiers"),
    )
    return {kind.kind: kind for kind in (chatbot, content, search, recommendation, classifier)}
