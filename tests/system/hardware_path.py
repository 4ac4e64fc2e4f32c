#!/usr/bin/env python3
"""The hardware drivers without hardware: `ravi` over UHD and over SoapySDR, our plugin, and a running `ravi air`, to a foreign
node that knows every sample. Also what finds the plugin there: SoapySDRUtil, uhd_find_devices, a foreign recorder."""

import os
import pathlib
import subprocess
import sys
import tempfile
import time

sys.path.insert(0, str(pathlib.Path(__file__).parent.parent / "interop"))
import soapy_peer  # noqa: E402

try:
    import numpy as np
except ImportError as missing:
    print(f"skipped: {missing}")
    sys.exit(77)

RAVI = soapy_peer.BUILD / "ravi"
HUB = "tcp://127.0.0.1:23600"
PEER_TX, PEER_RX = "tcp://127.0.0.1:23601", "tcp://127.0.0.1:23611"
CONFIG = f"""
sample_rate: 1.92 MHz
listen: {HUB}
nodes:
  - {{name: far, tx_endpoints: "{PEER_TX}", rx_endpoints: "{PEER_RX}"}}
  - {{name: sdr}}
"""
os.environ["RAVI_AIR"] = HUB
HAS_UHD = pathlib.Path("/usr/lib/x86_64-linux-gnu/uhd/modules/libsoapySupport.so").exists()
DEVICES = ["soapy:driver=ravi,node=sdr"] + (["uhd:type=soapy,driver=ravi,node=sdr"] if HAS_UHD else [])


class Air:
    """A hub with a foreign node at `far` and room for a device at `sdr`."""

    def __init__(self, pace="free"):
        self.pace = pace

    def __enter__(self):
        self.file = tempfile.NamedTemporaryFile("w", suffix=".yaml")
        self.file.write(f"pace: {self.pace}\n{CONFIG}")
        self.file.flush()
        self.hub = subprocess.Popen([str(RAVI), "air", "--config", self.file.name], stdout=subprocess.DEVNULL,
                                    stderr=subprocess.DEVNULL)
        self.peer = soapy_peer.Peer(PEER_TX, PEER_RX)
        deadline = time.monotonic() + 10
        while "node = sdr" not in soapy_peer.run(["SoapySDRUtil", "--find=driver=ravi"])[1]:
            assert time.monotonic() < deadline and self.hub.poll() is None, "the hub does not list its node"
        return self.peer

    def __exit__(self, *_):
        self.peer.close()
        self.hub.terminate()
        self.hub.wait(10)


def ravi(*arguments):
    return soapy_peer.run([str(RAVI), *arguments])


def is_of_signal(samples):
    """All of it a stretch of the far end's signal; zeros before, where the far end had not come yet."""
    begin = int(np.flatnonzero(samples)[0]) if samples.any() else len(samples)
    start = soapy_peer.find_signal(samples[begin:]) if len(samples) - begin > 256 else None
    return start is not None and np.array_equal(samples[begin:], soapy_peer.expected(start, len(samples) - begin))


def foreign_programs_find_the_node_of_the_hub():
    with Air():
        code, output = soapy_peer.run(["SoapySDRUtil", "--probe=driver=ravi,node=sdr"])
        assert code == 0 and "Timestamps: YES" in output and "1.92 MSps" in output, output
        if HAS_UHD:
            code, output = soapy_peer.run(["uhd_find_devices", "--args=type=soapy,driver=ravi"])
            assert code == 0 and "node: sdr" in output, output


def without_a_hub_there_is_no_device_and_no_noise():
    started = time.monotonic()
    code, output = soapy_peer.run(["SoapySDRUtil", "--find=driver=ravi"])
    assert code != 0 and "No devices found" in output and "warn" not in output, output
    assert time.monotonic() - started < 2
    code, output = ravi("record", "nothing", "--device", DEVICES[0], "--rate", "1.92 MHz", "--samples", "10")
    assert code == 3 and "no device matches" in output, (code, output)


def a_foreign_recorder_gets_every_sample_through_the_hub():
    if not HAS_UHD:
        return
    with Air(), tempfile.TemporaryDirectory() as folder:
        file = f"{folder}/recording"
        code, output = soapy_peer.run(["/usr/libexec/uhd/examples/rx_samples_to_file", "--args=type=soapy,driver=ravi,node=sdr",
                                       f"--file={file}", "--type=float", "--rate=1920000", "--freq=1e9", "--nsamps=300000"])
        samples = np.fromfile(file, np.complex64)
        assert code == 0 and len(samples) == 300_000 and is_of_signal(samples), (code, len(samples), output)


def ravi_records_every_sample_through_each_driver():
    for device in DEVICES:
        with Air(), tempfile.TemporaryDirectory() as folder:
            code, output = ravi("record", f"{folder}/capture", "--device", device, "--rate", "1.92 MHz", "--freq", "1 GHz",
                                "--samples", "200000", "--format", "cf32")
            assert code == 0, (device, code, output)
            samples = np.fromfile(f"{folder}/capture.sigmf-data", np.complex64)
            assert len(samples) == 200_000 and is_of_signal(samples), (device, len(samples))
            assert output.count("real time: SCHED_FIFO: ") == 1, output  # what was granted, in one line


def ravi_replays_every_sample_through_each_driver_if_licensed():
    signal = soapy_peer.SIGNAL[4000:104_000]
    for device in DEVICES:
        with Air() as peer, tempfile.TemporaryDirectory() as folder:
            signal.tofile(f"{folder}/tape.sigmf-data")
            pathlib.Path(f"{folder}/tape.sigmf-meta").write_text(
                '{"global": {"core:datatype": "cf32_le", "core:version": "1.0.0", "core:sample_rate": 1920000},'
                ' "captures": [{"core:sample_start": 0}], "annotations": []}')
            arguments = ("replay", f"{folder}/tape", "--device", device, "--rate", "1.92 MHz", "--freq", "1 GHz")
            code, output = ravi(*arguments)
            assert code != 0 and "--i-am-licensed-to-transmit" in output, (device, code, output)
            assert not peer.received().any()
            code, output = ravi(*arguments, "--i-am-licensed-to-transmit")
            assert code == 0 and output.count("real time: SCHED_FIFO: ") == 1, (device, code, output)
            time.sleep(0.2)
            heard = np.flatnonzero(peer.received())
            assert len(heard) > 0, (device, output)
            begin = int(heard[0]) - int(np.flatnonzero(signal)[0])
            assert np.array_equal(peer.received()[begin : begin + len(signal)], signal), device


def ravi_passes_on_what_a_device_receives():
    for device in DEVICES:
        with Air("realtime"), tempfile.TemporaryDirectory() as folder:
            recorder = subprocess.Popen([str(RAVI), "record", f"{folder}/capture", "--device", "zmq:rx=tcp://127.0.0.1:23602",
                                         "--rate", "1.92 MHz", "--samples", "200000", "--format", "cf32"],
                                        stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
            code, output = ravi("replay", device, "--input-freq", "1 GHz", "--device", "zmq:tx=tcp://127.0.0.1:23602", "--rate",
                                "1.92 MHz", "--duration", "200000")
            assert code == 0 and "gaps 0  lost 0  dropped 0" in output and "real time: " in output, (device, code, output)
            assert recorder.wait(20) == 0
            samples = np.fromfile(f"{folder}/capture.sigmf-data", np.complex64)
            assert len(samples) == 200_000 and is_of_signal(samples), (device, len(samples))


CASES = [foreign_programs_find_the_node_of_the_hub, without_a_hub_there_is_no_device_and_no_noise,
         a_foreign_recorder_gets_every_sample_through_the_hub, ravi_records_every_sample_through_each_driver,
         ravi_replays_every_sample_through_each_driver_if_licensed, ravi_passes_on_what_a_device_receives]

if __name__ == "__main__":
    for case in CASES:
        started = time.monotonic()
        case()
        print(f"ok: {case.__name__.replace('_', ' ')} ({time.monotonic() - started:.2f} s)", flush=True)
