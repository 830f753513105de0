"""A recommender over a small shop with known tastes, on the deterministic embedder."""

from __future__ import annotations

import threading
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest
import shop

from studio.config import Settings
from studio.errors import InvalidInput, NotFound
from studio.evaluation.case import EvaluationCase
from studio.prototypes.recommendation import workshop
from studio.prototypes.recommendation.recommendation import Recommendation
from studio.prototypes.recommendation.results import Like, NewEvent, RecommendationRequest
from studio.prototypes.recommendation.rules import Boost, Condition, Rules
from studio.records import Stage
from studio.workbench import Workbench


def categories(found) -> list[str]:
    return [shop.category_of(one.item.item_id) for one in found.items]


def test_a_known_user_gets_what_the_own_taste_says_with_a_reason(recommender):
    found = recommender.recommend("u1")
    seen = {one.item.item_id for one in found.history}
    assert len(seen) == shop.N_PER_USER
    own = categories(found)[: shop.N_PER_CATEGORY - shop.N_PER_USER]
    assert own == ["bikes"] * len(own)
    assert not seen & {one.item.item_id for one in found.items}
    assert [one.rank for one in found.items] == list(range(1, 11))
    scores = [one.score for one in found.items]
    assert scores == sorted(scores, reverse=True)
    first = found.items[0].reason
    assert first.kind == "liked"
    assert set(first.item_ids) <= seen
    assert "Because you liked Bikes number" in str(first.notice)
    assert found.items[0].relative == 1.0


def test_every_list_leaves_one_record_in_the_ledger(recommender, workbench):
    found = recommender.recommend("u2", surface="page")
    calls = workbench.ledger.frame(request_id=found.figures.request_id)
    assert len(calls) == 1
    assert calls["stage"][0] == Stage.RECOMMENDATION.value
    assert calls["prototype_id"][0] == recommender.id
    assert calls["surface"][0] == "page"
    assert calls["total_ms"][0] == pytest.approx(found.figures.total_ms)
    assert found.figures.cost is not None


def test_somebody_new_gets_what_is_popular_and_is_told(recommender):
    found = recommender.recommend(RecommendationRequest(user_id="nobody"))
    assert found.is_cold
    assert len(found.items) == 10
    assert {one.reason.kind for one in found.items} == {"popular"}
    assert all(one.relative == 0 for one in found.items)
    said = " ".join(map(str, found.notices))
    assert "Nobody is known as nobody" in said
    assert "what many take" in said


def made_of(workbench: Workbench, **tables: str) -> Recommendation:
    made = workbench.create(Recommendation, "Other", {})
    made.desk.add([(f"{name}.csv", text.encode()) for name, text in tables.items()])
    made.train().result(60)
    return made


ONLY_ITEMS = "id,title,colour\n" + "".join(
    f"{n},Pot {n},{('red', 'blue')[n % 2]}\n" for n in range(8)
)


def test_what_nobody_took_is_not_said_to_be_taken_by_many(workbench):
    made = made_of(workbench, items=ONLY_ITEMS)
    found = made.recommend(RecommendationRequest(n_items=4))
    assert {one.reason.kind for one in found.items} == {"untaken"}
    assert [str(one) for one in found.notices] == [
        "Nobody took any of these items yet, and nothing else tells which would suit. Their order is "
        "that of your table and rules."
    ]
    popular = made.recommend(RecommendationRequest(method="popular", n_items=4))
    assert {one.reason.kind for one in popular.items} == {"untaken"}
    liking = made.recommend(RecommendationRequest(likes=(Like(item_id="2"),), n_items=4))
    assert liking.method == "content"
    assert "many take" not in " ".join(map(str, liking.notices))


def test_a_column_corrected_during_the_training_is_learnt_from_by_the_same_job(
    workbench, monkeypatch
):
    made = made_of(workbench, items=ONLY_ITEMS)
    fitted, n_trainings = workshop.fitted_methods, []

    def and_correct(*args, **options):
        n_trainings.append(made.data().items.attributes)
        if len(n_trainings) == 1:
            made.desk.set_role("items.csv", "colour", "ignore")
        return fitted(*args, **options)

    monkeypatch.setattr(workshop, "fitted_methods", and_correct)
    made.desk.set_role("items.csv", "title", "text")
    made.train().result(60)
    assert [list(attributes) for attributes in n_trainings] == [["colour"], []]
    assert made.training_state().state == "ready"


def test_a_stranger_is_told_where_what_many_take_ends(workbench):
    events = "user,id,event\nu1,3,buy\nu2,3,buy\nu3,5,buy\n"
    made = made_of(workbench, items=ONLY_ITEMS, events=events)
    found = made.recommend(RecommendationRequest(method="content", n_items=4))
    assert [one.reason.kind for one in found.items] == ["popular", "popular", "untaken", "untaken"]
    assert [str(one) for one in found.notices] == [
        "Nothing is known of this visitor yet: first comes what many take, then what nobody took yet."
    ]
    shorter = made.recommend(RecommendationRequest(method="content", n_items=2))
    assert "this is what many take" in str(shorter.notices[0])


def test_ids_without_any_text_are_not_read_by_a_model(workbench):
    rows = "".join(f"u{n},{n % 7},view\n" for n in range(40))
    made = made_of(workbench, events="user_id,item_id,event\n" + rows)
    assert "content" not in made.training_state().methods
    assert made.method_for_goal() == "popular"  # each came once: nothing goes together


def test_likes_of_somebody_new_change_the_list_at_once(recommender):
    tea = recommender.recommend(
        RecommendationRequest(likes=tuple(Like(item_id=f"tea-{n}") for n in (1, 2, 3)))
    )
    plants = recommender.recommend(
        RecommendationRequest(likes=tuple(Like(item_id=f"plants-{n}") for n in (1, 2, 3)))
    )
    assert categories(tea)[:5] == ["tea"] * 5
    assert categories(plants)[:5] == ["plants"] * 5
    assert not tea.is_cold


def test_an_unknown_like_is_left_out_and_said(recommender):
    likes = (Like(item_id="tea-1"), Like(item_id="gone-9"))
    found = recommender.recommend(RecommendationRequest(likes=likes))
    assert [one.item.item_id for one in found.history] == ["tea-1"]
    assert "gone-9" in " ".join(map(str, found.notices))


def test_a_like_taken_back_does_not_count_but_is_not_recommended_again(recommender):
    taken = [one.item.item_id for one in recommender.history("u0")]
    found = recommender.recommend(
        RecommendationRequest(user_id="u0", leave_out=tuple(taken), likes=(Like(item_id="tea-4"),))
    )
    assert [one.item.item_id for one in found.history] == ["tea-4"]
    assert categories(found)[0] == "tea"
    assert not set(taken) & {one.item.item_id for one in found.items}


def test_a_new_event_counts_in_the_next_request_without_training(own):
    before = own.recommend("u0")
    assert categories(before)[0] == "tents"
    own.add_events([NewEvent(user_id="u0", item_id=f"tea-{n}", kind="buy") for n in (1, 2, 3)])
    after = own.recommend("u0")
    assert categories(after)[0] == "tea"
    assert after.history[0].item.item_id == "tea-3"
    assert own.training_state().state == "ready"
    assert own.training_state().n_new_events == 3
    own.add_events([NewEvent(user_id="new", item_id="plants-1")])
    assert categories(own.recommend("new"))[0] == "plants"
    own.train().result(60)
    assert own.training_state().n_new_events == 0
    assert "new" in own.workshop.trained().user_ids


def test_an_event_that_one_view_keeps_counts_in_all_others(own):
    own.recommend("u0")
    own.served().add_events([NewEvent(user_id="u0", item_id="tea-1", kind="buy")])
    assert own.history("u0")[0].item.item_id == "tea-1"
    assert own.served().history("u0")[0].item.item_id == "tea-1"
    served = own.served()
    served.recommend("u0")
    assert len(own._made.audiences) == 1
    assert own.served()._made is served._made is own._made


def test_an_event_of_an_unknown_item_is_refused_and_none_is_kept(own):
    with pytest.raises(NotFound, match="nothing-1"):
        own.add_events(
            [NewEvent(user_id="u0", item_id="tea-1"), NewEvent(user_id="u0", item_id="nothing-1")]
        )
    assert own.training_state().n_new_events == 0


def test_rules_filter_boost_and_vary(recommender):
    def listed(**rules):
        request = RecommendationRequest(user_id="u3", rules=Rules(**rules), n_items=8)
        return recommender.recommend(request).items

    assert any(one.item.stock == 0 for one in listed(exclude_seen=False, in_stock_only=False))
    assert all(one.item.stock > 0 for one in listed(exclude_seen=False, in_stock_only=True))
    priced = listed(price_min=20.0, price_max=25.0)
    assert priced
    assert all(20 <= one.item.price <= 25 for one in priced)
    bikes = listed(conditions=(Condition(column="category", one_of=("BIKES ",)),))
    assert {shop.category_of(one.item.item_id) for one in bikes} == {"bikes"}
    boost = Boost(column="brand", value="Brand 2", factor=5.0)
    boosted = [dict(one.item.attributes)["brand"] for one in listed(boosts=(boost,))]
    plain = [dict(one.item.attributes)["brand"] for one in listed()]
    assert boosted[:1] == [("Brand 2",)]
    assert boosted[:4].count(("Brand 2",)) >= plain[:4].count(("Brand 2",))
    assert listed(exclude_seen=False)[0].item.item_id not in {i.item.item_id for i in listed()}


@pytest.mark.parametrize(
    "rules",
    [
        Rules(conditions=(Condition(column="size", one_of=("L",)),)),
        Rules(price_min=10.0, price_max=5.0),
        Rules(boosts=(Boost(column="brand", value="Brand 1", factor=-1.0),)),
    ],
)
def test_a_rule_that_cannot_be_used_is_refused(recommender, rules):
    with pytest.raises(InvalidInput):
        recommender.recommend(RecommendationRequest(user_id="u1", rules=rules))


def test_when_nothing_passes_the_rules_the_list_is_empty_and_says_so(recommender):
    found = recommender.recommend(
        RecommendationRequest(user_id="u1", rules=Rules(price_min=1000.0))
    )
    assert found.items == ()
    assert found.n_candidates == 0
    assert "No item passes the rules" in str(found.notices[-1])


@pytest.mark.parametrize("n_items", [0, 51, -3])
def test_a_list_of_another_length_than_allowed_is_refused(recommender, n_items):
    request = RecommendationRequest(user_id="u1", n_items=n_items)
    if n_items == 0:  # as the settings say
        assert len(recommender.recommend(request).items) == recommender.settings.n_items
        return
    with pytest.raises(InvalidInput, match="1 to 50"):
        recommender.recommend(request)


def test_two_methods_side_by_side_serve_the_same_request(recommender):
    both = recommender.side_by_side(RecommendationRequest(user_id="u1"), ("popular", "item_cosine"))
    assert list(both) == ["popular", "item_cosine"]
    assert both["popular"].method == "popular"
    assert both["popular"].history == both["item_cosine"].history
    assert categories(both["item_cosine"])[0] == "bikes"


def test_a_method_that_the_data_does_not_allow_is_refused(recommender):
    with pytest.raises(InvalidInput, match="cannot be used on this data") as refused:
        recommender.recommend(RecommendationRequest(user_id="u1", method="segment"))
    assert "These can: Most popular, Popular lately, " in str(refused.value)


def test_similar_items_are_of_the_same_taste_and_not_the_item_itself(recommender):
    found = recommender.similar("tea-2", 5)
    assert [shop.category_of(one.item.item_id) for one in found] == ["tea"] * 5
    assert "tea-2" not in {one.item.item_id for one in found}
    assert all(str(one.reason.notice) for one in found)
    with pytest.raises(NotFound):
        recommender.similar("nothing")


def test_items_and_users_can_be_found(recommender):
    assert [one.item_id for one in recommender.find_items("number tea 7")] == ["tea-7"]
    assert len(recommender.find_items(n_items=5)) == 5
    assert [one.user_id for one in recommender.find_users("u11")] == ["u11"]
    some = recommender.find_users(n_users=6)
    assert len(some) == 6
    assert some == recommender.find_users(n_users=6)
    assert recommender.item("tea-7").price == 37.0
    with pytest.raises(NotFound):
        recommender.item("nothing")


def test_a_history_is_newest_first_and_empty_for_strangers(recommender):
    history = recommender.history("u5")
    times = [one.at for one in history]
    assert times == sorted(times, reverse=True)
    assert times[0].tzinfo is UTC
    assert recommender.history("nobody") == ()


def test_the_trained_methods_are_there_after_a_restart(tmp_path: Path):
    from conftest import opened, shop_in

    with opened(tmp_path / "home") as workbench:
        made = shop_in(workbench)
        before = made.recommend("u1")
        recommender_id = made.id
    with opened(tmp_path / "home") as workbench:
        again = workbench.prototype(recommender_id, Recommendation)
        assert again.training_state().state == "ready"
        assert [i.item for i in again.recommend("u1").items] == [i.item for i in before.items]


def test_damaged_files_are_noticed_and_training_mends_them(tmp_path: Path):
    from conftest import opened, shop_in

    with opened(tmp_path / "home") as workbench:
        recommender_id = shop_in(workbench).id
    folder = tmp_path / "home" / "indexes" / recommender_id
    next(folder.glob("*/hybrid.npz")).write_bytes(b"damaged")
    with opened(tmp_path / "home") as workbench:
        again = workbench.prototype(recommender_id, Recommendation)
        assert again.training_state().state == "untrained"
        with pytest.raises(NotFound, match="Nothing is trained"):
            again.recommend("u1")
        again.refresh()
        again.training().result(60)
        assert again.recommend("u1").items


def test_while_new_methods_are_trained_the_old_ones_answer(own):
    before = own.workshop.trained()
    own.desk.add([("more.csv", b"user_id,item_id,event,timestamp\nu0,tea-1,buy,1760000000\n")])
    assert own.training_state().state == "stale"
    assert own.recommend("u0").items
    assert own.workshop.trained() is before
    own.train().result(60)
    assert own.workshop.trained() is not before
    assert own.training_state().state == "ready"


@pytest.mark.parametrize("is_stopped", [False, True], ids=["to the end", "stopped"])
def test_what_users_did_serves_while_a_model_still_reads_the_items(
    tmp_path: Path, monkeypatch, is_stopped
):
    monkeypatch.setattr(workshop, "N_SOON_READ", 5)
    reads, may_go_on = threading.Event(), threading.Event()
    read_items = workshop.item_vectors

    def waiting(items, model, toolbox, prototype_id, context):
        reads.set()
        assert may_go_on.wait(30)
        context.raise_if_cancelled()
        return read_items(items, model, toolbox, prototype_id, context)

    monkeypatch.setattr(workshop, "item_vectors", waiting)
    with Workbench.open(settings=Settings(home=tmp_path / "home", is_demo=True)) as workbench:
        made = workbench.create(Recommendation, "Shop", {})
        made.desk.add([("items.csv", shop.items_csv()), ("events.csv", shop.events_csv())])
        job = made.train()
        assert reads.wait(30)
        state = made.training_state()
        assert (state.state, state.is_usable) == ("training", True)
        assert "hybrid" not in state.methods
        assert shop.category_of(made.recommend("u2").items[0].item.item_id) == "tea"
        made.configure(replace(made.settings, method="hybrid"))
        found = made.recommend("u2")
        assert found.method == "item_cosine"
        assert "not trained yet" in str(found.notices[0])
        with pytest.raises(InvalidInput, match="cannot be used"):
            made.recommend(RecommendationRequest(user_id="u2", method="hybrid"))
        if is_stopped:
            job.cancel()
        may_go_on.set()
        job.wait(60)
        state = made.training_state()
        if is_stopped:
            assert (state.state, state.is_usable) == ("stale", True)
            assert "not read to the end" in str(state.notice)
        else:
            assert state.state == "ready"
            assert "hybrid" in state.methods
            assert made.recommend("u2").method == "hybrid"


def test_what_items_are_called_is_gathered_once_for_many_cases(own, monkeypatch):
    from studio.prototypes.recommendation import recommendation

    asked = []
    names_of = recommendation.names_of

    def counted(ids, titles):
        asked.append(len(ids))
        return names_of(ids, titles)

    monkeypatch.setattr(recommendation, "names_of", counted)
    cases = [EvaluationCase(case_id="1", question=one) for one in ("TEA-1", "u1", " tea-1 ")]
    first, _, again = [own.attempt(case).ranking for case in cases]
    assert first == again
    assert len(asked) == 1


def test_without_data_the_state_says_what_to_do(tmp_path: Path):
    with Workbench.open(settings=Settings(home=tmp_path / "home", is_demo=True)) as workbench:
        empty = workbench.create(Recommendation, "Empty", {})
        assert empty.training_state().state == "empty"
        assert empty.find_users() == ()
        assert empty.evaluation() is None
        with pytest.raises(NotFound, match="no data yet"):
            empty.recommend("u1")


def test_a_boost_in_the_settings_holds_for_every_request(own):
    own.configure(replace(own.settings, conditions=(("category", ("plants",)),), n_items=5))
    assert categories(own.recommend("u1")) == ["plants"] * 5


def test_a_filter_on_a_property_that_is_gone_is_passed_over_and_said(own):
    own.configure(
        replace(
            own.settings,
            conditions=(("size", ("L",)),),
            boosts=(("colour", "red", 2.0),),
        )
    )
    found = own.recommend("u1")
    assert len(found.items) == 10
    said = " ".join(map(str, found.notices))
    assert "rule on size" in said
    assert "rule on colour" in said
    assert own.similar("tea-1")


def test_goals_about_an_item_or_a_basket_look_at_these_alone(recommender):
    likes = (Like(item_id="plants-1"),)
    for goal in ("liked", "basket"):
        found = recommender.recommend(
            RecommendationRequest(user_id="u1", likes=likes, goal=goal, n_items=5)
        )
        assert categories(found) == ["plants"] * 5, goal
    trending = recommender.recommend(RecommendationRequest(user_id="u1", goal="trending"))
    assert trending.method == "recent"


def test_new_events_keep_their_times(own):
    at = datetime(2025, 9, 1, tzinfo=UTC)
    own.add_events([NewEvent(user_id="u9", item_id="tea-1", kind="rating", rating=4.0, at=at)])
    latest = own.history("u9")[0]
    assert latest.at == at
    assert latest.rating == 4.0


def test_a_recommender_is_measured_on_what_people_should_get(recommender, workbench):
    rows = (
        "likes,items\n"
        "Tents number 1 | tents-2,Tents number 3 | Tents number 4\n"
        "u1,bikes-1\n"
        "nothing like this,tea-1\n"
    ).replace("u1", recommender.find_users(n_users=1)[0].user_id)
    evaluation = workbench.evaluation(recommender.id)
    read = evaluation.sets.read("wishes.csv", rows.encode())
    assert [case.gold for case in evaluation.sets.cases(read.record.id)][0] == (
        "tents-3",
        "tents-4",
    )
    run = evaluation.run(read.record.id)
    assert (run.headline, run.n_failed) == ("nDCG@10", 1)
    first, _, third = run.results
    assert len(first.attempt.ranking) == 10
    assert first.scores["nDCG@10"] > 0
    assert "neither a user nor an item called nothing like this" in str(third.error)
    assert run.setup.data_fingerprint == recommender.data_fingerprint() != ""


def test_other_weights_than_the_trained_ones_are_not_measured(recommender, workbench):
    evaluation = workbench.evaluation(recommender.id)
    chosen = evaluation.sets.read("w.csv", b"likes,items\ntents-1,tents-2\n").record.id
    popular = evaluation.run(chosen, settings=replace(recommender.settings, method="popular"))
    assert popular.state == "done"
    with pytest.raises(InvalidInput, match="weighs events otherwise"):
        evaluation.start(
            chosen, settings=replace(recommender.settings, event_weights=(("view", 9.0),))
        )
