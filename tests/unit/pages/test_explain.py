"""The page that explains, without a browser (demo engine)."""

from __future__ import annotations


def texts(at) -> str:
    shown = [*at.markdown, *at.caption, *at.error, *at.warning, *at.info, *at.success]
    return "\n".join(element.value for element in shown).replace("\\", "")


def test_an_empty_studio_says_what_to_do_first(open_page) -> None:
    at = open_page("measure/explain.py")
    assert not at.exception
    assert "There is nothing to explain yet" in texts(at)


def test_the_map_of_the_passages_is_drawn_with_the_odd_ones(open_page, bench) -> None:
    search = bench.create_search("Shop")
    rows = "".join(f"Tent {i},A tent for {i} people\n" for i in range(6))
    search.add_file("p.csv", f"Name,Description\n{rows}".encode())
    search.update_index().wait(30)
    at = open_page("measure/explain.py", prototype=search.slug)
    at.segmented_control(key="_explain.view").set_value("map").run()
    at.button(key=f"_explain.map.{search.id}").click().run()
    bench.explaining.latest("map-passages", search.id).wait(30)
    at.run()
    assert not at.exception
    assert "Least like any other" in texts(at)


def test_the_demo_says_that_nobody_can_look_inside(open_page, bench) -> None:
    bot = bench.create_chatbot("Bot")
    at = open_page("measure/explain.py", prototype=bot.slug)
    assert "with each passage's contribution" in texts(at)
    at.segmented_control(key="_explain.view").set_value("model").run()
    next(b for b in at.button if b.label == "Look into the model").click().run()
    bench.explaining.latest("look-into-model", f"look.{bot.id}").wait(30)
    at.run()
    assert not at.exception
    assert "nobody can look into it" in texts(at)


def test_results_are_explained_at_once_for_who_comes_with_a_query(open_page, bench) -> None:
    search = bench.create_search("Shop")
    search.add_file("p.csv", b"Name,Description\nTent,A tent for two\nPot,An iron pot\n")
    search.update_index().wait(30)
    at = open_page("measure/explain.py", prototype=search.slug, query="a tent")
    bench.explaining.latest_asked("explain-results", search.id, "a tent").wait(30)
    at.run()
    assert not at.exception
    shown = texts(at)
    assert "in common" in shown
    assert "which shows no single words" in shown
    assert any("<u>" in element.proto.body for element in at.get("html"))
