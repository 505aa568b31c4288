"""Start a server on one core, load it from the other, and read what it cost from the kernel."""

from __future__ import annotations

import json
import os
import re
import shutil
import socket
import subprocess
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Self

_TICKS = os.sysconf("SC_CLK_TCK")
_MILLISECONDS = {"us": 0.001, "ms": 1.0, "s": 1_000.0, "m": 60_000.0}
_POST = """
wrk.method = "POST"
wrk.headers["Content-Type"] = "application/json"
wrk.headers["Authorization"] = "Bearer %s"
wrk.body = [[%s]]
"""


@dataclass(frozen=True, slots=True)
class Load:
    """What one round of load showed: requests a second, milliseconds at the 99th percentile, CPU each."""

    per_second: float
    p99: float
    cpu: float
    refused: int


class Program:
    """A server in a process of its own, kept on the first core."""

    def __init__(self, name: str, command: list[str], port: int) -> None:
        """Start it and wait until it listens."""
        self.name, self.port, self.key = name, port, "none"
        self._keys = tempfile.TemporaryDirectory()
        key_file = Path(self._keys.name) / "key"
        environment = {**os.environ, "BENCHMARK_KEY_FILE": str(key_file), "NODE_ENV": "production"}
        self.process = subprocess.Popen(["taskset", "-c", "0", *command], env=environment)
        _wait_for(port)
        if key_file.exists():
            self.key = key_file.read_text()

    def __enter__(self) -> Self:
        """Return the running server."""
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Stop it."""
        self.process.terminate()
        self.process.wait(10)
        self._keys.cleanup()

    @property
    def cpu_seconds(self) -> float:
        """The processor time it has used so far."""
        fields = Path(f"/proc/{self.process.pid}/stat").read_text().rpartition(")")[2].split()
        return (int(fields[11]) + int(fields[12])) / _TICKS

    @property
    def megabytes(self) -> float:
        """The memory it holds now."""
        status = Path(f"/proc/{self.process.pid}/status").read_text()
        return int(re.findall(r"VmRSS:\s+(\d+)", status)[0]) / 1024

    def load(self, body: dict[str, object], connections: int, seconds: int) -> Load:
        """Load it with wrk from the second core."""
        before = self.cpu_seconds
        said = _wrk(self, body, connections, seconds)
        used = self.cpu_seconds - before
        requests = int(re.findall(r"(\d+) requests in", said)[0])
        number, unit = re.findall(r"99%\s+([\d.]+)(us|ms|s|m)", said)[0]
        refused = sum(map(int, re.findall(r"Non-2xx or 3xx responses: (\d+)", said)))
        per_second = float(re.findall(r"Requests/sec:\s+([\d.]+)", said)[0])
        return Load(per_second, float(number) * _MILLISECONDS[unit], used / requests * 1e6, refused)


def _wrk(server: Program, body: dict[str, object], connections: int, seconds: int) -> str:
    if shutil.which("wrk") is None:
        raise SystemExit("This benchmark loads the servers with wrk. Install it: apt-get install wrk")
    with tempfile.NamedTemporaryFile("w", suffix=".lua") as script:
        script.write(_POST % (server.key, json.dumps(body)))
        script.flush()
        command = ["taskset", "-c", "1", "wrk", "-t1", f"-c{connections}", f"-d{seconds}s", "--latency"]
        address = f"http://127.0.0.1:{server.port}/v1/chat/completions"
        done = subprocess.run(
            [*command, "-s", script.name, address], capture_output=True, text=True, check=True
        )
    return done.stdout


def free_port() -> int:
    """Return a port that nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _wait_for(port: int) -> None:
    end = time.monotonic() + 20
    while time.monotonic() < end:
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                return
        time.sleep(0.05)
    raise SystemExit(f"Nothing listens on port {port}.")
