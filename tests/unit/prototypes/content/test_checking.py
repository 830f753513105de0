"""All checks of one text together: which rules they take, and what fields change."""

from __future__ import annotations

from dataclasses import replace

from studio.prototypes.content.checking import CHECK_ORDER, Checked, TextVectors, check_text
from studio.prototypes.content.settings import CheckRules, ContentSettings
from studio.prototypes.content.template import Variable

SETTINGS = ContentSettings(
    variables=(
        Variable(name="facts", label="Facts", type="list", is_source=True),
        Variable(name="must_avoid", label="Avoid", type="list"),
    ),
    checks=CheckRules(variables_banned=("must_avoid",), must_pass=("banned_words", "repetition")),
)
FORM = {"facts": "2.1 kg; two doors", "must_avoid": "snow"}


def results(checked: Checked, settings: ContentSettings = SETTINGS):
    found = check_text(checked, settings, FORM, (), TextVectors())
    return {check.name: check for check in found}


def test_every_check_is_made_in_its_order_and_marked_as_required():
    found = results(Checked(content="It weighs 2.1 kg.", prose="It weighs 2.1 kg."))
    assert tuple(found) == CHECK_ORDER
    assert [name for name, check in found.items() if check.is_required] == [
        "banned_words",
        "repetition",
    ]


def test_banned_words_of_the_form_count():
    text = "Made for snow and two doors."
    assert results(Checked(content=text, prose=text))["banned_words"].found == ("snow",)


def test_a_title_may_come_again_in_another_field_but_not_within_one():
    title = "A light tent for two people"
    parts = (title, f"{title} with a porch.", title)
    checked = Checked(content="{}", prose="\n".join(parts), parts=parts)
    assert results(checked)["repetition"].status == "passed"
    twice = replace(checked, parts=(f"{title}. {title}.",))
    assert results(twice)["repetition"].status == "failed"


def test_an_empty_text_is_not_accepted_whatever_must_pass():
    checks = check_text(Checked(content=" ", prose=" "), SETTINGS, FORM, (), TextVectors())
    assert [one.name for one in checks if one.is_required and one.status == "failed"] == ["length"]
