#!/usr/bin/env python3
"""Recordings between numpy and Ravi: numpy makes one of each format, Ravi records it into another, numpy decodes that;
and the metadata keep to the schema of SigMF 1.0 as stated by its specification (keys, types, patterns, order)."""

import hashlib
import json
import os
import pathlib
import re
import shutil
import subprocess
import sys
import tempfile

try:
    import numpy as np
except ImportError:
    print("skipped: no numpy")
    sys.exit(77)

RAVI = pathlib.Path(os.environ["RAVI_BUILD"]) / "ravi"
RATE = 1_920_000
READ = {"cf32_le": ("<f4", 1.0, 0.0), "cf32_be": (">f4", 1.0, 0.0), "ci16_le": ("<i2", 32767.0, 0.0),
        "ci16_be": (">i2", 32767.0, 0.0), "ci8": ("i1", 127.0, 0.0), "cu8": ("u1", 127.5, 127.5)}
WRITTEN = {"cf32": "cf32_le", "ci16": "ci16_le", "ci8": "ci8"}


def encode(samples: np.ndarray, datatype: str) -> bytes:
    """[sample][channel] complex to the bytes of a data file."""
    dtype, full_scale, offset = READ[datatype]
    parts = np.stack([samples.real, samples.imag], axis=-1) * full_scale + offset
    return (parts if "f" in dtype else np.round(parts)).astype(dtype).tobytes()


def decode(data: bytes, datatype: str, channels: int) -> np.ndarray:
    dtype, full_scale, offset = READ[datatype]
    parts = (np.frombuffer(data, dtype).astype(np.float64) - offset) / full_scale
    return (parts[0::2] + 1j * parts[1::2]).reshape(-1, channels)


def make(name: pathlib.Path, datatype: str, samples: np.ndarray) -> np.ndarray:
    data = encode(samples, datatype)
    name.with_suffix(".sigmf-data").write_bytes(data)
    meta = {"global": {"core:datatype": datatype, "core:version": "1.0.0", "core:sample_rate": float(RATE),
                       "core:num_channels": samples.shape[1], "antenna:model": "whip"},
            "captures": [{"core:sample_start": 0, "core:frequency": 2.4e9}], "annotations": []}
    name.with_suffix(".sigmf-meta").write_text(json.dumps(meta))
    return decode(data, datatype, samples.shape[1])


def is_integer(value) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and 0 <= value < 2**64


def check_schema(meta: dict) -> None:
    assert set(meta) == {"global", "captures", "annotations"}
    for key, check in {"core:datatype": lambda v: re.fullmatch(r"(c|r)(f32|f64|i32|i16|u32|u16|i8|u8)(_le|_be)?", v),
                       "core:version": lambda v: v == "1.0.0",
                       "core:sample_rate": lambda v: isinstance(v, (int, float)) and v > 0,
                       "core:num_channels": lambda v: is_integer(v) and v >= 1,
                       "core:sha512": lambda v: re.fullmatch(r"[0-9a-fA-F]{128}", v),
                       "core:recorder": lambda v: isinstance(v, str)}.items():
        assert check(meta["global"][key]), key
    namespaces = {extension["name"] for extension in meta["global"].get("core:extensions", [])} | {"core"}
    for part in [meta["global"], *meta["captures"], *meta["annotations"]]:
        assert {key.split(":")[0] for key in part} <= namespaces, part
    for segments in (meta["captures"], meta["annotations"]):
        starts = [segment["core:sample_start"] for segment in segments]
        assert all(map(is_integer, starts)) and starts == sorted(starts)
    for capture in meta["captures"]:
        assert is_integer(capture["core:global_index"]) and isinstance(capture["core:frequency"], float)
        assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d+Z", capture.get("core:datetime", "2000-01-01T00:00:00.0Z"))
    for annotation in meta["annotations"]:
        assert is_integer(annotation["core:sample_count"])


def record(folder: pathlib.Path, source: pathlib.Path, name: str, *options: str) -> tuple[dict, bytes]:
    output = folder / name
    done = subprocess.run([RAVI, "record", "--device", f"file:{source}", str(output), *options], text=True, capture_output=True)
    assert done.returncode == 0, done
    return json.loads(output.with_suffix(".sigmf-meta").read_text()), output.with_suffix(".sigmf-data").read_bytes()


def convert_all(folder: pathlib.Path) -> None:
    random = np.random.default_rng(5)
    for channels in (1, 2, 5):
        samples = random.uniform(-0.99, 0.99, (20_011, channels)) + 1j * random.uniform(-0.99, 0.99, (20_011, channels))
        for datatype in READ:
            source = folder / f"{datatype}-{channels}"
            there = make(source, datatype, samples)
            for word, written in WRITTEN.items():
                meta, data = record(folder, source, f"{datatype}-{channels}-{word}", "--format", word, "--description", "Größe")
                check_schema(meta)
                assert meta["global"]["core:sha512"] == hashlib.sha512(data).hexdigest()
                assert meta["global"]["core:description"] == "Größe"
                assert meta["captures"][0]["core:frequency"] == 2.4e9
                here = decode(data, written, channels)
                assert here.shape == there.shape
                # half a step, and the rounding of a product in 24 bits
                step = {"cf32": 2e-7, "ci16": 0.502 / 32767, "ci8": 0.502 / 127}[word]
                worst = max(np.abs(here.real - there.real).max(), np.abs(here.imag - there.imag).max())
                assert worst <= step, (datatype, word, worst)


def choose_part(folder: pathlib.Path) -> None:
    source = folder / "ci16_le-5"
    whole = decode(source.with_suffix(".sigmf-data").read_bytes(), "ci16_le", 5)
    meta, data = record(folder, f"{source},offset=1000", "part", "--samples", "777", "--channels", "2")
    assert meta["global"]["core:num_channels"] == 2
    assert np.array_equal(decode(data, "ci16_le", 2), whole[1000:1777, :2])


def main() -> None:
    folder = pathlib.Path(tempfile.mkdtemp(prefix="ravi-sigmf-"))
    try:
        convert_all(folder)
        choose_part(folder)
        print("every format and number of channels agrees with numpy")
    finally:
        shutil.rmtree(folder)


if __name__ == "__main__":
    main()
