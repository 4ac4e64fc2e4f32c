#!/usr/bin/env python3
"""`ravi ue` on OCUDU's gNB (26.04) with `ravi core`, over plain ZeroMQ ports: attach with 5G-AKA, session, address, pings, iperf3 both ways.

    ocudu_gnb.py CELL [defaults] [full]    CELL: a key of CELLS, megahertz in FDD (n3) or TDD (n78). `defaults`: DCI formats 0_1 and 1_1 in a
                                           UE search space and 256QAM, as OCUDU configures by itself; else as for srsUE. `full`: 1000 pings,
                                           60 s of traffic each

Needs root (TUN devices in network namespaces of its own), `ip`, `ping`, `ss`, `iperf3`, OCUDU's `gnb` on the PATH or in RAVI_OCUDU_GNB, and
SCTP in the kernel; where it has none, RAVI_SCTP_SHIM may name a library to preload that carries the kernel's SCTP socket calls. Exit status
77: skipped."""

import os
import pathlib
import shutil
import sys
import tempfile
import time

import pairing

GATEWAY = "10.45.0.1"

# What OCUDU's gNB is told. docs/interop.md has the same as a table.
CELLS = {
    "fdd-5": {"band": 3, "arfcn": 368500, "mhz": 5, "scs": 15, "srate": 5.76},
    "fdd-10": {"band": 3, "arfcn": 368500, "mhz": 10, "scs": 15, "srate": 11.52},
    "fdd-20": {"band": 3, "arfcn": 368500, "mhz": 20, "scs": 15, "srate": 23.04},
    "tdd-20": {"band": 78, "arfcn": 632628, "mhz": 20, "scs": 30, "srate": 23.04},
    "tdd-40": {"band": 78, "arfcn": 632628, "mhz": 40, "scs": 30, "srate": 46.08},
}
GNB = """
cu_cp:
  inactivity_timer: 7200
  amf:
    addrs: {address}.1
    port: 38412
    bind_addrs: {address}.2
    supported_tracking_areas: [{{tac: 7, plmn_list: [{{plmn: "00101", tai_slice_support_list: [{{sst: 1}}]}}]}}]
cu_up:
  ngu:
    socket: [{{bind_addr: {address}.2}}]
ru_sdr:
  device_driver: zmq
  device_args: tx_port={transmit},rx_port={receive},base_srate={srate}e6
  srate: {srate}
  tx_gain: 0
  rx_gain: 0
cell_cfg: {{dl_arfcn: {arfcn}, band: {band}, channel_bandwidth_MHz: {mhz}, common_scs: {scs}, plmn: "00101", tac: 7, pci: 1{options}}}
expert_execution:
  threads: {{main_pool: {{nof_threads: 2}}}}
log: {{filename: stdout, all_level: warning}}
"""
FALLBACK = ", pdcch: {dedicated: {ss2_type: common, dci_format_0_1_and_1_1: false}}, pdsch: {mcs_table: qam64}, pusch: {mcs_table: qam64}"


def find_gnb():
    return os.environ.get("RAVI_OCUDU_GNB") or shutil.which("gnb")


def environment():
    shim = os.environ.get("RAVI_SCTP_SHIM")
    return dict(os.environ) | ({"LD_PRELOAD": shim} if shim else {})


def missing():
    """Why nothing can be tried here, or None."""
    program = find_gnb()
    if program is None or not pathlib.Path(program).exists():
        return "no gnb of OCUDU on the PATH or in RAVI_OCUDU_GNB"
    if not pathlib.Path("/proc/net/sctp").exists() and not os.environ.get("RAVI_SCTP_SHIM"):
        return "no SCTP in the kernel, and no RAVI_SCTP_SHIM"
    return pairing.missing("ss")


def traffic(core_space, ue_space, ue_address, seconds):
    """Mbit/s that arrived, a second of this machine; the UE's end first where it sends."""
    return {"tcp_up": pairing.iperf(ue_space, core_space, GATEWAY, seconds),
            "tcp_down": pairing.iperf(core_space, ue_space, ue_address, seconds),
            "udp_up": pairing.iperf(ue_space, core_space, GATEWAY, seconds, "-u", "-b", "20M"),
            "udp_down": pairing.iperf(core_space, ue_space, ue_address, seconds, "-u", "-b", "20M")}


def attach_and_measure(cell, is_default, pings, seconds, folder):
    tag, address = f"ocudu{os.getpid()}", f"127.0.{10 + os.getpid() % 200}"
    core_space, ue_space = f"{tag}-n6", f"{tag}-ue"
    gnb_port, ue_port = pairing.free_endpoints(2)
    settings = {"cell.band": f"n{cell['band']}", "cell.bandwidth": f"{cell['mhz']}MHz", "cell.arfcn": str(cell["arfcn"]),
                "core.n2": f"{address}.1", "core.n3": f"{address}.1", "ue.radio": f"zmq:tx={ue_port},rx={gnb_port}"}
    options = ["-c", pairing.CONFIGS / "ocudu-10mhz.yaml", *(f"--set={key}={value}" for key, value in settings.items()), "--json"]
    config = pathlib.Path(folder) / "gnb.yaml"
    config.write_text(GNB.format(address=address, transmit=gnb_port, receive=ue_port, options="" if is_default else FALLBACK, **cell))
    programs = []

    def start(command, name):
        programs.append(pairing.Program(command, folder, name, environment()))
        return programs[-1]

    with pairing.namespaces(core_space, ue_space):
        try:
            core = start([pairing.RAVI, "core", *options, "--tun", "n6", "--netns", core_space], "core.txt")
            core.wait_for("N2 at")
            start([find_gnb(), "-c", config], "gnb.txt").wait_for("gNB started|NG setup")
            begin = time.monotonic()
            ue = start([pairing.RAVI, "ue", *options, "--tun", "ravi-ue", "--netns", ue_space], "ue.txt")
            ue_address = ue.wait_for(r"10\.45\.\d+\.\d+")[0]
            figures = {"attach_s": time.monotonic() - begin}
            pairing.run("ip", "-n", ue_space, "route", "add", GATEWAY, "dev", "ravi-ue")
            stretch = pairing.Stretch(pairing.AirClock(gnb_port, cell["srate"] * 1e6), programs)
            answered, figures["rtt_ms"] = pairing.ping(ue_space, GATEWAY, pings)
            figures["pings"] = f"{answered}/{pings}"
            assert answered == pings, figures
            figures |= traffic(core_space, ue_space, ue_address, seconds)
            figures["speed"], used = stretch.end()
            figures |= {f"cpu_{name}": value for name, value in used.items()}
            assert min(figures[name] for name in ("tcp_up", "tcp_down", "udp_up", "udp_down")) > 1.0, figures
            ue.end()
            report = ue.report()
            assert report["attached"], report
            figures |= {"attach_ms": report["attach_ms"], "bler_down": report["downlink"]["bler"], "bler_up": report["uplink"]["bler"]}
            return figures
        finally:
            for program in reversed(programs):
                program.end()


def main():
    reason = missing()
    if reason:
        print(f"skipped: {reason}")
        return pairing.SKIPPED
    pings, seconds = (1000, 60) if "full" in sys.argv else (50, 3)
    with tempfile.TemporaryDirectory() as folder:
        figures = attach_and_measure(CELLS[sys.argv[1]], "defaults" in sys.argv, pings, seconds, folder)
    print("ok: " + pairing.as_row(figures))
    return 0


if __name__ == "__main__":
    sys.exit(main())
