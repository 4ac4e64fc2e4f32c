#!/usr/bin/env python3
"""UERANSIM's gNB and UE on `ravi core`: NG setup, registration with 5G-AKA, session, traffic, idle and back in both directions, a
second session released again, deregistration by the UE, the core started anew.

    ueransim.py [full]     `full`: 1000 pings, 60 s of traffic each; prints a row of figures

Needs root (network namespaces of its own, TUN devices), `ip`, `ping`, `iperf3`, and UERANSIM's nr-gnb, nr-ue and nr-cli on the PATH or in
the folder RAVI_UERANSIM. Its gNB wants the kernel's SCTP: where there is none, RAVI_SCTP_SHIM names a library to be preloaded at
both ends. Exit status 77: skipped."""

import json
import os
import pathlib
import re
import shutil
import signal
import sys
import tempfile
import time

from pairing import CONFIGS, RAVI, Program, add_namespace, as_row, cpu_seconds, iperf, missing, outputs_if_it_fails, ping, run

GATEWAY = "10.45.0.1"
CORE_ADDRESS, GNB_ADDRESS = "10.54.1.1", "10.54.1.2"  # N2 and N3 in one namespace
GNB_LINK, UE_LINK = "10.54.2.1", "10.54.2.2"          # in place of a radio, between two
SUPI = "imsi-001010123456780"

# What UERANSIM is told. docs/interop.md has the same as a table.
GNB = {"mcc": "001", "mnc": "01", "nci": "0x000000010", "idLength": 32, "tac": 1, "linkIp": GNB_LINK, "ngapIp": GNB_ADDRESS, "gtpIp": GNB_ADDRESS,
       "amfConfigs": [{"address": CORE_ADDRESS, "port": 38412}], "slices": [{"sst": 1}], "ignoreStreamIds": True}
UE = {"supi": SUPI, "mcc": "001", "mnc": "01", "protectionScheme": 0, "routingIndicator": "0000", "key": "00112233445566778899aabbccddeeff",
      "op": "63BFA50EE6523365FF14C1F45F88737D", "opType": "OPC", "amf": "8000", "imei": "356938035643803", "imeiSv": "4370816125816151",
      "gnbSearchList": [GNB_LINK], "tunNetmask": "255.255.255.0", "uacAic": {"mps": False, "mcs": False},
      "uacAcc": {"normalClass": 0, **{f"class{n}": False for n in range(11, 16)}},
      "sessions": [{"type": "IPv4", "apn": "internet", "slice": {"sst": 1}}], "configured-nssai": [{"sst": 1}], "default-nssai": [{"sst": 1}],
      "integrity": {"IA1": True, "IA2": True, "IA3": True}, "ciphering": {"EA1": True, "EA2": True, "EA3": True},
      "integrityMaxRate": {"uplink": "full", "downlink": "full"}}


def finder():
    """A function from a program's name to its path; None: not all are there."""
    folder = os.environ.get("RAVI_UERANSIM")

    def find(name):
        if folder is None:
            return shutil.which(name)
        return next((str(path) for path in pathlib.Path(folder).glob(f"**/{name}") if path.is_file()), None)

    return find if all(find(name) for name in ("nr-gnb", "nr-ue", "nr-cli")) else None


def shim():
    """The environment of both ends of N2; empty: the kernel has SCTP; None: it cannot be."""
    if "SCTP" in pathlib.Path("/proc/net/protocols").read_text():
        return {}
    library = os.environ.get("RAVI_SCTP_SHIM")
    return {"LD_PRELOAD": library} if library else None


class Lab:
    """Three namespaces: core with UERANSIM's gNB, its UE, N6."""

    def __init__(self, find, folder, preload):
        self.find, self.folder, self.environment = find, folder, {**os.environ, **preload}
        tag = f"{os.getpid() % 10000}"
        self.gnb_space, self.ue_space, self.core_space = f"ravi-ran{tag}", f"ravi-ue{tag}", f"ravi-n6{tag}"
        self.core = self.gnb = self.ue = None

    def start_network(self):
        for space in (self.gnb_space, self.ue_space, self.core_space):
            add_namespace(space)
        for address in (CORE_ADDRESS, GNB_ADDRESS):
            run("ip", "-n", self.gnb_space, "addr", "add", f"{address}/32", "dev", "lo")
        run("ip", "link", "add", "radio", "netns", self.gnb_space, "type", "veth", "peer", "name", "radio", "netns", self.ue_space)
        for space, address in ((self.gnb_space, GNB_LINK), (self.ue_space, UE_LINK)):
            run("ip", "-n", space, "addr", "add", f"{address}/24", "dev", "radio")
            run("ip", "-n", space, "link", "set", "radio", "up")
        self.start_core()
        self.gnb = self.start(self.gnb_space, "nr-gnb", GNB)
        self.gnb.wait_for("NG Setup procedure is successful")

    def start_core(self):
        command = [RAVI, "core", "-c", CONFIGS / "ueransim.yaml", "--set", f"core.n2={CORE_ADDRESS}", "--set", f"core.n3={CORE_ADDRESS}",
                   "--set", "core.sctp=kernel", "--tun", "n6", "--netns", self.core_space, "--json"]
        self.core = Program(["ip", "netns", "exec", self.gnb_space, *command], self.folder, f"core-{time.monotonic_ns()}.txt", self.environment)
        self.core.wait_for("N2 at")

    def start(self, space, name, settings, *more):
        path = pathlib.Path(self.folder) / f"{name}.yaml"
        path.write_text(json.dumps(settings))  # JSON is YAML
        environment = self.environment if name == "nr-gnb" else None
        return Program(["ip", "netns", "exec", space, self.find(name), "-c", str(path), *more], self.folder, f"{name}-{time.monotonic_ns()}.txt",
                       environment)

    def start_ue(self):
        """Seconds from its start to its address."""
        begin = time.monotonic()
        self.ue = self.start(self.ue_space, "nr-ue", UE, "--no-routing-config")  # else it writes to /etc/iproute2
        self.ue.wait_for(r"TUN interface\[uesimtun0, 10\.45\.\d+\.\d+\] is up")
        return time.monotonic() - begin

    def tell(self, space, node, *words):
        return run("ip", "netns", "exec", space, self.find("nr-cli"), node, "-e", " ".join(words)).stdout

    def end(self):
        for program in (self.ue, self.gnb, self.core):
            if program is not None and program.process.poll() is None:
                program.end()
        for space in (self.gnb_space, self.ue_space, self.core_space):
            run("ip", "netns", "del", space)


def try_traffic(lab, pings, seconds, figures):
    answered, figures["rtt_ms"] = ping(lab.ue_space, GATEWAY, pings)
    figures["pings"] = f"{answered}/{pings}"
    assert answered == pings, figures
    programs = {"core": lab.core.process, "gnb": lab.gnb.process, "ue": lab.ue.process}
    begin, used = time.monotonic(), {name: cpu_seconds(process) for name, process in programs.items()}
    both = (lab.ue_space, lab.core_space, GATEWAY, seconds)
    figures["tcp_up"], figures["tcp_down"] = iperf(*both), iperf(*both, "-R")
    udp = ("-u", "-b", "50M", "-l", "1372")
    figures["udp_up"], figures["udp_down"] = iperf(*both, *udp), iperf(*both, *udp, "-R")
    passed = time.monotonic() - begin
    for name, process in programs.items():
        figures[f"cpu_{name}"] = (cpu_seconds(process) - used[name]) / passed
    assert min(figures["tcp_up"], figures["tcp_down"], figures["udp_up"], figures["udp_down"]) > 1.0, figures


def try_idle(lab):
    """The gNB releases the UE's context; either side's packet brings it back."""
    address = re.search(r"uesimtun0, ([\d.]+)", lab.ue.text())[1]
    gnb = f"UERANSIM-gnb-1-1-{int(GNB['nci'], 16) >> (36 - GNB['idLength'])}"
    for times, (space, to) in enumerate(((lab.ue_space, GATEWAY), (lab.core_space, address)), 1):
        number = re.search(r"ue-id: (\d+)", lab.tell(lab.gnb_space, gnb, "ue-list"))[1]
        lab.tell(lab.gnb_space, gnb, "ue-release", number)
        lab.core.wait_for(rf"{SUPI}: idle", times)
        answered, _ = ping(space, to, 5, 0.3)
        assert answered >= 3, f"{answered} of 5 answered after idle, from {space}"
        lab.core.wait_for(rf"{SUPI}: connected", times)


def try_all(lab, is_full):
    figures = {}
    lab.start_network()
    figures["attach_s"] = lab.start_ue()
    try_traffic(lab, *((1000, 60) if is_full else (50, 3)), figures)
    try_idle(lab)
    lab.tell(lab.ue_space, SUPI, "deregister", "normal")
    lab.core.wait_for(f"{SUPI}: deregistered")
    return figures


def main():
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))  # a time limit's: clean up all the same
    find, preload = finder(), shim()
    reason = missing() if find else "no UERANSIM on the PATH or in RAVI_UERANSIM"
    if not reason and preload is None:
        reason = "no SCTP in this kernel, and no RAVI_SCTP_SHIM"
    if reason:
        print(f"skipped: {reason}")
        return 77
    with tempfile.TemporaryDirectory() as folder:
        lab = Lab(find, folder, preload)
        try:
            with outputs_if_it_fails(folder):
                figures = try_all(lab, "full" in sys.argv[1:])
        finally:
            lab.end()
    print(f"ok: N2 by {'a preloaded stand-in for SCTP' if preload else 'SCTP of the kernel'}, " + as_row(figures))
    return 0


if __name__ == "__main__":
    sys.exit(main())
