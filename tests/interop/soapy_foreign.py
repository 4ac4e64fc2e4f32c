#!/usr/bin/env python3
"""python3-soapysdr, a foreign program, through our plugin against a peer in pyzmq: every sample and every time is right."""

import os
import sys
import time

import soapy_peer

os.environ.update(soapy_peer.environment())
try:
    import numpy as np
    import SoapySDR
    from SoapySDR import SOAPY_SDR_CF32, SOAPY_SDR_CS16, SOAPY_SDR_END_BURST, SOAPY_SDR_HAS_TIME, SOAPY_SDR_RX, SOAPY_SDR_TX
except ImportError as missing:
    print(f"skipped: {missing}")
    sys.exit(77)

RATE = 1_920_000
TX = "tcp://127.0.0.1:23100"
RX = "tcp://127.0.0.1:23101"
ARGS = f"driver=ravi,tx_port={TX},rx_port={RX},rate=1.92 MHz"
SoapySDR.setLogLevel(SoapySDR.SOAPY_SDR_ERROR)


def sample_of(time_ns):
    return round(time_ns * RATE / 1e9)


def ns_of(sample):
    return round(sample * 1e9 / RATE)


class Case:
    """A peer and an opened device."""

    def __init__(self, extra=""):
        self.peer = soapy_peer.Peer(RX, TX)
        self.device = SoapySDR.Device(ARGS + extra)

    def __enter__(self):
        return self.device, self.peer

    def __exit__(self, *_):
        del self.device
        self.peer.close()


def read(device, stream, count, dtype=np.complex64, width=1):
    """Reads `count` samples; gives them with the time of the first in samples; checks that the times go on without a gap."""
    parts, begin, have = [], None, 0
    while have < count:
        buffer = np.zeros((count - have) * width, dtype)
        result = device.readStream(stream, [buffer], count - have, timeoutUs=2_000_000)
        assert result.ret > 0, f"readStream: {result.ret}"
        assert result.flags & SOAPY_SDR_HAS_TIME
        if begin is None:
            begin = sample_of(result.timeNs)
        assert sample_of(result.timeNs) == begin + have, "a gap"
        parts.append(buffer[: result.ret * width])
        have += result.ret
    return begin, np.concatenate(parts)


def await_time(device, seconds):
    """Until the link runs and its time has come to `seconds`."""
    deadline = time.monotonic() + 10
    while device.getHardwareTime() < seconds * 1e9:
        assert time.monotonic() < deadline, "the air does not run"
        time.sleep(0.01)


def receives_every_sample_in_floats():
    with Case() as (device, _):
        stream = device.setupStream(SOAPY_SDR_RX, SOAPY_SDR_CF32)
        assert device.activateStream(stream) == 0
        begin, samples = read(device, stream, 200_000)
        assert np.array_equal(samples, soapy_peer.expected(begin, len(samples)))
        device.deactivateStream(stream)
        device.closeStream(stream)


def receives_every_sample_in_integers_with_gain():
    with Case() as (device, _):
        device.setGain(SOAPY_SDR_RX, 0, 12.0)
        stream = device.setupStream(SOAPY_SDR_RX, SOAPY_SDR_CS16)
        device.activateStream(stream)
        begin, integers = read(device, stream, 50_000, np.int16, 2)
        floats = integers.astype(np.float64).view(np.complex128) / 32767
        error = floats - soapy_peer.expected(begin, len(floats)) * 10 ** (12 / 20)
        assert max(abs(error.real).max(), abs(error.imag).max()) < 0.51 / 32767 + 1e-7
        device.closeStream(stream)


def begins_at_the_stated_time_and_ends_after_the_stated_number():
    with Case() as (device, _):
        stream = device.setupStream(SOAPY_SDR_RX, SOAPY_SDR_CF32)
        start = sample_of(device.getHardwareTime()) + RATE // 10
        device.activateStream(stream, SOAPY_SDR_HAS_TIME | SOAPY_SDR_END_BURST, ns_of(start), 5000)
        begin, samples = read(device, stream, 5000)
        assert begin == start
        assert np.array_equal(samples, soapy_peer.expected(start, 5000))
        after = device.readStream(stream, [np.zeros(100, np.complex64)], 100, timeoutUs=50_000)
        assert after.ret == SoapySDR.SOAPY_SDR_TIMEOUT
        device.closeStream(stream)


def a_start_in_the_past_is_a_time_error():
    with Case() as (device, _):
        stream = device.setupStream(SOAPY_SDR_RX, SOAPY_SDR_CF32)
        await_time(device, 0.05)
        device.activateStream(stream, SOAPY_SDR_HAS_TIME, 0)
        result = device.readStream(stream, [np.zeros(100, np.complex64)], 100, timeoutUs=500_000)
        assert result.ret == SoapySDR.SOAPY_SDR_TIME_ERROR, result.ret
        device.closeStream(stream)


def await_samples(peer, count):
    deadline = time.monotonic() + 10
    while time.monotonic() < deadline:
        samples = peer.received()
        if len(samples) >= count:
            return samples
        time.sleep(0.02)
    raise AssertionError(f"the peer received {len(peer.received())} samples of {count}")


def write_all(device, stream, samples, flags=0, time_ns=0):
    done = 0
    while done < len(samples):
        first = flags if done == 0 else flags & ~SOAPY_SDR_HAS_TIME
        result = device.writeStream(stream, [samples[done:]], len(samples) - done, first, time_ns, timeoutUs=2_000_000)
        assert result.ret > 0, f"writeStream: {result.ret}"
        done += result.ret


def a_timed_burst_is_sent_at_its_sample_and_silence_around_it():
    burst = soapy_peer.SIGNAL[1000:6000]
    with Case() as (device, peer):
        stream = device.setupStream(SOAPY_SDR_TX, SOAPY_SDR_CF32)
        device.activateStream(stream)
        start = sample_of(device.getHardwareTime()) + RATE // 20
        write_all(device, stream, burst, SOAPY_SDR_HAS_TIME | SOAPY_SDR_END_BURST, ns_of(start))
        samples = await_samples(peer, start + 10_000)
        assert np.array_equal(samples[start : start + 5000], burst)
        assert not samples[:start].any() and not samples[start + 5000 :].any()
        status = device.readStreamStatus(stream, 500_000)
        assert status.ret == 0 and status.flags & SOAPY_SDR_END_BURST
        assert sample_of(status.timeNs) == start + 5000
        device.closeStream(stream)


def a_burst_in_the_past_is_dropped_whole_and_told():
    with Case() as (device, peer):
        stream = device.setupStream(SOAPY_SDR_TX, SOAPY_SDR_CF32)
        device.activateStream(stream)
        await_time(device, 0.05)
        late = ns_of(100)
        write_all(device, stream, soapy_peer.SIGNAL[:5000], SOAPY_SDR_HAS_TIME | SOAPY_SDR_END_BURST, late)
        status = device.readStreamStatus(stream, 500_000)
        assert status.ret == SoapySDR.SOAPY_SDR_TIME_ERROR, status.ret
        samples = await_samples(peer, RATE // 2)
        assert not samples.any()
        device.closeStream(stream)


def a_program_that_only_transmits_is_heard_without_a_hole():
    signal = soapy_peer.SIGNAL[: RATE // 5]
    with Case() as (device, peer):
        stream = device.setupStream(SOAPY_SDR_TX, SOAPY_SDR_CF32)
        device.activateStream(stream)
        write_all(device, stream, signal, SOAPY_SDR_END_BURST)
        device.closeStream(stream)  # returns when all is sent
        samples = await_samples(peer, sample_of(device.getHardwareTime()))
        begin = int(np.flatnonzero(samples)[0]) - int(np.flatnonzero(signal)[0])
        assert np.array_equal(samples[begin : begin + len(signal)], signal)


def an_unfinished_burst_is_an_underflow():
    with Case(",patience=50 ms") as (device, _):
        stream = device.setupStream(SOAPY_SDR_TX, SOAPY_SDR_CF32)
        device.activateStream(stream)
        write_all(device, stream, soapy_peer.SIGNAL[:2000])
        status = device.readStreamStatus(stream, 1_000_000)
        assert status.ret == SoapySDR.SOAPY_SDR_UNDERFLOW, status.ret
        device.closeStream(stream)


def the_answer_to_a_received_block_is_in_time_one_millisecond_later():
    with Case() as (device, peer):
        rx = device.setupStream(SOAPY_SDR_RX, SOAPY_SDR_CF32)
        tx = device.setupStream(SOAPY_SDR_TX, SOAPY_SDR_CF32)
        device.activateStream(tx)
        device.activateStream(rx)
        lead = RATE // 1000
        first = None
        for _ in range(200):
            begin, samples = read(device, rx, 960)
            first = begin if first is None else first
            write_all(device, tx, samples, SOAPY_SDR_HAS_TIME, ns_of(begin + 960 + lead))
        answered = 200 * 960
        start = first + 960 + lead
        read(device, rx, lead + 2000)
        samples = await_samples(peer, start + answered)
        assert np.array_equal(samples[start : start + answered], soapy_peer.expected(first, answered))
        status = device.readStreamStatus(tx, 0)
        assert status.ret in (SoapySDR.SOAPY_SDR_TIMEOUT, SoapySDR.SOAPY_SDR_UNDERFLOW), status.ret
        device.closeStream(rx)
        device.closeStream(tx)


def a_program_that_stops_reading_gets_an_overflow_and_then_the_present():
    with Case(",patience=100 ms") as (device, _):
        stream = device.setupStream(SOAPY_SDR_RX, SOAPY_SDR_CF32)
        device.activateStream(stream)
        begin, _ = read(device, stream, 5000)
        time.sleep(0.4)
        lost = False
        for _ in range(20):
            buffer = np.zeros(960, np.complex64)
            result = device.readStream(stream, [buffer], 960, timeoutUs=1_000_000)
            if result.ret == SoapySDR.SOAPY_SDR_OVERFLOW:
                lost = True
            elif lost:
                now = sample_of(result.timeNs)
                assert now > begin + 5000 + RATE // 10
                assert np.array_equal(buffer[: result.ret], soapy_peer.expected(now, result.ret))
                break
        assert lost
        device.closeStream(stream)


def a_program_that_pauses_shorter_loses_nothing():
    with Case(",patience=5 s") as (device, _):
        stream = device.setupStream(SOAPY_SDR_RX, SOAPY_SDR_CF32)
        device.activateStream(stream)
        begin, first = read(device, stream, 5000)
        time.sleep(0.5)
        again, second = read(device, stream, 5000)
        assert again == begin + 5000
        assert np.array_equal(np.concatenate([first, second]), soapy_peer.expected(begin, 10_000))
        device.closeStream(stream)


def the_device_clock_can_be_set():
    with Case() as (device, _):
        assert device.hasHardwareTime()
        device.setHardwareTime(100_000_000_000)
        assert 100 <= device.getHardwareTime() / 1e9 < 101
        device.setHardwareTime(500_000_000_000, "PPS")
        deadline = time.monotonic() + 5
        while device.getHardwareTime("PPS") != 500_000_000_000:
            assert time.monotonic() < deadline
            time.sleep(0.02)
        assert 500 <= device.getHardwareTime() / 1e9 < 502


def bad_arguments_are_refused_with_a_sentence():
    for extra, word in ((",pace=fast", "pace"), (",patience=long", "duration"), (",patience=-1 s", "patience")):
        try:
            SoapySDR.Device(ARGS + extra)
        except (RuntimeError, ValueError) as refused:
            assert word in str(refused), str(refused)
        else:
            raise AssertionError(f"{extra} was taken")
    with Case() as (device, _):
        for call in (
            lambda: device.setupStream(SOAPY_SDR_RX, "CS12"),
            lambda: device.setupStream(SOAPY_SDR_RX, SOAPY_SDR_CF32, [1]),
            lambda: device.setupStream(SOAPY_SDR_RX, SOAPY_SDR_CF32, [0, 0]),
            lambda: device.setAntenna(SOAPY_SDR_RX, 0, "RX2"),
            lambda: device.setClockSource("external"),
        ):
            try:
                call()
            except (RuntimeError, ValueError):
                continue
            raise AssertionError("an impossible wish was granted")


CASES = [value for name, value in list(globals().items()) if callable(value) and getattr(value, "__module__", "") == "__main__"
         and name not in ("Case", "sample_of", "ns_of", "read", "await_time", "await_samples", "write_all")]

if __name__ == "__main__":
    for case in CASES:
        started = time.monotonic()
        case()
        print(f"ok: {case.__name__.replace('_', ' ')} ({time.monotonic() - started:.2f} s)", flush=True)
