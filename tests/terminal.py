"""A shell in a terminal: keys go in, and the screen is read."""

from __future__ import annotations

import fcntl
import os
import pty
import select
import struct
import subprocess
import termios
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path

import pyte

WIDTH, HEIGHT = 160, 60


class Terminal:
    """The screen of a program, and its keyboard."""

    def __init__(self, master: int) -> None:
        self._master = master
        self._screen = pyte.Screen(WIDTH, HEIGHT)
        self._stream = pyte.ByteStream(self._screen)
        self._screen.write_process_input = self.type  # type: ignore[method-assign]  # a shell asks who reads it

    @property
    def text(self) -> str:
        return "\n".join(line.rstrip() for line in self._screen.display).rstrip()

    def type(self, keys: str) -> None:
        os.write(self._master, keys.encode())

    def wait(self, wanted: str, limit_s: float = 30) -> str:
        """The screen once it shows `wanted`."""
        end = time.monotonic() + limit_s
        while wanted not in self.text:
            left = end - time.monotonic()
            assert left > 0, f"no {wanted!r} in:\n{self.text}"
            if select.select([self._master], [], [], left)[0]:
                self._stream.feed(os.read(self._master, 65536))
        return self.text


@contextmanager
def terminal(argv: Sequence[str], cwd: Path, env: Mapping[str, str]) -> Iterator[Terminal]:
    """A program in a terminal of its own; it is ended with the block."""
    master, slave = pty.openpty()
    fcntl.ioctl(slave, termios.TIOCSWINSZ, struct.pack("HHHH", HEIGHT, WIDTH, 0, 0))
    with subprocess.Popen(
        argv,
        cwd=cwd,
        env=dict(env),
        stdin=slave,
        stdout=slave,
        stderr=slave,
        start_new_session=True,
        preexec_fn=lambda: fcntl.ioctl(0, termios.TIOCSCTTY, 0),  # noqa: PLW1509  fish wants a terminal of its own
    ) as process:
        os.close(slave)
        try:
            yield Terminal(master)
        finally:
            process.kill()
            process.wait()
            os.close(master)
