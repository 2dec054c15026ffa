"""From the capitals of the file to the names of a shop: `HANGING HEART T-LIGHT HOLDER` to `Hanging Heart T-Light
Holder`.

The spelling table was created by reading all names of the file. It completes what the till's 35 characters cut off or
abbreviated, and corrects typing errors; it never changes which product is meant.
"""

import re

# Applied in this order to the description in capitals, on whole words.
_SPELLINGS = (
    (r"CHARLIE ?(?:\+|&|AND)? ?LOLA", "CHARLIE & LOLA "),
    (r"GARLD NECKL36\"TURQUOIS", 'GARLAND NECKLACE 36" TURQUOISE'),
    (r"FLOWER FAIRY,5 SUMMER B'DRAW LINERS", "FLOWER FAIRY 5 SUMMER DRAWER LINERS"),
    (r"COLOUR GLASS\. STAR", "COLOUR GLASS STAR"),
    (r"MAGIC TREE -PAPER", "MAGIC TREE PAPER"),
    (r"NURSERY A,B,C", "NURSERY ABC"),
    (r"DIAMANTE HAIR GRIP PACK/2 BLACK DIA", "DIAMANTE HAIR GRIP PACK/2 BLACK"),
    (r"FANNY'S REST STOPMETAL", "FANNY'S REST STOP METAL"),
    (r"SQUARECUSHION", "SQUARE CUSHION"),
    (r"SMALLFOLKART", "SMALL FOLKART"),
    (r"CHOCOLATECANDLE", "CHOCOLATE CANDLE"),
    (r"BAROQUECANDLESTICK", "BAROQUE CANDLESTICK"),
    (r"DRAWERKNOB", "DRAWER KNOB"),
    (r"SWIRLGLASS", "SWIRL GLASS"),
    (r"PINKWHITE", "PINK/WHITE"),
    (r"(PINK|BLUE) GREEN EMBROIDERY", r"\1/GREEN EMBROIDERY"),
    (r"LIVINGROOM", "LIVING ROOM"),
    (r"VIPPASSPORT", "VIP PASSPORT"),
    (r"PERSONAL DOORSIGN", "PERSONAL DOOR SIGN"),
    (r"20LIGHT", "20 LIGHTS"),
    (r"SET3", "SET OF 3"),
    (r"(SET|PACK)(?:/| OF ?| )(\d+)", r"\1 OF \2"),
    (r"CINAMMON SET OF 9", "CINNAMON SCENTED SET OF 9"),
    (r"JASMINE VOTIVE", "JASMINE SCENTED VOTIVE"),
    (r"ROSE CANDLE IN JEWELLED", "ROSE SCENT CANDLE IN JEWELLED"),
    (r"CANDLE JEWEL BOX", "CANDLE IN JEWELLED BOX"),
    (r"VANILLA SCENTED CANDLE IN BOX", "VANILLA SCENTED CANDLE IN JEWELLED BOX"),
    (r"SCENT CANDLE", "SCENTED CANDLE"),
    (r"SCENTED CANDLE JEWELLED", "SCENTED CANDLE IN JEWELLED"),
    (r"MORRIS BOX CANDLE", "MORRIS BOXED CANDLE"),
    (r"INCENSE/CANDL?", "INCENSE/CANDLE"),
    (r"ASS FLORAL", "ASSORTED FLORAL"),
    (r"ASS COL(?:OUR)?", "ASSORTED COLOUR"),
    (r"ASS DES", "ASSORTED DESIGN"),
    (r"ASSTD", "ASSORTED"),
    (r"DES", "DESIGN"),
    (r"DEC", "DECORATION"),
    (r"MED", "MEDIUM"),
    (r"ANT(?= COPPER| SILVER| WHITE)", "ANTIQUE"),
    (r"NECKL", "NECKLACE"),
    (r"TURQ", "TURQUOISE"),
    (r"BLK/WHIT", "BLACK/WHITE"),
    (r"HLDR", "HOLDER"),
    (r"11 PC", "11 PIECE"),
    (r"C/COVER", "CUSHION COVER"),
    (r"B'FLY", "BUTTERFLY"),
    (r"P'WEIGHT", "PAPERWEIGHT"),
    (r"W", "WITH"),
    (r"CHOC", "CHOCOLATE"),
    (r"CAKESTAND", "CAKE STAND"),
    (r"CHILDRENS", "CHILDREN'S"),
    (r"CHILDS", "CHILD'S"),
    (r"DRAGONS BLOOD", "DRAGON'S BLOOD"),
    (r"GAOLERS", "GAOLER'S"),
    (r"KINGS CHOICE", "KING'S CHOICE"),
    (r"LETS", "LET'S"),
    (r"EAU DE NILE", "EAU DE NIL"),
    (r"CINAMMON", "CINNAMON"),
    (r"SANDLEWOOD", "SANDALWOOD"),
    (r"FUSCHIA", "FUCHSIA"),
    (r"FRAPPUCINO", "FRAPPUCCINO"),
    (r"PANNETONE", "PANETTONE"),
    (r"STRAWBERY", "STRAWBERRY"),
    (r"BUTTERFILES", "BUTTERFLIES"),
    (r"COLUMBIAN", "COLOMBIAN"),
    (r"LICORICE", "LIQUORICE"),
    (r"TASSLE", "TASSEL"),
    (r"UTILTY", "UTILITY"),
    (r"STRIPEY", "STRIPY"),
    (r"POLKA DOT", "POLKADOT"),
    (r"RETRO SPOT", "RETROSPOT"),
    (r"FOLK ART", "FOLKART"),
    (r"TEALIGHT", "T-LIGHT"),
    (r"MEMOBOARD", "MEMO BOARD"),
    (r"SCOTTY DOG", "SCOTTIE DOG"),
)
_SPELLING_PATTERNS = tuple((re.compile(rf"(?<![\w/']){old}(?![\w'])"), new) for old, new in _SPELLINGS)

_SMALL_WORDS = frozenset({
    "a", "and", "at", "by", "de", "du", "en", "for", "from", "in", "of", "on", "or", "the", "to", "with",
    "'n'",
})  # fmt: skip
_CAPITALS = frozenset({"TV", "WC", "LED", "US", "UK", "VIP", "ABC"})
# 3D and 25W stay capital, A4 too, and initials with points; 60CM, 125G and 50'S are written small.
_CAPITAL_SHAPE = re.compile(r"\d+[DW]|[A-Z]\d+|(?:[A-Z]\.){2,}[A-Z]?")
_FIRST_LETTER = re.compile(r"[a-z]")


def shop_name(description: str) -> str:
    """The name a shopper reads. Works on any case, so the few names the file writes mixed come out alike."""
    text = description.upper()
    for pattern, spelling in _SPELLING_PATTERNS:
        text = pattern.sub(spelling, text)
    text = re.sub(r"\s*\+\s*", " & ", text)
    text = re.sub(r"\s*,\s*", ", ", text)
    words = text.strip(" ,.;-").split()
    return " ".join(_cased(word, first=position == 0) for position, word in enumerate(words))


def _cased(word: str, *, first: bool) -> str:
    """One word with its inner pieces (`T-LIGHT`, `LOVE/HATE`, `S/4`) each in their own case."""
    if word.lower() in _SMALL_WORDS and not first:
        return word.lower()
    return "".join(_cased_piece(piece) for piece in re.split(r"([/-])", word))


def _cased_piece(piece: str) -> str:
    bare = piece.strip("\",.'")
    if bare in _CAPITALS or _CAPITAL_SHAPE.fullmatch(bare):
        return piece
    if piece[:1].isdigit():
        return piece.lower()
    return _FIRST_LETTER.sub(lambda letter: letter.group().upper(), piece.lower(), count=1)
