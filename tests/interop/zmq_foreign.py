#!/usr/bin/env python3
"""A foreign program at the other end of the ZMQ radio: plain REQ and REP sockets of pyzmq, as srsRAN and OCUDU use them.

It receives from and sends to our driver, restarts, and lets our side restart. Exit status 77: pyzmq is missing.
"""

import os
import pathlib
import subprocess
import sys
import threading
import time

try:
    import numpy as np
    import zmq
except ImportError as error:
    print(f"skipped: {error}")
    sys.exit(77)

BUILD = pathlib.Path(os.environ["RAVI_BUILD"])
ECHO = BUILD / "tests/interop/zmq_echo"
BLOCK = 11520
LEAD = 4
RATE = 11_520_000


def numbered(first, count):
    """Samples that tell their own index: exact in float32, never zero."""
    index = np.arange(first, first + count, dtype=np.int64)
    return ((index % 2**20 + 1) + 1j * (index // 2**20 + 1)).astype(np.complex64)


class Peer:
    """A node that is not ours: answers requests with numbered samples, and asks for ours."""

    def __init__(self, own, theirs, request, sizes):
        self.context = zmq.Context()
        self.reply = self.context.socket(zmq.REP)
        self.ask = self.context.socket(zmq.REQ)
        for socket in (self.reply, self.ask):
            socket.setsockopt(zmq.LINGER, 0)
            socket.setsockopt(zmq.RCVTIMEO, 100)
        self.reply.bind(own)
        self.ask.connect(theirs)
        self.request = request
        self.sizes = sizes
        self.sent = 0
        self.heard = []
        self.is_over = False
        self.threads = [threading.Thread(target=self.send), threading.Thread(target=self.listen)]
        for thread in self.threads:
            thread.start()

    def send(self):
        turn = 0
        while not self.is_over:
            try:
                self.reply.recv()
            except zmq.Again:
                continue
            size = self.sizes[turn % len(self.sizes)]
            self.reply.send(numbered(self.sent, size).tobytes())
            self.sent += size
            turn += 1

    def listen(self):
        while not self.is_over:
            self.ask.send(self.request)
            while not self.is_over:
                try:
                    body = self.ask.recv()
                except zmq.Again:
                    continue
                assert len(body) % 8 == 0 and len(body) > 0, f"a reply of {len(body)} bytes"
                assert len(body) <= 614400 * 8, f"a reply of {len(body)} bytes"
                self.heard.append(np.frombuffer(body, dtype=np.complex64))
                break

    def num_heard(self):
        return sum(len(part) for part in list(self.heard))

    def wait_for(self, count, what, seconds=20):
        deadline = time.monotonic() + seconds
        while self.num_heard() < count:
            assert time.monotonic() < deadline, f"{what}: only {self.num_heard()} of {count} samples after {seconds} s"
            time.sleep(0.01)

    def close(self):
        self.is_over = True
        for thread in self.threads:
            thread.join()
        self.context.destroy(linger=0)

    def check(self, what):
        """Our echo: zeros for LEAD blocks, then exactly what this peer sent."""
        heard = np.concatenate(self.heard)
        assert not heard[: LEAD * BLOCK].any(), f"{what}: the stream does not begin with {LEAD} blocks of zeros"
        echo = heard[LEAD * BLOCK:]
        assert np.array_equal(echo, numbered(0, len(echo))), f"{what}: the echo is not what was sent"


def start_echo(own, theirs, total=0):
    process = subprocess.Popen([str(ECHO), f"zmq:tx={own},rx={theirs}", str(RATE), str(BLOCK), str(LEAD), str(total)],
                               stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    line = process.stdout.readline()
    assert line == "ready\n", f"zmq_echo did not start: {process.stderr.read()}"
    return process


def end_echo(process):
    out, err = process.communicate(timeout=10)
    assert process.returncode == 0, err
    return {key: int(value) for key, value in (word.split("=") for word in out.split())}


def free_ports(count):
    context = zmq.Context()
    sockets = [context.socket(zmq.REP) for _ in range(count)]
    ports = [socket.bind_to_random_port("tcp://127.0.0.1", 21000, 21999) for socket in sockets]
    context.destroy(linger=0)
    return [f"tcp://127.0.0.1:{port}" for port in ports]


def test_requests_and_sizes():
    for request, sizes in ((b"\xff", [BLOCK]), (b"\x00", [1, 17, 5000, 100000]), (b"\x00\x10\x00\x00", [4096]), (b"", [999])):
        ours, foreign = free_ports(2)
        echo = start_echo(ours, foreign)
        peer = Peer(foreign, ours, request, sizes)
        peer.wait_for(30 * BLOCK, f"request {request!r}")
        peer.close()
        counts = end_echo(echo)
        peer.check(f"request {request!r}")
        assert counts["malformed"] == 0 and counts["lost"] == 0, counts


def test_either_starts_first():
    ours, foreign = free_ports(2)
    peer = Peer(foreign, ours, b"\xff", [BLOCK])
    time.sleep(0.5)
    echo = start_echo(ours, foreign)
    peer.wait_for(20 * BLOCK, "foreign first")
    peer.close()
    peer.check("foreign first")
    end_echo(echo)


def test_foreign_restarts():
    ours, foreign = free_ports(2)
    echo = start_echo(ours, foreign)
    for run in range(5):
        peer = Peer(foreign, ours, b"\xff", [BLOCK])
        peer.wait_for(20 * BLOCK, f"run {run}")
        peer.close()
        peer.check(f"run {run}")
    counts = end_echo(echo)
    assert counts["reconnects"] == 4, counts


def test_ours_restarts():
    """srsRAN and OCUDU cannot go on after that, and their official answer is to restart as well: so does this peer."""
    ours, foreign = free_ports(2)
    for run in range(4):
        echo = start_echo(ours, foreign)
        peer = Peer(foreign, ours, b"\xff", [BLOCK])
        peer.wait_for(15 * BLOCK, f"run {run}")
        if run % 2 == 0:
            echo.kill()
            echo.wait()
            peer.close()
        else:
            peer.close()
            end_echo(echo)
        peer.check(f"run {run}")


def test_taken_port():
    ours, foreign = free_ports(2)
    echo = start_echo(ours, foreign)
    second = subprocess.run([str(ECHO), f"zmq:tx={ours}", str(RATE), "1000", "1", "0"], capture_output=True, text=True,
                            timeout=10)
    assert second.returncode == 3 and ours in second.stderr and "taken" in second.stderr, second.stderr
    end_echo(echo)


def main():
    for name, test in list(globals().items()):
        if name.startswith("test_"):
            begin = time.monotonic()
            test()
            print(f"{name}: ok, {time.monotonic() - begin:.1f} s", flush=True)


if __name__ == "__main__":
    main()
