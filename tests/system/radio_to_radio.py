#!/usr/bin/env python3
"""`ravi replay` from one radio to another: between ZeroMQ endpoints, between nodes of two airs, from hardware's drivers, at
another rate, with a gap, ended by Ctrl-C. What arrives is compared with what was sent."""

import json
import os
import pathlib
import signal
import subprocess
import sys
import tempfile
import time

import numpy as np

sys.path.insert(0, str(pathlib.Path(__file__).parent.parent / "interop"))
import soapy_peer  # noqa: E402

RAVI = pathlib.Path(os.environ["RAVI_BUILD"]) / "ravi"
BASE = 22400
LENGTH = 300_000


def endpoint(number):
    return f"tcp://127.0.0.1:{BASE + number}"


def start(*arguments):
    return subprocess.Popen([str(RAVI), *map(str, arguments)], text=True, stdout=subprocess.PIPE, stderr=subprocess.PIPE)


def finish(process, code=0, timeout=40):
    out, err = process.communicate(timeout=timeout)
    assert process.returncode == code, (process.args, process.returncode, out, err)
    return json.loads(out) if out.startswith("{") else out + err


def make(name, samples, rate=1_000_000, captures=({"core:sample_start": 0},)):
    samples.astype(np.complex64).tofile(f"{name}.sigmf-data")
    pathlib.Path(f"{name}.sigmf-meta").write_text(json.dumps({
        "global": {"core:datatype": "cf32_le", "core:version": "1.0.0", "core:sample_rate": rate},
        "captures": list(captures), "annotations": []}))
    return name


def heard(name):
    return np.fromfile(f"{name}.sigmf-data", np.complex64)


def zmq_to_zmq(folder):
    """Every sample, in order, through a relay between two pairs of endpoints; then its input falls silent."""
    tape = make(folder / "tape", soapy_peer.SIGNAL[:LENGTH])
    wanted = LENGTH * 9 // 10  # the first sender may end while its last message is on the way
    recorder = start("record", folder / "end", "--device", f"zmq:rx={endpoint(1)}", "--rate", "1MHz", "--samples", wanted,
                     "--format", "cf32")
    relay = start("replay", f"zmq:rx={endpoint(0)}", "--device", f"zmq:tx={endpoint(1)}", "--rate", "1MHz", "--json",
                  "--duration", wanted)
    sent = finish(start("replay", tape, "--device", f"zmq:tx={endpoint(0)}", "--json"))
    report = finish(relay)
    finish(recorder)
    assert sent["samples"] == LENGTH and report["samples"] == report["received_samples"] == wanted, (sent, report)
    assert report["lost_samples"] == report["dropped_samples"] == report["late_blocks"] == 0, report
    assert np.array_equal(heard(folder / "end"), soapy_peer.SIGNAL[:wanted])


def air_to_air(folder):
    """A node of one air hears, a node of another sends: two hubs joined by one command, ended by Ctrl-C."""
    configs = []
    for number, (here, there) in enumerate((("a", "b"), ("c", "d"))):
        path = folder / f"air{number}.yaml"
        path.write_text(f"sample_rate: 1 MHz\nlisten: {endpoint(10 + number)}\nnodes: [{{name: {here}}}, {{name: {there}}}]\n")
        configs.append(path)
    hubs = [start("air", "--config", config, "--json") for config in configs]
    try:
        wait_for_port(BASE + 10)
        wait_for_port(BASE + 11)
        tape = make(folder / "loop", soapy_peer.SIGNAL)
        sender = start("replay", tape, "--loop", "--device", f"air:a@{endpoint(10)}", "--json")
        relay = start("replay", f"air:b@{endpoint(10)}", "--device", f"air:c@{endpoint(11)}", "--json")
        finish(start("record", folder / "joined", "--device", f"air:d@{endpoint(11)}", "--samples", "1000000", "--format", "cf32"))
        for process in (relay, sender):
            process.send_signal(signal.SIGINT)
            report = finish(process, timeout=10)
            assert report["stopped_by_user"] and report["lost_samples"] == report["dropped_samples"] == 0, report
    finally:
        for hub in hubs:
            hub.send_signal(signal.SIGINT)
            finish(hub)
    samples = heard(folder / "joined")
    begin = int(np.flatnonzero(samples)[0])
    first = soapy_peer.find_signal(samples[begin:])
    assert len(samples) - begin > 100_000 and first is not None, (begin, first)
    assert np.array_equal(samples[begin:], soapy_peer.expected(first, len(samples) - begin))


def wait_for_port(port):
    deadline = time.monotonic() + 10
    while f":{port:04X} " not in pathlib.Path("/proc/net/tcp").read_text():
        assert time.monotonic() < deadline, f"nobody listens on {port}"
        time.sleep(0.02)


def another_rate(folder):
    """1 MS/s into 1.5 MS/s: as long in time, the same tone at the same frequency, with the gap of the input as silence."""
    n = np.arange(100_000)
    tone = 0.5 * np.exp(2j * np.pi * 0.1 * n)
    tape = make(folder / "tone", tone, captures=({"core:sample_start": 0, "core:global_index": 0},
                                                {"core:sample_start": 60_000, "core:global_index": 80_000}))
    report = finish(start("replay", f"file:{tape}", "--device", f"file:tx={folder}/faster,format=cf32", "--rate", "1.5MHz", "--json"))
    assert report["samples"] == 180_000 and report["gaps"] == 1 and report["lost_samples"] == 20_000, report
    got = heard(folder / "faster")
    assert len(got) == 180_000
    m = np.arange(len(got))
    wanted = 0.5 * np.exp(2j * np.pi * 0.1 / 1.5 * m) * ((m < 90_000) | (m >= 120_000))
    wanted[120_000:] *= np.exp(-2j * np.pi * 0.1 * 20_000)  # the tone goes on after the gap where it had stopped
    edges = np.minimum.reduce([abs(m - edge) for edge in (0, 90_000, 120_000, 180_000)]) < 300
    error = np.max(np.abs((got - wanted)[~edges]))
    assert error < 1e-3, error


def refusals(folder):
    tape = make(folder / "short", soapy_peer.SIGNAL[:1000])
    out = f"file:tx={folder}/none"
    for code, text, arguments in (
            (2, "did you mean 'zmq'", ("zmqq:rx=tcp://127.0.0.1:9", "--device", out)),
            (2, "needs --input-rate or --rate", ("zmq:rx=tcp://127.0.0.1:9", "--device", out)),
            (2, "does not receive", (f"file:tx={folder}/x", "--device", out, "--rate", "1MHz")),
            (2, "are for recordings", (f"file:{tape}", "--loop", "--device", out)),
            (2, "is a recording", (tape, "--input-gain", "3dB", "--device", out)),
            (2, "within a factor of 100", (tape, "--device", out, "--rate", "200MHz")),
            (3, "nothing was received for 5 s", (f"zmq:rx={endpoint(9)}", "--device", out, "--rate", "1MHz"))):
        done = start("replay", *arguments)
        _, err = done.communicate(timeout=20)
        assert done.returncode == code and text in err, (arguments, done.returncode, err)


CASES = [zmq_to_zmq, air_to_air, another_rate, refusals]

if __name__ == "__main__":
    for case in CASES:
        begun = time.monotonic()
        with tempfile.TemporaryDirectory(prefix="ravi-relay-") as made:
            case(pathlib.Path(made))
        print(f"ok: {case.__name__.replace('_', ' ')} ({time.monotonic() - begun:.2f} s)", flush=True)
