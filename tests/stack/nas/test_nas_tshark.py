#!/usr/bin/env python3
"""Has tshark read one of each of our NAS messages: no malformed field, nothing left over, the type that we meant."""

import os
import pathlib
import shutil
import struct
import subprocess
import sys
import tempfile

SKIPPED = 77
EXPORTED_PDU = 252            # link type
DISSECTOR_NAME = 12           # tag of exported PDUs


def write_pcap(path, messages):
    with open(path, "wb") as file:
        file.write(struct.pack("<IHHiIII", 0xA1B2C3D4, 2, 4, 0, 0, 65535, EXPORTED_PDU))
        for message in messages:
            packet = struct.pack(">HH8sHH", DISSECTOR_NAME, 8, b"nas-5gs", 0, 0) + message
            file.write(struct.pack("<IIII", 0, 0, len(packet), len(packet)) + packet)


def faults_of(names, lines, messages):
    """What tshark complains about, and where it reads another message type than ours."""
    faults = []
    if len(lines) != len(names):
        return [f"tshark read {len(lines)} of {len(names)} messages"]
    for name, line, message in zip(names, lines, messages):
        malformed, expert, mm_type, sm_type = line.split("\t")
        if malformed or expert:
            faults.append(f"{name}: {malformed} {expert}: {message.hex()}")
        read = (mm_type if message[0] == 0x7E else sm_type).split(",")[0]
        ours = message[2] if message[0] == 0x7E else message[3]
        if not read or int(read, 0) != ours:
            faults.append(f"{name}: read as type {read}")
    return faults


def main():
    if shutil.which("tshark") is None:
        print("skipped: no tshark")
        return SKIPPED
    tool = pathlib.Path(os.environ["RAVI_BUILD"]) / "tests/stack/nas/nas_messages"
    output = subprocess.run([tool], check=True, capture_output=True, text=True).stdout
    rows = [line.split(" ", 1) for line in output.splitlines()]
    messages = [bytes.fromhex(row[0]) for row in rows]
    names = [row[1] for row in rows]
    with tempfile.TemporaryDirectory() as folder:
        pcap = pathlib.Path(folder) / "nas.pcap"
        write_pcap(pcap, messages)
        fields = ["_ws.malformed", "_ws.expert.message", "nas_5gs.mm.message_type", "nas_5gs.sm.message_type"]
        command = ["tshark", "-r", str(pcap), "-T", "fields"] + [word for field in fields for word in ("-e", field)]
        read = subprocess.run(command, check=True, capture_output=True, text=True, env={**os.environ, "HOME": folder})
    faults = faults_of(names, read.stdout.splitlines(), messages)
    print("\n".join(faults) if faults else f"tshark reads all {len(names)} messages as they were meant")
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main())
