#!/usr/bin/env python3
"""`ravi gnb` with `ravi ue` on Open5GS: NG setup, registration with 5G-AKA, session, traffic, released for being idle and back with the
next packet, the AMF killed and started anew, deregistration by the network. tshark, where it is, reads N2 and finds nothing wrong.

    open5gs.py [srsue] [full]      `srsue`: srsUE (RAVI_SRSUE, or on the PATH) in the UE's place, which is ended and started again instead
                                   `full`: 1000 pings, 60 s of traffic each; prints a row of figures

Needs root (network namespaces of its own, TUN devices), `ip`, `ping`, `iperf3`, `curl`; Open5GS's programs, on the PATH or in the build
folder RAVI_OPEN5GS; and RAVI_SUBSCRIBER_DB, a program that answers for its database (a list of subscribers behind MongoDB's
protocol), else ../shared/tools/subscriber_db.py. Where Open5GS was built on usrsctp, N2 is SCTP by usrsctp on both sides; where it
wants the kernel's and there is none, RAVI_SCTP_SHIM names a library to be preloaded at both ends. Exit status 77: skipped."""

import json
import os
import pathlib
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import time

import srsue_network
from pairing import CONFIGS, RAVI, AirClock, Program, add_namespace, as_row, cpu_seconds, iperf, missing, outputs_if_it_fails, ping, run

SHARED = pathlib.Path(os.environ.get("RAVI_REFERENCE_DATA", pathlib.Path(os.environ["RAVI_SOURCE"]) / "../shared"))
GATEWAY = "10.45.0.1"
AMF_ADDRESS, GNB_ADDRESS = "10.53.1.2", "10.53.1.1"  # N2 and N3, between two namespaces
PLMN = {"mcc": "001", "mnc": "01"}
SUPI = "imsi-001010123456780"
HOSTS = {"nrf": 10, "ausf": 11, "udm": 12, "pcf": 13, "nssf": 14, "bsf": 15, "udr": 20, "amf": 5, "smf": 4, "upf": 7}
ORDER = ["nrf", "upf", "smf", "ausf", "udm", "udr", "pcf", "nssf", "bsf", "amf"]


def host(name):
    return f"127.0.0.{HOSTS[name]}"


def uri(name):
    return f"http://{host(name)}:7777"


def own_section(name, ciphering):
    """What each of Open5GS's programs is told. docs/interop.md has the same as a table."""
    session = [{"subnet": "10.45.0.0/16", "gateway": GATEWAY, "dev": "ogstun"}]
    plmn = {"plmn_id": PLMN}
    return {
        "nrf": {"serving": [plmn]},
        "pcf": {"metrics": {"server": [{"address": host("pcf"), "port": 9090}]}},
        "nssf": {},
        "upf": {"pfcp": {"server": [{"address": host("upf")}]}, "gtpu": {"server": [{"address": AMF_ADDRESS}]}, "session": session,
                "metrics": {"server": [{"address": host("upf"), "port": 9090}]}},
        "smf": {"pfcp": {"server": [{"address": host("smf")}], "client": {"upf": [{"address": host("upf")}]}},
                "gtpc": {"server": [{"address": host("smf")}]}, "gtpu": {"server": [{"address": host("smf")}]},
                "session": session, "dns": ["8.8.8.8"], "mtu": 1400, "metrics": {"server": [{"address": host("smf"), "port": 9090}]}},
        "amf": {"ngap": {"server": [{"address": AMF_ADDRESS}]}, "metrics": {"server": [{"address": host("amf"), "port": 9090}]},
                "guami": [{**plmn, "amf_id": {"region": 2, "set": 1}}], "tai": [{**plmn, "tac": 1}],
                "plmn_support": [{**plmn, "s_nssai": [{"sst": 1}]}],
                "security": {"integrity_order": ["NIA2", "NIA1", "NIA0"], "ciphering_order": ciphering},
                "network_name": {"full": "Open5GS", "short": "Next"}, "amf_name": "open5gs-amf0", "time": {"t3512": {"value": 540}}},
    }.get(name, {})


def configuration(name, ciphering):
    section = own_section(name, ciphering)
    if name != "upf":
        section["sbi"] = {"server": [{"address": host(name), "port": 7777}]}
    if name not in ("nrf", "upf"):
        section["sbi"]["client"] = {"nrf": [{"uri": uri("nrf")}]}
    if name == "nssf":
        section["sbi"]["client"]["nsi"] = [{"uri": uri("nrf"), "s_nssai": {"sst": 1}}]
    return {"db_uri": "mongodb://127.0.0.1:27017/open5gs", "logger": {"level": "info"}, "global": {"max": {"ue": 64}}, name: section}


class Open5gs:
    """Its ten programs and the database, in a namespace."""

    def __init__(self, find, database, space, folder, environment, ciphering):
        self.find, self.space, self.folder, self.environment, self.ciphering = find, space, folder, environment, ciphering
        self.parts = {}
        self.database = self.start(["/usr/bin/python3", database, "27017"], "db.txt")

    def start_all(self):
        for name in ORDER:
            self.start_part(name)

    def start(self, command, name, environment=None):
        return Program(["ip", "netns", "exec", self.space, *command], self.folder, name, environment)

    def start_part(self, name):
        path = pathlib.Path(self.folder) / f"{name}.yaml"
        path.write_text(json.dumps(configuration(name, self.ciphering)))  # JSON is YAML
        environment = self.environment if name == "amf" else None
        self.parts[name] = self.start([self.find(name), "-c", str(path)], f"{name}-{time.monotonic_ns()}.txt", environment)
        self.parts[name].wait_for("initialize...done")

    def end(self):
        for name in reversed(ORDER):
            if name in self.parts and self.parts[name].process.poll() is None:
                self.parts[name].end()
        self.database.end()


def finder():
    """A function from a part's short name to its program; None: not there."""
    folder = os.environ.get("RAVI_OPEN5GS")

    def find(name):
        if folder is None:
            return shutil.which(f"open5gs-{name}d")
        return next((str(path) for path in pathlib.Path(folder).glob(f"**/open5gs-{name}d") if path.is_file()), None)

    return find if all(find(name) for name in ORDER) else None


def sctp_of(amf):
    """Our setting for it and the environment that it needs at both ends; a text instead: why it cannot be."""
    if "usrsctp" in run("ldd", amf).stdout:
        return "usrsctp", None
    if "SCTP" in pathlib.Path("/proc/net/protocols").read_text():
        return "kernel", None
    shim = os.environ.get("RAVI_SCTP_SHIM")
    return ("kernel", {**os.environ, "LD_PRELOAD": shim}) if shim else ("no SCTP in this kernel, and no RAVI_SCTP_SHIM", None)


class Lab:
    """Three namespaces: Open5GS with N6, gNB and UE, the UE's packets."""

    def __init__(self, folder, sctp, environment):
        self.folder, self.environment = folder, environment
        tag = f"{os.getpid() % 10000}"
        self.core_space, self.gnb_space, self.ue_space = f"ravi-5gc{tag}", f"ravi-gnb{tag}", f"ravi-ue{tag}"
        self.settings = ["-c", CONFIGS / "open5gs.yaml", "--set", f"gnb.core.amf={AMF_ADDRESS}", "--set", f"gnb.core.bind={GNB_ADDRESS}",
                         "--set", f"gnb.core.sctp={sctp}"]
        self.gnb = self.ue = self.core = None

    def start_core(self, find, database, ciphering):
        for space in (self.core_space, self.gnb_space, self.ue_space):
            add_namespace(space)
        run("ip", "link", "add", "n23", "netns", self.core_space, "type", "veth", "peer", "name", "n23", "netns", self.gnb_space)
        for space, address in ((self.core_space, AMF_ADDRESS), (self.gnb_space, GNB_ADDRESS)):
            run("ip", "-n", space, "addr", "add", f"{address}/24", "dev", "n23")
            run("ip", "-n", space, "link", "set", "n23", "up")
        run("ip", "-n", self.core_space, "tuntap", "add", "name", "ogstun", "mode", "tun")
        run("ip", "-n", self.core_space, "addr", "add", f"{GATEWAY}/16", "dev", "ogstun")
        run("ip", "-n", self.core_space, "link", "set", "ogstun", "up")
        self.core = Open5gs(find, database, self.core_space, self.folder, self.environment, ciphering)
        self.core.start_all()

    def start_gnb(self, *more):
        self.gnb = Program(["ip", "netns", "exec", self.gnb_space, RAVI, "gnb", *self.settings, *more], self.folder,
                           f"gnb-{time.monotonic_ns()}.txt", self.environment)

    def start_ue(self):
        """Seconds from its start to its session."""
        begin = time.monotonic()
        self.ue = Program(["ip", "netns", "exec", self.gnb_space, RAVI, "ue", *self.settings, "--tun", "ue", "--netns", self.ue_space,
                           "--json"], self.folder, f"ue-{time.monotonic_ns()}.txt")
        self.ue.wait_for(r"10\.45\.\d+\.\d+")
        return time.monotonic() - begin

    def amf_said(self):
        return self.core.parts["amf"]

    def restart_amf(self):
        """Seconds from its end to NG being set up again."""
        before = len(re.findall("NG set up", self.gnb.text()))
        begin = time.monotonic()
        amf = self.core.parts["amf"]
        amf.process.send_signal(signal.SIGKILL)
        amf.process.wait()
        self.core.start_part("amf")
        self.gnb.wait_for("NG set up", before + 1)
        return time.monotonic() - begin

    def end(self):
        for program in (self.ue, self.gnb):
            if program is not None and program.process.poll() is None:
                program.end()
        if self.core is not None:
            self.core.end()
        for space in (self.core_space, self.gnb_space, self.ue_space):
            run("ip", "netns", "del", space)


class Judge:
    """tshark on N2. Without it, nobody."""

    def __init__(self, lab):
        self.path = pathlib.Path(lab.folder) / "n2.pcapng"
        self.sniffer = None
        if shutil.which("tshark"):
            self.sniffer = lab.core.start(["tshark", "-q", "-i", "n23", "-f", "ip proto 132", "-w", str(self.path)], "tshark.txt")
            self.sniffer.wait_for("Capturing on")

    def packets(self, *more):
        """How many packets with NGAP; none malformed, none with a wrong checksum, and every procedure that was tried among them.
        `more`: codes besides the usual ones."""
        if self.sniffer is None:
            return "nobody looked"
        self.sniffer.end()
        rows = self.read("-Y", "ngap", "-T", "fields", "-e", "ngap.procedureCode", "-e", "_ws.malformed")
        faults = self.read("-o", "sctp.checksum:TRUE", "-Y", "_ws.malformed || sctp.checksum.status == 0")
        codes = {code for row in rows for code in row.split("\t")[0].split(",")}
        # initial context setup, NAS both ways, initial UE message, NG setup, session setup, context release, capability
        absent = {"14", "4", "46", "15", "21", "29", "41", "44", *more} - codes
        assert not faults and not absent, (faults, absent)
        return str(len(rows))

    def read(self, *words):
        return run("tshark", "-r", self.path, *words).stdout.splitlines()


def try_idle(lab):
    """The gNB sends the UE to idle; its next packet brings it back."""
    lab.gnb.wait_for("UE 0x[0-9a-f]+: gone")
    lab.amf_said().wait_for(r"UE Context Release \[Action:2\]")
    answered, _ = ping(lab.ue_space, GATEWAY, 5, 0.3)
    assert answered == 5, f"{answered} of 5 answered after idle"
    lab.amf_said().wait_for("Service request")


def try_paging(lab):
    """The UE goes to idle again; a packet for it makes the AMF page it."""
    lab.gnb.wait_for("UE 0x[0-9a-f]+: gone", times=2)
    address = lab.ue.wait_for(r"session +(10\.\d+\.\d+\.\d+)")[1]
    answered, _ = ping(lab.core_space, address, 5, 0.3)
    assert answered == 5, f"{answered} of 5 answered by the paged UE"


def deregister_by_ue(lab):
    """Its program's end; another takes its place."""
    lab.ue.end()
    assert lab.ue.report()["deregistered"], lab.ue.text()[-1000:]
    lab.amf_said().wait_for(rf"\[{SUPI}\] Deregistration request")
    lab.start_ue()


def deregister_by_network(lab):
    """As the UDM tells the AMF when a subscription is withdrawn. TS 29.503 §5.3.2.3."""
    data = json.dumps({"deregReason": "SUBSCRIPTION_WITHDRAWN", "accessType": "3GPP_ACCESS"})
    said = run("ip", "netns", "exec", lab.core_space, "curl", "-s", "-o", "/dev/null", "-w", "%{http_code}", "-H",
               "Content-Type: application/json", "-d", data, f"{uri('amf')}/namf-callback/v1/{SUPI}/dereg-notify").stdout
    assert said == "204", said
    lab.amf_said().wait_for(rf"\[{SUPI}\] Deregistration accept")
    lab.ue.wait_for("session lost")


def try_traffic(lab, pings, seconds, figures):
    """Round trip and rates of network time; processor time a second of it."""
    clock = AirClock("tcp://127.0.0.1:2000", 11.52e6, lab.gnb_space)

    def timed(action):
        """What it gives, and how many network seconds a second of this machine had meanwhile."""
        begin = time.monotonic(), clock.now()
        result = action()
        return result, (clock.now() - begin[1]) / (time.monotonic() - begin[0])

    (answered, wall_ms), speed = timed(lambda: ping(lab.ue_space, GATEWAY, pings))
    figures["pings"], figures["rtt_ms"] = f"{answered}/{pings}", wall_ms * speed
    assert answered == pings, figures
    programs = {"gnb": lab.gnb.process, "ue": lab.ue.process, "amf": lab.core.parts["amf"].process, "upf": lab.core.parts["upf"].process}
    begin, used = clock.now(), {name: cpu_seconds(process) for name, process in programs.items()}
    udp = ("-u", "-b", "25M", "-l", "1372")
    for name, options in (("tcp_up", ()), ("tcp_down", ("-R",)), ("udp_up", udp), ("udp_down", (*udp, "-R"))):
        rate, speed = timed(lambda options=options: iperf(lab.ue_space, lab.core_space, GATEWAY, seconds, *options))
        figures[name] = rate / speed
    passed = clock.now() - begin
    for name, process in programs.items():
        figures[f"cpu_{name}"] = (cpu_seconds(process) - used[name]) / passed
    figures["speed"] = speed
    assert min(figures["tcp_up"], figures["tcp_down"], figures["udp_up"], figures["udp_down"]) > 1.0, figures


def try_srsue(lab, is_full):
    """srsUE cannot come back after a release: it is ended and started again instead."""
    figures = {}
    judge = Judge(lab)
    lab.start_gnb("--set", "quirks=srsue")
    lab.gnb.wait_for("N2 up")
    srsue = srsue_network.SrsUe("10", "tcp://127.0.0.1:2001", "tcp://127.0.0.1:2000", lab.ue_space, lab.folder, inside=lab.gnb_space)
    figures["attach_s"], _ = srsue.attach()
    lab.ue = srsue.program
    try_traffic(lab, *((1000, 60) if is_full else (50, 3)), figures)
    restarts = 0
    for _ in range(20 if is_full else 2):
        lab.ue.end()
        srsue.attach()
        lab.ue = srsue.program
        restarts += srsue.ping(3)[0] == 3
    figures["restarts"] = str(restarts)
    assert restarts == (20 if is_full else 2), figures
    figures["n2_packets"] = judge.packets()
    return figures


def try_all(lab, is_full):
    figures = {}
    judge = Judge(lab)
    lab.start_gnb("--set", "gnb.inactivity=4s")
    lab.gnb.wait_for("N2 up")  # NG is set up as soon as samples flow
    figures["attach_s"] = lab.start_ue()
    try_traffic(lab, *((1000, 60) if is_full else (50, 3)), figures)
    try_idle(lab)
    try_paging(lab)
    deregister_by_ue(lab)
    figures["ng_again_s"] = lab.restart_amf()
    answered = 0
    for _ in range(40):  # user data makes the UE find out, and register anew
        answered = ping(lab.ue_space, GATEWAY, 3, 0.3)[0]
        if answered == 3:
            break
    assert answered == 3, "no way through after the AMF was started anew"
    lab.amf_said().wait_for("Registration complete")
    deregister_by_network(lab)
    figures["n2_packets"] = judge.packets("42")  # UE context release request
    return figures


def main():
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))  # a time limit's: clean up all the same
    is_srsue = "srsue" in sys.argv[1:]
    find = finder()
    database = os.environ.get("RAVI_SUBSCRIBER_DB") or SHARED / "tools/subscriber_db.py"
    reason = missing("curl") if find else "no Open5GS on the PATH or in RAVI_OPEN5GS"
    if not reason and not pathlib.Path(database).exists():
        reason = "nobody answers for Open5GS's database: RAVI_SUBSCRIBER_DB"
    if not reason and is_srsue:
        reason = srsue_network.missing()
    if not reason:
        sctp, environment = sctp_of(find("amf"))
        reason = sctp if " " in sctp else None
    if reason:
        print(f"skipped: {reason}")
        return 77
    with tempfile.TemporaryDirectory() as folder:
        lab = Lab(folder, sctp, environment)
        try:
            with outputs_if_it_fails(folder):
                # srsUE misreads ciphered 5G NAS messages: docs/interop.md
                lab.start_core(find, database, ["NEA0", "NEA2", "NEA1"] if is_srsue else ["NEA2", "NEA0", "NEA1"])
                figures = (try_srsue if is_srsue else try_all)(lab, "full" in sys.argv[1:])
        finally:
            lab.end()
    print(f"ok: N2 by {sctp}{' preloaded' if environment else ''}, " + as_row(figures))
    return 0


if __name__ == "__main__":
    sys.exit(main())
