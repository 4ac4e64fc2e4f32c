"""Random values of the full published modules as Erlang terms, beside what the project's modules keep of them."""

import random

from asn1_parser import Modules, Type, parse_type


class TermMaker:
    """make(name) gives (whole, kept): two Erlang terms of the same type of the full modules. `whole` may hold extensions
    that the project's modules leave out; `kept` is the same value without them. `cut_short` then says that a chain of
    nonCriticalExtension goes on where the project's ends: an encoding of `kept` begins like the project's."""

    def __init__(self, full: Modules, own: Modules, seed: int):
        self.full, self.own = full, own
        self.random = random.Random(seed)
        self.budget = 20 << self.random.randrange(5)
        self.cut_short = False

    def make(self, name: str) -> tuple:
        return self.value(Type("REFERENCE", name=name), Type("REFERENCE", name=name))

    def chance(self, one_in: int) -> bool:
        return self.random.randrange(one_in) == 0

    def resolve(self, modules: Modules, type_: Type) -> Type:
        while type_.kind == "REFERENCE":
            type_ = modules.expand(type_)
        return type_

    def value(self, full: Type, own: Type | None) -> tuple:
        self.budget -= 1
        full = self.resolve(self.full, full)
        own = self.resolve(self.own, own) if own is not None else None
        if full.kind == "SEQUENCE":
            return self.sequence(full, own)
        if full.kind == "CHOICE":
            return self.choice(full, own)
        if full.kind == "OF":
            return self.list_of(full, own)
        term = self.leaf(full)
        return term, term

    def leaf(self, type_: Type) -> str:
        if type_.kind == "NULL":
            return "'NULL'"
        if type_.kind == "BOOLEAN":
            return self.random.choice(["true", "false"])
        if type_.kind == "ENUMERATED":
            return f"'{self.random.choice(type_.names + type_.more_names)}'"
        if type_.kind == "INTEGER":
            return str(self.integer(type_))
        if type_.kind == "BIT":
            size = self.count(type_)
            return f"<<{self.random.getrandbits(size + 1) >> 1}:{size}>>"
        if type_.kind == "OCTET":
            return "<<" + ",".join(str(self.random.randrange(256)) for _ in range(self.count(type_))) + ">>"
        if type_.kind == "STRING":
            text = "".join(self.random.choice("abcXYZ019") for _ in range(self.count(type_)))
            return f'<<"{text}">>' if type_.name == "UTF8String" else f'"{text}"'
        if type_.kind == "OID":
            return f"{{1,3,6,{self.random.randrange(200)}}}"
        raise ValueError(type_.kind)

    def integer(self, type_: Type) -> int:
        low, high = self.full.number(type_.low), self.full.number(type_.high)
        low = -70000 if low is None else low
        high = low + 200000 if high is None else high
        if type_.extensible and self.chance(8):
            return high + 1 + self.random.randrange(100000)
        return self.random.choice([low, high]) if self.chance(6) else self.random.randint(low, high)

    def count(self, type_: Type) -> int:
        low = self.full.number(type_.low) or 0
        high = self.full.number(type_.high)
        high = low + 200 if high is None else high
        if type_.extensible and type_.name != "UTF8String" and self.chance(8):
            return high + 1 + self.random.randrange(3)
        if self.budget < 0:
            return low
        return self.random.randint(low, min(high, low + (70 if self.chance(8) else 3)))

    def list_of(self, full: Type, own: Type | None) -> tuple:
        element = self.resolve(self.full, full.element)
        open_fields = [c.type for c in element.root if c.type.kind == "FIELD"] if element.kind == "SEQUENCE" else []
        if open_fields:
            own_set = ""
            if own is not None:
                own_element = self.resolve(self.own, own.element)
                own_set = [c.type for c in own_element.root if c.type.kind == "FIELD"][0].arguments[0]
            return self.container(element, open_fields[0].arguments[0], own_set, self.full.number(full.low) or 0)
        pairs = [self.value(full.element, own.element if own else None) for _ in range(self.count(full))]
        return tuple("[" + ",".join(p[i] for p in pairs) + "]" for i in (0, 1))

    def record(self, type_: Type, values: dict) -> str:
        """A SEQUENCE as the tuple that a record is; its encoder does not look at the record's name."""
        parts = ["r"]
        for component in type_.root + [c for g in type_.additions for c in g.components]:
            absent = "asn1_DEFAULT" if component.presence == "default" else "asn1_NOVALUE"
            parts.append(values.get(component.name, absent))
        return "{" + ",".join(parts) + "}"

    def sequence(self, full: Type, own: Type | None) -> tuple:
        fields = [c for c in full.root if c.type.kind == "FIELD"]
        if fields:
            return self.open_pair(full, fields[0].type.arguments[0])
        whole, kept = {}, {}
        mine = {c.name: c.type for c in own.root + [c for g in own.additions for c in g.components]} if own else {}
        for component in full.root:
            if component.presence != "mandatory" and (self.budget <= 0 or self.chance(2)):
                continue
            if component.presence != "mandatory" and self.must_be_absent(component.type):
                continue
            ends_here = component.name == "nonCriticalExtension" and self.ends_here(own, component)
            below = None if ends_here else mine.get(component.name)
            whole[component.name], kept[component.name] = self.value(component.type, below)
            if ends_here:
                self.cut_short = True
                inner = self.resolve(self.full, component.type)
                if not any(c.presence == "mandatory" for c in inner.root):
                    kept[component.name] = self.record(inner, {})
        self.additions(full, mine, whole, kept)
        return self.record(full, whole), self.record(full, kept)

    def ends_here(self, own: Type | None, component) -> bool:
        """The project's chain of nonCriticalExtension ends at this component of the full one."""
        if own is None or component.type.kind != "REFERENCE":
            return False
        return next(c.type for c in own.root if c.name == component.name).kind == "SEQUENCE"

    def additions(self, full: Type, mine: dict, whole: dict, kept: dict) -> None:
        for group in full.additions:
            if self.budget <= 0 or self.chance(2):
                continue
            certain = self.random.choice(group.components).name
            for component in group.components:
                if component.name != certain and component.presence != "mandatory" and self.chance(2):
                    continue
                both = self.value(component.type, mine.get(component.name))
                whole[component.name] = both[0]
                if component.name in mine:
                    kept[component.name] = both[1]

    def choice(self, full: Type, own: Type | None) -> tuple:
        alternatives = list(full.root) + [c for g in full.additions for c in g.components]
        mine = {c.name: c.type for c in own.root + [c for g in own.additions for c in g.components]} if own else {}
        if own is not None:
            alternatives = [
                a
                for a in alternatives
                if a.name in mine and not (a.name == "messageClassExtension" and a.type.kind == "CHOICE")
            ]
        chosen = self.random.choice([a for a in alternatives if self.can_be_chosen(a)])
        both = self.value(chosen.type, mine.get(chosen.name))
        return tuple(f"{{'{chosen.name}', {term}}}" for term in both)

    def can_be_chosen(self, alternative) -> bool:
        inner = self.resolve(self.full, alternative.type)
        fields = [c for c in inner.root if c.type.kind == "FIELD"] if inner.kind == "SEQUENCE" else []
        return not fields or self.objects(fields[0].type.arguments[0]) != []

    # -- information objects ------------------------------------------------------------------------------------------

    def objects(self, set_name: str, modules: Modules | None = None) -> list:
        return (modules or self.full).set_objects(set_name)

    def must_be_absent(self, type_: Type) -> bool:
        """A container of at least one extension, of a set that has none."""
        list_type = self.resolve(self.full, type_)
        if list_type.kind != "OF" or not self.full.number(list_type.low):
            return False
        element = self.resolve(self.full, list_type.element)
        fields = [c for c in element.root if c.type.kind == "FIELD"] if element.kind == "SEQUENCE" else []
        return bool(fields) and not self.objects(fields[0].type.arguments[0])

    def container(self, element: Type, set_name: str, own_set: str, least: int) -> tuple:
        """IEs of a set, those that the project knows first, because it encodes the others behind them."""
        objects = self.objects(set_name)
        known = [o["&id"] for o in self.objects(own_set, self.own)] if own_set else []
        objects.sort(key=lambda o: known.index(o["&id"]) if o["&id"] in known else len(known))
        chosen = [o for o in objects if o.get("&presence") == "mandatory" or (self.budget > 0 and self.chance(3))]
        if len(chosen) < least:
            chosen = [self.random.choice(objects)]
        items = [self.object_map(element, o, o["&id"] in known) for o in chosen]
        return tuple("[" + ",".join(i[side] for i in items) + "]" for side in (0, 1))

    def object_map(self, element: Type, fields: dict, known: bool) -> tuple:
        value_field = next(c.type.field for c in element.root if c.type.field[1].isupper())
        type_ = parse_type(fields[value_field])
        both = self.value(type_, type_ if known else None)
        number = self.full.number(fields.get("&id") or fields["&procedureCode"])
        if not known:
            both = (both[0], both[0])
        return tuple(f"{{r,{number},'{fields['&criticality']}',{term}}}" for term in both)

    def open_pair(self, full: Type, set_name: str) -> tuple:
        """A field with its open type: a single container, or the message of a procedure."""
        value_field = next(c.type.field for c in full.root if c.type.field[1].isupper())
        objects = [o for o in self.objects(set_name) if value_field in o]
        objects = [o for o in objects if o.get("&procedureCode") != "id-PrivateMessage"]  # has IEs, of which none is defined
        fields = self.random.choice(objects)
        known = False
        if "&procedureCode" in fields:
            mine = [o.get("&procedureCode") for o in self.objects(set_name, self.own)]
            known = fields["&procedureCode"] in mine
            if not known and self.random.random() < 0.9:
                return self.open_pair(full, set_name)
        return self.object_map(full, fields, known)
