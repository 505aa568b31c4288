"""Loaded by every Python the tests start: no connection may leave this computer, no progress is shared.

`socket.connect` to anything but loopback fails at once, as it would with the cable pulled.
"""

import ipaddress
import os
import socket
from pathlib import Path
from typing import Any

_connect = socket.socket.connect
_connect_ex = socket.socket.connect_ex
_getaddrinfo = socket.getaddrinfo


def _is_local(host: str) -> bool:
    if host in {"", "localhost"}:
        return True
    try:
        return ipaddress.ip_address(host.partition("%")[0]).is_loopback
    except ValueError:
        return False


def _check(family: int, address: Any) -> None:
    if family in {socket.AF_INET, socket.AF_INET6} and not _is_local(str(address[0])):
        raise OSError(f"The tests have no network: {address[0]} is not this computer.")


def connect(self: socket.socket, address: Any) -> None:
    """Connect to loopback only."""
    _check(self.family, address)
    _connect(self, address)


def connect_ex(self: socket.socket, address: Any) -> int:
    """Connect to loopback only."""
    _check(self.family, address)
    return _connect_ex(self, address)


def getaddrinfo(host: Any, *rest: Any, **named: Any) -> Any:
    """Look up loopback names only."""
    name = host.decode() if isinstance(host, bytes) else host
    if name is not None and not _is_local(name):
        raise socket.gaierror(socket.EAI_NONAME, f"The tests have no network: {name} is not looked up.")
    return _getaddrinfo(host, *rest, **named)


if _kept := os.environ.get("GUIDE_PROGRESS"):  # a file of its own for each process
    os.environ["GUIDE_PROGRESS"] = str(Path(_kept).with_name(f"progress-{os.getpid()}.json"))

socket.socket.connect = connect  # type: ignore[method-assign]
socket.socket.connect_ex = connect_ex  # type: ignore[method-assign]
socket.getaddrinfo = getaddrinfo
