#!/usr/bin/env python3
"""ravi cells against recordings of foreign transmitters: what a foreign receiver read in them, ours must too."""

import json
import os
import pathlib
import subprocess
import sys
import tempfile

RAVI = pathlib.Path(os.environ["RAVI_BUILD"]) / "ravi"
DATA = pathlib.Path(os.environ.get("RAVI_REFERENCE_DATA", pathlib.Path(os.environ["RAVI_SOURCE"]) / ".." / "shared")) / "iq"
failures = []


def ravi(*args):
    return subprocess.run([RAVI, "cells", *args], capture_output=True, text=True, timeout=60)


def expect(condition, what, run=None):
    if not condition:
        failures.append(what + (f"\n  exit {run.returncode}\n  out: {run.stdout}\n  err: {run.stderr}" if run else ""))


def cells_of(name, *args):
    run = ravi("--input", DATA / f"{name}.sigmf-meta", "--json", *args)
    expect(run.returncode == 0, f"{name}: exit 0", run)
    return json.loads(run.stdout)["cells"] if run.returncode == 0 else []


def check(name, cell, expected):
    for key, value in expected.items():
        expect(cell.get(key) == value, f"{name}: {key} is {cell.get(key)!r}, expected {value!r}")


def one_cell(name, expected, sib1, *args):
    cells = cells_of(name, *args)
    expect(len(cells) == 1, f"{name}: one cell, not {len(cells)}")
    if len(cells) != 1:
        return None
    check(name, cells[0], expected)
    if sib1 is None:
        expect(cells[0]["sib1"] is None, f"{name}: no SIB1")
    else:
        check(name, cells[0]["sib1"] or {}, sib1)
    return cells[0]


if not DATA.is_dir():
    print(f"skipped: no reference data in {DATA}")
    sys.exit(77)

cell = one_cell("n78-tdd-usrp-x300",
                {"pci": 500, "band": "n78", "ssb_frequency_hz": 3512640000, "gscn": 7855, "ssb_scs_khz": 30, "ssb_index": 0,
                 "half_frame": 0, "sfn": 978, "k_ssb": 31, "cell_barred": True, "mib_hex": "7af000"}, None, "--band", "n78")
if cell:
    expect(abs(cell["sample_offset"] - 357802) <= 2, f"the block begins at sample 357802, not {cell['sample_offset']}")
    expect(abs(cell["snr_db"] - 28.6) < 2, f"SNR about 28.6 dB, not {cell['snr_db']}")
    expect(abs(cell["ss_rsrp_dbfs"] + 35.5) < 1, f"SS-RSRP about -35.5 dBFS, not {cell['ss_rsrp_dbfs']}")
    expect(abs(cell["cfo_hz"]) < 300, f"CFO a few hundred Hz at most, not {cell['cfo_hz']}")

one_cell("n3-fdd-pci500-sib1", {"pci": 500, "band": "n3", "ssb_frequency_hz": 1842050000, "ssb_scs_khz": 15, "sample_offset": 2200},
         {"hex": (DATA / "n3-fdd-pci500-sib1.tb.hex").read_text().strip(), "plmns": ["001-01"], "tac": 100,
          "nr_cell_identity": "001234501", "carrier_prb": 52, "ssb_period_ms": 20})

for name, band in (("foreign-n78-20m", "n78"), ("foreign-n1-20m", "n1")):
    truth = json.loads((DATA / f"{name}.truth.json").read_text())
    one_cell(name, {key: truth[key] for key in ("pci", "ssb_frequency_hz", "k_ssb")} | {"band": band}, truth["sib1"])

one_cell("foreign-attach-dl", {"pci": 1, "ssb_frequency_hz": 1842050000, "band": "n3"}, {"plmns": ["001-01"]}, "--ssb", "1842.05 MHz")

text = ravi("--input", DATA / "n3-fdd-pci500-sib1.sigmf-meta", "--ssb", "1842.05 MHz")
for word in ("PCI 500", "n3", "1.84205 GHz", "001-01", "52 PRB"):
    expect(word in text.stdout, f"the report for people says {word}", text)

# Nothing there, and input that cannot be.
run = ravi("--input", DATA / "foreign-attach-ul.sigmf-meta", "--band", "n3")
expect(run.returncode == 2 and "raster" in run.stderr, "an uplink recording holds no place of the raster", run)
run = ravi("--input", DATA / "n3-fdd-pci500-rar.sigmf-meta", "--json")
expect(run.returncode == 1 and json.loads(run.stdout) == {"cells": []}, "a slot without a block: no cell, exit 1", run)
with tempfile.TemporaryDirectory() as folder:
    meta = {"global": {"core:datatype": "cf32_le", "core:sample_rate": 7680000, "core:version": "1.0.0"},
            "captures": [{"core:sample_start": 0}], "annotations": []}
    path = pathlib.Path(folder) / "x.sigmf-meta"
    path.write_text(json.dumps(meta))
    path.with_suffix(".sigmf-data").write_bytes(bytes(80000))
    run = ravi("--input", path)
    expect(run.returncode == 2 and "center frequency" in run.stderr, "a recording without a frequency", run)
for args, word in ((["--band", "n78"], "--input"), (["--input", "/nowhere"], "/nowhere"), (["--device", "zmq:", "--band", "n78"], "--rate"),
                   (["--input", DATA / "foreign-n1-20m.sigmf-meta", "--band", "n9999"], "n9999")):
    run = ravi(*args)
    expect(run.returncode == 2 and word in run.stderr and run.stdout == "", f"{args}: refused, naming {word}", run)

print("\n".join(failures) if failures else "every foreign cell is found and read")
sys.exit(1 if failures else 0)
