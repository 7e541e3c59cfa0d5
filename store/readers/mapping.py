"""Which names in a dump hold which field of an article, as a person says it: ``headline=title``."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from difflib import get_close_matches

from store.cleaning import clean_line
from store.errors import InputError
from store.readers.fields import select_fields

FIELDS = ("headline", "body", "outlet", "authors", "published", "modified", "url", "id", "language", "section")
BODY_NAMES = ("body", "text", "content", "maintext", "articleBody")

# What people call these fields, to tell them what they are called here.
_OTHER_NAMES = {
    "title": "headline",
    "text": "body",
    "content": "body",
    "source": "outlet",
    "site": "outlet",
    "publication": "outlet",
    "author": "authors",
    "byline": "authors",
    "date": "published",
    "updated": "modified",
    "link": "url",
    "lang": "language",
    "category": "section",
}
_LONGEST_NAME_CHARS = 100
# Values taken out of a list on a path: as many as an article may have authors.
_MOST_VALUES = 50


@dataclass(frozen=True, slots=True)
class FieldMapping:
    """Names in a dump for fields of an article; fields that are not named keep their usual names.

    ``names`` holds each field with its names in the dump, of which the first that holds something wins. A dot leads
    into an object ('source.name') unless a name has it itself. A name given to one field is no usual name of another.
    """

    names: tuple[tuple[str, tuple[str, ...]], ...] = ()

    @property
    def sources(self) -> tuple[str, ...]:
        """The names in the dump, each once."""
        return tuple(dict.fromkeys(name for _, names in self.names for name in names))

    def names_of_body(self) -> tuple[str, ...]:
        return dict(self.names).get("body", BODY_NAMES)

    def apply(self, record: Mapping[str, object]) -> Mapping[str, object]:
        """Return what ``record`` holds under the names of our fields."""
        if not self.names:
            return record
        claimed = {name.partition(".")[0] for name in self.sources} | set(self.sources)
        unclaimed = {name: value for name, value in record.items() if name not in claimed}
        bodies = {name: unclaimed[name] for name in BODY_NAMES if name in unclaimed}
        fields = {**select_fields(unclaimed), **bodies}
        for field, names in self.names:
            for name in BODY_NAMES if field == "body" else (field,):
                fields.pop(name, None)
            found = (value for name in names if (value := find_value(record, name)) not in (None, "", [], {}))
            fields[field] = next(found, None)
        return fields


NO_MAPPING = FieldMapping()


def parse_mapping(written: Iterable[str]) -> FieldMapping:
    """Return the mapping written as 'headline=title', 'body=content,text' and so on. Raises InputError."""
    names: dict[str, tuple[str, ...]] = {}
    for one in written:
        field, equals, sources = one.partition("=")
        field = field.strip()
        given = tuple(name for source in sources.split(",") if (name := source.strip()))
        if not equals or not given:
            raise InputError(f"{_quote(one)} maps nothing", hint="write FIELD=NAME, as in --map headline=title")
        if field not in FIELDS:
            raise InputError(f"an article has no field {_quote(field)}", hint=_describe_fields(field, given))
        if field in names:
            raise InputError(
                f"{field!r} is mapped twice",
                hint=f"name all at once: --map {field}={','.join((*names[field], *given))}",
            )
        names[field] = given
    return FieldMapping(tuple(sorted(names.items())))


def find_value(record: Mapping[str, object], path: str) -> object:
    """Return what stands in ``record`` under ``path``, in a list what its objects hold there; None where it is not."""
    if path in record or "." not in path:
        return record.get(path)
    found: object = record
    for name in path.split("."):
        if isinstance(found, Mapping):
            found = found.get(name)
        elif isinstance(found, list):
            found = [one[name] for one in found[:_MOST_VALUES] if isinstance(one, Mapping) and name in one]
        else:
            return None
    return found


def _describe_fields(field: str, given: tuple[str, ...]) -> str:
    nearest = _OTHER_NAMES.get(field.casefold()) or next(iter(get_close_matches(field.casefold(), FIELDS, n=1)), None)
    if given[0] in FIELDS:  # The wrong way round.
        return f"our field comes first: --map {given[0]}={field}"
    if nearest:
        return f"did you mean {nearest!r}?"
    return f"the fields are {', '.join(FIELDS)}"


def _quote(text: str) -> str:
    return repr(clean_line(text[:_LONGEST_NAME_CHARS]))
