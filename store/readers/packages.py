"""Documents that are ZIP packages of XML, as EPUB and DOCX: their parts, within bounds."""

from __future__ import annotations

import io
import re
import zipfile
import zlib
from types import TracebackType
from typing import Self

from lxml import etree

from store.errors import InputError

_MOST_PARTS = 20_000
_LARGEST_PART_BYTES = 50_000_000
_LARGEST_PACKAGE_BYTES = 300_000_000
# No part of these formats needs a document type; entities are how a thousand bytes become a gigabyte.
_DOCTYPE = re.compile(rb"<!(?:DOCTYPE|ENTITY)", re.IGNORECASE)
_HTML_DOCTYPE = re.compile(rb"<!DOCTYPE\s+html\b[^>\[]*>", re.IGNORECASE)


class Package:
    """An open package. ``InputError`` says in words why it, or a part of it, cannot be read."""

    def __init__(self, content: bytes) -> None:
        try:
            self._zip = zipfile.ZipFile(io.BytesIO(content))
        except (zipfile.BadZipFile, ValueError, OSError) as exc:
            raise InputError("is damaged: it cannot be unpacked") from exc
        self.names = frozenset(self._zip.namelist())
        entries = self._zip.infolist()
        if len(entries) > _MOST_PARTS or sum(entry.file_size for entry in entries) > _LARGEST_PACKAGE_BYTES:
            raise InputError("unpacks to more than 300 MB")
        if any(entry.flag_bits & 1 for entry in entries):
            raise InputError("is encrypted; remove its password and add it again")

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, exception: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._zip.close()

    def part(self, name: str) -> bytes:
        """Return the bytes of a part; a size that the package lies about ends in an error, not in memory."""
        try:
            with self._zip.open(name) as stream:
                content = stream.read(_LARGEST_PART_BYTES + 1)
        except KeyError as exc:
            raise InputError(f"is damaged: it lacks {name}") from exc
        except (zipfile.BadZipFile, zlib.error, NotImplementedError, EOFError, OSError, ValueError) as exc:
            raise InputError(f"is damaged: {name} cannot be unpacked") from exc
        if len(content) > _LARGEST_PART_BYTES:
            raise InputError(f"is too large: {name} unpacks to more than 50 MB")
        return content

    def xml(self, name: str) -> etree._Element:
        """Return the root of an XML part. Raises InputError where it declares a document type or is broken."""
        content = self.part(name)
        check_declares_nothing(content, name)
        parser = etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False, huge_tree=False)
        try:
            return etree.fromstring(content, parser)
        except (etree.XMLSyntaxError, ValueError) as exc:
            raise InputError(f"is damaged: {name} is not XML") from exc


def check_declares_nothing(content: bytes, name: str) -> None:
    """Raise InputError where XML declares entities, or a document type other than plain HTML's."""
    if _DOCTYPE.search(_HTML_DOCTYPE.sub(b"", content[:10_000], count=1)) or b"<!ENTITY" in content:
        raise InputError(f"is not read: {name} declares entities, which documents do not need and attacks use")
