#!/usr/bin/env python3
"""Compares the project's codec with the one in the reference data, both ways, over random values of every message.

    differential.py [SECONDS]      about how long to go on (10)

Ours to theirs: asn1_tool makes values; the oracle must decode them and encode them to the same bytes.
Theirs to ours: values of the full published modules, extensions of later releases among them, are encoded by the oracle;
asn1_tool must decode them and encode what its modules know of them to the same bytes as the oracle does.
One difference is none: a sender's bitmap of extension additions is as long as the release it was written for. Where bytes
differ, the other side's bytes must therefore come back to the first's when decoded and encoded once more.
"""

import fcntl
import os
import pathlib
import shutil
import subprocess
import sys
import tempfile
import time

SOURCE = pathlib.Path(os.environ.get("RAVI_SOURCE", pathlib.Path(__file__).resolve().parents[3]))
BUILD = pathlib.Path(os.environ.get("RAVI_BUILD", SOURCE / "build"))
REFERENCE = pathlib.Path(os.environ.get("RAVI_REFERENCE_DATA", SOURCE / "../shared")).resolve()
sys.path += [str(SOURCE / "scripts"), str(pathlib.Path(__file__).parent)]

import asn1_parser  # noqa: E402
from erlang_terms import TermMaker  # noqa: E402

SERVER = r"""
-module(differential_server).
-export([main/1]).
main([Path]) -> {ok, In} = file:open(Path, [read, raw, read_ahead, binary]), loop(In), halt(0).
loop(In) -> case file:read_line(In) of
    {ok, Line} -> io:put_chars([answer(string:trim(Line)), $\n]), loop(In);
    eof -> ok end.
answer(Line) ->
    [Verb, ModS, TypeS, Arg] = binary:split(Line, <<"\t">>, [global]),
    Mod = binary_to_atom(ModS), Type = binary_to_atom(TypeS),
    case Verb of
        <<"encode">> -> encode(Mod, Type, term(binary_to_list(Arg)));
        <<"again">> -> case catch Mod:decode(Type, binary:decode_hex(Arg)) of
            {ok, Value} -> encode(Mod, Type, Value);
            {ok, Value, _} -> encode(Mod, Type, Value);
            Bad -> io_lib:format("error: ~0p", [Bad]) end
    end.
term(Text) -> {ok, Tokens, _} = erl_scan:string(Text ++ "."), {ok, Expressions} = erl_parse:parse_exprs(Tokens),
    {value, Value, _} = erl_eval:exprs(Expressions, []), Value.
encode(Mod, Type, Value) -> case catch Mod:encode(Type, Value) of
    {ok, Bytes} -> string:lowercase(binary:encode_hex(iolist_to_binary(Bytes)));
    Bad -> io_lib:format("error: ~0p", [Bad]) end.
"""
MODULES = {"rrc": "NR-RRC-Definitions", "ngap": "NGAP-PDU-Descriptions"}
BATCH = 400
# Types that are not PDUs of their module: the oracle codes them from the module that defines them.
NGAP_CONTAINER_MODULE = "NGAP-IEs"


class Oracle:
    """Erlang's codec of the published modules, as `asn1/oracle` uses it, but with SEQUENCEs as records: with maps it leaves
    out extension addition groups when it encodes. The first ever use on a machine compiles them, one or two minutes."""

    def __init__(self, folder: pathlib.Path):
        self.folder = folder
        self.cache = pathlib.Path(os.environ.get("XDG_CACHE_HOME", pathlib.Path.home() / ".cache")) / "ravi-asn1-records"
        self.cache.mkdir(parents=True, exist_ok=True)
        with (self.cache / "lock").open("w") as lock:  # several tests may be the first at once
            fcntl.flock(lock, fcntl.LOCK_EX)
            self.compile_modules()
        (folder / "differential_server.erl").write_text(SERVER, encoding="utf-8")
        subprocess.run(["erlc", "differential_server.erl"], cwd=folder, check=True)

    def compile_modules(self):
        for path in sorted((REFERENCE / "asn1/modules").glob("*.asn1")):
            shutil.copy(path, self.cache)
        for rules, pattern in (("uper", "NR-RRC-*.asn1"), ("per", "NGAP-*.asn1")):
            for path in sorted(self.cache.glob(pattern)):
                if not path.with_suffix(".beam").exists():
                    subprocess.run(["erlc", f"-b{rules}", path.name], cwd=self.cache, check=True, capture_output=True)

    def ask(self, lines: list) -> list:
        path = self.folder / "lines"
        path.write_text("".join("\t".join(line) + "\n" for line in lines), encoding="utf-8")
        command = ["erl", "-noshell", "-pa", self.cache, "-pa", self.folder, "-run", "differential_server", "main", path]
        answers = subprocess.run(command, check=True, capture_output=True, text=True).stdout.splitlines()
        assert len(answers) == len(lines), f"the oracle answered {len(answers)} of {len(lines)}: {answers[-1:]}"
        return answers


class Tool:
    """asn1_tool, one answer to each line."""

    def __init__(self):
        path = BUILD / "tests/stack/asn1/asn1_tool"
        self.process = subprocess.Popen([path], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)

    def ask(self, *words) -> str:
        self.process.stdin.write(" ".join(str(w) for w in words) + "\n")
        self.process.stdin.flush()
        return self.process.stdout.readline().strip()


def module_of(protocol: str, type_: str) -> str:
    return NGAP_CONTAINER_MODULE if protocol == "ngap" and type_ != "NGAP-PDU" else MODULES[protocol]


def ours_to_theirs(tool: Tool, oracle: Oracle, types: list, seeds: range) -> list:
    sent = [(p, t, s, tool.ask("random", p, t, s)) for s in seeds for p, t in types]
    answers = oracle.ask([("again", module_of(p, t), t, made) for p, t, _, made in sent])
    return [
        f"ours {p} {t} seed {s}: {made} became {answer}"
        for (p, t, s, made), answer in zip(sent, answers)
        if made != answer and made != tool.ask("again", p, t, answer)
    ]


def theirs_to_ours(tool: Tool, oracle: Oracle, types: list, seeds: range, modules: dict) -> list:
    cases, lines = [], []
    for seed in seeds:
        for protocol, type_ in types:
            maker = TermMaker(*modules[protocol], seed)
            terms = maker.make(type_)
            cases.append((protocol, type_, seed, maker.cut_short))
            lines += [("encode", module_of(protocol, type_), type_, term) for term in terms]
    answers = oracle.ask(lines)
    faults, doubtful = [], []
    for (protocol, type_, seed, cut_short), whole, kept in zip(cases, answers[::2], answers[1::2]):
        got = tool.ask("again", protocol, type_, whole) if "error" not in whole + kept else "not encoded by the oracle"
        fault = f"theirs {protocol} {type_} seed {seed}: {whole} for {kept} became {got}"
        if cut_short:
            if not kept.startswith(got[:-2]) and got != tool.ask("again", protocol, type_, kept):
                faults.append(fault)
        elif got != kept:
            doubtful.append((("again", module_of(protocol, type_), type_, got), kept, fault))
    lines = [line for line, _, _ in doubtful if "error" not in line[3] and "not encoded" not in line[3]]
    again = iter(oracle.ask(lines) if lines else [])
    for line, kept, fault in doubtful:
        if line not in lines or next(again) != kept:
            faults.append(fault)
    return faults


def compare(tool: Tool, oracle: Oracle, seconds: float) -> int:
    types = [tuple(t.split("/")) for t in tool.ask("types").split()]
    full, own = REFERENCE / "asn1/modules", SOURCE / "stack/asn1/modules"
    modules = {
        p: tuple(asn1_parser.parse_files(sorted(folder.glob(glob))) for folder in (full, own))
        for p, glob in (("rrc", "NR-RRC-*.asn1"), ("ngap", "NGAP-*.asn1"))
    }
    faults, seed, begin = [], 0, time.monotonic()
    step = BATCH // len(types)
    while time.monotonic() - begin < seconds and len(faults) < 20:
        seeds = range(seed, seed + step)
        faults += ours_to_theirs(tool, oracle, types, seeds) + theirs_to_ours(tool, oracle, types, seeds, modules)
        seed += step
    print("\n".join(f[:1500] for f in faults[:20]))
    print(f"{seed * len(types)} values each way over {len(types)} types, {len(faults)} differences")
    return 1 if faults else 0


def main() -> int:
    seconds = float(sys.argv[1]) if len(sys.argv) > 1 else 10
    if not (REFERENCE / "asn1/oracle").exists() or not shutil.which("erlc"):
        print("skipped: no reference data, or no Erlang (Debian: erlang-base erlang-asn1)")
        return 77
    with tempfile.TemporaryDirectory() as folder:
        return compare(Tool(), Oracle(pathlib.Path(folder)), seconds)


if __name__ == "__main__":
    sys.exit(main())
