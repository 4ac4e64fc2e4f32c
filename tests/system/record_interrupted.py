#!/usr/bin/env python3
"""ravi record interrupted in every way: Ctrl-C, kill -9, a file size limit, a full disk. What was written must be
readable up to that point, by a reader that is not ours."""

import hashlib
import json
import os
import pathlib
import resource
import shutil
import signal
import subprocess
import sys
import tempfile
import time

RAVI = pathlib.Path(os.environ["RAVI_BUILD"]) / "ravi"
LENGTH = 1_000_000
RATES = (1_000_000, 20_000_000)  # through the system's page cache, and past it


def make_source(folder: pathlib.Path, rate: int) -> str:
    """A ci16 recording whose sample n is (n % 30000, -n % 7)."""
    data = bytearray()
    for n in range(LENGTH):
        data += (n % 30000).to_bytes(2, "little", signed=True) + (-(n % 7)).to_bytes(2, "little", signed=True)
    (folder / "source.sigmf-data").write_bytes(data)
    meta = {"global": {"core:datatype": "ci16_le", "core:version": "1.0.0", "core:sample_rate": rate},
            "captures": [{"core:sample_start": 0, "core:frequency": 5e8}], "annotations": []}
    (folder / "source.sigmf-meta").write_text(json.dumps(meta))
    return f"file:{folder}/source,loop=yes"


def start(device: str, output: pathlib.Path, **popen) -> subprocess.Popen:
    return subprocess.Popen([RAVI, "record", "--device", device, str(output), "--json"], text=True,
                            stdout=subprocess.PIPE, stderr=subprocess.PIPE, **popen)


def wait_for_bytes(path: pathlib.Path, size: int, process: subprocess.Popen) -> None:
    end = time.monotonic() + 30
    while not path.exists() or path.stat().st_size < size:
        assert process.poll() is None, process.communicate()
        assert time.monotonic() < end, f"{path} did not grow"
        time.sleep(0.01)


def check_readable(output: pathlib.Path, is_finished: bool, least_samples: int) -> int:
    meta = json.loads(output.with_suffix(".sigmf-meta").read_text())
    data = output.with_suffix(".sigmf-data").read_bytes()
    assert meta["global"]["core:datatype"] == "ci16_le" and meta["global"]["core:sample_rate"] in RATES
    assert meta["captures"][0]["core:sample_start"] == 0
    assert meta["global"].get("ravi:unfinished", False) != is_finished, meta
    length = len(data) // 4
    assert length >= least_samples, length
    if is_finished:
        assert len(data) % 4 == 0
        assert meta["global"]["core:sha512"] == hashlib.sha512(data).hexdigest()
    for n in list(range(0, length, 997)) + [length - 1]:
        i = int.from_bytes(data[4 * n:4 * n + 2], "little", signed=True)
        q = int.from_bytes(data[4 * n + 2:4 * n + 4], "little", signed=True)
        assert (i, q) == ((n % LENGTH) % 30000, -((n % LENGTH) % 7)), n
    return length


def check_replays(folder: pathlib.Path, output: pathlib.Path, length: int) -> None:
    """Ravi itself reads it too."""
    copy = folder / f"copy-of-{output.name}"
    done = subprocess.run([RAVI, "replay", str(output), "--device", f"file:tx={copy}", "--json"], text=True, capture_output=True)
    assert done.returncode == 0, done
    assert json.loads(done.stdout)["samples"] == length
    assert copy.with_suffix(".sigmf-data").stat().st_size == 4 * length


def ctrl_c(folder: pathlib.Path, device: str) -> None:
    output = folder / "interrupted"
    process = start(device + ",pace=realtime", output)
    wait_for_bytes(output.with_suffix(".sigmf-data"), 400_000, process)
    process.send_signal(signal.SIGINT)
    out, err = process.communicate(timeout=20)
    assert process.returncode == 0, (out, err)
    report = json.loads(out)
    assert report["stopped_by_user"] and not report["disk_failed"]
    length = check_readable(output, is_finished=True, least_samples=100_000)
    assert report["samples"] == length
    assert len(list(folder.glob("interrupted*"))) == 2
    check_replays(folder, output, length)


def kill_9(folder: pathlib.Path, device: str) -> None:
    output = folder / "killed"
    process = start(device, output)
    wait_for_bytes(output.with_suffix(".sigmf-data"), 40_000_000, process)
    process.kill()
    process.communicate(timeout=20)
    length = check_readable(output, is_finished=False, least_samples=10_000_000)
    check_replays(folder, output, length)
    again = subprocess.run([RAVI, "record", "--device", device, str(output)], text=True, capture_output=True)
    assert again.returncode == 2 and "never overwritten" in again.stderr, again


def size_limit(folder: pathlib.Path, device: str) -> None:
    output = folder / "limited"
    limit = 5_000_003  # inside a sample
    process = start(device, output, preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (limit, limit)))
    out, err = process.communicate(timeout=60)
    assert process.returncode == 3 and "File too large" in err and "readable" in err, (out, err)
    assert err.count("File too large") == 1, err
    assert check_readable(output, is_finished=True, least_samples=limit // 4) == limit // 4
    assert json.loads(out)["disk_failed"]


def full_disk(folder: pathlib.Path, device: str) -> None:
    mount = folder / "small"
    mount.mkdir()
    if subprocess.run(["mount", "-t", "tmpfs", "-o", "size=8m", "tmpfs", str(mount)], capture_output=True).returncode != 0:
        print("full disk: skipped, no tmpfs can be mounted here")
        return
    try:
        output = mount / "full"
        process = start(device, output)
        out, err = process.communicate(timeout=60)
        assert process.returncode == 3 and err.count("No space left on device") == 1, (out, err)
        length = check_readable(output, is_finished=True, least_samples=1_500_000)
        assert json.loads(out)["samples"] == length
    finally:
        subprocess.run(["umount", str(mount)], check=True)


def main() -> None:
    for rate in RATES:
        folder = pathlib.Path(tempfile.mkdtemp(prefix="ravi-record-"))
        try:
            device = make_source(folder, rate)
            for check in (ctrl_c, kill_9, size_limit, full_disk):
                check(folder, device)
                print(f"{check.__name__} at {rate} samples a second: good")
        finally:
            shutil.rmtree(folder)


if __name__ == "__main__":
    sys.exit(main())
