import pytest

from store.errors import InputError
from store.readers.mapping import FieldMapping, find_value, parse_mapping


def test_a_mapping_names_what_holds_each_field() -> None:
    mapping = parse_mapping(["headline=title", "body=content, text", "outlet=source.name"])

    assert mapping == FieldMapping(
        (("body", ("content", "text")), ("headline", ("title",)), ("outlet", ("source.name",)))
    )
    assert mapping.sources == ("content", "text", "title", "source.name")


def test_the_first_name_that_holds_something_wins() -> None:
    mapping = parse_mapping(["body=content,text"])

    assert mapping.apply({"content": "", "text": "The ferry."}) == {"body": "The ferry."}
    assert mapping.apply({"content": "The dam.", "text": "The ferry."}) == {"body": "The dam."}


def test_fields_that_are_not_mapped_keep_their_usual_names() -> None:
    record = {"title": "Ferry aground", "content": "The ferry.", "author": "Jane Doe", "date": "2020-01-02"}

    assert parse_mapping(["body=content"]).apply(record) == {
        "headline": "Ferry aground",
        "authors": "Jane Doe",
        "published": "2020-01-02",
        "body": "The ferry.",
    }


def test_a_name_that_is_mapped_is_no_usual_name_of_another_field() -> None:
    assert parse_mapping(["section=source"]).apply({"source": "Islands", "text": "The ferry."}) == {
        "section": "Islands",
        "text": "The ferry.",
    }


def test_a_mapped_field_has_no_usual_names() -> None:
    assert parse_mapping(["headline=kicker"]).apply({"title": "Ferry aground"}) == {"headline": None}


@pytest.mark.parametrize(
    ("path", "value"),
    [
        ("title", "Ferry"),
        ("source.name", "Post"),
        ("source.owner.name", "Holding"),
        ("a.b", "a name with a dot"),
        ("people.name", ["Jane", "John"]),
        ("source.none.name", None),
        ("title.name", None),
        ("none", None),
    ],
)
def test_dots_lead_into_objects(path: str, value: object) -> None:
    record = {
        "title": "Ferry",
        "source": {"name": "Post", "owner": {"name": "Holding"}},
        "a.b": "a name with a dot",
        "people": [{"name": "Jane"}, {"id": 7}, 5, {"name": "John"}],
    }

    assert find_value(record, path) == value


@pytest.mark.parametrize(
    ("written", "message", "hint"),
    [
        (["headline"], "'headline' maps nothing", "write FIELD=NAME, as in --map headline=title"),
        (["headline="], "'headline=' maps nothing", "write FIELD=NAME, as in --map headline=title"),
        (["headlin=a"], "an article has no field 'headlin'", "did you mean 'headline'?"),
        (["title=Header"], "an article has no field 'title'", "did you mean 'headline'?"),
        (["title=headline"], "an article has no field 'title'", "our field comes first: --map headline=title"),
        (
            ["\x1b[31mx=a"],
            "an article has no field 'x'",
            "the fields are headline, body, outlet, authors, published, modified, url, id, language, section",
        ),
        (["body=a", "body=b,c"], "'body' is mapped twice", "name all at once: --map body=a,b,c"),
    ],
)
def test_a_mapping_that_cannot_be_is_refused_with_what_to_write(written: list[str], message: str, hint: str) -> None:
    with pytest.raises(InputError) as refused:
        parse_mapping(written)

    assert (str(refused.value), refused.value.hint) == (message, hint)
