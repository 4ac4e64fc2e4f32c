"""A foreign node for tests of `ravi air`: the plain REQ/REP protocol in a few lines, nothing of Ravi's in it.

A node answers requests for what it sends, and requests what it hears, in step: block n is heard before block n + lead is
sent, as gNBs and UEs do.
"""

import threading
import time

import numpy
import zmq


def bind(socket, endpoint):
    """The port of a node that has just left is free only when libzmq's own thread has closed it."""
    deadline = time.monotonic() + 5
    while True:
        try:
            return socket.bind(endpoint)
        except zmq.ZMQError as error:
            if error.errno != zmq.EADDRINUSE or time.monotonic() > deadline:
                raise
            time.sleep(0.01)


class Node(threading.Thread):
    """Sends blocks made by `make(n)` (complex64 arrays) and keeps what it hears. Runs until `stop`."""

    def __init__(self, context, tx, rx, make, lead=1):
        super().__init__(daemon=True)
        self.rep = context.socket(zmq.REP)
        self.req = context.socket(zmq.REQ)
        for socket in (self.rep, self.req):
            socket.setsockopt(zmq.LINGER, 0)
        bind(self.rep, tx)
        self.req.connect(rx)
        self.make, self.lead = make, lead
        self.sent, self.heard = [], []
        self.num_heard = 0
        self.block = len(make(0))
        self.quit = threading.Event()

    def run(self):
        poller = zmq.Poller()
        poller.register(self.rep, zmq.POLLIN)
        poller.register(self.req, zmq.POLLIN)
        asked = owed = False
        while not self.quit.is_set():
            if not asked:
                self.req.send(b"\xff")
                asked = True
            may_send = len(self.sent) * self.block < self.num_heard + self.lead * self.block
            if owed and may_send:
                block = self.make(len(self.sent)).astype(numpy.complex64)
                self.rep.send(block.tobytes())
                self.sent.append(block)
                owed = False
            for socket, _ in poller.poll(20):
                if socket is self.rep and not owed:
                    self.rep.recv()
                    owed = True
                elif socket is self.req and asked:
                    samples = numpy.frombuffer(self.req.recv(), dtype=numpy.complex64)
                    self.heard.append(samples)
                    self.num_heard += len(samples)
                    asked = False
        self.rep.close()
        self.req.close()

    def stop(self):
        self.quit.set()
        self.join(10)
        assert not self.is_alive(), "the node hangs"

    def all_heard(self):
        return numpy.concatenate(self.heard) if self.heard else numpy.zeros(0, numpy.complex64)

    def all_sent(self):
        return numpy.concatenate(self.sent) if self.sent else numpy.zeros(0, numpy.complex64)


def noise_maker(seed, block):
    """Blocks of repeatable noise."""

    def make(n):
        random = numpy.random.default_rng([seed, n])
        return (random.standard_normal(block) + 1j * random.standard_normal(block)).astype(numpy.complex64) * 0.1

    return make
