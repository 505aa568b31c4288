"""Run the OpenAI client's own tests against the practice API: `python tests/compat/run_openai_suite.py`.

The tests are in the client's source distribution, which is fetched by pip; they run in an environment of
their own. What is run is the part of the API that the guide practises. Exit code 0 means that every test
passed, and that there were as many as there should be.
"""

from __future__ import annotations

import argparse
import os
import socket
import subprocess
import sys
import tarfile
import time
import urllib.error
import urllib.request
import venv
import xml.etree.ElementTree as ET
from pathlib import Path

VERSION = "3.54.0"
TOOLS = ("pytest==9.2.0", "pytest-asyncio==1.5.0", "pytest-xdist==3.8.0", "rich")
LEAST = 1_900
ROOT = Path(__file__).parents[2]

ADMIN = "admin/organization"
PATHS = (
    "chat",
    "responses",
    *(f"test_{name}.py" for name in ("responses", "models", "embeddings", "images", "moderations")),
    *(f"{ADMIN}/test_{name}.py" for name in ("projects", "admin_api_keys", "usage", "audit_logs", "users")),
    *(f"{ADMIN}/test_{name}.py" for name in ("invites", "spend_limit", "spend_alerts")),
    *(
        f"{ADMIN}/projects/test_{name}.py"
        for name in ("api_keys", "service_accounts", "rate_limits", "users")
    ),
    *(f"{ADMIN}/projects/test_{name}.py" for name in ("spend_limit", "spend_alerts", "model_permissions")),
    f"{ADMIN}/projects/service_accounts",
)


def main() -> int:
    """Fetch, start, run, and say how it went."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--at", type=Path, default=ROOT / "build" / "openai-suite", help="where to work")
    place = parser.parse_args().at.resolve()
    place.mkdir(parents=True, exist_ok=True)
    source, python = fetch(place), environment(place)
    port = free_port()
    command = [Path(sys.executable).with_name("key-guide"), "practice", "--compat", "openai-python"]
    server = subprocess.Popen([*command, "--port", str(port)], stdout=subprocess.DEVNULL)
    try:
        wait_for(server, port)
        report = run(source, python, port, place / "report.xml")
    finally:
        server.terminate()
        server.wait(timeout=30)
    return judge(report)


def fetch(place: Path) -> Path:
    """Return the folder of the client's source distribution, which pip downloads unless it is there."""
    source = place / f"openai-{VERSION}"
    if not (source / "tests").is_dir():
        options = ["--no-deps", "--no-binary", "openai", "--dest", str(place)]
        pip = [sys.executable, "-m", "pip", "download", "-q"]
        subprocess.run([*pip, *options, f"openai=={VERSION}"], check=True)
        with tarfile.open(place / f"openai-{VERSION}.tar.gz") as archive:
            archive.extractall(place, filter="data")
    return source


def environment(place: Path) -> Path:
    """Return the Python of an environment with exactly this client and what its tests need."""
    python = place / "venv" / ("Scripts" if os.name == "nt" else "bin") / "python"
    if not python.exists():
        venv.create(place / "venv", with_pip=True)
    pip = [python, "-m", "pip", "install", "-q", "--disable-pip-version-check"]
    subprocess.run([*pip, f"openai[aiohttp]=={VERSION}", *TOOLS], check=True)
    return python


def free_port() -> int:
    """Return a port that nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def wait_for(server: subprocess.Popen[bytes], port: int) -> None:
    """Wait until the practice API answers, even if only to ask for a key."""
    end = time.monotonic() + 30
    while time.monotonic() < end and server.poll() is None:
        try:
            urllib.request.build_opener(urllib.request.ProxyHandler({})).open(
                f"http://127.0.0.1:{port}/v1/models"
            )
        except urllib.error.HTTPError:
            return
        except OSError:
            time.sleep(0.1)
    raise SystemExit("The practice API did not start.")


def run(source: Path, python: Path, port: int, report: Path) -> Path:
    """Run the tests and return their report."""
    report.unlink(missing_ok=True)
    folder = source / "tests" / "api_resources"
    missing = [path for path in PATHS if not (folder / path).exists()]
    if missing:
        raise SystemExit(f"The suite has no {', '.join(missing)}.")
    base = f"http://127.0.0.1:{port}"
    mine = {"TEST_API_BASE_URL": base, "PYTHONPATH": str(source), "NO_PROXY": "127.0.0.1"}
    kept = {name: value for name, value in os.environ.items() if not name.startswith("OPENAI_")}
    options = ["-q", "-n", "2", "--durations=0", "--durations-min=5", "-p", "no:cacheprovider"]
    command = [python, "-m", "pytest", *options, f"--junitxml={report}", *(folder / path for path in PATHS)]
    subprocess.run(command, cwd=source, env={**kept, **mine}, check=False)
    return report


def judge(report: Path) -> int:
    """Say what passed and what did not, and return the exit code."""
    if not report.exists():
        raise SystemExit("The suite did not run.")
    suites = list(ET.parse(report).getroot().iter("testsuite"))  # noqa: S314 -- our own pytest wrote it
    tests, *others = (
        sum(int(each.get(name, 0)) for each in suites) for name in ("tests", "failures", "errors", "skipped")
    )
    passed = tests - sum(others)
    sys.stdout.write(f"openai {VERSION}, its own tests: {passed:,} passed, {sum(others):,} did not.\n")
    if passed < LEAST:
        sys.stdout.write(f"At least {LEAST:,} should have passed.\n")
    return int(passed < tests or passed < LEAST)


if __name__ == "__main__":
    sys.exit(main())
