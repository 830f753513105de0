"""Activity shows who did what and what was used, narrowed by time, person and action."""

from __future__ import annotations

from components.activity_list import as_csv


def test_a_fresh_studio_says_what_will_be_here(open_page) -> None:
    at = open_page("measure/activity.py")
    assert [box.value.split(".")[0] for box in at.info] == [
        "Nothing was done in this time",
        "No model was called in this time",
    ]


def test_what_was_done_and_used_is_listed(open_page, bench) -> None:
    bot = bench.create_chatbot("Shop bot")
    bot.add_file("a.txt", b"Returns are free within 30 days.")
    bot.update_index().wait(20)
    bot.ask("How long do I have to return something?")
    bench.delete(bot.id)
    at = open_page("measure/activity.py")
    done, used = at.dataframe[0].value, at.dataframe[1].value
    assert list(done["What"][:3]) == ["deleted", "added documents", "created"]
    assert set(done["Who"]) == {"at the machine itself"}
    assert list(used["Prototype"]) == ["Shop bot"]
    assert used["Model calls"][0] >= 2
    assert used["Failed"][0] == 0
    at.selectbox(key="_activity.action").set_value("deleted").run()
    assert list(at.dataframe[0].value["What"]) == ["deleted"]


def test_the_file_keeps_formulas_out(bench) -> None:
    bench.create_chatbot('=HYPERLINK("http://evil.test")')
    text = as_csv(bench.workspace.activity.list()).decode("utf-8-sig")
    assert text.splitlines()[0] == "time_utc,actor,action,subject_kind,subject,times"
    assert "'=HYPERLINK" in text
    assert ",=HYPERLINK" not in text
    assert ',"=HYPERLINK' not in text
