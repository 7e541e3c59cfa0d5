from __future__ import annotations

from datetime import date
from itertools import combinations
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from store.copies import (
    SKETCH_HASHES,
    are_prints,
    is_about,
    is_agency,
    likeness,
    may_be_prints,
    shingle,
    sketch,
)
from store.readers import read_sources
from store.records import Draft
from tests.benchmarks import prints
from tests.benchmarks.prints import BOILERPLATE, REWRITES, reprint, write_story

SAMPLES = Path(__file__).parents[2] / "assistant" / "samples"
DAY = date(2017, 6, 7)

# The ferry story once more, long enough to be told from others.
FERRY = """
The ferry Morning Star sank off Skelby on Wednesday evening, an hour after it had left the harbour for Orwick.
All 212 people on board were brought ashore, among them a school class of 26 from Fenby, the coastguard said.
The captain reported water in the engine room at half past six and asked every boat nearby to come and help.
"We saw the lights go out one after the other," said Ida Holm, who had put out in her own boat.
The operator did not say why it sank. The ferry was built in 1987 and had passed an inspection in March.
""".strip()

ARABIC = (
    "غرقت العبّارة نجمة الصباح قبالة سكيلبي مساء الأربعاء بعد ساعة من مغادرتها الميناء. ونُقل جميع الركاب وعددهم مئتان "
    "واثنا عشر إلى الشاطئ بحسب ما أعلن خفر السواحل. وقال القبطان إن الماء دخل غرفة المحركات وطلب من كل القوارب القريبة "
    "أن تأتي للمساعدة. ولم تذكر الشركة سبب الغرق حتى الآن."
)
CHINESE = (
    "晨星号渡轮星期三傍晚在斯凯尔比附近沉没，当时它离开港口已有一个小时。海岸警卫队说，船上二百一十二人全部被送上岸，"
    "其中有一个来自芬比的学校班级。船长报告机舱进水，请求附近所有船只前来救援。运营公司没有说明沉没的原因。"
)
HINDI = (
    "मॉर्निंग स्टार नौका बुधवार शाम को स्केल्बी के पास डूब गई, बंदरगाह छोड़ने के एक घंटे बाद। तटरक्षक बल ने बताया कि नौका पर "
    "सवार सभी दो सौ बारह लोगों को किनारे पर लाया गया। कप्तान ने कहा कि इंजन कक्ष में पानी भर गया था और उसने आसपास की "
    "सभी नावों से मदद माँगी। कंपनी ने डूबने का कारण नहीं बताया।"
)


def alike(a: str, b: str, *, same_outlet: bool = False) -> bool:
    return are_prints(shingle(a), shingle(b), same_outlet=same_outlet)


# -- prints ------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("kind", REWRITES)
def test_a_print_of_a_story_is_one_and_its_sketch_says_so(kind: str) -> None:
    original = write_story(3)
    rewritten = reprint(original, kind, 0)

    assert alike(original.body, rewritten.body)
    assert alike(rewritten.body, original.body)
    assert may_be_prints(sketch(shingle(original.body)), sketch(shingle(rewritten.body)))


@pytest.mark.parametrize(
    "other",
    [
        FERRY.upper(),
        FERRY.replace("\n", " "),
        FERRY.replace('"', "”").replace(" — ", " – "),
        FERRY.replace("on Wednesday", "Wednesday").replace("half past six", "6.30"),
        "By Jon Vale\n" + FERRY,
        FERRY + "\nCopyright 2017. All rights reserved.",
    ],
)
def test_a_copy_desk_does_not_make_another_story(other: str) -> None:
    assert alike(FERRY, other)


@pytest.mark.parametrize("body", [ARABIC, CHINESE, HINDI])
def test_prints_are_found_in_every_script(body: str) -> None:
    cut = body[: len(body) * 2 // 3]

    assert alike(body, cut)
    assert may_be_prints(sketch(shingle(body)), sketch(shingle(cut)))
    assert not alike(body, FERRY)


def test_accents_may_be_encoded_either_way() -> None:
    composed = FERRY.replace("Ida Holm", "Zoë Ångström")
    decomposed = composed.replace("ë", "e\u0308").replace("Å", "A\u030a").replace("ö", "o\u0308")

    assert likeness(shingle(composed), shingle(decomposed)).resemblance == 1.0


# -- what only looks like a print --------------------------------------------------------------------------------------


@pytest.mark.parametrize("number", range(20))
def test_a_follow_up_with_the_same_background_is_another_story(number: int) -> None:
    original = write_story(number)

    assert not alike(original.body, prints.follow_up(original, number).body)
    assert not alike(original.body, prints.same_quotes(original, number).body)


@pytest.mark.parametrize("write", [prints.market_report, prints.weather_report, prints.match_report])
def test_one_form_filled_in_twice_makes_two_stories(write: prints.Report) -> None:
    reports = [write(number, DAY).body for number in range(12)]

    assert not any(alike(a, b) for a, b in combinations(reports, 2))


def test_the_other_parts_of_a_roundup_are_other_stories() -> None:
    first, second, third = (write_story(number).body for number in (1, 2, 3))

    assert not any(alike(part, "\n".join([first, second, third])) for part in (second, third))


def test_boilerplate_below_two_stories_does_not_make_them_one() -> None:
    first, second = ("\n".join([*write_story(number).paragraphs[:2], *BOILERPLATE]) for number in (5, 6))

    assert not alike(first, second)


def test_one_outlet_repeats_a_story_only_where_hardly_anything_is_new() -> None:
    original = write_story(4)
    longer = "\n".join([*original.paragraphs, *write_story(8).paragraphs[1:3]])

    assert alike(original.body, longer)
    assert not alike(original.body, longer, same_outlet=True)
    assert alike(original.body, original.body + "\nRead more tomorrow.", same_outlet=True)


def test_short_texts_are_prints_only_when_equal_as_a_whole() -> None:
    one = "Police are looking for witnesses to an accident in Skelby on Monday night, a spokeswoman said."
    other = one.replace("Skelby", "Orwick")

    assert alike(one, one.upper())
    assert not alike(one, other)
    assert not alike(one, f"{one}\n{FERRY}")
    assert len(sketch(shingle(one))) == 1


# -- properties --------------------------------------------------------------------------------------------------------


@given(st.text())
def test_any_text_is_a_print_of_itself_unless_it_is_empty(body: str) -> None:
    taken = shingle(body)

    assert are_prints(taken, taken) or taken.words == 0
    assert may_be_prints(sketch(taken), sketch(taken)) == (taken.words > 0)


@given(st.text(), st.text())
def test_which_of_two_comes_first_makes_no_difference(a: str, b: str) -> None:
    one, other = shingle(a), shingle(b)

    assert are_prints(one, other) == are_prints(other, one)
    assert may_be_prints(sketch(one), sketch(other)) == may_be_prints(sketch(other), sketch(one))


@given(st.lists(st.sampled_from("the ferry sank off a harbour on monday again".split()), max_size=200))
def test_a_sketch_is_small_ascending_and_fits_into_32_bits(words: list[str]) -> None:
    hashes = sketch(shingle(" ".join(words)))

    assert list(hashes) == sorted(set(hashes))
    assert len(hashes) <= SKETCH_HASHES
    assert all(0 <= one < 2**32 for one in hashes)


def test_a_sketch_is_the_same_on_every_machine() -> None:
    assert sketch(shingle(FERRY))[:3] == (42477697, 42813273, 123928704)


def test_of_an_endless_text_only_the_beginning_is_looked_at() -> None:
    assert shingle("sail " * 1_000_000).words == 40_000


# -- outlets and headlines ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "outlet",
    ["AP", "The Associated Press", "reuters.com", "dpa", "Agence France-Presse", "Meridian Wire", "Skelby News Agency"],
)
def test_agencies_are_known_by_name(outlet: str) -> None:
    assert is_agency(outlet)


@pytest.mark.parametrize("outlet", [None, "", "Harbour Courier", "The Skelby Post", "Wired", "Apple Daily"])
def test_other_outlets_are_no_agencies(outlet: str | None) -> None:
    assert not is_agency(outlet)


@pytest.mark.parametrize(
    ("headline", "body", "about"),
    [
        ("Ferry sinks off Skelby", FERRY, True),
        ("Skelby ferry: what we know | The Harbour Courier", FERRY, True),
        ("", FERRY, True),
        ("Council agrees to a new pier | The Skelby Post", FERRY, False),
        ("Ferry sinks off Skelby", "\n".join(BOILERPLATE), False),
        ("晨星号渡轮沉没", CHINESE, True),
    ],
)
def test_a_body_is_about_its_headline_where_it_has_its_words(headline: str, body: str, *, about: bool) -> None:
    assert is_about(headline, body) == about


def test_of_the_sample_archive_only_the_three_prints_are_alike() -> None:
    drafts = [draft for draft in read_sources([str(SAMPLES)]) if isinstance(draft, Draft)]

    pairs = [{Path(a.source).stem, Path(b.source).stem} for a, b in combinations(drafts, 2) if alike(a.body, b.body)]

    assert len(drafts) == 22
    assert len(pairs) == 3
    assert all("parliament-vote" in name for pair in pairs for name in pair)
