#!/usr/bin/env python3
"""srsUE (srsRAN 4G) attaches to `ravi gnb` with `ravi core` over plain ZeroMQ ports: registration with 5G-AKA, session, address,
pings, iperf3 in both directions, and srsUE stopped and started again against the same running gNB and core.

    srsue_attach.py 10|20 [full]      megahertz; `full`: 1000 pings, 60 s of traffic each, 20 restarts; prints a row of figures

Needs root (TUN devices in network namespaces of its own), `ip`, `ping`, `iperf3`, and srsUE: on the PATH, or in RAVI_SRSUE. In srsUE's
build tree the library of its radio is found by itself; else the loader must find it. Exit status 77: skipped."""

import os
import pathlib
import re
import shutil
import sys
import tempfile
import time

from pairing import CONFIGS, RAVI, Program, add_namespace, as_row, cpu_seconds, iperf, missing, ping, run

GATEWAY = "10.45.0.1"

# What srsUE is told. docs/interop.md has the same as a table.
CELLS = {
    "10": {"rf.srate": "11.52e6", "rat.nr.max_nof_prb": "52", "rat.nr.nof_prb": "52"},
    "20": {"rf.srate": "23.04e6", "rat.nr.max_nof_prb": "106", "rat.nr.nof_prb": "106"},
}
SETTINGS = {
    "rf.tx_gain": "0", "rf.rx_gain": "0", "rf.nof_antennas": "1", "rf.device_name": "zmq",
    "rat.eutra.dl_earfcn": "2850", "rat.eutra.nof_carriers": "0",
    "rat.nr.bands": "3", "rat.nr.nof_carriers": "1", "rat.nr.dl_nr_arfcn": "368500", "rat.nr.ssb_nr_arfcn": "368410",
    "usim.mode": "soft", "usim.algo": "milenage", "usim.imsi": "001010123456780", "usim.imei": "353490069873319",
    "usim.k": "00112233445566778899aabbccddeeff", "usim.opc": "63BFA50EE6523365FF14C1F45F88737D",
    "rrc.release": "15", "rrc.ue_category": "4", "nas.apn": "internet", "nas.apn_protocol": "ipv4",
    "gw.ip_devname": "tun_srsue", "gw.ip_netmask": "255.255.255.0", "gui.enable": "false",
    "log.all_level": "warning", "log.phy_lib_level": "none", "log.filename": "ue.log", "log.file_max_size": "-1",
}


def find_srsue():
    """The program and the environment it needs."""
    program = os.environ.get("RAVI_SRSUE") or shutil.which("srsue")
    if program is None or not pathlib.Path(program).exists():
        return None, None
    environment = dict(os.environ)
    for folder in pathlib.Path(program).resolve().parents:
        if (folder / "lib/src/phy/rf").is_dir():
            environment["LD_LIBRARY_PATH"] = f"{folder / 'lib/src/phy/rf'}:{environment.get('LD_LIBRARY_PATH', '')}"
    return program, environment


class Lab:
    """Core, gNB and, between `start_ue` and `stop_ue`, srsUE."""

    def __init__(self, bandwidth, folder, srsue, environment):
        self.folder, self.srsue, self.environment = folder, srsue, environment
        self.tag = f"{os.getpid() % 10000}"
        self.ue_space, self.core_space = f"ravi-ue{self.tag}", f"ravi-n6{self.tag}"
        base = 24000 + os.getpid() % 1000 * 2
        self.downlink, self.uplink = f"tcp://127.0.0.1:{base}", f"tcp://127.0.0.1:{base + 1}"
        n2, gnb = f"127.0.{10 + os.getpid() % 200}.1", f"127.0.{10 + os.getpid() % 200}.2"
        rate = CELLS[bandwidth]["rf.srate"]
        self.settings = {**SETTINGS, **CELLS[bandwidth], "gw.netns": self.ue_space,
                         "rf.device_args": f"tx_port={self.uplink},rx_port={self.downlink},base_srate={rate}"}
        config = ["-c", CONFIGS / f"srsue-{bandwidth}mhz.yaml",
                  "--set", f"core.n2={n2}", "--set", f"core.n3={n2}", "--set", f"gnb.core.amf={n2}", "--set", f"gnb.core.bind={gnb}", "--set", f"gnb.radio=zmq:tx={self.downlink},rx={self.uplink}"]
        for space in (self.ue_space, self.core_space):
            add_namespace(space)
        self.core = Program([RAVI, "core", *config, "--tun", "n6", "--netns", self.core_space], folder, "core.txt")
        self.core.wait_for("N2 at")
        self.gnb = Program([RAVI, "gnb", *config], folder, "gnb.txt")
        self.gnb.wait_for("NG set up|radio:")
        self.ue = None

    def start_ue(self):
        """Seconds from its start to its session, and its address."""
        (pathlib.Path(self.folder) / "ue.conf").write_text("")
        begin = time.monotonic()
        self.ue = Program([self.srsue, "ue.conf", *(f"--{key}={value}" for key, value in self.settings.items())], self.folder, "ue.txt",
                          self.environment)
        address = self.ue.wait_for(r"PDU Session Establishment successful. IP: (\S+)")[1]
        self.ue.wait_for("RRC NR reconfiguration successful")
        seconds = time.monotonic() - begin
        run("ip", "-n", self.ue_space, "route", "add", GATEWAY, "dev", "tun_srsue")
        return seconds, address

    def stop_ue(self):
        self.ue.end()

    def ping(self, count):
        return ping(self.ue_space, GATEWAY, count)

    def iperf(self, seconds, *options):
        return iperf(self.ue_space, self.core_space, GATEWAY, seconds, *options)

    def end(self):
        for program in (self.ue, self.gnb, self.core):
            if program is not None and program.process.poll() is None:
                program.end()
        for space in (self.ue_space, self.core_space):
            run("ip", "netns", "del", space)


def air_seconds(text):
    found = re.search(r"gnb: ([\d.]+) s on the air", text)
    assert found, f"the gNB did not end as it should:\n{text[-1500:]}"
    return float(found[1])


def try_all(lab, bandwidth, is_full):
    pings, traffic, restarts = (1000, 60, 20) if is_full else (50, 3, 2)
    udp = "30M" if bandwidth == "10" else "60M"
    figures = {}
    figures["attach_s"], address = lab.start_ue()
    assert address.startswith("10.45.0."), address
    answered, figures["rtt_ms"] = lab.ping(pings)
    figures["pings"] = f"{answered}/{pings}"
    assert answered == pings, figures
    programs = {"gnb": lab.gnb.process, "core": lab.core.process, "srsue": lab.ue.process}
    begin, used = time.monotonic(), {name: cpu_seconds(process) for name, process in programs.items()}
    figures["tcp_up"] = lab.iperf(traffic)
    figures["tcp_down"] = lab.iperf(traffic, "-R")
    figures["udp_up"] = lab.iperf(traffic, "-u", "-b", udp, "-l", "1372")
    figures["udp_down"] = lab.iperf(traffic, "-u", "-b", udp, "-l", "1372", "-R")
    passed = time.monotonic() - begin
    for name, process in programs.items():
        figures[f"cpu_{name}"] = (cpu_seconds(process) - used[name]) / passed
    assert min(figures["tcp_up"], figures["tcp_down"], figures["udp_up"], figures["udp_down"]) > 1.0, figures
    attached = 0
    for _ in range(restarts):
        lab.stop_ue()
        lab.start_ue()
        attached += lab.ping(3)[0] == 3
    figures["restarts"] = f"{attached}/{restarts}"
    assert attached == restarts, figures
    return figures


def main():
    bandwidth, is_full = sys.argv[1], "full" in sys.argv[2:]
    srsue, environment = find_srsue()
    reason = "no srsue on the PATH or in RAVI_SRSUE" if srsue is None else missing()
    if reason:
        print(f"skipped: {reason}")
        return 77
    with tempfile.TemporaryDirectory() as folder:
        lab = Lab(bandwidth, folder, srsue, environment)
        try:
            figures = try_all(lab, bandwidth, is_full)
        except BaseException:
            for program in (lab.core, lab.gnb, lab.ue):
                if program is not None:
                    print(f"--- {program.path.name}\n{program.text()[-1500:]}", file=sys.stderr)
            raise
        finally:
            lab.end()
        figures["air_s"] = air_seconds(lab.gnb.text())
    print("ok: " + as_row(figures))
    return 0


if __name__ == "__main__":
    sys.exit(main())
