#!/usr/bin/env python3
"""core, gnb, ue and air as four programs over ZeroMQ, SCTP and GTP-U: in several start orders, with each started anew under the
others, and, where this user may, with a TUN device, the real `ping`, and tshark as the judge of N2.

Arguments: parts to run (orders, restarts, tun, judge); none: all.
"""

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

RAVI = pathlib.Path(os.environ["RAVI_BUILD"]) / "ravi"
SOURCE = pathlib.Path(os.environ["RAVI_SOURCE"])
HUB = "tcp://127.0.0.1:5571"
ADDRESSES = {"gnb.core.amf": "127.0.0.71", "core.n2": "127.0.0.71", "core.n3": "127.0.0.71", "gnb.core.bind": "127.0.0.72"}
ATTACH_S = 60  # on a busy machine
started = []


class Program:
    """One of the four, with everything it says."""

    def __init__(self, kind, *extra, sctp="usrsctp-udp", folder):
        settings = {"gnb.core.sctp": sctp, "core.sctp": sctp, **ADDRESSES}
        settings |= {"gnb.radio": f"air:gnb@{HUB}", "ue.radio": f"air:ue@{HUB}"}
        args = [str(RAVI), kind, "-c", str(SOURCE / "config/lab-zmq.yaml"), "--json"]
        args += ["--listen", HUB] if kind == "air" else [f"--set={key}={value}" for key, value in settings.items()]
        self.kind = kind
        self.log = pathlib.Path(folder) / f"{kind}-{time.monotonic_ns()}.log"
        self.out = self.log.with_suffix(".json")
        self.process = subprocess.Popen(args + list(extra), stdout=self.out.open("w"), stderr=self.log.open("w"))
        started.append(self.process)

    def said(self, pattern):
        return re.search(pattern, self.log.read_text()) is not None

    def count(self, pattern):
        return len(re.findall(pattern, self.log.read_text()))

    def wait_for(self, pattern, seconds=ATTACH_S, times=1):
        deadline = time.monotonic() + seconds
        while self.count(pattern) < times:
            assert self.process.poll() is None, f"{self.kind} ended with {self.process.returncode}:\n{self.log.read_text()}"
            assert time.monotonic() < deadline, f"{self.kind} never said '{pattern}' {times} times:\n{self.log.read_text()}"
            time.sleep(0.05)

    def end(self):
        """As Ctrl-C does; within a second or so, and its report."""
        begin = time.monotonic()
        self.process.send_signal(signal.SIGINT)
        self.process.wait(20)
        took = time.monotonic() - begin
        assert took < 3, f"{self.kind} took {took:.1f} s to end"  # a second, on a machine that does nothing else
        text = self.out.read_text()
        assert "00112233445566778899" not in text + self.log.read_text().lower(), "a key was shown"
        try:
            return json.loads(text)
        except json.JSONDecodeError as error:
            raise AssertionError(f"{self.kind} gave no JSON ({error}):\n{text}\n{self.log.read_text()}") from None

    def kill(self):
        self.process.kill()
        self.process.wait()


def ended(programs):
    """Those that use others first."""
    order = ["ue", "gnb", "core", "air"]
    return {program.kind: program.end() for program in sorted(programs, key=lambda program: order.index(program.kind))}


def orders(folder):
    for order in (["air", "core", "gnb", "ue"], ["ue", "gnb", "core", "air"], ["core", "ue", "air", "gnb"]):
        programs = []
        for kind in order:
            programs.append(Program(kind, *(["--traffic", "ping"] if kind == "ue" else []), folder=folder))
            time.sleep(0.5)
        ue = next(program for program in programs if program.kind == "ue")
        ue.wait_for(r"session +\S|10\.45\.0\.2")
        time.sleep(3)
        results = ended(programs)
        ping, core = results["ue"]["ping"], results["core"]
        assert results["ue"]["attached"] and results["ue"]["ipv4"] == "10.45.0.2", results
        assert ping["received"] >= 5 and ping["received"] >= ping["sent"] - 3, results
        assert core["registrations"] == 1 and core["malformed"] == {"ngap": 0, "nas": 0, "gtpu": 0}, core
        assert results["ue"]["deregistered"] and programs[order.index("core")].said("imsi-001010123456780: deregistered"), results
        assert core["ues"][0]["echoes"] >= ping["received"] - 2, core  # the core looks each 100 ms
        print(f"{' '.join(order)}: attached in {results['ue']['attach_ms']} ms of network time, ping {ping['received']}/{ping['sent']}, "
              f"{ping['rtt_ms_avg']:.1f} ms; gNB lates {results['gnb']['lates']}", flush=True)


def restarts(folder):
    programs = {kind: Program(kind, *(["--traffic", "ping"] if kind == "ue" else []), folder=folder) for kind in ("air", "core", "gnb", "ue")}
    ue, gnb = programs["ue"], programs["gnb"]
    ue.wait_for(r"10\.45\.0\.2")

    for what, end in (("ended", Program.end), ("killed", Program.kill)):
        before = gnb.count("NG set up")
        end(programs["core"])
        begin = time.monotonic()
        programs["core"] = Program("core", folder=folder)
        gnb.wait_for("NG set up", times=before + 1)
        ng = time.monotonic() - begin
        programs["core"].wait_for(r"imsi-001010123456780: session", 2 * ATTACH_S)  # NAS may wait 16 s of network time, T3580
        print(f"core {what} and started anew: NG set up after {ng:.1f} s, session after {time.monotonic() - begin:.1f} s", flush=True)

    for what, end in (("ended", Program.end), ("killed", Program.kill)):
        end(programs["gnb"])
        begin = time.monotonic()
        programs["gnb"] = Program("gnb", folder=folder)
        programs["gnb"].wait_for(r"UE 0x\w+: session")
        print(f"gnb {what} and started anew: session after {time.monotonic() - begin:.1f} s", flush=True)

    programs["ue"].kill()
    begin = time.monotonic()
    programs["ue"] = Program("ue", "--traffic", "ping", folder=folder)
    programs["ue"].wait_for(r"10\.45\.0\.")
    print(f"ue killed and started anew: address after {time.monotonic() - begin:.1f} s", flush=True)
    time.sleep(2)
    results = ended(programs.values())
    assert results["ue"]["attached"] and results["ue"]["ping"]["received"] >= 3, results["ue"]


def may_make_namespaces():
    name = f"ravi-try-{os.getpid()}"
    made = os.geteuid() == 0 and shutil.which("ip") and subprocess.run(["ip", "netns", "add", name], capture_output=True).returncode == 0
    if made:
        subprocess.run(["ip", "netns", "delete", name], check=True)
    return made and os.path.exists("/dev/net/tun")


def tun(folder):
    """The UE's packets in one namespace, the core's in another: nothing but the radio lies between."""
    if not may_make_namespaces():
        print("tun: skipped (no namespaces or TUN devices for this user)")
        return
    names = [f"ravi-ue-{os.getpid()}", f"ravi-dn-{os.getpid()}"]
    for name in names:
        subprocess.run(["ip", "netns", "add", name], check=True)
    try:
        programs = [Program("air", folder=folder), Program("core", "--tun", "--netns", names[1], folder=folder), Program("gnb", folder=folder),
                    Program("ue", "--tun", "--netns", names[0], folder=folder)]
        programs[3].wait_for(r"10\.45\.0\.2")
        time.sleep(1)
        ping = subprocess.run(["ip", "netns", "exec", names[0], "ping", "-c", "20", "-i", "0.2", "-W", "2", "10.45.0.1"], capture_output=True, text=True)
        print("tun: " + " / ".join(ping.stdout.splitlines()[-2:]), flush=True)
        answered = int(re.search(r"(\d+) received", ping.stdout).group(1))
        assert answered >= 19, ping.stdout
        back = subprocess.run(["ip", "netns", "exec", names[1], "ping", "-c", "3", "-W", "2", "10.45.0.2"], capture_output=True, text=True)
        assert back.returncode == 0, back.stdout
        if shutil.which("iperf3"):
            server = subprocess.Popen(["ip", "netns", "exec", names[1], "iperf3", "-s", "-1"], stdout=subprocess.DEVNULL)
            time.sleep(0.5)
            for direction in ([], ["-R"]):
                if direction:
                    server = subprocess.Popen(["ip", "netns", "exec", names[1], "iperf3", "-s", "-1"], stdout=subprocess.DEVNULL)
                    time.sleep(0.5)
                iperf = subprocess.run(["ip", "netns", "exec", names[0], "iperf3", "-c", "10.45.0.1", "-t", "4", "--json", *direction],
                                       capture_output=True, text=True, timeout=60)
                rate = json.loads(iperf.stdout)["end"]["sum_received"]["bits_per_second"] / 1e6
                print(f"tun: iperf3 TCP {'downlink' if direction else 'uplink'} {rate:.1f} Mbit/s of wall-clock time", flush=True)
                assert rate > 0.3, iperf.stdout
                server.wait(20)
        ended(programs)
    finally:
        for name in names:
            subprocess.run(["ip", "netns", "delete", name])


def judge(folder):
    """tshark reads the N2 of an attach from the wire, both as raw IP and in UDP."""
    if os.geteuid() != 0 or not shutil.which("tshark"):
        print("judge: skipped (tshark and root are needed)")
        return
    for sctp, capture_filter in (("usrsctp", "ip proto 132"), ("usrsctp-udp", "udp port 9899")):
        capture = pathlib.Path(folder) / f"{sctp}.pcap"
        sniffer = subprocess.Popen(["tshark", "-q", "-i", "lo", "-f", capture_filter, "-w", str(capture)], stderr=subprocess.DEVNULL)
        time.sleep(2)
        try:
            programs = [Program(kind, sctp=sctp, folder=folder) for kind in ("air", "core", "gnb", "ue")]
            programs[3].wait_for(r"10\.45\.0\.2")
            time.sleep(1)
            ended(programs)
            time.sleep(1)
        finally:
            sniffer.send_signal(signal.SIGINT)
            sniffer.wait(20)
        read = subprocess.run(["tshark", "-r", str(capture), "-Y", "ngap", "-T", "fields", "-e", "ngap.procedureCode", "-e", "_ws.malformed",
                               "-e", "sctp.data_payload_proto_id", "-e", "_ws.expert.severity"], capture_output=True, text=True, check=True)
        rows = [line.split("\t") for line in read.stdout.splitlines()]
        codes = {code for row in rows for code in row[0].split(",")}
        assert not any(row[1] for row in rows), read.stdout
        assert all(set(row[2].split(",")) == {"60"} for row in rows), read.stdout
        # NG setup, initial UE message, downlink and uplink NAS, initial context setup, session setup
        assert {"21", "15", "4", "46", "14"} <= codes, codes
        bad = subprocess.run(["tshark", "-r", str(capture), "-o", "sctp.checksum:TRUE", "-Y", "_ws.malformed || sctp.checksum.status == 0"],
                             capture_output=True, text=True, check=True)
        assert bad.stdout == "", bad.stdout
        print(f"judge: {sctp}: tshark read {len(rows)} NGAP packets of procedures {sorted(map(int, codes))}, none malformed", flush=True)


with tempfile.TemporaryDirectory() as made:
    try:
        for part in sys.argv[1:] or ["orders", "restarts", "tun", "judge"]:
            globals()[part](made)
    finally:
        for process in started:
            process.kill()
print("four programs: done: " + " ".join(sys.argv[1:] or ["orders", "restarts", "tun", "judge"]))
