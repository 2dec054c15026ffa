"""Which SKUs are variants of one product: the same five digits, a different letter behind them.

`85099B JUMBO BAG RED RETROSPOT` and `85099F JUMBO BAG STRAWBERRY` are one Jumbo Bag in two designs. A family is
grouped only where the names prove it; every other SKU stays a product of its own.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import reduce

STEM_LENGTH = 5

# Families that the rule would form wrongly.
_NOT_FAMILIES = frozenset(
    {
        "47504",  # English Rose is the pattern: one is a spirit level, the other a pair of secateurs
        "84569",  # packs of three and of six patches, with nothing else in common
    }
)
_COLOURS = frozenset({
    "amethyst", "black", "blue", "brown", "coloured", "cream", "crystal", "gold", "green", "grey", "ivory",
    "lilac", "mint", "natural", "orange", "pink", "purple", "red", "ruby", "silver", "turquoise", "white",
    "yellow", "eau-de-nil",
})  # fmt: skip
_SCENTS = frozenset({
    "chocolate", "cinnamon", "gardenia", "jasmine", "lavender", "ocean", "opium", "orange", "rose",
    "sandalwood", "vanilla",
})  # fmt: skip
_SIZES = frozenset({
    "small", "medium", "large",
})  # fmt: skip
_MEASURE = re.compile(r"\d+x\d+cm|\d+cm", re.IGNORECASE)
_EMPTY_WORDS = frozenset({
    "set", "pack", "of", "s", "and", "&", "with", "in", "design", "colour",
})  # fmt: skip
_PLAIN_EDGE = frozenset({"design", "colour", "&", "and", "with"})


@dataclass(frozen=True, slots=True)
class ProductFamily:
    """One product over several SKUs: its name, and for each SKU the one attribute that distinguishes it."""

    name: str
    attribute: str
    values: dict[str, str]


def find_family(stem: str, names: dict[str, str]) -> ProductFamily | None:
    """The family of `stem`, whose members are `names` (SKU to shop name), or None where it isn't safe to group.

    Safe is: two members or more, the stem no SKU itself, shared words that open or close every name, and a
    different remainder for each.
    """
    if len(names) < 2 or stem in names or stem in _NOT_FAMILIES:
        return None
    tokens = {sku: _tokens(name) for sku, name in sorted(names.items())}
    keys = {sku: [_key(token) for token in words] for sku, words in tokens.items()}
    shared = reduce(_common_sequence, keys.values())
    if not _names_a_thing(shared, list(keys.values())):
        return None
    values = {sku: _remainder(tokens[sku], keys[sku], shared) for sku in tokens}
    if "" in values.values() or len(set(values.values())) < len(values):
        return None
    first = next(iter(tokens))
    name = _product_name(tokens[first], keys[first], shared)
    attribute = _attribute(name, list(values.values()))
    return ProductFamily(name, attribute, {sku: value.strip('"') for sku, value in values.items()})


def _tokens(name: str) -> list[str]:
    """Words, with a colour of several words (`Pink & White`, `Eau de Nil`) as one."""
    colour = "|".join(sorted(_COLOURS))
    joined = name.replace("Eau de Nil", "Eau-de-Nil")
    pair = re.compile(rf"\b({colour})( (?:and |& ))(?=(?:{colour})\b)", re.IGNORECASE)
    return [token.replace("\0", " ") for token in pair.sub(_bind, joined).split()]


def _bind(match: re.Match[str]) -> str:
    return match.group(1) + match.group(2).replace(" ", "\0")


def _key(token: str) -> str:
    """The key by which two words are compared: without case, punctuation, plural s, and the separators of colours."""
    key = re.sub(r" (?:and|&) ", "/", token.lower()).strip(',."')
    return key.removesuffix("s") if len(key) > 3 else key


def _common_sequence(left: Sequence[str], right: Sequence[str]) -> list[str]:
    """The longest sequence of words both have, in order, not necessarily next to each other."""
    best: list[list[list[str]]] = [[[] for _ in range(len(right) + 1)] for _ in range(len(left) + 1)]
    for row, one in enumerate(left, 1):
        for column, other in enumerate(right, 1):
            if one == other:
                best[row][column] = [*best[row - 1][column - 1], one]
            else:
                best[row][column] = max(best[row - 1][column], best[row][column - 1], key=len)
    return best[-1][-1]


def _names_a_thing(shared: Sequence[str], members: Sequence[Sequence[str]]) -> bool:
    if not any(word.isalpha() and word not in _EMPTY_WORDS for word in (key.replace("-", "") for key in shared)):
        return False
    closes = all(member[-1] == shared[-1] for member in members)
    return closes or all(member[0] == shared[0] for member in members)


def _taken(keys: Sequence[str], shared: Sequence[str]) -> set[int]:
    """The positions in a name that its family's shared words occupy, counted from the end: nouns close a name."""
    positions, wanted = set(), list(shared)
    for position in range(len(keys) - 1, -1, -1):
        if wanted and keys[position] == wanted[-1]:
            positions.add(position)
            wanted.pop()
    return positions


def _remainder(tokens: Sequence[str], keys: Sequence[str], shared: Sequence[str]) -> str:
    taken = _taken(keys, shared)
    rest = [token for position, token in enumerate(tokens) if position not in taken]
    return _trimmed([word for word in rest if word.lower() != "scented"])


def _product_name(tokens: Sequence[str], keys: Sequence[str], shared: Sequence[str]) -> str:
    taken = _taken(keys, shared)
    return _trimmed([token for position, token in enumerate(tokens) if position in taken])


def _trimmed(words: list[str]) -> str:
    while words and words[0].lower() in _PLAIN_EDGE:
        words = words[1:]
    while words and words[-1].lower() in _PLAIN_EDGE:
        words = words[:-1]
    text = " ".join(words).strip(" ,.").replace("Eau-de-Nil", "Eau de Nil")
    return text[:1].upper() + text[1:]


def _attribute(name: str, values: Sequence[str]) -> str:
    """The name of the attribute in the platform's spelling (`color`); `design` if no other fits."""
    last_words = [value.lower().replace("eau de nil", "eau-de-nil").split()[-1] for value in values]
    if all(re.fullmatch(r'"[A-Z]"', value) for value in values):
        return "letter"
    if all(value.lower() in _SIZES or _MEASURE.fullmatch(value) for value in values):
        return "size"
    if re.search(r"candle|incense|t-light", name, re.IGNORECASE) and all(word in _SCENTS for word in last_words):
        return "scent"
    return "color" if all(set(word.split("/")) <= _COLOURS for word in last_words) else "design"
