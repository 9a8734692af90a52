"""One network namespace per host, a cable from each to a bridge, and names for them."""

from __future__ import annotations

from pathlib import Path
from typing import Final

from tests.rig import settings
from tests.rig.processes import kill_namespace
from tests.rig.shell import run

_HOSTS_FILE: Final = Path("/etc/hosts")
_LIMIT_S: Final = 20.0


def build() -> None:
    """Makes bridge, namespaces and cables, and names the hosts in /etc/hosts."""
    first = [
        f"link add {settings.BRIDGE} type bridge",
        f"addr add {settings.BRIDGE_ADDRESS}/24 dev {settings.BRIDGE}",
        f"link set {settings.BRIDGE} up",
    ]
    for host in settings.HOSTS:
        space, cable = settings.namespace(host), settings.link(host)
        run(["ip", "netns", "add", space], timeout_s=_LIMIT_S)
        first += [
            f"link add {cable} type veth peer name eth0 netns {space}",
            f"link set {cable} master {settings.BRIDGE} up",
        ]
    run(["ip", "-batch", "-"], stdin="\n".join(first) + "\n", timeout_s=_LIMIT_S)
    for host in settings.HOSTS:
        inside = f"addr add {settings.address(host)}/24 dev eth0\nlink set eth0 up\nlink set lo up\n"
        space = settings.namespace(host)
        run(["ip", "-n", space, "-batch", "-"], stdin=inside, timeout_s=_LIMIT_S)
    lines = [f"{settings.address(host)} {host}" for host in settings.HOSTS]
    _write_hosts([settings.HOSTS_BEGIN, *lines, settings.HOSTS_END])


def clean() -> None:
    """Removes all of it and ends every process inside, also what a dead rig left."""
    listed = run(["ip", "netns", "list"], timeout_s=_LIMIT_S).stdout.splitlines()
    spaces = [line.split()[0] for line in listed if line.startswith(settings.NAMESPACE_PREFIX)]
    for space in spaces:
        kill_namespace(space)
        run(["ip", "netns", "delete", space], timeout_s=_LIMIT_S)
    # Both ends of a cable go with its namespace, but only some time after, in the kernel.
    ours = (settings.LINK_PREFIX, settings.BRIDGE)
    for name in sorted(path.name for path in Path("/sys/class/net").iterdir()):
        if name.startswith(ours):
            run(["ip", "link", "delete", name], timeout_s=_LIMIT_S, check=False)
    _write_hosts([])


def set_link(host: str, *, up: bool) -> None:
    """Plugs the cable of `host` in, or pulls it."""
    words = ["ip", "link", "set", settings.link(host), "up" if up else "down"]
    run(words, timeout_s=_LIMIT_S)


def exists() -> bool:
    """Whether anything of a rig's network is there."""
    return Path("/sys/class/net", settings.BRIDGE).exists()


def _write_hosts(ours: list[str]) -> None:
    """Puts `ours` in the place of the rig's lines in /etc/hosts; all other lines stay."""
    before = _HOSTS_FILE.read_text(encoding="utf-8")
    kept: list[str] = []
    inside = False
    for line in before.splitlines():
        if line == settings.HOSTS_BEGIN:
            inside = True
        elif line == settings.HOSTS_END:
            inside = False
        elif not inside:
            kept.append(line)
    after = "\n".join([*kept, *ours]) + "\n"
    if after == before:
        return
    part = _HOSTS_FILE.with_name(".hosts.recipec")
    part.write_text(after, encoding="utf-8")
    part.chmod(_HOSTS_FILE.stat().st_mode & 0o7777)
    try:
        part.replace(_HOSTS_FILE)
    except OSError:
        # In a container /etc/hosts is often a mount of its own and cannot be renamed over.
        _HOSTS_FILE.write_text(after, encoding="utf-8")
        part.unlink()
