"""The far end of a plain fronthaul, in pyzmq: sends a known pseudo-random signal, keeps what it receives."""

import os
import pathlib
import subprocess
import threading

import numpy as np
import zmq

BUILD = pathlib.Path(os.environ.get("RAVI_BUILD", "build"))
PLUGINS = BUILD / "soapy"
PERIOD = 1 << 20
_random = np.random.default_rng(7)
# Steps of 1/4096 up to 1/8: exact in cf32, and far from clipping when a test applies gain.
SIGNAL = ((_random.integers(-512, 512, PERIOD) + 1j * _random.integers(-512, 512, PERIOD)) / 4096).astype(np.complex64)


def expected(begin, count):
    """What the peer sends as samples [begin, begin + count)."""
    return SIGNAL[(begin + np.arange(count)) % PERIOD]


def find_signal(samples, least=256):
    """Where in SIGNAL the samples begin (they match from there on); None where they are not of it."""
    head = samples[:least]
    for start in np.flatnonzero(SIGNAL == head[0]):
        if np.array_equal(expected(start, len(head)), head):
            return int(start)
    return None


class Peer:
    """Serves SIGNAL on `tx_endpoint` and pulls from `rx_endpoint`, until closed."""

    def __init__(self, tx_endpoint, rx_endpoint, block=1920):
        self._context = zmq.Context()
        self._stop = threading.Event()
        self._block = block
        self.sent = 0
        self._received = []
        self._lock = threading.Lock()
        self._tx = self._context.socket(zmq.REP)
        self._tx.bind(tx_endpoint)
        self._rx_endpoint = rx_endpoint
        self._threads = [threading.Thread(target=self._serve, daemon=True), threading.Thread(target=self._pull, daemon=True)]
        for thread in self._threads:
            thread.start()

    def _serve(self):
        while not self._stop.is_set():
            if not self._tx.poll(50):
                continue
            self._tx.recv()
            self._tx.send(expected(self.sent, self._block).tobytes())
            self.sent += self._block
        self._tx.close(0)

    def _pull(self):
        rx = self._context.socket(zmq.REQ)
        rx.connect(self._rx_endpoint)
        while not self._stop.is_set():
            rx.send(b"\xff")
            while not rx.poll(50):
                if self._stop.is_set():
                    rx.close(0)
                    return
            samples = np.frombuffer(rx.recv(), np.complex64)
            with self._lock:
                self._received.append(samples)
        rx.close(0)

    def received(self):
        """All samples pulled so far; the first one is sample 0 of the link."""
        with self._lock:
            return np.concatenate(self._received) if self._received else np.zeros(0, np.complex64)

    def close(self):
        self._stop.set()
        for thread in self._threads:
            thread.join()
        self._context.destroy(0)


def environment():
    """The environment in which SoapySDR finds our plugin and nothing else."""
    return {**os.environ, "SOAPY_SDR_PLUGIN_PATH": str(PLUGINS), "SOAPY_SDR_ROOT": str(BUILD)}


def run(command, timeout=60):
    """Runs a foreign program with our plugin; gives its output and exit code."""
    done = subprocess.run(command, env=environment(), capture_output=True, text=True, timeout=timeout, check=False)
    return done.returncode, done.stdout + done.stderr
