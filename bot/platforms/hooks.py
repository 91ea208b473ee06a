"""Addresses that arrive in a message: the one place that decides which are called, and how.

Whoever can write to a group can try to put an address into a message. Only a platform's reply
address is ever called (WeCom's response_url, DingTalk's sessionWebhook); every other stays text.
"""

from __future__ import annotations

import errno
import ipaddress
import re
import socket
from collections.abc import Collection
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

import aiohttp

HOOK_LENGTH_LIMIT = 2048
_ASCII_HOST = re.compile(r"[a-z0-9.-]{1,253}", re.ASCII)
_THIS_MACHINE = ("127.0.0.1", "localhost")
_PROTOCOLS = ipaddress.IPv4Network("192.0.0.0/24")  # RFC 6890
_TRANSLATED = ipaddress.IPv6Network("64:ff9b::/96")  # RFC 6052: an IPv4 address behind it
_COMPATIBLE = ipaddress.IPv6Network("::/96")  # RFC 4291, 2.5.5.1: the same, given up


@dataclass(frozen=True, slots=True)
class VendorHooks:
    """The vendor's own reply addresses by prefix, and the session that calls them.

    The session is opened with `socket_factory=public_socket`.
    """

    prefixes: Collection[str]
    session: aiohttp.ClientSession


class Hooks:
    """Which session may call a reply address, if any may.

    `own` are the prefixes below the operator's bases: over https, or plain http to this machine,
    and wherever they resolve to, since the operator chose them. The vendor's, also where the
    operator's base is one of them, must resolve to a public address at every connection.
    """

    def __init__(
        self, session: aiohttp.ClientSession, own: Collection[str], vendors: VendorHooks | None
    ) -> None:
        self._session = session
        self._vendors = vendors
        theirs = {_origin(prefix) for prefix in vendors.prefixes} if vendors else set()
        self._own = tuple(
            prefix for prefix in own if _is_trusted(prefix) and _origin(prefix) not in theirs
        )

    def session_for(self, url: str) -> aiohttp.ClientSession | None:
        """The session to call `url` with, not following redirects; None: it is not called."""
        if is_allowed_hook(url, self._own):
            return self._session
        if self._vendors and is_allowed_hook(url, self._vendors.prefixes):
            return self._vendors.session
        return None


def is_allowed_hook(url: str, allowed: Collection[str]) -> bool:
    """Whether a reply address lies below one of the `allowed` prefixes (scheme, host, port, path).

    Host and scheme are compared exactly, the path by whole prefix; there is no user part, no
    backslash, no white space, no dot segment and no escape in the path. An allowed prefix
    decides the scheme and the port: the operator's own base may be plain http on loopback.
    """
    if len(url) > HOOK_LENGTH_LIMIT or not url.isascii() or re.search(r"[\s\\\x00-\x1f\x7f]", url):
        return False
    origin = _origin(url)
    if origin is None:
        return False
    path = _path(url)
    if "%" in path or "//" in path or "/../" in f"{path}/" or "/./" in f"{path}/":
        return False
    return any(origin == _origin(prefix) and _is_below(path, _path(prefix)) for prefix in allowed)


def is_public(address: str) -> bool:
    """Whether an IP address, as a resolver gives it, is one of the public internet's.

    Private, shared, loopback, link-local, multicast, documentation and reserved ones are not;
    neither is an IPv6 address that carries such an IPv4 one inside (mapped, compatible, NAT64,
    6to4, Teredo).
    """
    try:
        found = ipaddress.ip_address(address)
    except ValueError:
        return False
    if isinstance(found, ipaddress.IPv6Address):
        inside = _ipv4_inside(found)
        if inside is not None:
            return is_public(str(inside))
        if found.is_site_local:
            return False
    elif found in _PROTOCOLS:
        return False
    return found.is_global and not found.is_multicast and not found.is_reserved


def public_socket(info: tuple[int, int, int, str, tuple[Any, ...]]) -> socket.socket:
    """A connector's socket for an address that is_public; else OSError, before anything is sent.

    It stands at the connection itself, behind the resolver: a name that was public when it was
    looked at and is not when it is called (DNS rebinding) gets no socket.
    """
    family, kind, protocol, _name, address = info
    if not is_public(str(address[0])):
        raise OSError(errno.EACCES, "not a public address")
    return socket.socket(family, kind, protocol)


def _ipv4_inside(found: ipaddress.IPv6Address) -> ipaddress.IPv4Address | None:
    if found in _TRANSLATED or found in _COMPATIBLE:
        return ipaddress.IPv4Address(int(found) & 0xFFFFFFFF)
    if found.teredo is not None:
        return found.teredo[1]
    return found.ipv4_mapped or found.sixtofour


def _is_trusted(prefix: str) -> bool:
    parts = urlsplit(prefix)
    return parts.scheme == "https" or parts.hostname in _THIS_MACHINE


def _is_below(path: str, prefix: str) -> bool:
    return path == prefix or (prefix.endswith("/") and path.startswith(prefix))


def _path(url: str) -> str:
    return urlsplit(url).path or "/"


def _origin(url: str) -> tuple[str, str, int] | None:
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError:
        return None
    host = parts.hostname or ""
    if parts.scheme not in ("https", "http") or "@" in parts.netloc:
        return None
    if not _ASCII_HOST.fullmatch(host):
        return None
    usual = 443 if parts.scheme == "https" else 80
    return parts.scheme, host, usual if port is None else port
