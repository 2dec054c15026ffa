"""The nearest valid word to a misspelt one, for messages."""

from __future__ import annotations

from collections.abc import Iterable
from difflib import get_close_matches

MAX_WORD_LENGTH = 64
"""Characters of a word that is compared at all: the comparison takes time with the square of the length."""
MAX_WORDS_SHOWN = 40


def nearest(word: object, words: Iterable[str]) -> str | None:
    """The nearest of ``words``, ignoring case; None if none is near."""
    if not isinstance(word, str) or len(word) > MAX_WORD_LENGTH:
        return None
    known = {each.casefold(): each for each in words}
    near = get_close_matches(word.casefold(), known, n=1, cutoff=0.6)
    return known[near[0]] if near else None


def suggestion(word: object, words: Iterable[str]) -> str:
    """``. Did you mean price?``, or a full stop if no word is near."""
    near = nearest(word, words)
    return "." if near is None else f". Did you mean {near}?"


def unknown_word(noun: str, word: object, words: tuple[str, ...], *, names_all: bool = False) -> str:
    """The message about a word that is not in ``words``. ``names_all``: beside the nearest one all others, too."""
    near = nearest(word, words)
    message = (
        f"Unknown {noun} {word}" if isinstance(word, str) and 0 < len(word) <= MAX_WORD_LENGTH else f"Unknown {noun}"
    )
    more = ", …" if len(words) > MAX_WORDS_SHOWN else ""
    known = f"Must be one of {', '.join(words[:MAX_WORDS_SHOWN])}{more}."
    if near is None:
        return f"{message}. {known}"
    return f"{message}. Did you mean {near}? {known}" if names_all else f"{message}. Did you mean {near}?"
