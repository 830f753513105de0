"""Cleaning and splitting: what is left out and said, and that nothing tests that was learnt from."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from studio.prototypes.classifier.data import RawRow, prepared, text_key
from studio.prototypes.classifier.reporting import report_from_json, report_to_json, sentences
from studio.prototypes.classifier.settings import ClassifierSettings
from tests.unit.prototypes.classifier.mails import rows

SETTINGS = ClassifierSettings()


def data(of, use="learn", by_hand=(), settings=SETTINGS, more=()):
    raw = [RawRow(text=text, label=label, use=use) for text, label in of]
    return prepared([*raw, *more], by_hand, settings)


def said(found) -> str:
    return " ".join(map(str, sentences(found.report)))


def texts(examples) -> set[str]:
    return {text_key(one.text) for one in examples}


def test_a_fifth_of_each_label_is_held_out_and_the_rest_waits_to_be_labelled():
    found = data(rows())
    assert len(found.learn) == 48
    assert len(found.test) == 12
    assert dict(found.report.balance) == dict.fromkeys(found.labels, 16)
    assert len(found.pool) == 12
    assert not texts(found.learn) & texts(found.test)
    assert data(list(reversed(rows()))).labels == found.labels
    assert texts(data(list(reversed(rows()))).test) == texts(found.test)
    assert said(found) == ""


@given(
    st.lists(
        st.tuples(st.text("ab .", max_size=4), st.sampled_from(["", "x", "X ", "y", "z"])),
        max_size=40,
    )
)
def test_each_text_stands_in_one_place_only(of):
    found = data(of)
    places = [texts(found.learn), texts(found.test), {text_key(one) for one in found.pool}]
    assert sum(map(len, places)) == len(set().union(*places))
    assert len(places[0]) == len(found.learn)
    assert {one.label for one in (*found.learn, *found.test)} <= set(found.labels)
    assert "X" not in found.labels or "x" not in found.labels


def test_empty_long_and_repeated_texts_are_counted():
    found = data([*rows(), ("  ", "refund"), ("x" * 20_001, "refund"), rows()[0]])
    assert (found.report.n_empty, found.report.n_cut, found.report.n_repeated) == (1, 1, 1)
    assert "Rows without a text, left out: 1" in said(found)
    assert "count once" in said(found)


def test_a_text_with_two_labels_is_named_and_the_more_frequent_counts():
    found = data([*rows(), ("odd one", "refund"), ("odd one!", "refund"), ("odd one", "repair")])
    assert found.report.n_conflicts == 1
    assert "Texts with different labels: 1, such as “odd one” (refund, repair)" in said(found)
    (label,) = [one.label for one in (*found.learn, *found.test) if one.text == "odd one"]
    assert label == "refund"
    undecided = data([*rows(), ("odd one", "refund"), ("odd one", "repair")])
    assert "odd one" not in texts((*undecided.learn, *undecided.test))


def test_a_test_table_that_overlaps_loses_what_is_learnt_from():
    shared = rows()[0]
    more = [
        RawRow(text=shared[0], label=shared[1], use="test"),
        RawRow(text="quite another parcel", label="delivery", use="test"),
        RawRow(text="my password", label="account", use="test"),
    ]
    found = data(rows(), more=more)
    assert found.has_own_test
    assert len(found.learn) == 60
    assert {one.text for one in found.test} == {"quite another parcel", "my password"}
    assert found.report.n_overlapping == 1
    assert found.report.unlearnt == ("account",)
    assert "also learnt from" in said(found)
    assert "Only in the test, with no example to learn from: account" in said(found)


def test_a_single_example_is_learnt_from_and_said():
    found = data([*rows(), ("lonely", "praise")])
    assert found.report.single == ("praise",)
    assert "lonely" in texts(found.learn)
    assert "Only one example of: praise" in said(found)
    assert "praise has 1" in said(found)  # uneven


def test_what_spreadsheets_write_for_nothing_is_no_label_and_no_text():
    found = data([*rows(), ("who am I", "#N/A"), ("and who are you", "NaN"), ("#REF!", "praise")])
    assert {"who am i", "and who are you"} <= {text_key(text) for text in found.pool}
    assert not {"#N/A", "NaN", "praise"} & set(found.labels)
    assert found.report.n_empty == 1


def test_one_row_and_no_row_are_no_failure():
    one = data([("a parcel", "delivery")])
    assert (len(one.learn), len(one.test), one.labels) == (1, 0, ("delivery",))
    none = data([])
    assert (none.learn, none.test, none.pool, none.labels) == ((), (), (), ())


def test_the_word_of_a_person_counts_above_the_table_and_does_not_test():
    first, waiting = rows()[0][0], rows()[-1][0]
    found = data(rows(), by_hand=[(first, "repair"), (waiting, "refund"), ("new", "praise")])
    hand = {one.text: one.label for one in found.learn if one.is_by_hand}
    assert hand == {first: "repair", waiting: "refund", "new": "praise"}
    assert not any(one.is_by_hand for one in found.test)
    assert waiting not in found.pool
    alone = data([], by_hand=[(f"text {n}", "ab"[n % 2]) for n in range(10)])
    assert (len(alone.learn), len(alone.test)) == (8, 2)


def test_labels_are_merged_written_one_way_and_described_first():
    settings = ClassifierSettings(
        label_meanings=(("Repair", "mending"), ("praise", "")), merged=(("refnud", "refund"),)
    )
    found = data([*rows(), ("money back", "refnud"), ("torn", " REPAIR")], settings=settings)
    assert found.labels == ("Repair", "praise", "refund", "delivery")
    assert "refnud" not in {one.label for one in (*found.learn, *found.test)}


def test_a_typing_mistake_in_a_label_is_found_before_it_is_merged():
    found = data([*rows(), ("one", "delivry"), ("two", "Re fund")])
    pairs = [(one.rare, one.frequent) for one in found.report.alike]
    assert pairs == [("Re fund", "refund"), ("delivry", "delivery")]


def test_the_account_comes_back_from_json():
    report = data([*rows(), ("odd", "refund"), ("odd", "repair"), ("x", "delivry")]).report
    assert report_from_json(report_to_json(report)) == report


def test_a_held_out_text_that_nearly_repeats_a_learnt_one_does_not_test() -> None:
    learn = [RawRow(text=f"where is the parcel number {w}", label="a", use="learn") for w in WORDS]
    test = [
        RawRow(text="where is a parcel number alpha", label="a", use="test"),
        RawRow(text="wholly other words", label="b", use="test"),
    ]
    found = prepared([*learn, *test], [], ClassifierSettings())
    assert [one.text for one in found.test] == ["wholly other words"]
    assert (found.report.n_near, found.report.near[0][0]) == (1, "where is a parcel number alpha")


def test_what_a_model_made_of_a_test_text_is_not_learnt() -> None:
    rows_ = [RawRow(text=f"text {w} of a", label="a", use="learn") for w in WORDS]
    rows_ += [RawRow(text=f"other {w} of b", label="b", use="learn") for w in WORDS]
    before = prepared(rows_, [], ClassifierSettings())
    tested, learnt = before.test[0], before.learn[0]
    made = [
        RawRow(text="made of a test", label="a", use="synthetic", made_from=tested.text),
        RawRow(text="made of what is learnt", label="a", use="synthetic", made_from=learnt.text),
        RawRow(text=learnt.text, label="a", use="synthetic", made_from=learnt.text),
        RawRow(text="of a label that is gone", label="z", use="synthetic", made_from=learnt.text),
    ]
    after = prepared([*rows_, *made], [], ClassifierSettings())
    assert after.test == before.test
    assert [one.text for one in after.learn if one.is_made] == ["made of what is learnt"]
    assert (after.report.n_made, after.report.balance) == (1, before.report.balance)


WORDS = ("alpha", "bravo", "charlie", "delta", "echo", "foxtrot", "golf", "hotel")
