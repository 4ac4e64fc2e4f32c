#!/usr/bin/env python3
"""OCUDU's gNB (26.04) on `ravi core`, and on it `ravi ue` or srsUE, over plain ZeroMQ ports: NG setup, attach with 5G-AKA, session,
address, pings, iperf3 both ways.

    ocudu_gnb.py CELL [defaults | srsue] [full | paged]    CELL: a key of CELLS, megahertz in FDD (n3) or TDD (n78). `defaults`: DCI
                                           formats 0_1 and 1_1 in a UE search space and 256QAM, as OCUDU configures by itself; else as for srsUE.
                                           `srsue`: that UE, for comparison with srsue_attach.py. `full`: 1000 pings, 60 s of traffic each.
                                           `paged`: no traffic, but idle after 2 s, paged and back

Needs root (TUN devices in network namespaces of its own), `ip`, `ping`, `ss`, `iperf3`, OCUDU's `gnb` on the PATH or in RAVI_OCUDU_GNB, and
SCTP in the kernel; where it has none, RAVI_SCTP_SHIM may name a library to preload that carries the kernel's SCTP socket calls. Exit status
77: skipped."""

import os
import pathlib
import re
import shutil
import sys
import tempfile
import time

import pairing
import srsue_network

# What OCUDU's gNB is told. docs/interop.md has the same as a table.
CELLS = {
    "fdd-5": {"band": 3, "arfcn": 368500, "mhz": 5, "scs": 15, "srate": 5.76},
    "fdd-10": {"band": 3, "arfcn": 368500, "mhz": 10, "scs": 15, "srate": 11.52},
    "fdd-20": {"band": 3, "arfcn": 368500, "mhz": 20, "scs": 15, "srate": 23.04},
    "tdd-20": {"band": 78, "arfcn": 632628, "mhz": 20, "scs": 30, "srate": 23.04},
    "tdd-40": {"band": 78, "arfcn": 632628, "mhz": 40, "scs": 30, "srate": 46.08},
}
OFFERED = {"fdd-5": (20, 15), "fdd-10": (40, 40), "fdd-20": (80, 80), "tdd-20": (20, 50), "tdd-40": (40, 100)}  # Mbit/s of UDP, up and down
GNB = """
cu_cp:
  inactivity_timer: {inactivity}
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
FALLBACK = ", pdcch: {{{common}dedicated: {{ss2_type: common, dci_format_0_1_and_1_1: false}}}}, pdsch: {{mcs_table: qam64}}, pusch: {{mcs_table: qam64}}"
CORESET0 = {"fdd-10": 6, "fdd-20": 12}  # where srsUE looks for the SS/PBCH block


def find_gnb():
    return os.environ.get("RAVI_OCUDU_GNB") or shutil.which("gnb")


def environment():
    shim = os.environ.get("RAVI_SCTP_SHIM")
    return dict(os.environ) | ({"LD_PRELOAD": shim} if shim else {})


def missing(is_srsue):
    """Why nothing can be tried here, or None."""
    program = find_gnb()
    if program is None or not pathlib.Path(program).exists():
        return "no gnb of OCUDU on the PATH or in RAVI_OCUDU_GNB"
    if not pathlib.Path("/proc/net/sctp").exists() and not os.environ.get("RAVI_SCTP_SHIM"):
        return "no SCTP in the kernel, and no RAVI_SCTP_SHIM"
    return srsue_network.missing() if is_srsue else pairing.missing("ss")


class RaviUe(pairing.Ue):
    """One `ravi ue`, its TUN device in `space`."""

    device = "ravi-ue"

    def __init__(self, options, space, folder):
        self.options, self.space, self.folder, self.number = options, space, folder, 0

    def attach(self):
        """Seconds of this machine from its start to its session, and its address."""
        begin = time.monotonic()
        self.program = pairing.Program([pairing.RAVI, "ue", *self.options, "--tun", self.device, "--netns", self.space], self.folder, "ue.txt")
        address = self.program.wait_for(r"session +(10\.\d+\.\d+\.\d+)")[1]
        self.add_route()
        return time.monotonic() - begin, address


def cell_options(name, how):
    if how == "defaults":
        return ""
    if how == "srsue":
        return FALLBACK.format(common=f"common: {{ss0_index: 0, coreset0_index: {CORESET0[name]}}}, ") + ", prach: {prach_config_index: 1}"
    return FALLBACK.format(common="")


class Network(pairing.Network):
    """`ravi core`, OCUDU's gNB and one UE, not started yet. `how`: "", "defaults" or "srsue"; `inactivity`: seconds to idle."""

    def __init__(self, folder, name, how, inactivity=7200):
        tag, address = f"ocudu{os.getpid()}", f"127.0.{10 + os.getpid() % 200}"
        super().__init__(folder, f"{tag}-n6", f"{tag}-ue")
        cell, (gnb_port, ue_port) = CELLS[name], pairing.free_endpoints(2)
        settings = {"cell.band": f"n{cell['band']}", "cell.bandwidth": f"{cell['mhz']}MHz", "cell.arfcn": str(cell["arfcn"]),
                    "core.n2": f"{address}.1", "core.n3": f"{address}.1", "ue.radio": f"zmq:tx={ue_port},rx={gnb_port}"}
        if how == "srsue":
            settings["quirks"] = "srsue"
        options = ["-c", pairing.CONFIGS / "ocudu-10mhz.yaml", *(f"--set={key}={value}" for key, value in settings.items()), "--json"]
        config = pathlib.Path(folder) / "gnb.yaml"
        config.write_text(GNB.format(address=address, inactivity=inactivity, transmit=gnb_port, receive=ue_port, options=cell_options(name, how), **cell))
        try:
            self.core = self.add(pairing.Program([pairing.RAVI, "core", *options, "--tun", "n6", "--netns", self.core_space], folder, "core.txt",
                                            environment()))
            self.core.wait_for("N2 at")
            self.gnb = self.add(pairing.Program([find_gnb(), "-c", config], folder, "gnb.txt", environment()))
            self.core.wait_for("gNB set up")
        except BaseException:
            self.stack.close()
            raise
        if how == "srsue":
            self.ues = [srsue_network.SrsUe(str(cell["mhz"]), ue_port, gnb_port, f"{tag}-ue", folder)]
        else:
            self.ues = [RaviUe(options, f"{tag}-ue", folder)]
        self.clock = pairing.AirClock(gnb_port, cell["srate"] * 1e6)


def attach_and_measure(network, offered, pings, seconds):
    network.gnb.process.stdin.write(b"t\n")
    network.gnb.process.stdin.flush()
    ue = network.ues[0]
    attach_s, address = ue.attach()
    assert address.startswith("10.45.0."), address
    return {"attach_s": attach_s} | pairing.measure(network, ue, pings, seconds, offered)


def as_the_gnb_saw(text):
    """CQI, MCS, PUSCH's SNR, HARQ's successes and failures, of the lines that OCUDU prints each second once it was given a `t`."""
    number = r"\s+(\S+)"
    row = re.compile(rf"^\s*\d+\s+[0-9a-f]+\s\|{number * 7}.*?\|{number * 7}", re.MULTILINE)
    rows = [found.groups() for found in row.finditer(text)]
    assert rows, "OCUDU printed no metrics"
    down_ok, down_failed, up_ok, up_failed = (sum(int(row[column]) for row in rows) for column in (4, 5, 12, 13))
    assert down_ok > 100 and up_ok > 100, rows
    return {"ocudu_cqi": max(row[0] for row in rows if row[0] != "n/a"), "ocudu_mcs_down": max(int(row[2]) for row in rows),
            "ocudu_harq_down": f"{down_ok} ok {down_failed} not", "ocudu_snr_up": rows[-1][7], "ocudu_mcs_up": max(int(row[10]) for row in rows),
            "ocudu_harq_up": f"{up_ok} ok {up_failed} not"}


def try_paging(network):
    """OCUDU releases the idle UE; a packet for it makes our core, and OCUDU, page it."""
    ue = network.ues[0]
    _, address = ue.attach()
    network.core.wait_for("idle")
    answered, rtt_ms = pairing.ping(network.core_space, address, 5, 0.3)
    assert answered == 5, f"{answered} of 5 answered by the paged UE"
    return {"paged": f"{answered}/5", "paged_rtt_ms": rtt_ms}


def main():
    name, *options = sys.argv[1:]
    how = next((option for option in options if option in ("defaults", "srsue")), "")
    reason = missing(how == "srsue")
    if reason:
        print(f"skipped: {reason}")
        return pairing.SKIPPED
    pings, seconds = (1000, 60) if "full" in options else (50, 3)
    if "paged" in options:
        with tempfile.TemporaryDirectory() as folder, Network(folder, name, how, inactivity=2) as network:
            print("ok: " + pairing.as_row(try_paging(network)))
        return 0
    with tempfile.TemporaryDirectory() as folder, Network(folder, name, how) as network:
        figures = attach_and_measure(network, OFFERED[name], pings, seconds)
        if how != "srsue":
            ue = network.ues[0]
            ue.end()
            report = ue.program.report()
            assert report["attached"] and report["deregistered"], report
            figures |= {"attach_ms": report["attach_ms"], "bler_down": report["downlink"]["bler"], "bler_up": report["uplink"]["bler"],
                        "mcs_down": report["downlink"]["mcs_avg"], "mcs_up": report["uplink"]["mcs_avg"]}
        network.end_programs()
        figures |= as_the_gnb_saw(network.gnb.text())
    print("ok: " + pairing.as_row(figures))
    return 0


if __name__ == "__main__":
    sys.exit(main())
