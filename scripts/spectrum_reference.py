#!/usr/bin/python3
"""The figures of `ravi spectrum`, computed apart with numpy and scipy: what the program's are held against.

    scripts/spectrum_reference.py RECORDING.sigmf-meta [--fft N] [--window hann|blackman-harris|flattop]

Reads cf32_le, ci16_le and ci8 with one channel. Shares nothing with the program but the definitions, which
radio/measure/*.h states. Debian: python3-numpy python3-scipy.
"""

import argparse
import json
import pathlib

import numpy as np
import scipy.optimize
import scipy.signal

WINDOWS = {"hann": ("hann", 0.5), "blackman-harris": ("blackmanharris", 0.75), "flattop": ("flattop", 0.75)}


def decibel(power):
    with np.errstate(divide="ignore"):
        return 10 * np.log10(power)


def read_sigmf(meta_path):
    """Samples (complex128), sample rate, center frequency or None."""
    meta_path = pathlib.Path(meta_path)
    meta = json.loads(meta_path.read_text())
    data = meta_path.with_suffix(".sigmf-data").read_bytes()
    kind = meta["global"]["core:datatype"]
    dtype, full_scale = {"cf32_le": ("<f4", 1.0), "ci16_le": ("<i2", 32767.0), "ci8": ("<i1", 127.0)}[kind]
    parts = np.frombuffer(data, dtype).astype(float) / full_scale
    center = meta["captures"][0].get("core:frequency") if meta.get("captures") else None
    return parts[0::2] + 1j * parts[1::2], meta["global"]["core:sample_rate"], center


def welch(samples, rate, fft_size, window):
    """Frequencies from -rate/2 on, and the density per Hz (sum x bin width = power)."""
    name, overlap = WINDOWS[window]
    frequencies, density = scipy.signal.welch(
        samples, rate, window=scipy.signal.get_window(name, fft_size, fftbins=True), nperseg=fft_size,
        noverlap=round(fft_size * overlap), detrend=False, return_onesided=False, scaling="density")
    return np.fft.fftshift(frequencies), np.fft.fftshift(density)


def integral(frequencies, density, rate):
    """The power below a frequency, as a function: each bin a rectangle about its center, the lowest one split."""
    step = frequencies[1] - frequencies[0]
    edges = np.concatenate(([-rate / 2], frequencies + step / 2, [rate / 2]))
    edges[-2] = rate / 2 - step / 2
    widths = np.diff(edges)
    below = np.concatenate(([0], np.cumsum(np.append(density, density[0]) * widths)))
    return lambda f: np.interp(f, edges, below), lambda p: np.interp(p, below, edges), below[-1]


def x_db_bandwidth(frequencies, density, rate, x_db):
    levels = decibel(np.maximum(density, 1e-300))
    limit = levels.max() - x_db
    inside = np.flatnonzero(levels >= limit)
    first, last = inside[0], inside[-1]
    low, high = -rate / 2, rate / 2
    if first > 0:
        low = np.interp(limit, levels[[first - 1, first]], frequencies[[first - 1, first]])
    if last < len(levels) - 1:
        high = np.interp(limit, levels[[last + 1, last]], frequencies[[last + 1, last]])
    return high - low


def strongest_tone(frequencies, density, window):
    """Frequency and power of the tone that would show the strongest bin and its neighbors, by the window's transform."""
    size = len(density)
    w = scipy.signal.get_window(WINDOWS[window][0], size, fftbins=True)
    n = np.arange(size)

    def lobe(offset):
        return abs(np.dot(w, np.exp(2j * np.pi * offset * n / size))) ** 2 / w.sum() ** 2

    k = int(np.argmax(density))
    if k in (0, size - 1):
        return None
    wanted = np.log(density[k + 1] / density[k - 1])
    step = frequencies[1] - frequencies[0]

    def difference(offset):
        return np.log(lobe(1 - offset) / lobe(-1 - offset)) - wanted

    if difference(-0.5) * difference(0.5) > 0:
        offset = 0.5 * np.sign(wanted)
    else:
        offset = scipy.optimize.brentq(difference, -0.5, 0.5, xtol=1e-9)
    power = density[k] * step * size * (w ** 2).sum() / w.sum() ** 2 / lobe(offset)
    return frequencies[k] + offset * step, decibel(power)


def measure(samples, rate, fft_size=4096, window="hann", band=None, x_db=26.0):
    frequencies, density = welch(samples, rate, fft_size, window)
    below, position, total = integral(frequencies, density, rate)
    low, high = band if band else (-rate / 2, rate / 2)
    power = np.abs(samples) ** 2
    dc = samples.mean()
    centered = samples - dc
    i2, q2 = (centered.real ** 2).mean(), (centered.imag ** 2).mean()
    sine = (centered.real * centered.imag).mean() / np.sqrt(i2 * q2)
    w = scipy.signal.get_window(WINDOWS[window][0], fft_size, fftbins=True)
    rbw = rate * (w ** 2).sum() / w.sum() ** 2
    tone = strongest_tone(frequencies, density, window)
    return {
        "channel_power_dbfs": decibel(below(high) - below(low)),
        "occupied_bandwidth_hz": position(0.995 * total) - position(0.005 * total),
        "occupied_bandwidth_x_db_hz": x_db_bandwidth(frequencies, density, rate, x_db),
        "mean_power_dbfs": decibel(power.mean()),
        "peak_power_dbfs": decibel(power.max()),
        "crest_factor_db": decibel(power.max() / power.mean()),
        "ccdf_db": {p: float(decibel(np.quantile(power, 1 - p) / power.mean())) for p in (0.1, 0.01, 0.001, 0.0001)},
        "dc_offset_dbfs": decibel(abs(dc) ** 2),
        "iq_gain_db": decibel(q2 / i2),
        "iq_phase_deg": np.degrees(np.arcsin(sine)),
        "strongest_hz": None if tone is None else tone[0],
        "strongest_dbfs": None if tone is None else tone[1],
        "rbw_hz": rbw,
        "psd_dbfs": decibel(density * rbw),
    }


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("recording")
    parser.add_argument("--fft", type=int, default=4096)
    parser.add_argument("--window", choices=WINDOWS, default="hann")
    arguments = parser.parse_args()
    samples, rate, center = read_sigmf(arguments.recording)
    figures = measure(samples, rate, arguments.fft, arguments.window)
    figures.pop("psd_dbfs")
    print(json.dumps({"center_frequency_hz": center, "sample_rate_hz": rate, **figures}, indent=2, default=float))


if __name__ == "__main__":
    main()
