"""Reads ASN.1 modules into a small model: the part of ITU-T X.680 to X.683 that TS 38.331 and TS 38.413 are written in.

`parse_files(paths)` returns a `Modules`: every assignment by its name, all modules in one name space (the specifications
use no name twice). Types are `Type` values as written; `Modules.resolve` follows references and fills in parameters.
"""

from __future__ import annotations

import dataclasses
import pathlib
import re

TOKEN = re.compile(
    r"""(?P<space>\s+|--.*?(?:--|$))|(?P<word>&?[A-Za-z][A-Za-z0-9]*(?:-[A-Za-z0-9]+)*)|(?P<number>-?\d+)"""
    r"""|(?P<mark>::=|\.\.\.|\.\.|\[\[|\]\]|[{}()\[\],|;:.@]|"[^"]*"|'[^']*'[BH])""",
    re.M,
)


class SyntaxFault(Exception):
    """The module is not written in the subset of ASN.1 that this reader knows."""


@dataclasses.dataclass
class Token:
    text: str
    start: int
    end: int


@dataclasses.dataclass
class Component:
    """A component of a SEQUENCE, or an alternative of a CHOICE."""

    name: str
    type: "Type"
    presence: str = "mandatory"  # or "optional", "default"
    default: object = None
    span: tuple = (0, 0)


@dataclasses.dataclass
class Group:
    """Extension additions: `[[ ... ]]`, or one component standing alone."""

    components: list
    bracketed: bool
    span: tuple = (0, 0)


@dataclasses.dataclass
class Type:
    """kind: NULL BOOLEAN INTEGER ENUMERATED BIT OCTET OID STRING SEQUENCE CHOICE OF REFERENCE FIELD PARAMETER."""

    kind: str
    span: tuple = (0, 0)
    # SEQUENCE, CHOICE: `root` components, then `additions` (Groups) if `extensible`. ENUMERATED: `names`, `more_names`.
    root: list = dataclasses.field(default_factory=list)
    additions: list = dataclasses.field(default_factory=list)
    names: list = dataclasses.field(default_factory=list)
    more_names: list = dataclasses.field(default_factory=list)
    extensible: bool = False
    marker_end: int = 0  # where the text of `...` ends
    named_bits: list = dataclasses.field(default_factory=list)
    # INTEGER: value range; OF, BIT, OCTET, STRING: size range. A bound is an int, a name, or None.
    low: object = None
    high: object = None
    constrained: bool = False
    element: "Type | None" = None  # OF
    containing: "Type | None" = None  # BIT, OCTET
    name: str = ""  # REFERENCE, STRING, FIELD (the class)
    field: str = ""  # FIELD: &id and so on
    arguments: list = dataclasses.field(default_factory=list)  # REFERENCE, FIELD: Types, or object sets as names


@dataclasses.dataclass
class Assignment:
    name: str
    kind: str  # type, value, class, object, set
    span: tuple
    module: str
    path: pathlib.Path
    type: Type | None = None
    parameters: list = dataclasses.field(default_factory=list)
    value: object = None
    class_name: str = ""
    fields: dict = dataclasses.field(default_factory=dict)  # class: field -> (type name, optional, default)
    syntax: list = dataclasses.field(default_factory=list)  # class: [(words, field)]


class Parser:
    def __init__(self, path: pathlib.Path, text: str | None = None):
        self.path = path
        self.text = path.read_text(encoding="utf-8") if text is None else text
        self.tokens = []
        at = 0
        while at < len(self.text):
            found = TOKEN.match(self.text, at)
            if not found:
                raise SyntaxFault(f"{path}: character {self.text[at]!r} at offset {at}")
            if found.lastgroup != "space":
                self.tokens.append(Token(found.group(), at, found.end()))
            at = found.end()
        self.at = 0
        self.module = ""

    # -- tokens -------------------------------------------------------------------------------------------------------

    def peek(self, ahead: int = 0) -> str:
        return self.tokens[self.at + ahead].text if self.at + ahead < len(self.tokens) else ""

    def take(self) -> str:
        self.at += 1
        return self.tokens[self.at - 1].text

    def accept(self, text: str) -> bool:
        if self.peek() == text:
            self.at += 1
            return True
        return False

    def expect(self, text: str) -> None:
        if not self.accept(text):
            where = self.tokens[min(self.at, len(self.tokens) - 1)].start
            line = self.text.count("\n", 0, where) + 1
            raise SyntaxFault(f"{self.path}:{line}: expected {text!r}, found {self.peek()!r}")

    def start(self) -> int:
        return self.tokens[self.at].start

    def end(self) -> int:
        return self.tokens[self.at - 1].end

    def skip_braces(self) -> None:
        depth = 0
        while True:
            token = self.take()
            depth += (token == "{") - (token == "}")
            if depth == 0:
                return

    # -- modules and assignments --------------------------------------------------------------------------------------

    def parse(self) -> list:
        assignments = []
        while self.at < len(self.tokens):
            self.module = self.take()
            if self.peek() == "{":
                self.skip_braces()
            for word in ("DEFINITIONS", "AUTOMATIC", "TAGS", "::=", "BEGIN"):
                self.expect(word)
            for section in ("EXPORTS", "IMPORTS"):
                if self.accept(section):
                    while self.take() != ";":
                        pass
            while not self.accept("END"):
                assignments.append(self.assignment())
        return assignments

    def assignment(self) -> Assignment:
        begin = self.start()
        result = Assignment(self.take(), "type", (0, 0), self.module, self.path)
        if self.peek() == "{":
            result.parameters = self.formal_parameters()
        if self.accept("::="):
            if self.peek() == "CLASS":
                result.kind = "class"
                self.class_body(result)
            else:
                result.type = self.type()
        else:
            self.governed_assignment(result)
        result.span = (begin, self.end())
        return result

    def governed_assignment(self, result: Assignment) -> None:
        result.class_name = self.take()
        self.expect("::=")
        if result.name[0].islower():
            if self.peek() == "{":
                result.kind = "object"
                result.value = self.raw_braces()
            else:
                result.kind = "value"
                result.value = self.value()
        else:
            result.kind = "set"
            result.value = self.object_set()

    def formal_parameters(self) -> list:
        self.expect("{")
        names = []
        while True:
            first = self.take()
            if self.accept(":"):
                first = self.take()
            names.append(first)
            if not self.accept(","):
                break
        self.expect("}")
        return names

    def class_body(self, result: Assignment) -> None:
        self.expect("CLASS")
        self.expect("{")
        while not self.accept("}"):
            field = self.take()
            type_name, optional, default = "", False, None
            while self.peek() not in (",", "}"):
                word = self.take()
                if word == "OPTIONAL":
                    optional = True
                elif word == "DEFAULT":
                    default = self.take()
                elif word != "UNIQUE":
                    type_name = word
            result.fields[field] = (type_name, optional, default)
            self.accept(",")
        self.expect("WITH")
        self.expect("SYNTAX")
        self.expect("{")
        words = []
        while not self.accept("}"):
            token = self.take()
            if token in ("[", "]"):
                continue
            if token.startswith("&"):
                result.syntax.append((tuple(words), token))
                words = []
            else:
                words.append(token)

    def raw_braces(self) -> list:
        first = self.at
        self.skip_braces()
        return [token.text for token in self.tokens[first + 1 : self.at - 1]]

    def object_set(self) -> dict:
        """{'objects': [name or list of tokens], 'extensible': bool}"""
        self.expect("{")
        result = {"objects": [], "extensible": False}
        while not self.accept("}"):
            if self.accept("..."):
                result["extensible"] = True
            elif self.peek() == "{":
                result["objects"].append(self.raw_braces())
            else:
                result["objects"].append(self.take())
            while self.peek() in ("|", ","):
                self.take()
        return result

    def value(self):
        token = self.take()
        return int(token) if token.lstrip("-").isdigit() else token

    # -- types --------------------------------------------------------------------------------------------------------

    def type(self) -> Type:
        begin = self.start()
        result = self.bare_type()
        while self.peek() == "(":
            self.constraint(result)
        result.span = (begin, self.end())
        return result

    def bare_type(self) -> Type:
        word = self.take()
        if word in ("NULL", "BOOLEAN"):
            return Type(word)
        if word == "INTEGER":
            return Type("INTEGER")
        if word == "ENUMERATED":
            return self.enumerated()
        if word in ("BIT", "OCTET"):
            self.expect("STRING")
            result = Type(word)
            if word == "BIT" and self.peek() == "{":
                result.named_bits = [t for t in self.raw_braces() if t[0].isalpha()]
            return result
        if word == "OBJECT":
            self.expect("IDENTIFIER")
            return Type("OID")
        if word in ("PrintableString", "VisibleString", "UTF8String", "IA5String"):
            return Type("STRING", name=word)
        if word in ("SEQUENCE", "CHOICE"):
            return self.sequence_of() if word == "SEQUENCE" and self.peek() != "{" else self.components(word)
        if self.accept("."):
            return self.field_reference(word)
        result = Type("REFERENCE", name=word)
        if self.peek() == "{":
            result.arguments = self.actual_parameters()
        return result

    def field_reference(self, class_name: str) -> Type:
        result = Type("FIELD", name=class_name, field=self.take())
        self.expect("(")
        self.expect("{")
        result.arguments = [self.take()]
        self.expect("}")
        if self.peek() == "{":
            self.skip_braces()
        self.expect(")")
        return result

    def actual_parameters(self) -> list:
        """Types, numbers, names of constants; an object set in its own braces as ('set', name)."""
        self.expect("{")
        result = []
        while not self.accept("}"):
            if self.accept("{"):
                result.append(("set", self.take()))
                self.expect("}")
            elif self.peek().lstrip("-").isdigit() or self.peek()[0].islower():
                result.append(self.value())
            else:
                result.append(self.type())
            self.accept(",")
        return result

    def enumerated(self) -> Type:
        result = Type("ENUMERATED")
        self.expect("{")
        while not self.accept("}"):
            if self.accept("..."):
                result.extensible = True
            else:
                (result.more_names if result.extensible else result.names).append(self.take())
            self.accept(",")
        return result

    def sequence_of(self) -> Type:
        result = Type("OF")
        if self.peek() == "(":
            self.constraint(result)
        elif self.accept("SIZE"):
            self.range(result)
        self.expect("OF")
        result.element = self.type()
        return result

    def components(self, kind: str) -> Type:
        result = Type(kind)
        self.expect("{")
        while not self.accept("}"):
            begin = self.start()
            if self.accept("..."):
                if result.extensible:
                    raise SyntaxFault(f"{self.path}: a second extension marker is not supported")
                result.extensible = True
                result.marker_end = self.end()
            elif self.accept("[["):
                group = Group([], True)
                while not self.accept("]]"):
                    group.components.append(self.component())
                    self.accept(",")
                group.span = (begin, self.end())
                result.additions.append(group)
            elif result.extensible:
                component = self.component()
                result.additions.append(Group([component], False, component.span))
            else:
                result.root.append(self.component())
            self.accept(",")
        return result

    def component(self) -> Component:
        begin = self.start()
        result = Component(self.take(), self.type())
        if self.accept("OPTIONAL"):
            result.presence = "optional"
        elif self.accept("DEFAULT"):
            result.presence = "default"
            result.default = self.value()
        result.span = (begin, self.end())
        return result

    def constraint(self, result: Type) -> None:
        self.expect("(")
        if self.accept("SIZE"):
            self.range(result)
        elif self.accept("CONTAINING"):
            result.containing = self.type()
        else:
            self.at -= 1
            self.range(result)
            return
        self.expect(")")

    def range(self, result: Type) -> None:
        self.expect("(")
        result.constrained = True
        result.low = result.high = self.value()
        if self.accept(".."):
            result.high = self.value()
        while self.accept("|"):  # PER sees the hull of a union
            low = high = self.value()
            if self.accept(".."):
                high = self.value()
            result.low, result.high = min(result.low, low), max(result.high, high)
        if self.accept(","):
            self.expect("...")
            result.extensible = True
            if self.accept(","):  # values beyond the marker are all encoded alike
                self.value()
                if self.accept(".."):
                    self.value()
        self.expect(")")


class Modules:
    """All assignments of one protocol, by name."""

    def __init__(self, assignments: list):
        self.assignments = {a.name: a for a in assignments}
        self.order = [a.name for a in assignments]

    def number(self, value) -> int | None:
        """The integer behind a bound; None for an absent one, MIN and MAX."""
        seen = 0
        while isinstance(value, str):
            if value in ("MIN", "MAX"):
                return None
            value = self.assignments[value].value
            seen += 1
            if seen > 10:
                raise SyntaxFault(f"constant {value} refers to itself")
        return value

    def object_fields(self, class_name: str, tokens: list) -> dict:
        """The fields of an information object written in the class's own syntax: {'&id': 'id-Cause', ...}; types as text."""
        definition = self.assignments[class_name]
        result = {}
        at = 0
        while at < len(tokens):
            for words, field in definition.syntax:
                if tuple(tokens[at : at + len(words)]) == words:
                    at += len(words)
                    begin, at = at, at + 1
                    while at < len(tokens) and tokens[at] not in [w[0] for w, _ in definition.syntax]:
                        at += 1
                    result[field] = " ".join(tokens[begin:at])
                    break
            else:
                raise SyntaxFault(f"object of {class_name}: unexpected {tokens[at:at + 4]}")
        for field, (_, _, default) in definition.fields.items():
            if default is not None:
                result.setdefault(field, default)
        return result

    def set_objects(self, set_name: str) -> list:
        """Every object of an object set, sets within sets flattened, as dictionaries of fields."""
        definition = self.assignments[set_name]
        result = []
        for entry in definition.value["objects"]:
            if isinstance(entry, list):
                result.append(self.object_fields(definition.class_name, entry))
                continue
            named = self.assignments[entry]
            if named.kind == "set":
                result += self.set_objects(entry)
            else:
                result.append(self.object_fields(definition.class_name, named.value))
        return result

    def substitute(self, type_: Type, binding: dict) -> Type:
        """A copy of `type_` with formal parameters replaced."""
        if not binding:
            return type_
        if type_.kind == "REFERENCE" and type_.name in binding:
            return binding[type_.name]

        def argument(value):
            if isinstance(value, tuple):
                return ("set", binding[value[1]][1]) if value[1] in binding else value
            if isinstance(value, Type):
                return self.substitute(value, binding)
            return binding.get(value, value)

        copy = dataclasses.replace(type_)
        copy.low = binding.get(type_.low, type_.low)
        copy.high = binding.get(type_.high, type_.high)
        copy.arguments = [argument(a) for a in type_.arguments]
        if type_.kind == "FIELD" and type_.arguments[0] in binding:
            copy.arguments = [binding[type_.arguments[0]][1]]
        copy.element = self.substitute(type_.element, binding) if type_.element else None
        copy.root = [dataclasses.replace(c, type=self.substitute(c.type, binding)) for c in type_.root]
        copy.additions = [
            dataclasses.replace(
                g, components=[dataclasses.replace(c, type=self.substitute(c.type, binding)) for c in g.components]
            )
            for g in type_.additions
        ]
        return copy

    def expand(self, reference: Type) -> Type:
        """The definition behind a REFERENCE, with its arguments filled in (one step)."""
        definition = self.assignments[reference.name]
        if definition.kind != "type":
            raise SyntaxFault(f"{reference.name} is no type")
        return self.substitute(definition.type, dict(zip(definition.parameters, reference.arguments)))


def parse_type(text: str) -> Type:
    """A type written alone, as in the fields of an information object."""
    return Parser(pathlib.Path("type"), text).type()


def parse_files(paths) -> Modules:
    assignments = []
    for path in paths:
        assignments += Parser(pathlib.Path(path)).parse()
    return Modules(assignments)
