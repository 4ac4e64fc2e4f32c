#!/usr/bin/env python3
"""Cuts stack/asn1/modules out of the full published modules of TS 38.331 and TS 38.413.

    asn1_subset.py FULL_MODULES_FOLDER stack/asn1/modules

A definition keeps its text, comments included. What is left out is only what a receiver may lack, so the wire is the same:
  RRC   extension additions that begin with Release 16, and the Release 16 tail of each nonCriticalExtension chain: the
        types are then those of Release 15, whose receivers pass over what comes later (TS 38.331 §A.4)
  NGAP  procedures and IEs not in the lists below, and all protocol extensions: their ids are unknown to the decoder, which
        keeps them as they came (TS 38.413 §10.3)
Run by hand when the choice changes; the build reads only the result.
"""

import pathlib
import re
import sys

import asn1_parser

RRC_ROOTS = """
BCCH-BCH-Message BCCH-DL-SCH-Message PCCH-Message UL-CCCH-Message DL-CCCH-Message UL-DCCH-Message DL-DCCH-Message
CellGroupConfig RadioBearerConfig MeasConfig UE-NR-Capability UE-CapabilityRequestFilterNR
""".split()

NGAP_ROOTS = """
NGAP-PDU
PDUSessionResourceSetupRequestTransfer PDUSessionResourceSetupResponseTransfer PDUSessionResourceSetupUnsuccessfulTransfer
PDUSessionResourceModifyRequestTransfer PDUSessionResourceModifyResponseTransfer
PDUSessionResourceModifyUnsuccessfulTransfer PDUSessionResourceReleaseCommandTransfer
PDUSessionResourceReleaseResponseTransfer PDUSessionResourceModifyIndicationTransfer
PDUSessionResourceModifyConfirmTransfer PDUSessionResourceNotifyTransfer
""".split()

NGAP_PROCEDURES = """
aMFConfigurationUpdate aMFStatusIndication downlinkNASTransport errorIndication initialContextSetup initialUEMessage
nASNonDeliveryIndication nGReset nGSetup overloadStart overloadStop paging pDUSessionResourceModify
pDUSessionResourceModifyIndication pDUSessionResourceNotify pDUSessionResourceRelease pDUSessionResourceSetup privateMessage
rANConfigurationUpdate rerouteNASRequest rRCInactiveTransitionReport uEContextModification uEContextRelease
uEContextReleaseRequest uERadioCapabilityCheck uERadioCapabilityInfoIndication uplinkNASTransport
downlinkRANStatusTransfer uplinkRANStatusTransfer
""".split()

# IEs of tracing and measurement collection: large, and of no use here.
NGAP_LEFT_OUT = """
id-TraceActivation id-ManagementBasedMDTPLMNList id-QMCConfigInfo
""".split()


def is_late(name: str) -> bool:
    """A component of Release 16 or later, by its suffix."""
    return re.search(r"-(r1[6-9]|v1[6-9]\d\d)", name) is not None


class Cutter:
    def __init__(self, modules: asn1_parser.Modules, roots: list, protocol: str):
        self.modules = modules
        self.protocol = protocol
        self.text = {}  # name -> what is kept of the assignment
        self.sources = {}
        waiting = list(roots)
        while waiting:
            name = waiting.pop()
            if name in self.text:
                continue
            self.text[name] = self.cut(modules.assignments[name])
            words = {t.group() for t in asn1_parser.TOKEN.finditer(self.text[name]) if t.lastgroup == "word"}
            waiting += [w for w in words if w in modules.assignments and w not in self.text]

    def source(self, path: pathlib.Path) -> str:
        if path not in self.sources:
            self.sources[path] = path.read_text(encoding="utf-8")
        return self.sources[path]

    def cut(self, assignment: asn1_parser.Assignment) -> str:
        source = self.source(assignment.path)
        if assignment.kind == "set":
            return self.object_set(assignment)
        edits = []
        if assignment.type is not None and self.protocol == "rrc":
            self.late_parts(assignment.type, source, edits)
        begin, end = assignment.span
        out, at = [], begin
        for first, last, replacement in sorted(edits):
            out += [source[at:first], replacement]
            at = last
        return "".join(out) + source[at:end]

    def late_parts(self, type_, source: str, edits: list) -> None:
        kept = []
        for group in type_.additions:
            if all(is_late(c.name) for c in group.components):
                break
            kept.append(group)
        if len(kept) < len(type_.additions):
            first = kept[-1].span[1] if kept else type_.marker_end
            last = type_.additions[-1].span[1]
            comment = re.compile(r"[ \t]*--[^\n]*").match(source, last)
            edits.append((first, comment.end() if comment else last, ""))
        for component in type_.root + [c for g in kept for c in g.components]:
            inner = component.type
            late_chain = component.name == "nonCriticalExtension" and is_late(inner.name)
            if late_chain or (component.name == "messageClassExtension" and inner.kind == "CHOICE"):
                edits.append((*inner.span, "SEQUENCE {}"))
            else:
                self.late_parts(inner, source, edits)
        if type_.element:
            self.late_parts(type_.element, source, edits)

    def object_set(self, assignment: asn1_parser.Assignment) -> str:
        entries = []
        for entry in assignment.value["objects"]:
            if isinstance(entry, str):
                is_set = entry[0].isupper()
                if is_set or entry in NGAP_PROCEDURES:
                    entries.append(entry)
            elif assignment.class_name == "NGAP-PROTOCOL-IES":
                fields = self.modules.object_fields(assignment.class_name, entry)
                if fields["&id"] not in NGAP_LEFT_OUT:
                    entries.append(
                        f"{{ ID {fields['&id']:<48} CRITICALITY {fields['&criticality']:<7} "
                        f"TYPE {fields['&Value']:<48} PRESENCE {fields['&presence']:<11}}}"
                    )
        lines = "|\n".join(f"\t{e}" for e in entries)
        more = "\t..." if assignment.value["extensible"] else ""
        body = ",\n".join(part for part in (lines, more) if part)
        return f"{assignment.name} {assignment.class_name} ::= {{\n{body}\n}}"

    def write(self, folder: pathlib.Path) -> None:
        by_module = {}
        for name in self.modules.order:
            if name in self.text:
                by_module.setdefault(self.modules.assignments[name].module, []).append(name)
        for module, names in by_module.items():
            path = self.modules.assignments[names[0]].path
            header = re.search(rf"{re.escape(module)}\s*(\{{[^}}]*\}})?\s*DEFINITIONS", self.source(path)).group(1) or ""
            lines = [f"{module} {header}".strip(), "DEFINITIONS AUTOMATIC TAGS ::=", "", "BEGIN", ""]
            lines += self.imports(module, names)
            for name in names:
                lines += [self.text[name], ""]
            lines.append("END")
            text = "\n".join(line.rstrip() for line in "\n".join(lines).split("\n")) + "\n"
            (folder / path.name).write_text(re.sub(r"\n{3,}", "\n\n", text), encoding="utf-8")
            print(f"{path.name}: {len(names)} definitions")

    def imports(self, module: str, names: list) -> list:
        wanted = {}
        for name in names:
            for token in asn1_parser.TOKEN.finditer(self.text[name]):
                word = token.group()
                if token.lastgroup == "word" and word in self.text:
                    owner = self.modules.assignments[word].module
                    if owner != module:
                        wanted.setdefault(owner, set()).add(word)
        lines = []
        for owner in sorted(wanted):
            lines += [",\n".join(f"\t{word}" for word in sorted(wanted[owner])), f"FROM {owner}", ""]
        return ["IMPORTS", "", *lines[:-2], lines[-2] + ";", ""] if lines else []


def main() -> int:
    if len(sys.argv) != 3:
        print(__doc__, file=sys.stderr)
        return 2
    full, out = pathlib.Path(sys.argv[1]), pathlib.Path(sys.argv[2])
    for protocol, pattern, roots in (("rrc", "NR-RRC-*.asn1", RRC_ROOTS), ("ngap", "NGAP-*.asn1", NGAP_ROOTS)):
        modules = asn1_parser.parse_files(sorted(full.glob(pattern)))
        Cutter(modules, roots, protocol).write(out)
    return 0


if __name__ == "__main__":
    sys.exit(main())
