#!/usr/bin/env python3
"""Foreign nodes through a running `ravi air`: exact sums and gains, restart, silence where a node is absent, commands."""

import json
import os
import pathlib
import signal
import subprocess
import sys
import tempfile
import time

import numpy
import zmq

sys.path.insert(0, str(pathlib.Path(__file__).parent))
from air_node import Node, noise_maker  # noqa: E402

RAVI = pathlib.Path(os.environ.get("RAVI_BUILD", "build")) / "ravi"
BLOCK = 1000
BASE = 22100
CONFIG = f"""
sample_rate: 1 MHz
listen: tcp://127.0.0.1:{BASE}
nodes:
  - {{name: a, tx_endpoints: "tcp://127.0.0.1:{BASE + 1}", rx_endpoints: "tcp://127.0.0.1:{BASE + 11}"}}
  - {{name: b, tx_endpoints: "tcp://127.0.0.1:{BASE + 2}", rx_endpoints: "tcp://127.0.0.1:{BASE + 12}"}}
  - {{name: c, tx_endpoints: "tcp://127.0.0.1:{BASE + 3}", rx_endpoints: "tcp://127.0.0.1:{BASE + 13}"}}
  - {{name: d}}
links:
  - {{from: a, to: d, gain: 6.020599913 dB}}
  - {{from: a, to: b, gain: -20 dB}}
  - {{from: b, to: a, gain: -6.020599913 dB}}
  - {{from: c, to: b}}
  - {{from: a, to: c, delay: 7 us}}
"""


class Air:
    """A `ravi air` process; its summary is in `report` after `end`."""

    def __init__(self, *arguments):
        self.file = tempfile.NamedTemporaryFile("w", suffix=".yaml")
        self.file.write(CONFIG)
        self.file.flush()
        self.process = subprocess.Popen([str(RAVI), "air", "--config", self.file.name, "--json", *arguments],
                                        stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)

    def end(self):
        self.process.send_signal(signal.SIGINT)
        out, err = self.process.communicate(timeout=10)
        assert self.process.returncode == 0, (self.process.returncode, out, err)
        self.report = json.loads(out)
        return self.report

    def __enter__(self):
        return self

    def __exit__(self, *_):
        if self.process.poll() is None:
            self.process.kill()
            self.process.communicate()


def node(context, number, seed, block=BLOCK, lead=1):
    return Node(context, f"tcp://127.0.0.1:{BASE + number}", f"tcp://127.0.0.1:{BASE + 10 + number}",
                noise_maker(seed, block), lead)


def wait_until(condition, what):
    deadline = time.monotonic() + 20
    while not condition():
        assert time.monotonic() < deadline, f"waited in vain for {what}"
        time.sleep(0.005)


def wait_together(*nodes, blocks=100):
    """Until all are there and have heard so many blocks since."""
    wait_until(lambda: all(n.num_heard > 0 for n in nodes), "all nodes to be there")
    marks = [n.num_heard for n in nodes]
    wait_until(lambda: all(n.num_heard > mark + blocks * BLOCK for n, mark in zip(nodes, marks)), "blocks")


def offset_between(heard, sent):
    """d where heard[i + d] is made of sent[i]: correlates the last thousands of samples sent, where all were there."""
    first = len(sent) - 20 * BLOCK
    pattern = sent[first:first + 4 * BLOCK]
    size = 1 << (len(heard) + len(pattern)).bit_length()
    spectrum = numpy.fft.fft(heard, size) * numpy.conj(numpy.fft.fft(pattern, size))
    return int(numpy.argmax(numpy.abs(numpy.fft.ifft(spectrum))[:len(heard)])) - first


def check_heard(heard, sent, gain, d, tail=5 * BLOCK):
    """heard[i + d] == gain * sent[i] wherever both are, less the tail; silence before. Returns how many were compared."""
    first = max(0, -d)
    last = min(len(sent), len(heard) - d) - tail
    difference = numpy.max(numpy.abs(heard[first + d:last + d] - gain * sent[first:last]))
    assert difference < 1e-6, (difference, d, first, last)
    if d > 0:
        assert not numpy.any(heard[:d]), "silence before the node came"
    return last - first


def check_pair(context):
    """Two nodes: exact gain each way, and one clock: both ways have the same offset."""
    with Air() as air:
        a, b = node(context, 1, 1), node(context, 2, 2)
        a.start()
        b.start()
        wait_together(a, b)
        report = air.end()
        a.stop()
        b.stop()
    d = offset_between(b.all_heard(), a.all_sent())
    assert check_heard(b.all_heard(), a.all_sent(), 0.1, d) > 50 * BLOCK
    assert check_heard(a.all_heard(), b.all_sent(), 0.5, -d) > 50 * BLOCK
    assert [n["name"] for n in report["nodes"]] == ["a", "b", "c", "d"], report
    assert report["nodes"][0]["samples_from_node"] >= 100 * BLOCK and report["nodes"][2]["samples_from_node"] == 0, report
    print("ok: two nodes, exact gain, one clock")


def check_sum_and_pieces(context):
    """Three nodes; b hears the sum; c works in pieces that fit no block of the hub; c hears a delayed."""
    with Air() as air:
        a, b, c = node(context, 1, 11), node(context, 2, 12), node(context, 3, 13, block=317)
        for n in (a, b, c):
            n.start()
        wait_together(a, b, c)
        air.end()
        for n in (a, b, c):
            n.stop()
    heard, sent_a, sent_c = b.all_heard(), a.all_sent(), c.all_sent()
    d_a, d_c = offset_between(heard, sent_a), offset_between(heard, sent_c)
    length = min(len(heard), len(sent_a) + d_a, len(sent_c) + d_c) - 5 * BLOCK
    expected = numpy.zeros(length, numpy.complex64)
    for sent, gain, d in ((sent_a, 0.1, d_a), (sent_c, 1.0, d_c)):
        first = max(0, d)
        expected[first:] += gain * sent[first - d:length - d]
    assert length > 50 * BLOCK and numpy.max(numpy.abs(heard[:length] - expected)) < 1e-6
    d = offset_between(c.all_heard(), sent_a)
    assert d == d_a - d_c + 7, (d, d_a, d_c)  # one clock, and the link's delay of seven samples
    print("ok: sum of two nodes, pieces that fit no block, delay")


def check_restart(context):
    """a stays while b is absent, comes, leaves without a word, comes again: silence, and in step each time."""
    with Air() as air:
        a = node(context, 1, 21)
        a.start()
        wait_until(lambda: a.num_heard > 20 * BLOCK, "a to hear silence alone")
        assert not numpy.any(a.all_heard()), "silence where nobody is"
        for visit in range(3):
            b = node(context, 2, 30 + visit)
            b.start()
            wait_together(b, blocks=60)
            b.stop()
            left = a.num_heard
            wait_until(lambda: a.num_heard > left + 50 * BLOCK, "a to go on alone")
            heard, sent = a.all_heard(), b.all_sent()
            d = offset_between(heard, sent)
            last = len(sent) - 5 * BLOCK
            assert numpy.max(numpy.abs(heard[d:d + last] - 0.5 * sent[:last])) < 1e-6, visit
            last = len(b.all_heard()) - 5 * BLOCK
            assert numpy.max(numpy.abs(b.all_heard()[:last] - 0.1 * a.all_sent()[d:d + last])) < 1e-6, visit
            assert not numpy.any(heard[-30 * BLOCK:]), "silence after b has left"
        report = air.end()
        a.stop()
    assert report["nodes"][1]["reconnects"] >= 2, report
    print("ok: silence, restart of a node, in step each time")


def check_command(context):
    """A link changed while it runs, from one sample to the next."""

    def command(text):
        return subprocess.run([str(RAVI), "air", "--listen", f"tcp://127.0.0.1:{BASE}", "--command", text],
                              capture_output=True, text=True, timeout=10)

    with Air() as air:
        a, b = node(context, 1, 41), node(context, 2, 42)
        a.start()
        b.start()
        wait_together(a, b)
        answer = command("set link a b gain 0 dB")
        assert answer.returncode == 0, answer
        wait_together(a, b)
        assert "a: present" in command("status").stdout
        refused = command("set link a b gaim 0 dB")
        assert refused.returncode == 2 and "did you mean 'gain'" in refused.stderr, refused
        air.end()
        a.stop()
        b.stop()
    heard, sent = b.all_heard(), a.all_sent()
    d = offset_between(heard, sent)
    first, last = max(0, -d), min(len(sent), len(heard) - d) - 5 * BLOCK
    ratio = numpy.abs(heard[first + d:last + d] / sent[first:last])
    changed = int(numpy.argmax(ratio > 0.5))
    assert 50 * BLOCK < changed < len(ratio) - 50 * BLOCK, changed
    assert numpy.max(numpy.abs(ratio[:changed] - 0.1)) < 1e-4
    assert numpy.max(numpy.abs(ratio[changed:] - 1.0)) < 1e-4
    gone = command("status")
    assert gone.returncode == 3, gone
    print("ok: commands while it runs")


def check_ravi_node(context):
    """One of Ravi's own programs joins by name, through the handshake, and records what a foreign node sends."""

    def record(name, node_name, rate="1 MHz"):
        return subprocess.run([str(RAVI), "record", name, "--device", f"air:{node_name}@tcp://127.0.0.1:{BASE}",
                               "--rate", rate, "--format", "cf32", "--samples", "80000"], capture_output=True, text=True, timeout=30)

    with tempfile.TemporaryDirectory() as folder, Air() as air:
        a = node(context, 1, 51)
        a.start()
        wait_until(lambda: a.num_heard > 0, "a to be there")
        for visit in range(2):
            result = record(f"{folder}/{visit}", "d")
            assert result.returncode == 0, result
        foreign = record(f"{folder}/a", "a")
        assert foreign.returncode == 2 and "foreign" in foreign.stderr, foreign
        wrong_rate = record(f"{folder}/r", "d", "2 MHz")
        assert wrong_rate.returncode == 2 and "1 MS/s" in wrong_rate.stderr, wrong_rate
        nobody = record(f"{folder}/n", "e")
        assert nobody.returncode == 3 and "no node 'e'" in nobody.stderr, nobody
        report = air.end()
        a.stop()
        for visit in range(2):
            heard = numpy.fromfile(f"{folder}/{visit}.sigmf-data", numpy.complex64)
            assert len(heard) == 80000
            sent, pattern = a.all_sent(), heard[40000:44000]
            size = 1 << (len(sent) + len(pattern)).bit_length()
            spectrum = numpy.fft.fft(sent, size) * numpy.conj(numpy.fft.fft(pattern, size))
            d = int(numpy.argmax(numpy.abs(numpy.fft.ifft(spectrum))[:len(sent)])) - 40000
            assert d >= 0 and numpy.max(numpy.abs(heard - 2 * sent[d:d + len(heard)])) < 1e-5, visit
    assert report["nodes"][3]["reconnects"] >= 1, report
    print("ok: a Ravi node joins by name, twice")


def check_refusals():
    """Bad files end with exit code 2, a taken port with 3, each with the reason."""
    with tempfile.NamedTemporaryFile("w", suffix=".yaml") as bad:
        bad.write("nodes: [{nam: a}]\n")
        bad.flush()
        result = subprocess.run([str(RAVI), "air", "--config", bad.name], capture_output=True, text=True, timeout=10)
        assert result.returncode == 2 and "did you mean 'name'" in result.stderr, result
    socket = zmq.Context.instance().socket(zmq.REP)
    socket.bind(f"tcp://127.0.0.1:{BASE + 11}")
    with Air() as air:
        _, err = air.process.communicate(timeout=10)
        assert air.process.returncode == 3 and str(BASE + 11) in err, (air.process.returncode, err)
    socket.close(0)
    page = subprocess.run([str(RAVI), "air", "--help-config"], capture_output=True, text=True, timeout=10)
    assert page.returncode == 0 and "drift_reserve" in page.stdout
    print("ok: refusals")


def main():
    context = zmq.Context.instance()
    check_refusals()
    check_pair(context)
    check_sum_and_pieces(context)
    check_restart(context)
    check_command(context)
    check_ravi_node(context)


if __name__ == "__main__":
    main()
