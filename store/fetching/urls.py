"""What a person or a feed writes as an address → scheme, host, port and path, in ASCII, in one spelling."""

from __future__ import annotations

import ipaddress
import re
from dataclasses import dataclass
from urllib.parse import quote, urljoin, urlsplit

from store.cleaning import clean_line
from store.fetching.failures import Failed

_LONGEST_CHARS = 8_000
_LONGEST_SHOWN_CHARS = 200

_DEFAULT_PORTS = {"http": 80, "https": 443}
_LABEL = "[a-z0-9_](?:[a-z0-9_-]{0,61}[a-z0-9_])?"
_HOST = re.compile(rf"(?=.{{1,253}}$){_LABEL}(?:\.{_LABEL})*")
_PASSWORD = re.compile(r"^((?:[A-Za-z][A-Za-z0-9+.-]*:)?/*)[^/?#]*@")
# What RFC 3986 lets stand in a path or a query; an escape that is there already stays what it is.
_KEPT_IN_PATH = "/%:@!$&'()*+,;=~"
_KEPT_IN_QUERY = f"{_KEPT_IN_PATH}?[]|"


@dataclass(frozen=True, slots=True)
class Url:
    """An address on the web. ``host`` is in lower case, without brackets; ``target`` begins with a slash."""

    scheme: str
    host: str
    port: int
    target: str

    def __str__(self) -> str:
        return f"{self.scheme}://{self.authority}{self.target}"

    @property
    def authority(self) -> str:
        """The host, and the port where it is not the usual one, as they stand in a Host header."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        return host if self.port == _DEFAULT_PORTS[self.scheme] else f"{host}:{self.port}"

    def at(self, target: str) -> Url:
        """Return the address of another path on the same server."""
        return Url(self.scheme, self.host, self.port, target)

    def join(self, reference: str) -> Url:
        """Return what ``reference``, absolute or relative, means on the page at this address. Raises ``Failed``."""
        try:
            joined = urljoin(str(self), reference)
        except ValueError:  # brackets that are not closed
            raise Failed("it is no address of the form https://host/path") from None
        return read_url(joined)


def read_url(text: str) -> Url:
    """Return the address that ``text`` writes, without its fragment. Raises ``Failed``.

    Whoever puts a name or a password into an address means it to be secret; it would be stored and shown, so it is
    refused.
    """
    if len(text) > _LONGEST_CHARS:
        raise Failed(f"the address is longer than {_LONGEST_CHARS:,} characters")
    try:
        parts = urlsplit(text.strip())
        port = parts.port
    except ValueError:  # whose message would quote a password
        raise Failed("it is no address of the form https://host/path") from None
    if parts.scheme not in _DEFAULT_PORTS:
        raise Failed(_refused_scheme(parts.scheme))
    if "@" in parts.netloc:
        raise Failed("it holds a user name or a password")
    if port == 0:
        raise Failed("there is no port 0")
    path = quote(parts.path or "/", safe=_KEPT_IN_PATH, errors="replace")
    query = quote(parts.query, safe=_KEPT_IN_QUERY, errors="replace")
    return Url(
        parts.scheme,
        read_host(parts.hostname or ""),
        _DEFAULT_PORTS[parts.scheme] if port is None else port,
        f"{path}?{query}" if query else path,
    )


def read_host(text: str) -> str:
    """Return a host's name as the network knows it, or an address in its usual spelling. Raises ``Failed``.

    Names are mapped as browsers do (UTS 46): letters become small, full-width digits plain ones, other scripts ASCII.
    The odd spellings of an IPv4 address, such as 0x7f.1, stay: only looking them up tells what they mean.
    """
    if ":" in text:
        return _read_ipv6(text)
    host = text if text.isascii() else _encoded(text)
    host = host.lower().removesuffix(".")
    if not _HOST.fullmatch(host):
        raise Failed("it names no host" if not host else f"{clean_line(host[:80])!r} is no name of a host")
    return host


def shown(text: str) -> str:
    """Return an address as it may stand in a message: cleaned, on one line, shortened, without a password."""
    line = _PASSWORD.sub(r"\1", clean_line(text[: 10 * _LONGEST_SHOWN_CHARS]))
    return line if len(line) <= _LONGEST_SHOWN_CHARS else f"{line[: _LONGEST_SHOWN_CHARS - 1]}…"


def _read_ipv6(text: str) -> str:
    try:
        address = ipaddress.IPv6Address(text)
    except ValueError as exc:
        raise Failed(f"{clean_line(text[:80])!r} is no name of a host") from exc
    if address.scope_id is not None:
        raise Failed("it names a network interface")
    return address.compressed


def _encoded(text: str) -> str:
    import idna  # 20 ms

    try:
        mapped = idna.uts46_remap(text, std3_rules=False, transitional=False)
        return mapped if mapped.isascii() else idna.encode(mapped).decode("ascii")
    except (idna.IDNAError, UnicodeError) as exc:
        raise Failed(f"{clean_line(text[:80])!r} is no name of a host") from exc


def _refused_scheme(scheme: str) -> str:
    if not scheme:
        return "it does not begin with http:// or https://"
    return f"it is a {scheme[:20]!r} address, only http and https are fetched"
