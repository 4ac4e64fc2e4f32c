#!/usr/bin/env python3
"""UHD's own programs and its Python interface, through Debian's uhd-soapysdr and our plugin, against a peer in pyzmq."""

import os
import pathlib
import sys
import tempfile
import time

import soapy_peer

os.environ.update(soapy_peer.environment())
try:
    import numpy as np
    import uhd
except ImportError as missing:
    print(f"skipped: {missing}")
    sys.exit(77)

EXAMPLES = pathlib.Path("/usr/libexec/uhd/examples")
RATE = 1_920_000
TX = "tcp://127.0.0.1:23200"
RX = "tcp://127.0.0.1:23201"
ARGS = f"type=soapy,driver=ravi,tx_port={TX},rx_port={RX},rate=1920000"


class PeerCase:
    def __enter__(self):
        self.peer = soapy_peer.Peer(RX, TX)
        return self.peer

    def __exit__(self, *_):
        self.peer.close()


def check(command, *words):
    code, output = soapy_peer.run(command)
    for word in words:
        assert word in output, f"{command[0]}: no '{word}' in:\n{output}"
    assert code == 0, f"{command[0]}: {code}\n{output}"
    return output


def uhd_finds_the_device():
    check(["uhd_find_devices", f"--args={ARGS}"], "driver: ravi", "type: soapy")


def uhd_probes_the_device():
    with PeerCase():
        check(["uhd_usrp_probe", f"--args={ARGS}"], "Device: ravi", "Antennas: AIR", "Sensors: ref_locked")


def rx_samples_to_file_records_every_sample():
    with PeerCase(), tempfile.TemporaryDirectory() as folder:
        file = f"{folder}/recording"
        check([f"{EXAMPLES}/rx_samples_to_file", f"--args={ARGS}", f"--file={file}", "--type=float", f"--rate={RATE}",
               "--freq=1e9", "--gain=0", "--nsamps=500000", "--spb=10000"])
        samples = np.fromfile(file, np.complex64)
        assert len(samples) == 500_000, len(samples)
        begin = soapy_peer.find_signal(samples)
        assert begin is not None and np.array_equal(samples, soapy_peer.expected(begin, len(samples)))


def rx_timed_samples_gets_them_at_the_stated_time():
    with PeerCase():
        check([f"{EXAMPLES}/rx_timed_samples", f"--args={ARGS}", "--secs=0.5", "--nsamps=20000", f"--rate={RATE}"],
              "Received packet: ", "full secs, 0.500000 frac secs", "Done!")


def tx_samples_from_file_sends_every_sample():
    signal = soapy_peer.SIGNAL[:300_000]
    with PeerCase() as peer, tempfile.TemporaryDirectory() as folder:
        file = f"{folder}/signal"
        signal.tofile(file)
        check([f"{EXAMPLES}/tx_samples_from_file", f"--args={ARGS}", f"--file={file}", "--type=float", f"--rate={RATE}",
               "--freq=1e9", "--gain=0", "--spb=5000"])
        samples = peer.received()
        begin = int(np.flatnonzero(samples)[0]) - int(np.flatnonzero(signal)[0])
        assert np.array_equal(samples[begin : begin + len(signal)], signal)
        assert not samples[begin + len(signal) :].any()


def tx_bursts_are_acknowledged():
    with PeerCase() as peer:
        check([f"{EXAMPLES}/tx_timed_samples", f"--args={ARGS}", "--secs=0.5", "--nsamps=5000", f"--rate={RATE}",
               "--ampl=0.25"], "Waiting for async burst ACK... success")
        sent = np.flatnonzero(peer.received())
        assert len(sent) == 5000 and sent[-1] - sent[0] == 4999, (len(sent), sent[:1], sent[-1:])


def python_uhd_receives_and_transmits_with_times():
    with PeerCase() as peer:
        usrp = uhd.usrp.MultiUSRP(ARGS)
        usrp.set_rx_rate(RATE)
        usrp.set_tx_rate(RATE)
        usrp.set_time_now(uhd.types.TimeSpec(0.0))
        zero = usrp.get_time_now().get_real_secs()
        assert 0 <= zero < 1
        args = uhd.usrp.StreamArgs("fc32", "sc16")
        receiver, transmitter = usrp.get_rx_stream(args), usrp.get_tx_stream(args)
        command = uhd.types.StreamCMD(uhd.types.StreamMode.start_cont)
        command.stream_now = False
        command.time_spec = uhd.types.TimeSpec(zero + 0.1)
        receiver.issue_stream_cmd(command)
        metadata = uhd.types.RXMetadata()
        buffer = np.zeros((1, 9600), np.complex64)
        assert receiver.recv(buffer, metadata, 3.0) == 9600
        start = metadata.time_spec.to_ticks(RATE)
        assert start == uhd.types.TimeSpec(zero + 0.1).to_ticks(RATE)
        index = soapy_peer.find_signal(buffer[0])
        assert index is not None
        offset = index - start  # of the peer's count to the time set above

        burst = soapy_peer.SIGNAL[5000:8000]
        at = start + 9600 + RATE // 20
        transmit = uhd.types.TXMetadata()
        transmit.has_time_spec, transmit.start_of_burst, transmit.end_of_burst = True, True, True
        transmit.time_spec = uhd.types.TimeSpec(at / RATE)
        assert transmitter.send(burst.reshape(1, -1), transmit, 1.0) == len(burst)
        while start < at + 10_000:
            count = receiver.recv(buffer, metadata, 3.0)
            assert count == 9600 and metadata.error_code == uhd.types.RXMetadataErrorCode.none
            begin = metadata.time_spec.to_ticks(RATE)
            assert np.array_equal(buffer[0], soapy_peer.expected(begin + offset, count))
            start = begin + count
        time.sleep(0.2)
        samples = peer.received()
        sent = np.flatnonzero(samples)
        assert sent[0] == at + offset + np.flatnonzero(burst)[0], (sent[0], at + offset)
        assert np.array_equal(samples[at + offset : at + offset + len(burst)], burst)
        receiver.issue_stream_cmd(uhd.types.StreamCMD(uhd.types.StreamMode.stop_cont))
        del receiver, transmitter, usrp


CASES = [uhd_finds_the_device, uhd_probes_the_device, rx_samples_to_file_records_every_sample,
         rx_timed_samples_gets_them_at_the_stated_time, tx_samples_from_file_sends_every_sample, tx_bursts_are_acknowledged,
         python_uhd_receives_and_transmits_with_times]

if __name__ == "__main__":
    if not pathlib.Path("/usr/lib/x86_64-linux-gnu/uhd/modules/libsoapySupport.so").exists():
        print("skipped: Debian's uhd-soapysdr is not installed")
        sys.exit(77)
    for case in CASES:
        started = time.monotonic()
        case()
        print(f"ok: {case.__name__.replace('_', ' ')} ({time.monotonic() - started:.2f} s)", flush=True)
