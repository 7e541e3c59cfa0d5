"""Which IP addresses may be connected to: those of the public internet, and none through which others are reached."""

from __future__ import annotations

import ipaddress
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network

# From the IANA registries of special-purpose addresses (RFC 6890 and its updates). Written out, because what
# ``ipaddress`` calls global changed between releases of Python and never covered all of it.
_SPECIAL_IPV4 = {
    "0.0.0.0/8": "this machine",
    "10.0.0.0/8": "private",
    "100.64.0.0/10": "carrier-grade NAT",
    "127.0.0.0/8": "this machine",
    "168.63.129.16/32": "cloud platform",  # the host of a virtual machine in Azure
    "169.254.0.0/16": "link-local",  # with the metadata of most clouds
    "172.16.0.0/12": "private",
    "192.0.0.0/24": "reserved",
    "192.0.2.0/24": "documentation",
    "192.88.99.0/24": "6to4",
    "192.168.0.0/16": "private",
    "198.18.0.0/15": "benchmarking",
    "198.51.100.0/24": "documentation",
    "203.0.113.0/24": "documentation",
    "224.0.0.0/4": "multicast",
    "240.0.0.0/4": "reserved",
}
# Of all IPv6 only 2000::/3 is given out; these parts of it are not for hosts, or reach an IPv4 address through others.
_SPECIAL_IPV6 = {
    "2001::/32": "Teredo",
    "2001::/23": "reserved",
    "2001:db8::/32": "documentation",
    "2002::/16": "6to4",
    "3fff::/20": "documentation",
}
_SPECIAL_IPV6_ELSEWHERE = {
    "::/128": "this machine",
    "::1/128": "this machine",
    "fc00::/7": "private",
    "fe80::/10": "link-local",
    "fec0::/10": "private",
    "ff00::/8": "multicast",
}
_GLOBAL_IPV6 = IPv6Network("2000::/3")
_NAT64 = IPv6Network("64:ff9b::/96")

_KINDS_IPV4 = [(IPv4Network(network), kind) for network, kind in _SPECIAL_IPV4.items()]
_KINDS_IPV6 = [(IPv6Network(network), kind) for network, kind in (_SPECIAL_IPV6 | _SPECIAL_IPV6_ELSEWHERE).items()]


def special_kind(address: IPv4Address | IPv6Address) -> str | None:
    """Return what kind of address it is that a stranger must not lead us to, such as "private"; ``None`` if public.

    An IPv4 address within an IPv6 one (mapped, or NAT64, which is how networks without IPv4 reach it) is judged itself.
    6to4 and Teredo lead through a stranger's relay and are no longer in use: they are special whatever they hold.
    """
    if isinstance(address, IPv6Address):
        if address.ipv4_mapped is not None:
            return special_kind(address.ipv4_mapped)
        if address in _NAT64:
            return special_kind(IPv4Address(int(address) & 0xFFFFFFFF))
        kind = next((kind for network, kind in _KINDS_IPV6 if address in network), None)
        return kind or (None if address in _GLOBAL_IPV6 else "reserved")
    return next((kind for network, kind in _KINDS_IPV4 if address in network), None)


def read_address(text: str) -> IPv4Address | IPv6Address | None:
    """Return the IP address that a look-up gave as ``text``; ``None`` where it is none."""
    try:
        return ipaddress.ip_address(text)
    except ValueError:
        return None
