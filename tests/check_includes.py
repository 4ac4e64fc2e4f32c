#!/usr/bin/env python3
"""Reads every #include of the project against the table of who may include whom; also that headers say #pragma once."""

import pathlib
import re
import sys

# folder -> folders it may include besides itself (docs/decisions.md says where this widens the architecture table)
ALLOWED = {
    "radio": [],
    "radio/dsp": ["radio"],
    "radio/air": ["radio", "radio/dsp"],
    "radio/recording": ["radio", "radio/dsp"],
    "radio/measure": ["radio", "radio/dsp"],
    "drivers/loopback": ["radio", "radio/dsp", "radio/air"],
    "drivers/zmq": ["radio", "radio/dsp"],
    "drivers/file": ["radio", "radio/dsp", "radio/recording"],
    "drivers/hardware": ["radio"],
    "drivers/ip": ["radio", "stack/ip", "stack/ngap"],
    "drivers/uhd": ["radio", "radio/dsp", "drivers/hardware"],
    "drivers/soapy": ["radio", "radio/dsp", "drivers/hardware"],
    "drivers/soapy_module": ["radio", "radio/dsp", "drivers/zmq"],
    "stack/nr": ["radio"],
    "stack/phy": ["radio", "radio/dsp", "stack/nr"],
    "stack/security": ["radio", "stack/nr"],
    "stack/asn1": ["radio"],
    "stack/ip": ["radio"],
    "stack/mac": ["radio", "stack/nr"],
    "stack/rlc": ["radio", "stack/nr"],
    "stack/pdcp": ["radio", "stack/nr", "stack/rlc", "stack/security"],
    "stack/sdap": ["radio", "stack/nr"],
    "stack/gtpu": ["radio", "stack/nr"],
    "stack/pcap": ["radio", "stack/nr"],
    "stack/nas": ["radio", "stack/nr", "stack/security"],
    "stack/ngap": ["radio", "stack/nr", "stack/asn1", "stack/security"],
    "stack/rrc": ["radio", "stack/nr", "stack/asn1", "stack/rlc", "stack/pdcp", "stack/security"],
    "stack/core": ["radio", "stack/nr", "stack/ip", "stack/asn1", "stack/nas", "stack/ngap", "stack/gtpu", "stack/security", "stack/pcap"],
    "stack/bearer": ["radio", "stack/nr", "stack/mac", "stack/rlc", "stack/pdcp", "stack/rrc", "stack/security"],
    "stack/gnb": ["radio", "radio/dsp", "stack/bearer", "stack/nr", "stack/phy", "stack/mac", "stack/rlc", "stack/pdcp", "stack/sdap", "stack/gtpu",
                  "stack/rrc", "stack/ngap", "stack/asn1", "stack/security", "stack/pcap"],
    "stack/ue": ["radio", "radio/dsp", "stack/bearer", "stack/nr", "stack/phy", "stack/mac", "stack/rlc", "stack/pdcp", "stack/sdap", "stack/rrc",
                 "stack/nas", "stack/asn1", "stack/security", "stack/pcap"],
    "config": ["radio", "radio/air", "drivers/ip", "stack/nr", "stack/rrc"],
    "apps": ["*"],
}
# vendor header -> the only folders whose .cpp files may name it
VENDORS = {
    "uhd/": ["drivers/uhd"],
    "uhd.h": ["drivers/uhd"],
    "SoapySDR/": ["drivers/soapy", "drivers/soapy_module"],
    "zmq.h": ["drivers/zmq"],
    "fftw3": ["radio/dsp"],
    "hwy/": ["radio/dsp", "radio/air", "stack/phy"],
    "yaml-cpp/": ["config"],
    "usrsctp.h": ["drivers/ip"],
    "netinet/sctp.h": ["drivers/ip"],
    "cairo": ["apps"],
    "openssl/": ["radio/recording", "stack/security"],
    "sqlite3": ["stack/core"],
}
# made by scripts/asn1_generate.py in the build folder
GENERATED = {"stack/asn1/rrc.h", "stack/asn1/ngap.h"}
INCLUDE = re.compile(r'^\s*#\s*include\s+([<"])([^>"]+)[>"]', re.M)


def check(root: pathlib.Path) -> list[str]:
    faults = []
    for top in ("radio", "drivers", "stack", "config", "apps"):
        for path in sorted((root / top).rglob("*")):
            if path.suffix not in (".h", ".cpp"):
                continue
            name = path.relative_to(root).as_posix()
            folder = path.parent.relative_to(root).as_posix()
            text = path.read_text(encoding="utf-8")
            if path.suffix == ".h" and "#pragma once" not in text:
                faults.append(f"{name}: no #pragma once")
            if folder not in ALLOWED:
                faults.append(f"{name}: folder '{folder}' is not in the include table")
                continue
            for quote, included in INCLUDE.findall(text):
                faults += check_one(root, name, folder, quote, included)
    return faults


def check_one(root, name, folder, quote, included) -> list[str]:
    if quote == '"':
        if included not in GENERATED and not (root / included).is_file():
            return [f'{name}: "{included}" is not a path from the repository root']
        target = included.rsplit("/", 1)[0]
        if target == folder or "*" in ALLOWED[folder] or target in ALLOWED[folder]:
            return []
        return [f'{name}: {folder} may not include "{included}"']
    for vendor, owners in VENDORS.items():
        if included.startswith(vendor):
            if folder not in owners:
                return [f"{name}: <{included}> belongs only in {', '.join(owners)}"]
            # Highway re-includes its own .cpp for each target and needs its headers there; no header of ours shows it.
            if name.endswith(".h"):
                return [f"{name}: the vendor header <{included}> belongs in a .cpp file"]
    return []


if __name__ == "__main__":
    found = check(pathlib.Path(sys.argv[1] if len(sys.argv) > 1 else "."))
    print("\n".join(found) if found else "every include agrees with the table")
    sys.exit(1 if found else 0)
