from hypothesis import given
from hypothesis import strategies as st

from studio.prototypes.search.highlight import excerpt_of, marks_in


def marked(text: str, query: str) -> list[str]:
    return [text[a:b] for a, b in marks_in(text, query)]


def test_marks_forms_of_a_word_and_no_other():
    text = "Returning a return: returns are free. Turn left."
    assert marked(text, "how do I return?") == ["Returning", "return", "returns"]


def test_marks_chinese_pairs_as_one_stretch():
    assert marked("商品可在三十天内退货退款。", "退货退款") == ["退货退款"]
    assert marked("退一件货", "退货") == []


def test_marks_model_numbers_by_their_parts():
    assert marked("The XR-200 and the XR-300.", "xr 200") == ["XR-200", "XR-300"]


def test_question_words_mark_nothing():
    assert marked("what is the how", "what is the how") == []


def test_long_passage_shows_the_sentence_that_matches():
    text = "Nothing to see here at all. " * 40 + "The tent weighs two kilos. " + "More text. " * 40
    found = excerpt_of(text, "weighing a tent", n_characters=120)
    assert "tent weighs" in found.text
    assert found.words == ("tent", "weighs")
    assert not found.is_start
    assert not found.is_end
    assert len(found.text) <= 120


def test_found_by_meaning_alone_shows_the_beginning():
    found = excerpt_of("Shelter for two. " * 50, "tent")
    assert found.marks == ()
    assert found.is_start


@given(st.text(), st.text(), st.integers(10, 400))
def test_marks_lie_in_the_excerpt_in_order(text, query, n):
    found = excerpt_of(text, query, n_characters=n)
    assert found.text in text
    assert len(found.text) <= n
    last = 0
    for start, end in found.marks:
        assert last <= start < end <= len(found.text)
        last = end
