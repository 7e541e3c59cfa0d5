import textwrap

from hypothesis import given, settings
from hypothesis import strategies as st

from store.readers.paragraphs import Paragraph, join_paragraphs, split_paragraphs

FERRY = (
    "The night ferry to Port Ellen ran aground on Tuesday with 212 people aboard, and the coast guard brought all of "
    "them ashore before dawn. Nobody was hurt, the harbour master said, but the ship will be out of service for weeks."
)
COUNCIL = (
    "The island council, which had asked for a second ship in the autumn, meets on Thursday. Its chairwoman said that "
    "the island-based company had been warned twice about the well-known sandbank off the northern pier."
)


def test_a_line_is_a_paragraph_and_blank_lines_are_counted() -> None:
    text = f"Ferry runs  aground\n\n{FERRY}\n{COUNCIL}\n \n\nEnd"

    assert split_paragraphs(text, first_line=10) == [
        Paragraph("Ferry runs aground", 10, 0),
        Paragraph(FERRY, 12, 1),
        Paragraph(COUNCIL, 13, 0),
        Paragraph("End", 16, 2),
    ]


def test_lines_wrapped_at_72_columns_are_joined() -> None:
    text = "\n\n".join(textwrap.fill(paragraph, 72) for paragraph in (FERRY, COUNCIL))

    assert join_paragraphs(split_paragraphs(text)) == f"{FERRY}\n{COUNCIL}"


def test_an_indented_line_begins_a_paragraph_of_wrapped_text() -> None:
    text = "\n".join(textwrap.fill(paragraph, 72, initial_indent="    ") for paragraph in (FERRY, COUNCIL))

    assert join_paragraphs(split_paragraphs(text)) == f"{FERRY}\n{COUNCIL}"


def test_lines_that_say_what_they_are_are_not_joined_to_wrapped_text() -> None:
    headline = "Night ferry to Port Ellen runs aground with 212 people aboard, none hurt"
    text = f"{headline}\nBy Jane Doe\nPORT ELLEN (AP) — {textwrap.fill(FERRY, 72)}\n---\nOutlet: Example Post\n"

    texts = [paragraph.text for paragraph in split_paragraphs(text)]

    assert texts[:2] == [headline, "By Jane Doe"]
    assert texts[2].startswith("PORT ELLEN (AP) — The night ferry")
    assert texts[-2:] == ["---", "Outlet: Example Post"]


def test_short_lines_that_were_not_wrapped_stay_apart() -> None:
    text = "Ferries on Tuesday:\nPort Ellen at nine\nPort Askaig at noon\nCraighouse at four\nall of them late"

    assert join_paragraphs(split_paragraphs(text)) == text


def test_one_paragraph_wrapped_among_whole_ones_is_joined() -> None:
    whole = ["Nobody was hurt, the harbour master of Port Ellen said at noon.", "The ship is old."] * 3
    first = FERRY[: FERRY.index(".") + 1]
    text = "\n".join([*whole, *textwrap.wrap(first, 110)])

    assert split_paragraphs(text)[-1].text == first


def test_the_last_word_of_a_wrapped_paragraph_is_no_button() -> None:
    paragraph = "Ann Poe, a teacher from the north of the island, was tired and glad to be on her long way home."

    assert [p.text for p in split_paragraphs(textwrap.fill(paragraph, 92))] == [paragraph]


def test_long_sentences_a_line_are_not_taken_for_wrapped_text() -> None:
    text = "\n".join([*FERRY.replace(". ", ".\n").split("\n"), *COUNCIL.replace(". ", ".\n").split("\n")] * 3)

    assert join_paragraphs(split_paragraphs(text)) == text


@settings(deadline=None)
@given(st.text(st.sampled_from("ab B.-\n"), max_size=400))
def test_no_letter_is_lost_or_added(text: str) -> None:
    joined = join_paragraphs(split_paragraphs(text))

    assert "".join(joined.split()) == "".join(text.split())
    assert "\n\n" not in joined
    assert joined == joined.strip()


@settings(deadline=None)
@given(st.lists(st.sampled_from(f"{FERRY} {COUNCIL}".split()), min_size=30, max_size=120), st.integers(50, 90))
def test_any_wrapping_of_prose_is_undone(words: list[str], width: int) -> None:
    paragraph = "The " + " ".join(words).lower()
    wrapped = textwrap.fill(paragraph, width, break_on_hyphens=False)

    assert join_paragraphs(split_paragraphs(wrapped)) == paragraph
