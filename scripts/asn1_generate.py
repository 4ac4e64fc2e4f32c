#!/usr/bin/env python3
"""Makes C++ of ASN.1 modules.

    asn1_generate.py --namespace rrc --rules unaligned --out FOLDER --parts N MODULE.asn1 ...

writes FOLDER/stack/asn1/NAMESPACE.h (structs, classes, enums, constants, decode and encode) and FOLDER/NAMESPACE_1.cpp to
_N.cpp (their descriptions, for stack/asn1/codec.h to walk over). stack/asn1/README.md says what becomes of each ASN.1 type.
"""

import argparse
import dataclasses
import pathlib
import sys

import asn1_parser
from asn1_names import camel, snake
from asn1_parser import Type

MESSAGE_CLASS = "NGAP-ELEMENTARY-PROCEDURE"
IE_CLASS = "NGAP-PROTOCOL-IES"
CRITICALITY = {"reject": 0, "ignore": 1, "notify": 2}
CHOICE_MEMBERS = {"index", "has_value", "clear", "raw", "raw_set", "chosen", "nothing", "at", "set", "swap", "descriptor"}


class Refused(Exception):
    """The modules say something that this generator has no C++ for."""


@dataclasses.dataclass
class Cpp:
    """How one ASN.1 type looks in C++."""

    name: str  # as written anywhere in the namespace
    descriptor: str  # C++ expression of its asn1::Type
    min_bits: int
    scalar: bool = False  # is given {} as initializer
    note: str = ""  # for the comment at a member
    enumeration: Type | None = None


def quoted(text: str) -> str:
    return '"' + text + '"'


class Generator:
    def __init__(self, modules, arguments):
        self.modules = modules
        self.aligned = arguments.rules == "aligned"
        self.named = {}  # C++ name -> Cpp, in the order declared
        self.header = []
        self.sources = []  # (weight, text) for each declaration
        self.pending = []  # text of the descriptions of the declaration at work
        self.locals = 0
        self.busy = []
        self.shared = []  # descriptions that all parts may refer to
        self.type_names = {camel(n) for n, a in modules.assignments.items() if a.kind == "type"}

    # -- names of the modules -----------------------------------------------------------------------------------------

    def run(self) -> None:
        self.constants()
        for name in self.modules.order:
            definition = self.modules.assignments[name]
            if definition.kind == "type" and not definition.parameters:
                self.declare(name)

    def constants(self) -> None:
        lines = []
        for name in self.modules.order:
            definition = self.modules.assignments[name]
            if definition.kind == "value":
                number = self.modules.number(definition.value)
                lines.append(f"inline constexpr std::uint32_t {snake(name)} = {number};")
        self.header.append("// Constants\n" + "\n".join(lines))

    def declare(self, name: str) -> Cpp:
        """The named type `name`, declared first if it is not yet."""
        cpp_name = camel(name)
        if cpp_name in self.named:
            return self.named[cpp_name]
        if name in self.busy:
            raise Refused(f"{name} contains itself")
        self.busy.append(name)
        outer, self.pending = self.pending, []
        result = self.definition(cpp_name, self.modules.assignments[name].type, name)
        self.finish(cpp_name, result)
        self.pending = outer
        self.busy.pop()
        return result

    def finish(self, cpp_name: str, result: Cpp) -> None:
        if cpp_name in self.named:
            raise Refused(f"two types are called {cpp_name} in C++")
        self.named[cpp_name] = result
        if self.pending:
            self.sources.append((sum(len(p) for p in self.pending), "\n".join(self.pending)))

    def definition(self, cpp_name: str, type_, asn1_name: str) -> Cpp:
        type_ = self.without_parameters(type_)
        if type_.kind in ("SEQUENCE", "CHOICE", "ENUMERATED"):
            text, result = self.composite(cpp_name, cpp_name, type_, asn1_name)
            self.header.append(text)
            return self.share(cpp_name, result)
        inner = self.convert(type_, cpp_name + "Item", asn1_name)
        note = f"  ///< {inner.note}" if inner.note else ""
        self.header.append(f"using {cpp_name} = {inner.name};{note}")
        return self.share(cpp_name, dataclasses.replace(inner, name=cpp_name))

    def share(self, cpp_name: str, result: Cpp) -> Cpp:
        """Gives a description without a class to hold it a name that every part knows."""
        if not result.descriptor.startswith("type_"):
            return result
        self.pending.append(f"constinit const Type of_{cpp_name} = {result.descriptor};")
        self.shared.append(f"extern const Type of_{cpp_name};")
        return dataclasses.replace(result, descriptor=f"of_{cpp_name}")

    # -- types --------------------------------------------------------------------------------------------------------

    def without_parameters(self, type_):
        """Follows a reference to a parameterised type, other than SetupRelease and containers of IEs."""
        while type_.kind == "REFERENCE" and type_.arguments and not self.special(type_):
            type_ = self.modules.expand(type_)
        return type_

    def special(self, type_) -> bool:
        return type_.name == "SetupRelease" or all(isinstance(a, tuple) for a in type_.arguments)

    def convert(self, type_, nested_name: str, asn1_name: str, scope: str = "", nested: list | None = None) -> Cpp:
        """A type as a member, an alternative or an element. Composite ones are declared under `nested_name`: inside the
        struct `scope` (their text goes to `nested`), or in the namespace."""
        type_ = self.without_parameters(type_)
        if type_.kind in ("SEQUENCE", "CHOICE", "ENUMERATED"):
            if nested is None:
                text, result = self.composite(nested_name, nested_name, type_, asn1_name)
                self.header.append(text)
                self.named[nested_name] = result
                return result
            short = nested_name + "Type" if self.is_taken(nested_name, scope) else nested_name
            text, result = self.composite(short, f"{scope}::{short}", type_, asn1_name)
            nested.append(text)
            return result
        if type_.kind == "REFERENCE":
            return self.reference(type_)
        if type_.kind == "FIELD" and type_.field[1].islower():  # a field of a fixed type
            return self.declare(self.modules.assignments[type_.name].fields[type_.field][0])
        if type_.kind == "OF":
            return self.list_of(type_, nested_name, asn1_name, scope, nested)
        return self.simple(type_)

    def is_taken(self, name: str, scope: str) -> bool:
        return name in scope.split("::") or name in self.type_names

    def reference(self, type_) -> Cpp:
        if type_.name == "SetupRelease":
            return self.setup_release(type_)
        definition = self.modules.assignments[type_.name]
        if not definition.parameters:
            return self.declare(type_.name)
        container = self.container_set(type_)
        return self.ie_container(container) if container else self.declare(type_.name)

    def setup_release(self, type_) -> Cpp:
        inner = self.convert(type_.arguments[0], "", "")
        alternatives = (
            f'{{.name = "release", .type = &{self.local("null", "Kind::null", size="sizeof(Null)")}, '
            f'.value = &value_ops<Null>}}, '
            f'{{.name = "setup", .type = &{inner.descriptor}, .value = &value_ops<{inner.name}>}}'
        )
        fields = self.array("Field", alternatives)
        name = f"SetupRelease<{inner.name}>"
        descriptor = self.local(
            "SetupRelease", "Kind::choice", size=f"sizeof({name})", min_bits=1, fields=fields, root=2
        )
        return Cpp(name, descriptor, 1)

    def list_of(self, type_, nested_name, asn1_name, scope, nested) -> Cpp:
        element = self.convert(type_.element, nested_name, asn1_name, scope, nested)
        if element.name == "bool":
            raise Refused(f"{asn1_name}: a list of BOOLEAN")
        low, high = self.modules.number(type_.low), self.modules.number(type_.high)
        min_bits = (low or 0) * element.min_bits + self.length_bits(low, high) + type_.extensible
        descriptor = self.local(
            asn1_name,
            "Kind::list",
            size=f"sizeof(std::vector<{element.name}>)",
            min_bits=min_bits,
            extensible=type_.extensible,
            bounds=(low, high),
            element="&" + element.descriptor,
            vector=f"&vector_ops<{element.name}>",
        )
        return Cpp(f"std::vector<{element.name}>", descriptor, min_bits, note=f"{self.span(low, high)} of them")

    def length_bits(self, low, high) -> int:
        if high is None or high >= 65536:
            return 8
        return (high - low).bit_length()

    def span(self, low, high, extensible: bool = False) -> str:
        more = ", ..." if extensible else ""
        return (f"{low}" if low == high else f"{'' if low is None else low}..{'' if high is None else high}") + more

    def simple(self, type_) -> Cpp:
        low, high = self.modules.number(type_.low), self.modules.number(type_.high)
        if type_.kind == "NULL":
            return Cpp("Null", self.local("NULL", "Kind::null", size="sizeof(Null)"), 0)
        if type_.kind == "BOOLEAN":
            return Cpp("bool", self.local("BOOLEAN", "Kind::boolean", size="sizeof(bool)", min_bits=1), 1, True)
        if type_.kind == "INTEGER":
            return self.integer(type_, low, high)
        if type_.kind == "STRING":
            return self.character_string(type_, low, high)
        if type_.kind == "OID":
            return self.octets("OBJECT IDENTIFIER", None, None, False, "contents octets of an OBJECT IDENTIFIER")
        if type_.kind == "FIELD":
            return self.octets("open type", None, None, False, "content of an open type")
        note = f"SIZE {self.span(low, high, type_.extensible)}" if type_.constrained else ""
        if type_.containing:
            note = f"CONTAINING {self.containing_name(type_.containing)}"
        if type_.kind == "OCTET":
            if low is not None and low == high and low <= 64 and not type_.extensible:
                name = f"std::array<std::uint8_t, {low}>"
                return Cpp(name, self.local("OCTET STRING", "Kind::fixed_octets", size=low, min_bits=8 * low), 8 * low, True)
            return self.octets("OCTET STRING", low, high, type_.extensible, note)
        return self.bits(type_, low, high, note)

    def containing_name(self, type_) -> str:
        return camel(type_.name) if type_.kind == "REFERENCE" else type_.kind

    def integer(self, type_, low, high) -> Cpp:
        if type_.extensible or low is None or (low < 0 and (high is None or high >= 2**31 or low < -(2**31))):
            name, size, signed = "std::int64_t", 8, True
        elif low < 0:
            name, size, signed = "std::int32_t", 4, True
        else:
            wide = high is None or high >= 2**32
            name, size, signed = ("std::uint64_t", 8, False) if wide else ("std::uint32_t", 4, False)
        if low is None or high is None or (self.aligned and high - low >= 65536):
            min_bits = 8
        else:
            min_bits = (high - low).bit_length()
        descriptor = self.local(
            "INTEGER",
            "Kind::integer",
            size=size,
            min_bits=min_bits,
            extensible=type_.extensible,
            is_signed=signed,
            bounds=(low, high),
        )
        return Cpp(name, descriptor, min_bits, True, self.span(low, high, type_.extensible))

    def octets(self, asn1_name, low, high, extensible, note) -> Cpp:
        min_bits = 8 * (low or 0) + self.length_bits(low or 0, high) + extensible
        descriptor = self.local(
            asn1_name,
            "Kind::octet_string",
            size="sizeof(Octets)",
            min_bits=min_bits,
            extensible=extensible,
            bounds=(low, high),
        )
        return Cpp("Octets", descriptor, min_bits, note=note)

    def bits(self, type_, low, high, note) -> Cpp:
        if type_.named_bits:
            note = "bits " + ", ".join(type_.named_bits)
        if low is not None and low == high and 1 <= low <= 64 and not type_.extensible:
            name = f"Bits<{low}>"
            descriptor = self.local(
                "BIT STRING", "Kind::fixed_bits", size=f"sizeof({name})", min_bits=low, bounds=(low, high)
            )
            return Cpp(name, descriptor, low, note="" if not type_.named_bits else note)
        min_bits = (low or 0) + self.length_bits(low or 0, high) + type_.extensible
        descriptor = self.local(
            "BIT STRING",
            "Kind::bit_string",
            size="sizeof(BitString)",
            min_bits=min_bits,
            extensible=type_.extensible,
            bounds=(low, high),
        )
        return Cpp("BitString", descriptor, min_bits, note=note)

    def character_string(self, type_, low, high) -> Cpp:
        multiplier = type_.name != "UTF8String"  # PER does not see the size of the others (X.691 §9.3)
        visible = multiplier and type_.constrained
        low, high = (low, high) if visible else (None, None)
        extensible = visible and type_.extensible
        min_bits = (8 if self.aligned else 7) * (low or 0) + self.length_bits(low or 0, high) + extensible
        descriptor = self.local(
            type_.name,
            "Kind::character_string",
            size="sizeof(std::string)",
            min_bits=min_bits,
            extensible=extensible,
            multiplier=multiplier,
            bounds=(low, high),
        )
        return Cpp("std::string", descriptor, min_bits, note=type_.name)

    # -- structs, classes, enums --------------------------------------------------------------------------------------

    def composite(self, short: str, full: str, type_, asn1_name: str) -> tuple:
        if type_.kind == "ENUMERATED":
            return self.enumeration(short, full, type_, asn1_name)
        if type_.kind == "CHOICE":
            return self.choice(short, full, type_, asn1_name)
        fields = [c.type for c in type_.root if c.type.kind == "FIELD"]
        if fields and fields[0].name == MESSAGE_CLASS:
            return self.message(short, full, type_, asn1_name)
        return self.sequence(short, full, type_, asn1_name)

    def enumeration(self, short, full, type_, asn1_name) -> tuple:
        names = type_.names + type_.more_names
        if len(names) > 250:
            raise Refused(f"{asn1_name} has {len(names)} values")
        cpp_names = [snake(n) for n in names]
        if len(set(cpp_names)) < len(names):
            raise Refused(f"{asn1_name}: two values are called the same in C++")
        text = self.wrapped(f"enum class {short} : std::uint8_t {{ ", cpp_names) + " };"
        if type_.extensible:
            text = f"/// Extensible: a value received may lie beyond the last one here.\n{text}"
        listed = self.array("const char*", ", ".join(quoted(n) for n in names))
        min_bits = (len(type_.names) - 1).bit_length() + type_.extensible
        descriptor = self.local(
            asn1_name,
            "Kind::enumerated",
            size=1,
            min_bits=min_bits,
            extensible=type_.extensible,
            root=len(type_.names),
            names=listed,
        )
        return text, Cpp(full, descriptor, min_bits, True, enumeration=type_)

    def wrapped(self, start: str, items: list) -> str:
        lines, line = [], start
        for i, item in enumerate(items):
            piece = item + (", " if i + 1 < len(items) else "")
            if len(line) + len(piece) > 116:
                lines.append(line.rstrip())
                line = "  "
            line += piece
        return "\n".join(lines + [line])

    def sequence(self, short, full, type_, asn1_name) -> tuple:
        components = [(c, None) for c in type_.root]
        groups = []
        for group in type_.additions:
            groups.append(f"{{{len(components)}, {len(group.components)}, {str(group.bracketed).lower()}}}")
            components += [(c, group) for c in group.components]
        nested, members, rows = [], [], []
        min_bits = int(type_.extensible)
        for component, group in components:
            cpp = self.convert(component.type, camel(component.name), component.name, full, nested)
            min_bits += self.component_bits(component, group, cpp)
            self.member(full, component, group, cpp, members, rows)
        self.limit(asn1_name, rows)
        descriptor = f"{full}::descriptor"
        self.describe(
            descriptor,
            asn1_name,
            "Kind::sequence",
            size=f"sizeof({full})",
            min_bits=min_bits,
            extensible=type_.extensible,
            fields=self.array("Field", ",\n    ".join(rows)),
            root=len(type_.root),
            groups=self.array("Group", ", ".join(groups)),
        )
        return self.struct(short, asn1_name, nested, members), Cpp(full, descriptor, min_bits)

    def component_bits(self, component, group, cpp) -> int:
        if group is not None:
            return 0
        return cpp.min_bits if component.presence == "mandatory" else 1

    def limit(self, asn1_name, rows) -> None:
        if len(rows) > 256:
            raise Refused(f"{asn1_name} has {len(rows)} components; the decoder holds 256")

    def struct(self, short, asn1_name, nested, members) -> str:
        body = [self.indented(text) for text in nested] + [f"  {m}" for m in members]
        body.append("  static const asn1::Type descriptor;")
        return f"/// {asn1_name}\nstruct {short} {{\n" + "\n".join(body) + "\n};"

    def indented(self, text: str) -> str:
        return "\n".join("  " + line if line else line for line in text.split("\n"))

    def member(self, full, component, group, cpp, members, rows) -> None:
        name = snake(component.name)
        row = f"{{.name = {quoted(component.name)}, .type = &{cpp.descriptor}, .offset = offsetof({full}, {name})"
        if group is not None or component.presence == "optional":
            text = f"Optional<{self.shorten(cpp.name, full)}> {name};"
            row += f", .optional = &optional_ops<{cpp.name}>"
        elif component.presence == "default":
            value, number = self.default(component, cpp, full)
            text = f"{self.shorten(cpp.name, full)} {name} = {value};"
            row += f", .has_default = true, .default_value = {number}"
        else:
            text = f"{self.shorten(cpp.name, full)} {name}{'{}' if cpp.scalar else ''};"
        if component.presence != "mandatory":
            row += ", .mandatory = false"
        members.append(f"{text}  ///< {cpp.note}" if cpp.note else text)
        rows.append(row + "}")

    def shorten(self, name: str, full: str) -> str:
        """A name as it reads inside the struct `full`."""
        return name.replace(full + "::", "")

    def default(self, component, cpp, full) -> tuple:
        if cpp.enumeration:
            index = (cpp.enumeration.names + cpp.enumeration.more_names).index(component.default)
            return f"{self.shorten(cpp.name, full)}::{snake(component.default)}", index
        if component.default in ("TRUE", "FALSE"):
            return component.default.lower(), int(component.default == "TRUE")
        number = self.modules.number(component.default)
        return str(number), number

    def choice(self, short, full, type_, asn1_name) -> tuple:
        components = list(type_.root)
        for group in type_.additions:
            components += group.components  # §8.4: brackets say nothing in a CHOICE
        nested, alternatives, rows, bits = [], [], [], []
        for component in components:
            cpp = self.convert(component.type, camel(component.name), component.name, full, nested)
            alternatives.append((snake(component.name), cpp))
            rows.append(
                f"{{.name = {quoted(component.name)}, .type = &{cpp.descriptor}, .value = &value_ops<{cpp.name}>}}"
            )
            bits.append(cpp.min_bits)
        self.limit(asn1_name, rows)
        root = len(type_.root)
        min_bits = (root - 1).bit_length() + type_.extensible + min(bits[:root])
        if type_.extensible:
            min_bits = min(min_bits, 16)
        descriptor = f"{full}::descriptor"
        self.describe(
            descriptor,
            asn1_name,
            "Kind::choice",
            size=f"sizeof({full})",
            min_bits=min_bits,
            extensible=type_.extensible,
            fields=self.array("Field", ",\n    ".join(rows)),
            root=root,
        )
        return self.choice_class(short, full, asn1_name, nested, alternatives), Cpp(full, descriptor, min_bits)

    def choice_class(self, short, full, asn1_name, nested, alternatives) -> str:
        names = [n + "_" if n in CHOICE_MEMBERS else n for n, _ in alternatives]
        lines = [f"/// {asn1_name}", f"class {short} : public Choice {{", "public:"]
        lines += [self.indented(text) for text in nested]
        lines.append(self.indented(self.wrapped("enum class Alternative : unsigned { ", ["nothing", *names]) + " };"))
        lines.append("  [[nodiscard]] Alternative chosen() const noexcept { return static_cast<Alternative>(index()); }")
        setters = []
        for i, (name, (_, cpp)) in enumerate(zip(names, alternatives), 1):
            inner = self.shorten(cpp.name, full)
            note = f"  ///< {cpp.note}" if cpp.note else ""
            bare = name.rstrip("_")
            lines += [
                f"  [[nodiscard]] const {inner}* {name}() const noexcept {{ return static_cast<const {inner}*>(at({i})); }}{note}",
                f"  [[nodiscard]] {inner}* {name}() noexcept {{ return static_cast<{inner}*>(at({i})); }}",
                f"  {inner}& set_{bare}();",
            ]
            setters.append(f"{cpp.name}& {full}::set_{bare}() {{ return set<{cpp.name}>({i}); }}")
        self.pending.append("\n".join(setters))
        return "\n".join(lines + ["  static const asn1::Type descriptor;", "};"])

    # -- information objects ------------------------------------------------------------------------------------------

    def container_set(self, type_) -> str:
        """The object set of ProtocolIE-Container { {Set} }; empty for other parameterised types."""
        expanded = self.modules.expand(type_)
        if expanded.kind != "OF" or expanded.element.kind != "REFERENCE":
            return ""
        inner = self.modules.expand(expanded.element)
        while inner.kind == "REFERENCE":
            inner = self.modules.expand(inner)
        fields = [c.type for c in inner.root if c.type.kind == "FIELD"]
        return fields[0].arguments[0] if fields and fields[0].name == IE_CLASS else ""

    def ie_container(self, set_name: str) -> Cpp:
        cpp_name = camel(set_name)
        if cpp_name in self.named:
            return self.named[cpp_name]
        outer, self.pending = self.pending, []
        nested, members, rows = [], [], []
        for fields in self.modules.set_objects(set_name):
            ie = fields["&id"].removeprefix("id-")
            cpp = self.convert(asn1_parser.parse_type(fields["&Value"]), camel(ie), ie, cpp_name, nested)
            presence = "mandatory" if fields["&presence"] == "mandatory" else "optional"
            self.member(cpp_name, asn1_parser.Component(ie, None, presence), None, cpp, members, rows)
            rows[-1] = rows[-1][:-1] + f", {self.object_identity(fields)}}}"
        self.limit(set_name, rows)
        members.append("std::vector<UnknownIe> unknown_ies;")
        descriptor = f"{cpp_name}::descriptor"
        self.describe(
            descriptor,
            set_name,
            "Kind::ie_container",
            size=f"sizeof({cpp_name})",
            min_bits=16,
            bounds=(0, 65535),
            fields=self.array("Field", ",\n    ".join(rows)),
            unknown_offset=f"offsetof({cpp_name}, unknown_ies)",
        )
        self.header.append(self.struct(cpp_name, set_name, nested, members))
        result = Cpp(cpp_name, descriptor, 16)
        self.finish(cpp_name, result)
        self.pending = outer
        return result

    def object_identity(self, fields) -> str:
        number = self.modules.number(fields.get("&id") or fields.get("&procedureCode"))
        return f".id = {number}, .criticality = {CRITICALITY[fields['&criticality']]}"

    def message(self, short, full, type_, asn1_name) -> tuple:
        value = next(c.type for c in type_.root if c.type.kind == "FIELD" and c.type.field[1].isupper())
        alternatives = [("unknown", Cpp("UnknownIe", "", 0, note="id: the procedure code"))]
        rows = ['{.name = "unknown", .type = nullptr, .value = &value_ops<UnknownIe>}']
        for fields in self.modules.set_objects(value.arguments[0]):
            if value.field not in fields:
                continue
            name = fields[value.field]
            cpp = self.declare(name)
            alternatives.append((snake(name), cpp))
            rows.append(
                f"{{.name = {quoted(name)}, .type = &{cpp.descriptor}, .value = &value_ops<{cpp.name}>, "
                f"{self.object_identity(fields)}}}"
            )
        self.limit(asn1_name, rows)
        descriptor = f"{full}::descriptor"
        fields = self.array("Field", ",\n    ".join(rows))
        self.describe(descriptor, asn1_name, "Kind::message", size=f"sizeof({full})", min_bits=24, fields=fields)
        return self.choice_class(short, full, asn1_name, [], alternatives), Cpp(full, descriptor, 24)

    # -- descriptions -------------------------------------------------------------------------------------------------

    def array(self, element: str, items: str) -> str:
        """A named constant array of the part at work; its name, or {} for none."""
        if not items:
            return "{}"
        self.locals += 1
        name = f"array_{self.locals}"
        self.pending.append(f"constexpr {element} {name}[] = {{\n    {items}}};")
        return name

    def local(self, asn1_name: str, kind: str, **members) -> str:
        self.locals += 1
        name = f"type_{self.locals}"
        self.pending.append(f"constexpr Type {name}{self.initializer(asn1_name, kind, members)};")
        return name

    def describe(self, descriptor: str, asn1_name: str, kind: str, **members) -> None:
        self.pending.append(f"constinit const Type {descriptor}{self.initializer(asn1_name, kind, members)};")

    def initializer(self, asn1_name, kind, members) -> str:
        parts = [f".kind = {kind}", f".name = {quoted(asn1_name)}"]
        order = "size min_bits extensible is_signed multiplier bounds fields root groups names element vector unknown_offset"
        for key in order.split():
            value = members.get(key)
            if key == "bounds" and value is not None:
                value = self.bounds(*value)
            if isinstance(value, bool):
                value = "true" if value else None
            if value is not None and value != "{}":
                parts.append(f".{key} = {value}")
        return "{" + ", ".join(parts) + "}"

    def bounds(self, low, high) -> str:
        parts = []
        if low is not None:
            parts.append(".has_low = true")
        if high is not None:
            parts.append(".has_high = true")
        if low is not None:
            parts.append(f".low = {low}")
        if high is not None:
            parts.append(f".high = {high % 2**64}u")
        return "{" + ", ".join(parts) + "}"


# -- files ------------------------------------------------------------------------------------------------------------

HEADER = """#pragma once
// {title}: made by scripts/asn1_generate.py from stack/asn1/modules. stack/asn1/README.md says how to use it.

#include "stack/asn1/codec.h"
#include "stack/asn1/optional.h"
#include "stack/asn1/values.h"

#include <array>
#include <cstdint>
#include <span>
#include <string>
#include <vector>

namespace ravi::asn1::{namespace} {{

/// Decodes a whole encoding; bytes left over are ignored.
template <Described T>
[[nodiscard]] DecodeResult<T> decode(std::span<const std::uint8_t> bytes)
{{
  DecodeResult<T> result(tl::in_place);
  if (const auto done = decode_value(T::descriptor, bytes, Rules::{rules}, &*result); !done) {{
    result = tl::unexpected(done.error());
  }}
  return result;
}}

/// Encodes a value; an error names the component that cannot be.
template <Described T>
[[nodiscard]] EncodeResult encode(const T& value)
{{
  return encode_value(T::descriptor, &value, Rules::{rules});
}}

{body}

}}  // namespace ravi::asn1::{namespace}
"""

SOURCE = """#include "stack/asn1/{namespace}.h"

#include <cstddef>

// offsetof of a struct that is not of standard layout: every compiler of this project defines it.
#pragma GCC diagnostic ignored "-Winvalid-offsetof"

namespace ravi::asn1::{namespace} {{

{externs}

{body}

}}  // namespace ravi::asn1::{namespace}
"""


def write_if_changed(path: pathlib.Path, text: str) -> None:
    if not path.exists() or path.read_text(encoding="utf-8") != text:
        path.write_text(text, encoding="utf-8")


def write_files(generator: Generator, arguments) -> None:
    out = pathlib.Path(arguments.out)
    (out / "stack/asn1").mkdir(parents=True, exist_ok=True)
    header = HEADER.format(
        title=f"The types of {', '.join(pathlib.Path(m).stem for m in arguments.modules)}",
        namespace=arguments.namespace,
        rules=arguments.rules,
        body="\n\n".join(generator.header),
    )
    write_if_changed(out / "stack/asn1" / f"{arguments.namespace}.h", header)
    parts = [[0, []] for _ in range(arguments.parts)]
    for weight, text in generator.sources:
        part = min(parts, key=lambda p: p[0])
        part[0] += weight
        part[1].append(text)
    for number, (_, texts) in enumerate(parts, 1):
        source = SOURCE.format(namespace=arguments.namespace, externs="\n".join(generator.shared), body="\n\n".join(texts))
        write_if_changed(out / f"{arguments.namespace}_{number}.cpp", source)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--namespace", required=True)
    parser.add_argument("--rules", choices=["unaligned", "aligned"], required=True)
    parser.add_argument("--out", required=True)
    parser.add_argument("--parts", type=int, default=1)
    parser.add_argument("modules", nargs="+")
    arguments = parser.parse_args()
    try:
        generator = Generator(asn1_parser.parse_files(arguments.modules), arguments)
        generator.run()
    except (Refused, asn1_parser.SyntaxFault) as fault:
        print(f"asn1_generate.py: {fault}", file=sys.stderr)
        return 1
    write_files(generator, arguments)
    return 0


if __name__ == "__main__":
    sys.exit(main())
