#!/usr/bin/env python3
"""ravi replay into ravi record over the ZeroMQ fronthaul, sample for sample; and what both refuse, with their exit codes."""

import json
import os
import pathlib
import shutil
import socket
import subprocess
import sys
import tempfile

RAVI = pathlib.Path(os.environ["RAVI_BUILD"]) / "ravi"
LENGTH = 200_000


def ravi(*arguments: str) -> subprocess.CompletedProcess:
    return subprocess.run([RAVI, *map(str, arguments)], text=True, capture_output=True, timeout=60)


def make(folder: pathlib.Path) -> pathlib.Path:
    data = b"".join((n % 30000 + 1).to_bytes(2, "little") + (n % 11).to_bytes(2, "little") for n in range(LENGTH))
    (folder / "made.sigmf-data").write_bytes(data)
    (folder / "made.sigmf-meta").write_text(json.dumps({
        "global": {"core:datatype": "ci16_le", "core:version": "1.0.0", "core:sample_rate": 1_000_000},
        "captures": [{"core:sample_start": 0, "core:frequency": 5e8}], "annotations": []}))
    return folder / "made"


def over_zmq(folder: pathlib.Path, made: pathlib.Path) -> None:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        endpoint = f"tcp://127.0.0.1:{probe.getsockname()[1]}"
    wanted = LENGTH * 9 // 10  # the sender may end while its last message is on the way
    recorder = subprocess.Popen([RAVI, "record", "--device", f"zmq:rx={endpoint}", "--rate", "1MHz", "--samples", str(wanted),
                                 str(folder / "got"), "--json"], text=True, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    sent = ravi("replay", made, "--device", f"zmq:tx={endpoint}", "--json")
    out, err = recorder.communicate(timeout=30)
    assert sent.returncode == 0 and json.loads(sent.stdout)["samples"] == LENGTH, sent
    assert "real time" not in sent.stderr + err, "simulated radios ask for no real time"
    assert recorder.returncode == 0 and json.loads(out)["samples"] == wanted, (out, err)
    assert (folder / "got.sigmf-data").read_bytes() == made.with_suffix(".sigmf-data").read_bytes()[:4 * wanted]


def refusals(folder: pathlib.Path, made: pathlib.Path) -> None:
    device = ("--device", f"file:{made}")
    for expected, text, arguments in (
            (2, "required", ("record",)),
            (2, "never overwritten", ("record", made, *device)),
            (2, "cf64", ("record", folder / "x", *device, "--format", "cf64")),
            (2, "above 0", ("record", folder / "x", *device, "--duration", "-1s")),
            (2, "has 1 receive channel", ("record", folder / "x", *device, "--channels", "2")),
            (2, "needs --rate", ("record", folder / "x", "--device", "zmq:rx=tcp://127.0.0.1:9")),
            (3, "No such file or directory", ("record", folder / "no" / "x", *device)),
            (2, "does not receive", ("record", folder / "x", "--device", f"file:tx={folder}/y", "--rate", "1MHz")),
            (2, "does not exist", ("replay", folder / "none", "--device", f"file:tx={folder}/y")),
            (2, "cannot begin at sample", ("replay", made, "--device", f"file:tx={folder}/y", "--offset", "1s")),
            (2, "nor a time", ("replay", made, "--device", f"file:tx={folder}/y", "--offset", "soon"))):
        done = ravi(*arguments)
        assert done.returncode == expected and text in done.stderr, (arguments, done)
    assert not list(folder.glob("x.*")) and not list(folder.glob("y.*"))


def main() -> None:
    folder = pathlib.Path(tempfile.mkdtemp(prefix="ravi-replay-"))
    try:
        made = make(folder)
        over_zmq(folder, made)
        refusals(folder, made)
        print("record and replay: good")
    finally:
        shutil.rmtree(folder)


if __name__ == "__main__":
    sys.exit(main())
