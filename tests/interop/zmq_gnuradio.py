#!/usr/bin/env python3
"""GNU Radio's own ZMQ blocks at the other end of the ZMQ radio: REQ source and REP sink. Exit status 77: no GNU Radio."""

import pathlib
import os
import subprocess
import sys
import time

try:
    import numpy as np
    import zmq
    from gnuradio import blocks, gr
    from gnuradio import zeromq
except ImportError as error:
    print(f"skipped: {error}")
    sys.exit(77)

BUILD = pathlib.Path(os.environ["RAVI_BUILD"])
ECHO = BUILD / "tests/interop/zmq_echo"
RATE = 11_520_000
BLOCK = 11520
LEAD = 2
COUNT = 40 * BLOCK


def free_ports(count):
    context = zmq.Context()
    sockets = [context.socket(zmq.REP) for _ in range(count)]
    ports = [socket.bind_to_random_port("tcp://127.0.0.1", 21000, 21999) for socket in sockets]
    context.destroy(linger=0)
    return [f"tcp://127.0.0.1:{port}" for port in ports]


class Flow(gr.top_block):
    """Known samples out through a REP sink; what comes back in through a REQ source."""

    def __init__(self, samples, sink_at, source_at, count):
        gr.top_block.__init__(self)
        self.connect(blocks.vector_source_c(samples, True), zeromq.rep_sink(gr.sizeof_gr_complex, 1, sink_at, 100, False, -1))
        self.heard = blocks.vector_sink_c()
        self.connect(zeromq.req_source(gr.sizeof_gr_complex, 1, source_at, 100, False, -1),
                     blocks.head(gr.sizeof_gr_complex, count), self.heard)


def run_once(samples, ours, theirs):
    flow = Flow(samples, theirs, ours, COUNT)
    flow.start()
    deadline = time.monotonic() + 30
    while len(flow.heard.data()) < COUNT:
        assert time.monotonic() < deadline, f"only {len(flow.heard.data())} of {COUNT} samples came back in 30 s"
        time.sleep(0.05)
    flow.stop()
    flow.wait()
    return np.array(flow.heard.data()[:COUNT], dtype=np.complex64)


def main():
    rng = np.random.default_rng(1)
    samples = (rng.standard_normal(50021) + 1j * rng.standard_normal(50021)).astype(np.complex64)
    ours, theirs = free_ports(2)
    echo = subprocess.Popen([str(ECHO), f"zmq:tx={ours},rx={theirs}", str(RATE), str(BLOCK), str(LEAD), "0"],
                            stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    assert echo.stdout.readline() == "ready\n", echo.stderr.read()
    for run in range(2):  # the second time GNU Radio has restarted, and our side has not
        heard = run_once(samples, ours, theirs)
        begin = LEAD * BLOCK
        assert not heard[:begin].any(), f"run {run}: the stream does not begin with {LEAD} blocks of zeros"
        sent = np.resize(samples, COUNT - begin)
        assert np.array_equal(heard[begin:], sent), f"run {run}: the echo is not what GNU Radio sent"
        print(f"run {run}: {COUNT} samples, {gr.version()}", flush=True)
    out, err = echo.communicate(timeout=10)
    assert echo.returncode == 0, err
    assert "malformed=0" in out, out


if __name__ == "__main__":
    main()
