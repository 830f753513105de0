"""The recommendations page without a browser (demo engine): tables, trying, testing, value."""

from __future__ import annotations

from dataclasses import replace

import pytest
from streamlit.testing.v1 import AppTest

from components import recommendation_tuning
from studio.prototypes.recommendation.evaluation import Trial
from studio.prototypes.recommendation.recommendation import Recommendation
from studio.prototypes.recommendation.results import NewEvent, UserSummary
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


def test_somebody_new_may_be_of_a_segment(opened, recommender) -> None:
    users = "user_id,segment\n" + "".join(f"u{n},{('club', 'new')[n % 2]}\n" for n in range(60))
    tables = (("items.csv", ITEMS), ("events.csv", EVENTS), ("users.csv", users))
    recommender.desk.add([(name, text.encode()) for name, text in tables])
    recommender.train().result(60)
    at = opened(recommender)
    box = at.selectbox(key=f"_recommendation.segment.{recommender.id}")
    assert box.options == ["club", "new"]
    assert "Popular with club users" not in texts(at)
    box.set_value("club").run()
    assert "Popular with club users" in texts(at)


def test_a_user_is_played_with_the_history(opened, trained) -> None:
    at = opened(trained)
    at.segmented_control(key=f"_recommendation.who.{trained.id}").set_value("user").run()
    box = at.selectbox(key=f"_recommendation.user.{trained.id}")
    assert any(fold.label.startswith(f"What {box.value} did") for fold in at.expander)
    assert not at.exception


def test_somebody_unknown_has_no_history_to_unfold(opened, trained, monkeypatch) -> None:
    unknown = UserSummary(user_id="nobody", segment="", n_events=0, n_items=0, last_at=None)
    monkeypatch.setattr(Recommendation, "find_users", lambda _self: (unknown,))
    at = opened(trained)
    at.segmented_control(key=f"_recommendation.who.{trained.id}").set_value("user").run()
    assert "Nobody is known as nobody" in texts(at)
    assert not any(fold.label.startswith("What nobody did") for fold in at.expander)


def test_parameters_of_a_hybrid_stand_by_the_way_they_are_of() -> None:
    trial = Trial(
        method="hybrid",
        parameters={"item_cosine.decay": 0.6, "item_cosine.n_neighbours": 500, "ease.decay": 0.8},
        ndcg=0.1,
    )
    assert recommendation_tuning.parameters(trial) == (
        "Bought together, by cosine: fading of what is older 0.6, neighbours 500; "
        "All items against all: fading of what is older 0.8"
    )


def test_changed_settings_offer_training_beside_the_list(opened, trained) -> None:
    assert "Train again" not in texts(opened(trained))
    trained.configure(replace(trained.settings, event_weights=(("view", 0.0),)))
    at = opened(trained)
    assert "until then the recommender answers as before" in texts(at)
    assert at.button(key=f"_recommendation.retrain.try.{trained.id}").label == "Train again"


def test_new_events_offer_training(opened, trained) -> None:
    trained.add_events([NewEvent(user_id="u1", item_id="t1"), NewEvent(user_id="u1", item_id="t2")])
    at = opened(trained)
    assert "2 new events since the training" in texts(at)
    at.button(key=f"_recommendation.retrain.try.{trained.id}").click().run()
    trained.training().result(60)
    at.run()
    assert "new events since the training" not in texts(at)


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


def test_a_rule_on_what_is_gone_is_in_sight_and_can_be_taken_away(opened, trained) -> None:
    gone = (("size", ("L",)), ("shelf", ("tea", "attic")))
    trained.configure(replace(trained.settings, conditions=gone))
    at = opened(trained)
    assert "rule on size was left out" in texts(at)
    assert at.multiselect(key=f"_recommendation.condition.{trained.id}.shelf").value == [
        "tea",
        "attic",
    ]
    at.button(key=f"_recommendation.condition_gone.{trained.id}.0").click().run()
    at.multiselect(key=f"_recommendation.condition.{trained.id}.shelf").set_value([]).run()
    assert not at.exception
    assert trained.settings.conditions == ()


def test_profile_shows_the_verdict_and_the_figures(opened, trained) -> None:
    at = opened(trained, "data")
    assert "Enough to learn from behaviour: 60 people" in texts(at)
    assert {metric.label: metric.value for metric in at.metric}["Events"] == "300"


def test_profile_says_what_was_left_out(opened, trained) -> None:
    assert "Every row could be used" in texts(opened(trained, "data"))
    again = EVENTS + EVENTS.splitlines()[1] + "\nu1,nowhere,buy,2025-01-01T10:00:00Z\n"
    trained.desk.add([("more.csv", again.encode())])
    trained.train().result(60)
    shown = texts(opened(trained, "data"))
    assert "say the same as a line before and count once" in shown
    assert "One event names an item that is not in your list of items (nowhere)" in shown
    assert "Every row could be used" not in shown


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


def test_the_gain_is_said_of_the_way_that_answers_at_its_own_level(opened, trained) -> None:
    found = trained.start_evaluating().result(120)
    trained.configure(replace(trained.settings, method="popular"))
    assert "The best-seller list answers now" in texts(opened(trained, "value"))
    trained.configure(replace(trained.settings, method="item_cosine"))
    at = opened(trained, "value")
    level = found.of("item_cosine").against_popular.level
    assert level > 0.99
    assert f"({100 * level:.3g}%)" in texts(at)
    assert "(95%)" not in texts(at)
    assert "Test again to be sure" not in texts(at)
    trained.configure(replace(trained.settings, event_weights=(("view", 9.0),)))
    assert "Test again to be sure" in texts(opened(trained, "value"))


def test_each_way_stands_against_the_best_sellers(opened, trained) -> None:
    found = trained.start_evaluating().result(120)
    at = opened(trained, "test")
    (table,) = [frame.value for frame in at.dataframe if "Coverage" in frame.value.columns]
    told = dict(zip(table["Way"], table["Against best-sellers"], strict=True))
    assert told["Most popular"] == "–"
    words = {"better": "better", "worse": "worse", "unclear": "may be chance", "same": "the same"}
    one = found.of("item_cosine")
    cell = next(cell for way, cell in told.items() if "by cosine" in way)
    assert cell.startswith(f"{one.against_popular.mean:+.3f} (")
    assert cell.endswith(words[one.outcome])
    offered_way = [b.label for b in at.button if (b.key or "").startswith("_recommendation.use.")]
    assert len(offered_way) == (found.best != trained.method_for_goal())


def test_a_table_without_any_item_says_so_instead_of_blaming_the_rules(opened, recommender) -> None:
    recommender.desk.add([("letter.csv", b"Dear all,\nplease find our data attached.\nRegards\n")])
    recommender.train().result(60)
    at = opened(recommender)
    assert "There is nothing to recommend from yet" in texts(at)
    assert "passes the rules" not in texts(at)
    assert not offered(at)


def test_a_list_that_the_rules_empty_says_so_once(opened, trained) -> None:
    trained.configure(replace(trained.settings, price_max=0.5))
    assert texts(opened(trained)).count("passes the rules") == 1


def test_a_user_who_did_far_more_than_others_can_be_left_out(opened, recommender) -> None:
    many = "".join(
        f"reseller,{'tg'[n % 2]}{n % 8},buy,2025-0{1 + n % 9}-1{n % 8}T1{n % 7}:{n % 60:02d}:00Z\n"
        for n in range(400)
    )
    recommender.desk.add([("items.csv", ITEMS.encode()), ("events.csv", (EVENTS + many).encode())])
    recommender.train().result(60)
    at = opened(recommender, "data")
    assert "are of reseller, with at least 20 times as many" in texts(at)
    field = at.multiselect(key=f"_recommendation.users_left_out.{recommender.id}")
    assert field.options == ["reseller"]
    field.set_value(["reseller"]).run()
    recommender.training().wait(60)
    at.run()
    shown = texts(at)
    assert "events are of users whom you left out" in shown
    assert "are of reseller" not in shown
    field = at.multiselect(key=f"_recommendation.users_left_out.{recommender.id}")
    assert field.value == ["reseller"]


def test_settings_are_called_what_they_are_for_a_recommender(opened, trained) -> None:
    at = opened(trained)
    at.toggle(key=f"_recommendation.{trained.id}.more").set_value(True).run()
    labels = [one.label for one in (*at.selectbox, *at.slider)]
    assert "Model that reads the items" in labels
    assert "Variety (diversity)" in labels
    assert "Model that searches" not in labels
