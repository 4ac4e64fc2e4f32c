#!/usr/bin/env python3
"""srsUE (srsRAN 4G) hears a recorded cell that `ravi replay --loop` sends over plain ZeroMQ ports, and finds it: PCI, MIB,
frame number. The recording is 300 ms long, so frame numbers jump where it begins again and srsUE gets no further than that.

Skipped (77) where `srsue` is not on the PATH or the recording is not there. The library of srsUE's ZeroMQ radio must be found by
the loader: LD_LIBRARY_PATH, where it is not installed."""

import os
import pathlib
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import time

RAVI = pathlib.Path(os.environ["RAVI_BUILD"]) / "ravi"
SOURCE = pathlib.Path(os.environ["RAVI_SOURCE"])
RECORDING = pathlib.Path(os.environ.get("RAVI_REFERENCE_DATA", SOURCE.parent / "shared")) / "iq" / "foreign-attach-dl"
RATE = "11.52e6"
DOWNLINK, UPLINK = "tcp://127.0.0.1:23500", "tcp://127.0.0.1:23501"
PATIENCE = 100  # s; srsUE sleeps through every slot, and a busy machine makes that long

CONFIG = f"""
[rf]
tx_gain = 0
rx_gain = 0
srate = {RATE}
device_name = zmq
device_args = tx_port={UPLINK},rx_port={DOWNLINK},base_srate={RATE}
[rat.eutra]
dl_earfcn = 2850
nof_carriers = 0
[rat.nr]
bands = 3
nof_carriers = 1
max_nof_prb = 52
nof_prb = 52
dl_nr_arfcn = 368500
ssb_nr_arfcn = 368410
[log]
all_level = info
phy_lib_level = none
filename = ue.log
file_max_size = -1
[usim]
mode = soft
algo = milenage
opc = 63BFA50EE6523365FF14C1F45F88737D
k = 00112233445566778899aabbccddeeff
imsi = 001010123456780
imei = 353490069873319
[rrc]
release = 15
ue_category = 4
"""


def wait_for(log, pattern, processes):
    deadline = time.monotonic() + PATIENCE
    while time.monotonic() < deadline:
        found = re.search(pattern, log.read_text(errors="replace")) if log.exists() else None
        if found:
            return found
        for process in processes:
            assert process.poll() is None, f"{process.args[0]} ended early"
        time.sleep(0.2)
    raise AssertionError(f"srsUE did not say '{pattern}' within {PATIENCE} s")


def main():
    srsue = shutil.which("srsue")
    if srsue is None or not RECORDING.with_name(RECORDING.name + ".sigmf-meta").exists():
        print("skipped: no srsue on the PATH, or no recording")
        return 77
    with tempfile.TemporaryDirectory() as folder:
        pathlib.Path(f"{folder}/ue.conf").write_text(CONFIG)
        quiet = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL, "cwd": folder}
        replay = subprocess.Popen([RAVI, "replay", RECORDING, "--loop", "--device", f"zmq:tx={DOWNLINK},rx={UPLINK}"], **quiet)
        ue = subprocess.Popen([srsue, "ue.conf"], stdin=subprocess.DEVNULL, **quiet)
        try:
            log = pathlib.Path(f"{folder}/ue.log")
            cell = wait_for(log, r"Cell search found .*PCI=(\d+) .*snr=\+?(-?[\d.]+) cfo=(-?[\d.]+) .*sfn=(\d+)", (replay, ue))
            pci, snr, cfo, sfn = int(cell[1]), float(cell[2]), float(cell[3]), int(cell[4])
            assert pci == 1 and snr > 40 and abs(cfo) < 10 and 64 <= sfn < 94, cell[0]
            synchronized = wait_for(log, r"SFN synchronised successfully \(SFN=(\d+)\)", (replay, ue))
            assert 64 <= int(synchronized[1]) < 94, synchronized[0]
        finally:
            for process in (ue, replay):
                process.send_signal(signal.SIGINT)
                try:
                    process.wait(10)
                except subprocess.TimeoutExpired:
                    process.kill()
                    process.wait()
    print(f"ok: srsUE found PCI {pci}, SNR {snr} dB, offset {cfo} Hz, SFN {sfn}, and synchronized to SFN {synchronized[1]}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
