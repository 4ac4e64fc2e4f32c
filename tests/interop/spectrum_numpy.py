#!/usr/bin/env python3
"""`ravi spectrum --json` against numpy and scipy (scripts/spectrum_reference.py): all levels within 0.1 dB.

Synthetic recordings always; the recordings of foreign transmitters where RAVI_REFERENCE_DATA has them.
Argument `recordings`: only those, skipped (77) where there are none."""

import json
import os
import pathlib
import subprocess
import sys
import tempfile

try:
    import numpy as np
    import scipy.signal  # noqa: F401: the reference needs it
except ImportError as error:
    print(f"skipped: {error} (Debian: python3-numpy python3-scipy)")
    sys.exit(77)

SOURCE = pathlib.Path(os.environ["RAVI_SOURCE"])
RAVI = pathlib.Path(os.environ["RAVI_BUILD"]) / "ravi"
DATA = pathlib.Path(os.environ.get("RAVI_REFERENCE_DATA", SOURCE.parent / "shared"))
sys.path.insert(0, str(SOURCE / "scripts"))

import spectrum_reference as reference  # noqa: E402

LEVEL_DB = 0.1
faults = []


def ravi_spectrum(meta, *options):
    result = subprocess.run([RAVI, "spectrum", meta, "--json", "--psd", *options], capture_output=True, text=True, timeout=100)
    if result.returncode != 0:
        raise SystemExit(f"ravi spectrum {meta} ended with {result.returncode}: {result.stderr}")
    return json.loads(result.stdout)


def demand(name, what, ours, theirs, tolerance):
    difference = abs(ours - theirs)
    if not difference <= tolerance:
        faults.append(f"{name}: {what}: ravi {ours}, reference {theirs}, allowed {tolerance}")
    return difference


def compare(meta, fft_size=4096, window="hann", band=None):
    """Largest difference of a level, dB."""
    samples, rate, center = reference.read_sigmf(meta)
    name = f"{pathlib.Path(meta).stem} ({window}, {fft_size}{', band' if band else ''})"
    options = ["--fft", str(fft_size), "--window", window, "--peaks", "1000"]
    if band:
        options += ["--offset", f"{(band[0] + band[1]) / 2} Hz", "--channel-bandwidth", f"{band[1] - band[0]} Hz"]
    ours = ravi_spectrum(meta, *options)
    theirs = reference.measure(samples, rate, fft_size, window, band)
    bin_hz = rate / fft_size

    levels = ["channel_power_dbfs", "mean_power_dbfs", "peak_power_dbfs", "crest_factor_db"]
    worst = max(demand(name, key, ours[key], theirs[key], LEVEL_DB) for key in levels)
    if theirs["dc_offset_dbfs"] > -110:  # below, the rounding of float samples decides
        worst = max(worst, demand(name, "DC offset", ours["dc_offset_dbfs"], theirs["dc_offset_dbfs"], LEVEL_DB))
    for point in ours["ccdf"]:
        if point["over_mean_db"] is not None:
            expected = theirs["ccdf_db"][point["probability"]]
            worst = max(worst, demand(name, f"CCDF at {point['probability']}", point["over_mean_db"], expected, LEVEL_DB))
    psd = np.array([-np.inf if level is None else level for level in ours["psd"]["mean_dbfs"]], float)
    seen = theirs["psd_dbfs"] > max(theirs["psd_dbfs"].max() - 110, -170)  # above the noise of single precision
    difference = float(np.abs(psd - theirs["psd_dbfs"])[seen].max())
    worst = max(worst, demand(name, "worst bin of the PSD", difference, 0.0, LEVEL_DB))

    demand(name, "occupied bandwidth", ours["occupied_bandwidth_hz"], theirs["occupied_bandwidth_hz"], 0.02 * bin_hz)
    demand(name, "x-dB bandwidth", ours["occupied_bandwidth_x_db_hz"], theirs["occupied_bandwidth_x_db_hz"], 0.02 * bin_hz)
    demand(name, "resolution bandwidth", ours["conditions"]["rbw_hz"], theirs["rbw_hz"], 1e-4 * bin_hz)
    demand(name, "I/Q gain", ours["iq_imbalance"]["gain_db"], theirs["iq_gain_db"], 0.01)
    demand(name, "I/Q phase", ours["iq_imbalance"]["phase_deg"], theirs["iq_phase_deg"], 0.05)
    if ours["peaks"] and theirs["strongest_hz"] is not None:
        on_air = theirs["strongest_hz"] + (center or 0.0)
        nearest = min(ours["peaks"], key=lambda peak: abs(peak["frequency_hz"] - on_air))
        # A wide signal's strongest bin may be no peak; a peak of the same place must agree.
        if abs(nearest["frequency_hz"] - on_air) < bin_hz:
            demand(name, "strongest peak, frequency", nearest["frequency_hz"], on_air, 0.02 * bin_hz)
            worst = max(worst, demand(name, "strongest peak, level", nearest["level_dbfs"], theirs["strongest_dbfs"], LEVEL_DB))
    print(f"{name}: levels within {worst:.4f} dB; channel power {ours['channel_power_dbfs']:.2f} dBFS, "
          f"occupied {ours['occupied_bandwidth_hz'] / 1e3:.2f} kHz, {len(ours['peaks'])} peaks")
    return worst


def write_sigmf(path, samples, rate, kind):
    parts = np.empty(2 * len(samples))
    parts[0::2], parts[1::2] = samples.real, samples.imag
    if kind == "ci16_le":
        data = np.rint(np.clip(parts, -1, 1) * 32767).astype("<i2")
    elif kind == "ci8":
        data = np.rint(np.clip(parts, -1, 1) * 127).astype("<i1")
    else:
        data = parts.astype("<f4")
    path.with_suffix(".sigmf-data").write_bytes(data.tobytes())
    meta = {"global": {"core:datatype": kind, "core:sample_rate": rate, "core:version": "1.0.0"},
            "captures": [{"core:sample_start": 0, "core:frequency": 1e9}], "annotations": []}
    path.write_text(json.dumps(meta))
    return path


def synthetic(folder):
    random = np.random.default_rng(5)
    n = np.arange(400_000)
    noise = (random.normal(size=n.size) + 1j * random.normal(size=n.size)) / np.sqrt(2)
    filtered = scipy.signal.lfilter(scipy.signal.firwin(255, 0.3), 1, noise)
    signals = {
        "tones": 0.3 * np.exp(2j * np.pi * 0.12345 * n) + 0.003 * np.exp(-2j * np.pi * 0.31 * n) + 1e-4 * noise,
        "noise": 0.1 * noise,
        "band": 0.2 * filtered * np.exp(2j * np.pi * 0.1 * n) + 1e-3 * noise + (0.01 - 0.02j),
        "bursts": 0.2 * noise * ((n // 20_000) % 5 == 0) + 1e-3 * noise,
    }
    unbalanced = 0.1 * filtered
    signals["unbalanced"] = unbalanced.real + 1j * 1.05 * (unbalanced.imag * np.cos(0.03) + unbalanced.real * np.sin(0.03))
    for name, samples in signals.items():
        for kind in ("cf32_le", "ci16_le") if name != "noise" else ("cf32_le", "ci16_le", "ci8"):
            meta = write_sigmf(folder / f"{name}-{kind}.sigmf-meta", samples, 10e6, kind)
            compare(meta)
    meta = folder / "band-cf32_le.sigmf-meta"
    for window in reference.WINDOWS:
        compare(meta, 1024, window, band=(-0.3e6, 2.2e6 + 123.4))
    compare(folder / "tones-cf32_le.sigmf-meta", 2048, "flattop")
    found = ravi_spectrum(folder / "unbalanced-cf32_le.sigmf-meta")["iq_imbalance"]
    demand("unbalanced", "the gain put in", found["gain_db"], 20 * np.log10(1.05), 0.05)
    demand("unbalanced", "the phase put in", found["phase_deg"], np.degrees(0.03), 0.3)
    tone = ravi_spectrum(folder / "tones-cf32_le.sigmf-meta")["peaks"][0]
    demand("tones", "frequency put in", tone["frequency_hz"], 1e9 + 0.12345 * 10e6, 1.0)
    demand("tones", "level put in", tone["level_dbfs"], 20 * np.log10(0.3), 0.01)


def picture(folder):
    path = folder / "picture.png"
    ravi_spectrum(folder / "band-cf32_le.sigmf-meta", "--png", str(path))
    if path.read_bytes()[:8] != b"\x89PNG\r\n\x1a\n" or path.stat().st_size < 50_000:
        faults.append("the picture is no PNG, or empty")


def recordings():
    metas = sorted((DATA / "iq").glob("*.sigmf-meta"))
    for meta in metas:
        compare(meta)
        rate = json.loads(meta.read_text())["global"]["core:sample_rate"]
        compare(meta, 1024, "blackman-harris", band=(-0.21 * rate, 0.4 * rate))
    return len(metas)


def main():
    if sys.argv[1:] == ["recordings"]:
        if recordings() == 0:
            print(f"skipped: no recordings in {DATA / 'iq'} (RAVI_REFERENCE_DATA)")
            return 77
    else:
        with tempfile.TemporaryDirectory() as folder:
            synthetic(pathlib.Path(folder))
            picture(pathlib.Path(folder))
    for fault in faults:
        print("FAULT", fault)
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main())
