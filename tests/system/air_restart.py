#!/usr/bin/env python3
"""`ravi air` is killed and started anew, twice, under a running `ravi record` and `ravi replay --loop`: both join again by
themselves, the recording says what is missing, and what it holds is the signal, before and after."""

import json
import os
import pathlib
import signal
import subprocess
import sys
import tempfile
import time

import numpy

RAVI = pathlib.Path(os.environ["RAVI_BUILD"]) / "ravi"
LISTEN = "tcp://127.0.0.1:22150"
PERIOD = 9973
RATE = 1_000_000


def air(folder):
    return subprocess.Popen([RAVI, "air", "--config", f"{folder}/air.yaml"], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)


def listed_as_taken(name):
    run = subprocess.run([RAVI, "air", "--listen", LISTEN, "--command", "status"], capture_output=True, text=True, timeout=10)
    return run.returncode == 0 and f"{name}: present" in run.stdout


def wait_until(condition, what):
    deadline = time.monotonic() + 20
    while not condition():
        assert time.monotonic() < deadline, f"waited in vain: {what}"
        time.sleep(0.05)


def write_recording(path):
    """A period of noise that tells every sample's place."""
    random = numpy.random.default_rng(3)
    period = (random.uniform(-0.5, 0.5, PERIOD) + 1j * random.uniform(-0.5, 0.5, PERIOD)).astype(numpy.complex64)
    period.tofile(f"{path}.sigmf-data")
    meta = {"global": {"core:datatype": "cf32_le", "core:version": "1.0.0", "core:sample_rate": RATE},
            "captures": [{"core:sample_start": 0}], "annotations": []}
    pathlib.Path(f"{path}.sigmf-meta").write_text(json.dumps(meta))
    return period


def stretches(heard, period):
    """Lengths of the stretches of `heard` that are the period, from any place in it, over and over."""
    place_of = {value: place for place, value in enumerate(period)}
    places = numpy.array([place_of.get(value, -1) for value in heard])
    follows = (places[:-1] >= 0) & (places[1:] == (places[:-1] + 1) % PERIOD)
    borders = numpy.flatnonzero(~follows)
    return numpy.diff(numpy.concatenate(([-1], borders, [len(places) - 1])))


with tempfile.TemporaryDirectory() as folder:
    pathlib.Path(f"{folder}/air.yaml").write_text(
        f"sample_rate: 1 MHz\nlisten: {LISTEN}\npace: realtime\nnodes: [{{name: a}}, {{name: b}}]\nlinks: [{{from: a, to: b}}]\n")
    period = write_recording(f"{folder}/sent")
    processes = [air(folder)]
    try:
        wait_until(lambda: subprocess.run([RAVI, "air", "--listen", LISTEN, "--command", "status"], capture_output=True).returncode == 0, "the hub")
        processes.append(subprocess.Popen([RAVI, "replay", f"{folder}/sent", "--device", f"air:a@{LISTEN}", "--loop"],
                                          stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True))
        processes.append(subprocess.Popen([RAVI, "record", f"{folder}/heard", "--device", f"air:b@{LISTEN}", "--format", "cf32", "--json"],
                                          stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True))
        wait_until(lambda: listed_as_taken("a") and listed_as_taken("b"), "both nodes")
        for restart in range(2):
            time.sleep(0.5)
            processes[0].kill()
            processes[0].wait()
            processes[0] = air(folder)
            wait_until(lambda: listed_as_taken("a") and listed_as_taken("b"), f"both nodes after restart {restart + 1}")
        time.sleep(0.5)
        for process in processes[1:]:
            assert process.poll() is None, process.communicate()
        processes[2].send_signal(signal.SIGINT)
        out, err = processes[2].communicate(timeout=20)
        assert processes[2].returncode == 0, (out, err)
        processes[1].send_signal(signal.SIGINT)
        sent_out, sent_err = processes[1].communicate(timeout=20)
        assert processes[1].returncode == 0, (sent_out, sent_err)
    finally:
        for process in processes:
            if process.poll() is None:
                process.kill()
                process.communicate()
    report = json.loads(out)
    assert report["gaps"] == 2, report
    heard = numpy.fromfile(f"{folder}/heard.sigmf-data", numpy.complex64)
    lengths = sorted(stretches(heard, period))
    long = [int(n) for n in lengths if n > RATE // 10]
    # One stretch for each life of the hub; the sender may begin anew within one.
    assert len(long) >= 3 and sum(long) > RATE, (long, len(heard))
    print(f"ok: two restarts of the hub, stretches of {long} samples, {report['gaps']} gaps, {report['lost_samples']} lost")
sys.exit(0)
