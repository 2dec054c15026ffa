"""The categories and tags of a product: one to three categories by the words of its name, and tags by its pattern.

The order of `SHELVES` decides which category comes first. The words were chosen by reading every name of the file;
`never` excludes what a word would match wrongly (a napkin ring is not jewellery).
"""

import re
from dataclasses import dataclass

MOST_CATEGORIES = 3
DECORATION = "home-decor"
FALLBACK = "gifts"
# Nearly everything decorates a home; this category is only for products without another use.
_DECORATIVE = frozenset({"christmas", "easter", "frames-clocks-mirrors"})


@dataclass(frozen=True, slots=True)
class CategoryRule:
    """A category. `words` and `never` are patterns on lower-case whole words; a plural `s` or `es` is understood."""

    slug: str
    name: str
    words: str
    never: str = "(?!)"


SHELVES = (
    CategoryRule(
        "christmas",
        "Christmas",
        "christmas|advent|santa|reindeer|snowmen|bauble|noel|yuletide|holly|sleigh|jingle|panettone|tinsel|"
        "feather tree|snowy|snow|robin|stocking|swiss chalet|socks and mittens|pinecone wreath|orange wreath|"
        "rocking horse|peace on earth|tree decoration|willie winkie",
    ),
    CategoryRule(
        "easter",
        "Easter",
        "easter|hanging chick|pink chick magic|hen on nest|felt egg cosy|egg house",
    ),
    CategoryRule(
        "jewellery-accessories",
        "Jewellery & Accessories",
        "necklace|bracelet|earring|brooch|bangle|tiara|ring|hair ?clip|hair ?slide|hair grip|hair comb|hairband|"
        "pendant|key ?ring|key fob|charm|jewellery|purse|umbrella|parasol|slipper|scarf|headphone|handbag|"
        "butterfly clip|badge|rain mac|rain hat|poncho|sombrero|leis|silk fan|sandalwood fan|traveling fan|"
        "compact mirror|tattoo",
        "napkin (?:ring|charm)|rustic charm|cocktail parasol|paper parasol|purse notebook|scarf hot|knitting kit|"
        "ring of roses|handbag gift|handbag kit",
    ),
    CategoryRule(
        "bags-travel",
        "Bags & Travel",
        "bag|shopper|tote|backpack|luggage|passport|washbag|holiday purse|handbag|travel|airline",
        "marble|party bag|gift bag|peg bag|bag of|in bag|in cotton bag|gauze bag|paper bag|bag charm|"
        "bag soft toy|airline lounge|storage bag|gems in|handbag gift|handbag kit|tea bag",
    ),
    CategoryRule(
        "hot-water-bottles-warmers",
        "Hot Water Bottles & Warmers",
        "hot water bottle|hand warmer|pocket warmer|hottie|mug warmer",
    ),
    CategoryRule(
        "lighting-candles",
        "Lighting & Candles",
        "candle|candle ?holder|candle ?stick|candle ?pot|candlestand|t-light|votive|lantern|lamp|lampshade|"
        "lamp shade|light chain|lights|night ?light|portable table light|candelabra|incense|oil burner|torch|"
        "bulb|silicon cube|matches|bird light|light garland|disco ball|lightbulb|glass fluted antique",
        "wall art",
    ),
    CategoryRule(
        "pets",
        "Pets",
        "cat bowl|dog bowl|dog toy|mouse toy|cat food|dog food|doggy",
    ),
    CategoryRule(
        "baking-cakes",
        "Baking & Cakes",
        "cake case|cake stand|cookie cutter|cake tin|petit four|baking|bake|cake plate|doil(?:y|ie)|cooking set|"
        "cake bowl|recipe|jam making|toast its|measuring spoon|cake chopstick|cupcake lace|food cover",
        "bake a cake|t-light|mini jigsaw",
    ),
    CategoryRule(
        "mugs-tableware",
        "Mugs & Tableware",
        "mug|cup|teacup|saucer|teapot|tea set|bowl|plate|tumbler|jug|cutlery|beaker|placemat|coaster|napkin|tray|"
        "egg cup|egg holder|tea for one|wine glass|champagne glass|milkshake glass|tea glass|finger bowl|"
        "condiment|salt and pepper|chopstick|breakfast|place setting|spoon|platter|table ?cloth|coffee set|"
        "toastrack|butter dish|beurre dish|pizza dish|tea bag plate|straw|teaspoon",
        "mug warmer|mug cosy|suction cup|catch cup|cup cake|breakfast basket|cake bowl|candle bowl|lunch box|"
        "candles? in bowl|cat bowl|dog bowl|trinket tray|cake plate|wash bowl|in enamel mug|measuring spoon|"
        "napkin box",
    ),
    CategoryRule(
        "kitchen-dining",
        "Kitchen & Dining",
        "kitchen|apron|oven|tea towel|tea cosy|egg cosy|mug cosy|frying pan|milk pan|bread bin|biscuit tin|"
        "biscuit bin|ladle|colander|enamel|milk bottle|squeezer|jam jar|glass jar|storage jar|caddy|lunch box|"
        "snack box|food container|coffee container|utensil|tins?|cloche|flask|fridge magnet|washing up|"
        "napkin box|scales|popcorn|ice lolly|sugar|picnic|butter dish|jars?|charm(?:s)? cutlery|cheese|"
        "fruit bowl|glove double",
        "bathroom|first aid|plaster|in tin|incense|candle|candleholder|seaside|easter|cake tin|hair|fire bucket|"
        "watering|hanging jam|jar t-light|bath salt|poppy's|hairclip|cotton wool|picnic bag|sign|grow your own",
    ),
    CategoryRule(
        "garden-outdoor",
        "Garden & Outdoor",
        "garden|potting|plant|planter|watering|herb marker|gnome|windsock|hammock|thermometer|grow your own|"
        "bird ?box|birdhouse|bird house|chime|croquet|rounders|beach|seaside|sandcastle|fly swat|spade|secateurs|"
        "citronella|flying disc|pottering|cactus|cacti|bucket|water bomb|fork|trowel",
        "magic garden|garden path|hot water|plant candle|cottage garden|t-light|forked|love bucket|cacti candle|"
        "dinner candle|jigsaw|tree decoration",
    ),
    CategoryRule(
        "signs-doormats",
        "Signs & Doormats",
        "sign|doormat|door hanger|number tile|door ?stop|building block word|block letters|wood letters|"
        "painted letters",
    ),
    CategoryRule(
        "frames-clocks-mirrors",
        "Frames, Clocks & Mirrors",
        "frame|clock|mirror|mirrored wall art|photo album|photo clip|photo cube|photo shelf|wall art|print",
        "screen print|print paper|floral print|mirror magnet|mirror love bird|mirror mosaic|teatime print|"
        "compact mirror",
    ),
    CategoryRule(
        "furniture-hooks",
        "Furniture, Racks & Hooks",
        "cabinet|cupboard|chest|sideboard|chair|coat rack|shelf|newspaper stand|drawer knob|magazine rack|hook|"
        "plant ladder|wall tidy|hanger|letter rack",
        "door hanger|treasure chest|pirate|money bank|sign|sock hanger|storage hanger|photo shelf",
    ),
    CategoryRule(
        "storage",
        "Storage & Organisation",
        "storage|box|basket|organiser|tidy|bin|crate|drawer|nesting|tins?|container|rack|memo board|memo holder|"
        "peg bag|hangers?|recycling|clothes peg|flower peg|trinket|money (?:box|bank)|piggy bank|treasure chest|"
        "first aid tin|cases|card ?holder|key cabinet",
        "in gift box|display box|gift box|lunch box|snack box|cake cases?|four cases|drawer knob|boom box|"
        "pop box|matches|in box|incense|in tin|jewelled box|jewelled drawer|door hanger|cake tin|cup cake cases|"
        "basket of|paper boxes|candle|hook hanger|egg basket|easter|seaside|bird box|^box of|wooden box|"
        "chocolate box|panettone|tool box|cake stand",
    ),
    CategoryRule(
        "gift-wrap-cards",
        "Cards & Gift Wrap",
        "card|wrap|gift tag|gift tape|gift bag|gift box|ribbon|tissue ream|paper boxes|postcard|wrapping|invite|"
        "notelet|paper bag|metal tags?|envelope|panettone",
        "card ?holder|playing card|snap card|card game|kit cards|ribbons purse|seed envelope|(?:in|with) gift box",
    ),
    CategoryRule(
        "stationery",
        "Stationery",
        "notebook|journal|sketchbook|pen|pencil|stationery|eraser|rubbers?|ruler|calculator|writing set|"
        "address book|pocket book|book mark|sticker|stamp|tape|paperweight|calendar|chalk|chalkboard|memo board|"
        "crayon|notelet|sharpener|book ?cover|letter rack|black board|board|colouring|envelope",
        "measuring tape|tape measure|barrier tape|ironing board|party bag|doggy rubber|advent|longboard|"
        "seed envelope|rubber duck|gift tape|wrapping tape|height chart|wall sticker|recipe box",
    ),
    CategoryRule(
        "craft-sewing",
        "Craft & Sewing",
        "felt ?craft|sewing|knitting|craft|stencil|paint set|paint your own|make your own|pin cushion|"
        "tape measure|measuring tape|sew on|iron on|patches|modelling clay|card kit|repair kit|kit|filler pad|"
        "knitted|button box|twine|decoupage|chalk stick|scissor",
        "paper chain kit|notelet|hot water bottle|first aid|candle|egg cosy|mug cosy|throw|tins",
    ),
    CategoryRule(
        "toys-games",
        "Toys & Games",
        "toy|jigsaw|game|doll|teddy|puppet|marble|domino|ludo|bingo|skittle|skipping rope|spinning top|"
        "snakes & ladders|drawing slate|playing card|snap card|helicopter|glider|playhouse|alphabet block|"
        "creepy crawl(?:y|ies)|harmonica|dinosaur set|snake set|stress ball|rattle snake|pony|globe|monkey doll|"
        "space cadet|space frog|space owl|knitting nancy|heads and tails|colouring|croquet|rounders|"
        "modelling clay|paint set|jigsaw blocks|pirate|ninja rabbit|dolly pegs|doctor's bag|water bomb|crayon|"
        "chalk stick|catch cup|tool set|boom box|water transfer|flying disc|soldier|speaker|kit cards|monster|"
        "flower friends|felt farm|bubble gum|sticky bunnies",
        "money bank|toy tidy|soldiers egg|card party|jumbo bag",
    ),
    CategoryRule(
        "kids",
        "Children's Room",
        "children's|child's|baby|boys?|girls?|kids?|dolly girl|spaceboy|circus parade|nursery|toy tidy|"
        "height chart|charlie & lola|money (?:box|bank)|piggy bank|dinosaur|princess|fairy tale|alphabet",
        "baby boom|baby pink|geisha girl|lipstick|moody|keep out",
    ),
    CategoryRule(
        "party-celebration",
        "Party & Celebration",
        "party|balloon|bunting|birthday|garland|paper chain|honeycomb|confetti|celebration|candles? set|wedding|"
        "cone|paper cup|paper plate|straw|halloween|pennant|invite|cocktail|napkins?|pizza dish|valentine|"
        "glowing tiara|doil(?:y|ie)|water bomb",
        "incense|cup cake|napkin (?:ring|charm|box)|cotton napkin|party metal|necklace|heart garland rustic",
    ),
    CategoryRule(
        "textiles-soft-furnishings",
        "Textiles & Soft Furnishings",
        "cushion|throw|quilt|towel|table ?cloth|tea cosy|filler pad|curtain|cotton napkin|lavender scented|"
        "fabric heart|seat cushion|ironing board cover|flannel",
        "pin cushion",
    ),
    CategoryRule(
        "bathroom-wellbeing",
        "Bathroom & Wellbeing",
        "bath|bathroom|soap|shower|sponge|flannel|towel|toilet|washbag|wash bag|cosmetic|first aid|plaster|"
        "tissue|cotton wool|toothpaste|wash bowl|washroom|salle de bain|hot baths|hand towel|oil burner|"
        "dressing table|incense|lavender",
        "tea towel|tissue ream|sponge sticker|craft sticker|metal sign|french|toothpaste tube pen|birthday|poppy|"
        "candle|t-light|building",
    ),
    CategoryRule(
        DECORATION,
        "Home Decoration",
        "decoration|wreath|wicker|ornament|vase|birdcage|trinket|flying duck|wall|hanging|rose large|rose small|"
        "porcelain|garland|mobile|trellis|filigree|filigris|clam shell|cockle shell|hand open|antique|folkart|"
        "zinc|tile|brocante|mushroom|toadstool|stones|gems|glitter|slate|acrylic|rustic|metal chicken|beaded|"
        "bird|spiral|geisha|paper flowers|magnet|fan|feather|netting|ashtray|radio|paper parasol|love bucket|"
        "painted metal|butterfl(?:y|ies)|icicle|droplet|baroque|glass heart|christmas tree|wood|mirror|knob",
        "wood stamp",
    ),
    CategoryRule(
        FALLBACK,
        "Gifts & Curiosities",
        "(?!)",
    ),
)

# Patterns and characters shoppers look for; a tag is the slug.
MOTIFS = (
    "babushka", "baroque", "charlie & lola", "circus parade", "dinosaur", "dolly girl", "english rose",
    "fairy cake", "feltcraft", "folkart", "gingham", "i love london", "lovebird", "paisley", "polkadot",
    "poppy's playhouse", "regency", "retrospot", "skull", "spaceboy", "suki", "sweetheart", "toadstool",
    "tutti frutti", "union jack", "victorian", "vintage", "woodland", "zinc",
)  # fmt: skip

_PATTERNS = tuple(
    (shelf.slug, re.compile(rf"\b(?:{shelf.words})(?:s|es)?\b"), re.compile(rf"\b(?:{shelf.never})(?:s|es)?\b"))
    for shelf in SHELVES
)


def categories_of(name: str) -> tuple[str, ...]:
    """One to three slugs, the most specific first; `gifts` for a name that matches none."""
    text = name.lower()
    found = [slug for slug, words, never in _PATTERNS if words.search(text) and not never.search(text)]
    if DECORATION in found and not set(found) - {DECORATION} <= _DECORATIVE:
        found.remove(DECORATION)
    return tuple(found[:MOST_CATEGORIES]) or (FALLBACK,)


def motif_tags(names: str) -> tuple[str, ...]:
    """Tags for the patterns named, in the order of the alphabet. `names` may be several names in one text."""
    text = names.lower()
    return tuple(re.sub(r"[^a-z]+", "-", motif.replace("'s", "s")) for motif in MOTIFS if motif in text)
