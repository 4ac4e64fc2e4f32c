#!/usr/bin/env python3
"""Every NGAP message of a UE's and a phone's life with our gNB end and core, as others read it: Erlang's codec of the published modules decodes it and
encodes the same octets, tshark dissects NGAP and the NAS inside without a malformed field."""

import os
import pathlib
import shutil
import struct
import subprocess
import sys
import tempfile

sys.path.insert(0, str(pathlib.Path(os.environ["RAVI_SOURCE"]) / "tests/stack/asn1"))
import differential  # noqa: E402

LINKTYPE_WIRESHARK_UPPER_PDU = 252
TAG_DISSECTOR_NAME = 12


def write_pcap(path: pathlib.Path, messages: list):
    option = struct.pack(">HH", TAG_DISSECTOR_NAME, 4) + b"ngap" + struct.pack(">HH", 0, 0)
    with path.open("wb") as out:
        out.write(struct.pack("<IHHiIII", 0xA1B2C3D4, 2, 4, 0, 0, 65535, LINKTYPE_WIRESHARK_UPPER_PDU))
        for number, message in enumerate(messages):
            packet = option + message
            out.write(struct.pack("<IIII", number, 0, len(packet), len(packet)) + packet)


def faults_of_tshark(folder: pathlib.Path, messages: list) -> list:
    path = folder / "ngap.pcap"
    write_pcap(path, messages)
    fields = ["frame.number", "ngap.procedureCode", "_ws.malformed", "_ws.expert.message", "_ws.expert.severity"]
    command = ["tshark", "-r", path, "-o", "nas-5gs.null_decipher:TRUE", "-T", "fields", *sum((["-e", f] for f in fields), [])]
    lines = subprocess.run(command, capture_output=True, text=True, check=True).stdout.splitlines()
    rows = [line.split("\t") for line in lines]
    faults = [f"tshark read {len(rows)} of {len(messages)}"] if len(rows) != len(messages) else []
    warning = 0x00600000
    for row in rows:
        severities = [int(value, 0) for value in row[4].split(",") if value]
        if not row[1] or row[2] or any(severity >= warning for severity in severities):
            faults.append("tshark: " + " | ".join(row))
    return faults


def faults_of_oracle(folder: pathlib.Path, messages: list) -> list:
    oracle = differential.Oracle(folder)
    answers = oracle.ask([("again", "NGAP-PDU-Descriptions", "NGAP-PDU", message.hex()) for message in messages])
    return [f"oracle: {message.hex()} came back {answer}" for message, answer in zip(messages, answers) if answer != message.hex()]


def main() -> int:
    test = pathlib.Path(os.environ["RAVI_BUILD"]) / "tests/stack/core/test_core"
    with tempfile.TemporaryDirectory() as name:
        folder = pathlib.Path(name)
        traces = {name: folder / name for name in ("RAVI_NGAP_TRACE", "RAVI_PHONE_TRACE")}
        environment = {**os.environ, **{name: str(path) for name, path in traces.items()}}
        subprocess.run([test, "-tc=*as a trace*"], env=environment, check=True, stdout=subprocess.DEVNULL)
        messages = [bytes.fromhex(line) for path in traces.values() for line in path.read_text(encoding="utf-8").split()]
        faults, judges = [], []
        if shutil.which("tshark"):
            faults += faults_of_tshark(folder, messages)
            judges.append("tshark")
        if (differential.REFERENCE / "asn1/oracle").exists() and shutil.which("erlc"):
            faults += faults_of_oracle(folder, messages)
            judges.append("Erlang")
        if not judges:
            print("skipped: neither tshark, nor Erlang and the reference data")
            return 77
    print("\n".join(faults) if faults else f"{len(messages)} messages, judged by {' and '.join(judges)}")
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main())
