"""From the standards' ASN.1 spelling to the project's C++ spelling."""

import re

# Words that the capital letters alone would take apart.
WHOLE = r"QoS|[kMG]Hz|dBm|dB|kbps|Mbps"
WORD = re.compile(
    rf"(?:{WHOLE})(?![a-z])\d*"
    r"|[A-Z]{2,}s(?![a-z])\d*|[A-Z]+(?![a-z])\d*|[A-Z]?[a-z]+(?:\d+(?:[a-z]+\d+)*)?|\d+[A-Z]*(?![a-z])|\d+"
)
RESERVED = set(
    "alignas alignof and asm auto bool break case catch char class const continue default delete do double else enum "
    "explicit export extern false float for friend goto if inline int long mutable namespace new not operator or "
    "private protected public register return short signed sizeof static struct switch template this throw true try "
    "typedef typename union unsigned using virtual void volatile while xor null".split()
)


def words(name: str) -> list:
    result = []
    for part in name.split("-"):
        if part and not re.match(WHOLE, part):
            part = part[0].upper() + part[1:]
        result += [w.lower() for w in WORD.findall(part)]
    return result


def snake(name: str) -> str:
    """`pDUSessionResourceSetup` and `rlc-BearerToAddModList` become pdu_session_resource_setup, rlc_bearer_to_add_mod_list."""
    result = "_".join(words(name))
    return result + "_" if result in RESERVED else result


def camel(name: str) -> str:
    """`UE-NR-Capability` becomes UeNrCapability."""
    return "".join(w[0].upper() + w[1:] for w in words(name))
