#!/usr/bin/env python3
"""What an attach leaves in a pcapng file, as others read it: tshark without any preference finds each message of it in order, nothing
malformed; Erlang's codec of the published modules decodes the RRC and NGAP messages and encodes the same octets."""

import os
import pathlib
import re
import shutil
import signal
import struct
import subprocess
import sys
import tempfile
import time

sys.path.insert(0, str(pathlib.Path(os.environ["RAVI_SOURCE"]) / "tests/stack/asn1"))
import differential  # noqa: E402

BUILD = pathlib.Path(os.environ["RAVI_BUILD"])
TOOL = BUILD / "tests/stack/pcap/attach_trace"
DISSECTOR = {"Uu": "mac-nr", "RRC": "nr-rrc", "N1": "nas-5gs", "N2": "ngap", "N3": "gtp"}
RRC_TYPES = {"nr-rrc.dl.ccch": "DL-CCCH-Message", "nr-rrc.ul.ccch": "UL-CCCH-Message", "nr-rrc.dl.dcch": "DL-DCCH-Message",
             "nr-rrc.ul.dcch": "UL-DCCH-Message"}
SUBSCRIBER_KEYS = ["00112233445566778899aabbccddeeff", "63bfa50ee6523365ff14c1f45f88737d"]
WARNING = 0x00600000
# Wireshark learns from RRC that PDCP is protected from here on, has no key, and takes zero for the MAC-I.
EXPLAINED = "MAC-I Digest wrong - calculated 00000000"

# interface, what tshark says of the packet: in this order, other packets between
ATTACH = [
    ("N2", "NGSetupRequest"), ("N2", "NGSetupResponse"), ("Uu", "MIB"), ("Uu", "SIB1"), ("Uu", "RAR (RA-RNTI="),
    ("Uu", "RRC Setup Request"), ("RRC", "RRC Setup Request"), ("RRC", "RRC Setup"), ("Uu", "RRC Setup"), ("Uu", "RRC Setup Complete"),
    ("RRC", "RRC Setup Complete, Registration request"), ("N2", "InitialUEMessage, Registration request"), ("N1", "Registration request"),
    ("N1", "Authentication request"), ("N2", "DownlinkNASTransport, Authentication request"),
    ("RRC", "DL Information Transfer, Authentication request"), ("Uu", "DL Information Transfer, Authentication request"),
    ("RRC", "UL Information Transfer, Authentication response"), ("N2", "UplinkNASTransport, Authentication response"),
    ("N1", "Authentication response"), ("N1", "Security mode command"), ("RRC", "DL Information Transfer, Security mode command"),
    ("N1", "Security mode complete, Registration request"), ("N1", "Registration accept"), ("N2", "InitialContextSetupRequest"),
    ("RRC", "Security Mode Command"), ("Uu", "Security Mode Command"), ("RRC", "Security Mode Complete"), ("RRC", "UE Capability Enquiry"),
    ("RRC", "UE Capability Information"), ("N2", "UERadioCapabilityInfoIndication"), ("N2", "InitialContextSetupResponse"),
    ("N1", "Registration complete"), ("N1", "UL NAS transport, PDU session establishment request"),
    ("N1", "DL NAS transport, PDU session establishment accept"), ("N2", "PDUSessionResourceSetupRequest"), ("RRC", "RRC Reconfiguration"),
    ("RRC", "RRC Reconfiguration Complete"), ("N2", "PDUSessionResourceSetupResponse"), ("Uu", "UL-SCH (LCID:4"),
    ("N3", "Echo (ping) request"), ("N3", "Echo (ping) reply"), ("Uu", "DL-SCH (LCID:4"),
]


def tshark(path, folder, fields, *options):
    """One list of fields a packet; settings are those of a user who never had any."""
    command = ["tshark", *options, "-r", path, "-T", "fields", *sum((["-e", field] for field in fields), [])]
    environment = {**os.environ, "HOME": str(folder), "XDG_CONFIG_HOME": str(folder)}
    done = subprocess.run(command, capture_output=True, text=True, env=environment, check=False)
    assert done.returncode == 0, done.stderr
    assert "cut short" not in done.stderr, done.stderr
    return [line.split("\t") for line in done.stdout.splitlines()]


def faults_of_tshark(path, folder, *options):
    rows = tshark(path, folder, ["frame.number", "frame.interface_name", "frame.protocols", "_ws.malformed", "_ws.expert.message",
                                 "_ws.expert.severity", "_ws.col.Info"], *options)
    faults, expected = [], list(ATTACH)
    for number, interface, protocols, malformed, messages, severities, said in rows:
        kind = interface.split()[-1]
        if DISSECTOR[kind] not in protocols.split(":"):
            faults.append(f"{path.name} {number}: {interface} holds {protocols}")
        serious = [value for value in severities.split(",") if value and int(value, 0) >= WARNING]
        if malformed or (serious and not (EXPLAINED in messages and len(serious) == 1)):
            faults.append(f"{path.name} {number}: {malformed} {messages}: {said}")
        if expected and kind == expected[0][0] and expected[0][1] in said:
            expected.pop(0)
    if expected:
        faults.append(f"{path.name}: {len(rows)} packets, and after the others no {expected[0]}")
    return faults, len(rows)


def faults_of_mac_fields(path, text_path, folder):
    """With the heuristic on, MAC-NR has every field; the same PDUs in the text form say the same in words."""
    fields = ["mac-nr.rnti", "mac-nr.rnti-type", "mac-nr.direction", "mac-nr.sfn", "mac-nr.slot", "mac-nr.harqid"]
    rows = tshark(path, folder, fields, "--enable-heuristic", "mac_nr_udp", "-Y", "mac-nr")
    lines = [row[0] for row in tshark(text_path, folder, ["dct2000.comment"], "-Y", "mac-nr")]
    if not rows or len(rows) != len(lines):
        return [f"{len(rows)} MAC PDUs with all fields, {len(lines)} as text"]
    faults = []
    for (rnti, rnti_type, direction, sfn, slot, harq), line in zip(rows, lines):
        words = dict(word.split("=") for word in line.split() if "=" in word)
        of_text = [int(words[key]) for key in ("rnti", "direction", "SFN", "SN")] + [int(words.get("HARQ", -1))]
        of_fields = [int(rnti or "0", 0), int(direction, 0), int(sfn), int(slot), int(harq) if rnti_type == "3" else -1]
        if of_text != of_fields:
            faults.append(f"MAC-NR fields {of_fields}, text {of_text}")
    return faults


def faults_of_capability(path, folder):
    """What N2 gives the core is UERadioAccessCapabilityInformation with a UE-NR-Capability in it."""
    fields = ["nr-rrc.rat_Type", "nr-rrc.accessStratumRelease", "nr-rrc.bandNR"]
    rows = tshark(path, folder, fields, "-Y", "ngap.UERadioCapabilityInfoIndication_element")
    return [] if rows == [["0", "0", "1,3,40,78"]] else [f"{path.name}: UE radio capability {rows}"]


def packets_of(path):
    """Dissector's name and octets of each exported PDU in the file."""
    data, at, links, packets = path.read_bytes(), 0, [], []
    while at < len(data):
        kind, length = struct.unpack_from("<II", data, at)
        if kind == 1:
            links.append(struct.unpack_from("<H", data, at + 8)[0])
        elif kind == 6:
            interface, _, _, size = struct.unpack_from("<IIII", data, at + 8)
            if links[interface] == 252:
                body = data[at + 28:at + 28 + size]
                name = struct.unpack_from(">HH", body)[1]
                packets.append((body[4:4 + name].rstrip(b"\0").decode(), body[8 + name:]))
        at += length
    return packets


def faults_of_oracle(path, folder):
    asked = []
    for name, message in packets_of(path):
        if name == "ngap":
            asked.append(("again", "NGAP-PDU-Descriptions", "NGAP-PDU", message.hex()))
        elif name in RRC_TYPES:
            asked.append(("again", "NR-RRC-Definitions", RRC_TYPES[name], message.hex()))
    answers = differential.Oracle(folder).ask(asked)
    return [f"oracle: {one[2]} {one[3]} came back {answer}" for one, answer in zip(asked, answers) if answer != one[3]], len(asked)


def faults_of_kill(path, folder):
    """Killed at any moment, it leaves a file that reads to its end."""
    process = subprocess.Popen([TOOL, path, "3", "text"], stdout=subprocess.DEVNULL)
    while process.poll() is None and not (path.exists() and path.stat().st_size > 5000):
        time.sleep(0.001)
    process.send_signal(signal.SIGKILL)
    process.wait()
    rows = tshark(path, folder, ["frame.number", "_ws.malformed"])
    return [] if len(rows) > 10 and not any(row[1] for row in rows if len(row) > 1) else [f"killed: {rows[-3:]}"]


def faults_of_up(folder):
    """`ravi up --pcap`: the whole attach is there too; an inline run with the same seed gives the same file."""
    files = []
    for name in ("once", "again"):
        command = [BUILD / "ravi", "up", "--inline", "--duration", "1s", "--traffic", "ping", "--pcap", folder / name]
        done = subprocess.run(command, capture_output=True, text=True, check=False)
        if done.returncode != 0 or "ravi.pcapng" not in done.stdout:
            return [f"ravi up --pcap: exit {done.returncode} {done.stdout} {done.stderr}"], 0
        files.append(folder / name / "ravi.pcapng")
    found, count = faults_of_tshark(files[0], folder)
    found += faults_of_capability(files[0], folder)
    if files[0].read_bytes() != files[1].read_bytes():
        found.append("ravi up --inline --pcap: two runs with one seed differ")
    return found, count


def faults_of_um(folder):
    """A session of 5QI 7: RRC says um-Bi-Directional, and each RLC PDU of the DRB is one of UM with 12 bits, whole or a segment."""
    command = [BUILD / "ravi", "up", "--inline", "--duration", "1s", "--traffic", "ping,uplink", "--five-qi", "7", "--pcap", folder / "um"]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if "ravi.pcapng" not in done.stdout:
        return [f"ravi up --five-qi 7: exit {done.returncode} {done.stdout} {done.stderr}"], 0
    path = folder / "um" / "ravi.pcapng"
    faults, count = faults_of_tshark(path, folder)
    words = subprocess.run(["tshark", "-r", path, "-V", "-Y", "nr-rrc"], capture_output=True, text=True, check=True).stdout
    if not re.search(r"rlc-Config: um-Bi-Directional.*sn-FieldLength: size12.*sn-FieldLength: size12", words, re.S):
        faults.append("RRC says nothing of um-Bi-Directional with 12 bits each way")
    flows = {row[0] for row in tshark(path, folder, ["ngap.fiveQI"], "-Y", "ngap.fiveQI")}
    if flows != {"7"}:
        faults.append(f"5QI in NGAP: {flows}")
    # Which mode a logical channel has tshark learns from nobody: MAC's PDUs name no UE that RRC's messages name too.
    modes, segments = set(), set()  # of the DRB; a MAC PDU may carry SRBs, in AM, beside it
    fields = ["rlc-nr.bearer-type", "rlc-nr.mode", "rlc-nr.um.si", "rlc-nr.um.sn", "_ws.malformed"]
    for bearer, mode, si, sn, malformed in tshark(path, folder, fields, "-o", 'uat:drb_bearerconfig:"LCID 4","1","UM, SN Len=12","UM, SN Len=12"',
                                                  "-Y", "rlc-nr.bearer-type == 5"):
        of_drb = [one for which, one in zip(bearer.split(","), mode.split(",")) if which == "5"]
        modes |= set(of_drb)
        segments |= set(si.split(","))
        if malformed or len(si.split(",")) != len(of_drb) or any(int(one) > 4095 for one in sn.split(",") if one):
            faults.append(f"RLC UM: {bearer} {mode} {si} {sn} {malformed}")
    if modes != {"2"} or not segments >= {"0x00", "0x01", "0x02"}:
        faults.append(f"RLC modes {modes}, segmentation {segments}")
    return faults, count


def main() -> int:
    if shutil.which("tshark") is None:
        print("skipped: no tshark")
        return 77
    faults = []
    with tempfile.TemporaryDirectory() as name:
        folder = pathlib.Path(name)
        num_packets, paths = 0, {}
        for band, form in (("3", "text"), ("78", "text"), ("3", "heuristic")):
            path = paths[band, form] = folder / f"n{band}-{form}.pcapng"
            subprocess.run([TOOL, path, band, form], check=True)
            found, count = faults_of_tshark(path, folder, *(["--enable-heuristic", "mac_nr_udp"] if form == "heuristic" else []))
            faults += found
            num_packets += count
            if any(bytes.fromhex(key) in path.read_bytes() for key in SUBSCRIBER_KEYS):
                faults.append(f"{path.name} holds a key")
        faults += faults_of_mac_fields(paths["3", "heuristic"], paths["3", "text"], folder)
        faults += faults_of_kill(folder / "killed.pcapng", folder)
        found, count = faults_of_up(folder)
        faults += found
        num_packets += count
        found, count = faults_of_um(folder)
        faults += found
        num_packets += count
        judged = f"{num_packets} packets read by tshark"
        if (differential.REFERENCE / "asn1/oracle").exists() and shutil.which("erlc"):
            num_messages = 0
            for path in (paths["3", "text"], paths["78", "text"]):
                found, count = faults_of_oracle(path, folder)
                faults += found
                num_messages += count
            judged += f", {num_messages} RRC and NGAP messages by Erlang's codec"
    print("\n".join(faults) if faults else judged)
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main())
