"""The sockets of the HTTP doors: bound before anything slow starts, so that a taken port is said at once."""

from __future__ import annotations

import errno
import socket
from contextlib import ExitStack, suppress
from dataclasses import dataclass
from pathlib import Path

from pitwall.core.errors import Conflict, InvalidInput


class PortTaken(Conflict):
    """Another program listens on the port."""

    default_code = "server.port_taken"


@dataclass(frozen=True, slots=True)
class Door:
    """One port to listen on.

    Attributes:
        name: What comes in there, such as `http` or `otlp_http`.
        port: Port number; 0 turns the door off.
        flag: The command-line flag that changes it.
    """

    name: str
    port: int
    flag: str


def bind_doors(host: str, doors: list[Door]) -> dict[str, socket.socket]:
    """Bind every door that is not turned off; all or none.

    Returns:
        Bound sockets by the door's name, in the order given; not listening yet.

    Raises:
        PortTaken: With the port, its holder if that can be seen, and the flag to change it.
        InvalidInput: The address is not one of this machine's, the port needs rights, or all doors are off.
    """
    wanted = [door for door in doors if door.port]
    if not wanted:
        raise InvalidInput(
            "Every HTTP port is turned off, so nobody could reach the server.",
            hint=f"Give one of {', '.join(door.flag for door in doors)} a port.",
        )
    with ExitStack() as stack:
        bound = {door.name: stack.enter_context(_bind(host, door)) for door in wanted}
        stack.pop_all()
    return bound


def probe_door(host: str, door: Door) -> str:
    """Check that a door that another library will open can be opened, and return its address.

    Raises:
        PortTaken, InvalidInput: As `bind_doors`.
    """
    with _bind(host, door) as bound:
        return url_of(bound)


def url_of(bound: socket.socket) -> str:
    """Return the address of a bound socket as people reach it from this machine."""
    host, port = bound.getsockname()[:2]
    if host in ("0.0.0.0", "::"):  # noqa: S104 - compared, not bound
        host = "127.0.0.1" if host == "0.0.0.0" else "::1"  # noqa: S104
    return f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}"


def _bind(host: str, door: Door) -> socket.socket:
    try:
        family, kind, protocol, _, address = socket.getaddrinfo(
            host, door.port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE
        )[0]
    except OSError as exc:
        raise InvalidInput(
            f"The address {host!r} is not known: {exc.strerror}.", hint="Check --host."
        ) from exc
    bound = socket.socket(family, kind, protocol)
    try:
        bound.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        bound.bind(address)
        bound.listen(1)  # two programs may bind one port, only one may listen
    except OSError as exc:
        bound.close()
        raise _cannot_listen(host, door, exc) from exc
    bound.setblocking(False)
    return bound


def _cannot_listen(host: str, door: Door, error: OSError) -> Conflict | InvalidInput:
    if error.errno == errno.EADDRINUSE:
        holder = find_port_holder(door.port)
        return PortTaken(
            f"Port {door.port} on {host} is taken{f' by {holder}' if holder else ''}.",
            hint=f"Stop that program, or choose another port with {door.flag}.",
            details={"port": door.port, "holder": holder},
        )
    return InvalidInput(
        f"Cannot listen on {host}:{door.port}: {error.strerror}.", hint=f"Check --host and {door.flag}."
    )


def find_port_holder(port: int) -> str | None:
    """Name the process that listens on a TCP port, as far as this user can see it on Linux; else None."""
    inodes = _listening_inodes(port)
    if not inodes:
        return None
    for process in Path("/proc").glob("[0-9]*"):
        with suppress(OSError):  # processes come and go, and most belong to others
            if any(str(fd.readlink()) in inodes for fd in (process / "fd").iterdir()):
                return f"{(process / 'comm').read_text().strip()} (process {process.name})"
    return None


def _listening_inodes(port: int) -> set[str]:
    inodes = set()
    for table in ("/proc/net/tcp", "/proc/net/tcp6"):
        with suppress(OSError):
            for line in Path(table).read_text().splitlines()[1:]:
                fields = line.split()
                if fields[3] == "0A" and int(fields[1].rpartition(":")[2], 16) == port:
                    inodes.add(f"socket:[{fields[9]}]")
    return inodes
