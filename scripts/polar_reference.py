#!/usr/bin/env python3
"""Writes tests/vectors/polar_chains.txt: coded DCI, PBCH and UCI made straight from the text of TS 38.212 and TS 38.211.

Generator matrices are Kronecker powers, CRCs long divisions, the Gold sequence its plain recursion: nothing is shared with the
C++ code but the numbers of three tables, read from the reference data (RAVI_REFERENCE_DATA, default ../shared).
"""

import csv
import math
import os
import pathlib
import random

import numpy as np

SOURCE = pathlib.Path(__file__).resolve().parent.parent
SPEC = pathlib.Path(os.environ.get("RAVI_REFERENCE_DATA", SOURCE.parent / "shared")) / "spec"
POLYNOMIALS = {"24C": [24, 23, 21, 20, 17, 15, 13, 12, 8, 4, 2, 1, 0], "11": [11, 10, 9, 5, 0], "6": [6, 5, 0]}  # 38.212 5.1
PBCH_G = [16, 23, 18, 17, 8, 30, 10, 6, 24, 7, 0, 5, 3, 2, 1, 4, 9, 11, 12, 13, 14, 15, 19, 20, 21, 22, 25, 26, 27, 28, 29, 31]


def column(name, title):
    with open(SPEC / name, encoding="utf-8") as file:
        return [int(row[title]) for row in csv.DictReader(file)]


SEQUENCE = column("polar_sequence.csv", "Q_bit_index")
INPUT_INTERLEAVER = column("polar_input_interleaver.csv", "Pi_IL_max")
SUB_BLOCK = column("polar_subblock_interleaver.csv", "P")


def crc(bits, name):
    """38.212 5.1: the remainder of the message times x^L."""
    exponents = POLYNOMIALS[name]
    length = max(exponents)
    register = list(bits) + [0] * length
    for i in range(len(bits)):
        if register[i]:
            for x in exponents:
                register[i + length - x] ^= 1
    return register[-length:]


def choose_bits(k, e, n, n_pc, j):
    """38.212 5.4.1.1 and 5.3.1.2: Q_I and Q_PC."""
    frozen = set()
    if e < n and k / e <= 7 / 16:
        frozen |= {j[i] for i in range(n - e)}
        frozen |= set(range(math.ceil(3 * n / 4 - e / 2) if e >= 3 * n / 4 else math.ceil(9 * n / 16 - e / 4)))
    elif e < n:
        frozen |= {j[i] for i in range(e, n)}
    q_i = [q for q in SEQUENCE if q < n and q not in frozen][-(k + n_pc):]
    n_wm = 1 if n_pc and e - k + 3 > 192 else 0
    q_pc = set(q_i[:n_pc - n_wm]) if n_pc else set()
    if n_wm:
        rest = q_i[n_pc:]
        weights = [2 ** bin(index).count("1") for index in rest]
        q_pc.add([index for index, weight in zip(rest, weights) if weight == min(weights)][-1])
    return set(q_i), q_pc


def select(y, k, e):
    """38.212 5.4.1.2."""
    n = len(y)
    if e >= n:
        return [y[i % n] for i in range(e)]
    return [y[i + n - e] for i in range(e)] if k / e <= 7 / 16 else y[:e]


def interleave_coded(coded):
    """38.212 5.4.1.3."""
    side = 0
    while side * (side + 1) // 2 < len(coded):
        side += 1
    triangle = [[None] * side for _ in range(side)]
    k = 0
    for i in range(side):
        for j in range(side - i):
            triangle[i][j] = coded[k] if k < len(coded) else None
            k += 1
    return [triangle[i][j] for j in range(side) for i in range(side - j) if triangle[i][j] is not None]


def polar(c, e, n_max, i_il, n_pc, i_bil):
    k = len(c)
    up = math.ceil(math.log2(e))
    n1 = up - 1 if e <= 9 / 8 * 2 ** (up - 1) and k / e < 9 / 16 else up
    stages = max(min(n1, math.ceil(math.log2(k * 8)), n_max), 5)
    n = 2 ** stages
    if i_il:
        c = [c[entry - (164 - k)] for entry in INPUT_INTERLEAVER if entry >= 164 - k]
    j = [SUB_BLOCK[(32 * i) // n] * (n // 32) + i % (n // 32) for i in range(n)]
    q_i, q_pc = choose_bits(k, e, n, n_pc, j)
    u, y, taken = [0] * n, [0] * 5, 0
    for i in range(n):
        y = y[1:] + y[:1]
        if i in q_pc:
            u[i] = y[0]
        elif i in q_i:
            u[i] = c[taken]
            taken += 1
            y[0] ^= u[i]
    generator = np.array([[1]], dtype=int)
    for _ in range(stages):
        generator = np.kron(generator, np.array([[1, 0], [1, 1]]))
    d = (np.array(u) @ generator) % 2
    coded = select([int(d[j[i]]) for i in range(n)], k, e)
    return interleave_coded(coded) if i_bil else coded


def gold(c_init, length):
    """38.211 5.2.1."""
    x1, x2 = [0] * (1600 + length + 31), [0] * (1600 + length + 31)
    x1[0] = 1
    for i in range(31):
        x2[i] = (c_init >> i) & 1
    for i in range(1600 + length):
        x1[i + 31] = x1[i + 3] ^ x1[i]
        x2[i + 31] = x2[i + 3] ^ x2[i + 2] ^ x2[i + 1] ^ x2[i]
    return [x1[i + 1600] ^ x2[i + 1600] for i in range(length)]


def dci(a, rnti, e):
    """38.212 7.3.2 to 7.3.4."""
    parity = crc([1] * 24 + a, "24C")
    for i in range(16):
        parity[8 + i] ^= (rnti >> (15 - i)) & 1
    return polar(a + parity, e, 9, 1, 0, 0)


def pbch(bch, sfn_lsb, half_frame, extra, pci, l_max):
    """38.212 7.1.1 to 7.1.5; a_1..a_6 and a_24..a_27 are the SFN's bits."""
    a = bch + [(sfn_lsb >> b) & 1 for b in (3, 2, 1, 0)] + [half_frame] + [(extra >> b) & 1 for b in (2, 1, 0)]
    interleaved, source = [0] * 32, [0] * 32
    j_sfn, j_ssb, j_other = 0, 11, 14
    for i in range(32):
        if 1 <= i <= 6 or 24 <= i <= 27:
            g, j_sfn = PBCH_G[j_sfn], j_sfn + 1
        elif i == 28:
            g = PBCH_G[10]
        elif i >= 29:
            g, j_ssb = PBCH_G[j_ssb], j_ssb + 1
        else:
            g, j_other = PBCH_G[j_other], j_other + 1
        interleaved[g], source[g] = a[i], i
    m = 29 if l_max in (4, 8) else 26
    nu = 2 * ((sfn_lsb >> 2) & 1) + ((sfn_lsb >> 1) & 1)
    c = gold(pci, 4 * m)
    j, scrambled = 0, []
    for i in range(32):
        if source[i] in (25, 26, 28) or (source[i] >= 29 and l_max == 64):
            scrambled.append(interleaved[i])
        else:
            scrambled.append(interleaved[i] ^ c[j + nu * m])
            j += 1
    return polar(scrambled + crc(scrambled, "24C"), 864, 9, 1, 0, 0)


def uci(a, e):
    """38.212 6.3.1.2 to 6.3.1.5, 12 bits and more."""
    name = "6" if len(a) <= 19 else "11"
    blocks = 2 if (len(a) >= 360 and e >= 1088) or len(a) >= 1013 else 1
    size = math.ceil(len(a) / blocks)
    a = [0] * (size * blocks - len(a)) + a
    out = []
    for r in range(blocks):
        block = a[r * size:(r + 1) * size]
        c = block + crc(block, name)
        out += polar(c, e // blocks, 10, 0, 3 if 18 <= len(c) <= 25 else 0, 1)
    return out + [0] * (e - len(out))


def hexadecimal(bits):
    """A leading one, then the bits."""
    return format(int("1" + "".join(map(str, bits)), 2), "x")


def main():
    source = random.Random(38212)

    def bits(count):
        return [source.getrandbits(1) for _ in range(count)]

    lines = []
    for size, e in [(12, 108), (17, 108), (27, 108), (39, 108), (39, 216), (40, 432), (44, 216), (60, 108), (83, 108), (70, 864),
                    (140, 216), (140, 432), (140, 1728), (12, 864), (41, 1728)]:
        a, rnti = bits(size), source.getrandbits(16)
        lines.append(f"dci {rnti:04x} {e} {hexadecimal(a)} {hexadecimal(dci(a, rnti, e))}")
    for i in range(8):
        l_max = [4, 8, 64, 8][i % 4]
        bch, sfn_lsb, half_frame, extra, pci = bits(24), source.randrange(16), source.getrandbits(1), source.randrange(8), source.randrange(1008)
        coded = pbch(bch, sfn_lsb, half_frame, extra, pci, l_max)
        lines.append(f"pbch {pci} {l_max} {sfn_lsb} {half_frame} {extra} {hexadecimal(bch)} {hexadecimal(coded)}")
    for size, e in [(12, 32), (12, 64), (13, 216), (14, 230), (19, 40), (19, 214), (19, 215), (15, 400), (20, 64), (22, 128), (30, 96),
                    (50, 256), (60, 1000), (100, 150), (200, 288), (359, 1200), (360, 1087), (361, 1088), (400, 2048), (500, 600),
                    (1013, 2400), (1706, 3000)]:
        a = bits(size)
        lines.append(f"uci {e} {hexadecimal(a)} {hexadecimal(uci(a, e))}")
    (SOURCE / "tests/vectors/polar_chains.txt").write_text("\n".join(lines) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
