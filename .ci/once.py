"""Start the sandbox as a newcomer would, ask it one thing, stop it, and see that nothing is left running."""

import json
import os
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
START_SECONDS = 120
STOP_SECONDS = 30


def main() -> None:
    port = free_port()
    environment = {**os.environ, "PORT": str(port), "DSOP_ENVIRONMENT": "sandbox"}
    begun = time.monotonic()
    make = subprocess.Popen(["make", "run"], cwd=ROOT, env=environment, start_new_session=True)
    try:
        wait_until_ready(make, port)
        print(f"ready after {time.monotonic() - begun:.1f} s", flush=True)
        enquire(environment)
    finally:
        make.send_signal(signal.SIGTERM)
        make.wait(STOP_SECONDS)
    left = left_running()
    if left:
        sys.exit(f"left running: {left}")
    print("1 passed, 0 failed")


def wait_until_ready(make: subprocess.Popen[bytes], port: int) -> None:
    deadline = time.monotonic() + START_SECONDS
    while time.monotonic() < deadline:
        if make.poll() is not None:
            sys.exit(f"make run ended with {make.returncode}")
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{port}/health/ready", timeout=2) as answer:
                if answer.status == 200:
                    return
        except OSError:
            pass
        time.sleep(0.2)
    sys.exit("make run is not ready")


def enquire(environment: dict[str, str]) -> None:
    """Ask as Skatteetaten would; exit when an answer is not the one expected."""
    parties = json.loads(manage(environment, "sandbox_parties", "--json"))
    debtor = next(party["identifier"] for party in parties if party["case"] == "debtor-five-accounts")
    asked = json.loads(manage(environment, "enquire", "fi-utlegg-saldo", debtor, "--json"))
    statuses = [exchange["response"]["status"] for exchange in asked["exchanges"]]
    if statuses != [200] * 7 + [400] * 3:
        sys.exit(f"unexpected answers: {statuses}")


def manage(environment: dict[str, str], *arguments: str) -> str:
    command = [str(ROOT / ".venv" / "bin" / "python"), "manage.py", *arguments]
    return subprocess.run(command, cwd=ROOT, env=environment, check=True, stdout=subprocess.PIPE, text=True).stdout


def left_running() -> list[str]:
    """Return the processes that still work in this checkout, after a moment for them to end."""
    for _ in range(20):
        pids = filter(str.isdigit, (path.name for path in Path("/proc").iterdir()))
        found = [pid for pid in pids if int(pid) != os.getpid() and is_ours(pid)]
        if not found:
            return []
        time.sleep(0.25)
    return found


def is_ours(pid: str) -> bool:
    """Return whether a process runs from this checkout: its server, its database or one of its commands."""
    try:
        words = Path("/proc", pid, "cmdline").read_bytes().decode(errors="replace").split("\0")
    except OSError:
        return False
    return any(word.startswith(str(ROOT / name)) for word in words for name in (".venv", ".sandbox"))


def free_port() -> int:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        port: int = listener.getsockname()[1]
        return port


main()
