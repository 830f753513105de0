"""The recommendations page without a browser (demo engine): tables, trying, testing, value."""

from __future__ import annotations

from dataclasses import replace

import pytest
from streamlit.testing.v1 import AppTest

from studio.prototypes.recommendation.recommendation import Recommendation
from studio.prototypes.recommendation.settings import RecommendationSettings

PAGE = "build/recommendations.py"
ITEMS = "sku,title,shelf,price,stock,added,description\n" + "".join(
    f"{shelf[0]}{n},{shelf} {n},{shelf},{n + 1},{n},2025-01-0{1 + n % 9},About {shelf}\n"
    for shelf in ("tea", "garden")
    for n in range(8)
)
EVENTS = "user_id,sku,event,timestamp\n" + "".join(
    f"u{user},{'tg'[user % 2]}{(user + step * 3) % 8},{('view', 'buy')[step % 2]},"
    f"2025-0{1 + step}-1{user % 9}T1{step}:0{user % 6}:00Z\n"
    for user in range(60)
    for step in range(5)
)


@pytest.fixture
def recommender(bench) -> Recommendation:
    return bench.create(Recommendation, "Shop", RecommendationSettings().to_json())


@pytest.fixture
def trained(recommender) -> Recommendation:
    recommender.desk.add([("items.csv", ITEMS.encode()), ("events.csv", EVENTS.encode())])
    recommender.train().result(60)
    return recommender


@pytest.fixture
def opened(open_page):
    """Open the page of a recommender in one of its views."""

    def open_(recommender: Recommendation, view: str = "try") -> AppTest:
        at = open_page(PAGE, prototype=recommender.slug)
        if view != "try":
            at.segmented_control(key="_builder.view").set_value(view).run()
        assert not at.exception
        return at

    return open_


def texts(at: AppTest) -> str:
    shown = [*at.markdown, *at.caption, *at.error, *at.warning, *at.info, *at.success]
    return "\n".join(element.value for element in shown).replace("\\", "")


def offered(at: AppTest) -> list:
    """The buttons of items to like."""
    return [one for one in at.button if (one.key or "").startswith("_recommendation.offer.")]


def test_without_a_prototype_one_is_chosen_or_made(open_page) -> None:
    at = open_page(PAGE)
    assert at.title[0].value == "Recommendations"
    assert at.button(key="_chooser.new").label == "New recommender"


def test_empty_recommender_says_what_to_do(opened, recommender) -> None:
    at = opened(recommender)
    assert "Nothing to recommend yet" in texts(at)
    assert at.button(key=f"_recommendation.sample.{recommender.id}").label == "Use the sample data"


def test_tables_show_what_they_hold_and_a_role_can_be_corrected(opened, trained) -> None:
    at = opened(trained)
    labels = [fold.label for fold in at.expander]
    assert "Items · 16 rows" in labels
    assert "Events: who did what · 300 rows" in labels
    assert "**1** Data · 2 tables" in labels


def test_refused_file_is_named_with_its_reason(opened, recommender) -> None:
    recommender.desk.add([("logo.csv", b"\x89PNG\r\n\x1a\n123")])
    assert "a picture" in texts(opened(recommender))


def test_missing_column_is_asked_for(opened, recommender) -> None:
    recommender.desk.add([("events.csv", EVENTS.encode())])
    recommender.desk.set_role("events.csv", "user_id", "ignore")
    assert "Say which column holds the user's id." in texts(opened(recommender))


def test_likes_change_the_list_at_once(opened, trained) -> None:
    at = opened(trained)
    before = texts(at)
    box = at.text_input(key=f"_recommendation.find.{trained.id}")
    box.set_value("tea 4").run()
    (only,) = offered(at)
    only.click().run()
    assert at.text_input(key=f"_recommendation.find.{trained.id}").value == ""
    offered(at)[0].click().run()
    assert "Because you liked" in texts(at)
    assert "Because you liked" not in before
    at.button(key=f"_recommendation.unlike.{trained.id}.0").click().run()
    at.button(key=f"_recommendation.unlike.{trained.id}.0").click().run()
    assert "Because you liked" not in texts(at)
    assert not at.exception


def test_a_user_is_played_with_the_history(opened, trained) -> None:
    at = opened(trained)
    at.segmented_control(key=f"_recommendation.who.{trained.id}").set_value("user").run()
    box = at.selectbox(key=f"_recommendation.user.{trained.id}")
    assert any(fold.label.startswith(f"What {box.value} did") for fold in at.expander)
    assert not at.exception


def test_changed_settings_offer_training_beside_the_list(opened, trained) -> None:
    assert "Train again" not in texts(opened(trained))
    trained.configure(replace(trained.settings, event_weights=(("view", 0.0),)))
    at = opened(trained)
    assert "until then the recommender answers as before" in texts(at)
    assert at.button(key=f"_recommendation.retrain.try.{trained.id}").label == "Train again"


def test_two_ways_stand_side_by_side(opened, trained) -> None:
    at = opened(trained)
    at.toggle(key=f"_recommendation.side_by_side.{trained.id}").set_value(True).run()
    assert "in both lists" in texts(at)
    assert not at.exception


def test_goal_and_rules_are_kept_as_versions(opened, trained) -> None:
    at = opened(trained)
    at.button_group(key=f"_recommendation.{trained.id}.goal").set_value("trending").run()
    at.toggle(key=f"_recommendation.{trained.id}.in_stock_only").set_value(False).run()
    at.multiselect(key=f"_recommendation.condition.{trained.id}.shelf").set_value(["tea"]).run()
    assert not at.exception
    settings = trained.settings
    assert (settings.goal, settings.in_stock_only) == ("trending", False)
    assert settings.conditions == (("shelf", ("tea",)),)
    assert trained.version == 4


def test_boost_is_added_and_taken_away(opened, trained) -> None:
    at = opened(trained)
    at.button(key=f"_recommendation.boost_new.{trained.id}.add").click().run()
    assert len(trained.settings.boosts) == 1
    at.button(key=f"_recommendation.boost.{trained.id}.0").click().run()
    assert trained.settings.boosts == ()


def test_profile_shows_the_verdict_and_the_figures(opened, trained) -> None:
    at = opened(trained, "data")
    assert "Enough to learn from behaviour: 60 people" in texts(at)
    assert {metric.label: metric.value for metric in at.metric}["Events"] == "300"


def test_test_is_offered_then_its_verdict_stays(opened, trained) -> None:
    at = opened(trained, "test")
    assert at.button(key=f"_recommendation.evaluate.{trained.id}").label == "Test it"
    found = trained.start_evaluating().result(120)
    at.run()
    assert not at.exception
    assert str(found.verdict)[:40] in texts(at)
    assert at.button(key=f"_recommendation.evaluate.{trained.id}").label == "Test again"
    trained.desk.set_leave_out_bots(False)
    at.run()
    assert "Test again to be sure" in texts(at)


def test_value_needs_a_test_and_the_planner_works_without(opened, trained) -> None:
    at = opened(trained, "value")
    assert "Test the recommender first" in texts(at)
    assert {m.label: m.value for m in at.metric}["Visitors per group"] == "53,211"
    at.number_input(key=f"_recommendation.visitors.{trained.id}").set_value(10_000).run()
    assert {m.label: m.value for m in at.metric}["Duration"] == "11 days"


def test_an_item_page_lists_what_goes_with_it(opened, trained) -> None:
    at = opened(trained)
    at.button(key=f"_recommended.open.{trained.id}.1").click().run()
    assert "Goes with it" in texts(at)
    assert not at.exception
