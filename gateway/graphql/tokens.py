"""Counting the tokens of a document without parsing it: what is far too long costs a hundredth of being parsed."""

from __future__ import annotations

import re
from itertools import islice

_TOKEN = re.compile(
    r'"""(?:\\"""|(?!""").)*+(?:""")?'  # a block string
    r'|"(?:\\.|[^"\\\n\r])*+"?'  # one that does not end is taken whole, or each of its quotes would look for an end
    r"|#[^\n\r]*+"
    r"|[_A-Za-z][_0-9A-Za-z]*+"
    r"|-?[0-9][0-9.eE+-]*+"
    r"|\.\.\."
    r"|[!$&()\[\]{}:=@|]",
    re.DOTALL,
)
"""Lexical tokens and comments (https://spec.graphql.org/October2021/#sec-Appendix-Grammar-Summary.Lexical-Tokens). Of a
document that breaks its rules it finds about as many as parsing would."""


def more_tokens_than(most: int, text: str) -> bool:
    """Whether a document has more than ``most`` tokens; comments are none."""
    tokens = (match for match in _TOKEN.finditer(text) if text[match.start()] != "#")
    return next(islice(tokens, most, None), None) is not None
