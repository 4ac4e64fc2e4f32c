#!/usr/bin/env python3
"""Ctrl-C while a program waits for a hub that is not there: it ends at once, and says what it was waiting for."""

import os
import pathlib
import signal
import socket
import subprocess
import sys
import tempfile
import time

RAVI = pathlib.Path(os.environ["RAVI_BUILD"]) / "ravi"
LONGEST_S = 1.0  # 0.05 s and the end of a process, on a machine that may be busy; the wait alone is 5 s


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def is_waiting(process: subprocess.Popen) -> bool:
    """It catches SIGINT and libzmq's threads run."""
    status = dict(line.split(":", 1) for line in pathlib.Path(f"/proc/{process.pid}/status").read_text().splitlines())
    catches = int(status["SigCgt"], 16) >> (signal.SIGINT - 1) & 1
    return bool(catches) and int(status["Threads"]) >= 3


def stop_while_waiting(arguments: list[str], which: signal.Signals) -> float:
    process = subprocess.Popen([RAVI, *arguments], text=True, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    end = time.monotonic() + 4
    while not is_waiting(process):
        assert process.poll() is None and time.monotonic() < end, process.communicate()
        time.sleep(0.01)
    begin = time.monotonic()
    process.send_signal(which)
    out, err = process.communicate(timeout=20)
    took = time.monotonic() - begin
    assert process.returncode == 3 and "stopped while waiting" in err, (process.returncode, out, err)
    assert took < LONGEST_S, f"{took:.2f} s"
    return took


def main() -> None:
    device = f"air:a@tcp://127.0.0.1:{free_port()}"
    with tempfile.TemporaryDirectory(prefix="ravi-stop-") as folder:
        for arguments in (["record", "--device", device, f"{folder}/out"], ["spectrum", device]):
            for which in (signal.SIGINT, signal.SIGTERM):
                print(f"{arguments[0]}, {which.name}: ended after {stop_while_waiting(arguments, which):.3f} s")


if __name__ == "__main__":
    sys.exit(main())
