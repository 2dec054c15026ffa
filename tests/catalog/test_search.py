"""Search of products: matches, order, truncation, and inputs of any kind."""

from __future__ import annotations

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from domain import catalog
from domain.catalog.commands import CreateProduct, VariantInput
from domain.catalog.search import SEARCH
from domain.kernel.database import Database
from domain.kernel.errors import MalformedRequest
from domain.kernel.listing import Matches, Page, Query
from domain.kernel.listing.paging import Window
from domain.kernel.listing.word_search import MAX_SEARCH_MATCHES
from domain.kernel.money import Money
from domain.kernel.principal import Principal
from domain.kernel.sql.word_index import words_of
from tests.catalog.conftest import Update
from tests.conftest import Do, MakeProduct, Shop
from tests.examples import examples


async def search(database: Database, principal: Principal, text: str, **query: object) -> Page:
    async with database.read_connection(principal.store) as reader:
        return await catalog.reads.products.page(reader, Query(search=text, **query), counted=True)  # type: ignore[arg-type]


async def names(database: Database, shop: Shop, text: str) -> list[str]:
    return [row.name for row in (await search(database, shop.live, text)).rows]


async def ranked(database: Database, shop: Shop, text: str) -> dict[str, int]:
    return {row.name: row.rank for row in (await search(database, shop.live, text)).rows}


async def many(database: Database, principal: Principal, commands: list[CreateProduct]) -> None:
    for start in range(0, len(commands), 500):  # short transactions: a busy machine takes its time
        async with database.transaction(principal) as work:
            await catalog.create_products(work, principal, commands[start : start + 500])


def product(name: str, sku: str, *skus: str) -> CreateProduct:
    variants = {"variants": tuple(VariantInput(sku=each) for each in skus)} if skus else {}
    return CreateProduct(name=name, sku=sku, price=Money(100, "GBP"), **variants)  # type: ignore[arg-type]


def test_words_are_folded_runs_of_letters_and_digits() -> None:
    assert words_of("The Café's RED-mug_2, ｆｕｌｌ Straße ١٢") == {
        "the",
        "cafe",
        "s",
        "red",
        "mug",
        "2",
        "full",
        "strasse",
        "١٢",
    }
    assert words_of("x" * 300) == {"x" * 64}
    assert words_of("-_/ … 😀 ") == set()


async def test_the_sku_itself_comes_first_then_the_name_then_beginnings_then_words(
    database: Database, shop: Shop
) -> None:
    await many(
        database,
        shop.live,
        [
            product("Big mugs here", "S-1"),
            product("Big mug", "S-2"),
            product("Mug", "S-3"),
            product("Mug with handle", "S-4"),
            product("Sku product", "MUG"),
            product("Sku of a variant begins", "S-5", "MUG-LARGE"),
            product("Nothing", "S-6"),
        ],
    )
    assert await ranked(database, shop, "mug") == {
        "Sku product": 0,
        "Mug": 1,
        "Mug with handle": 2,
        "Sku of a variant begins": 2,
        "Big mug": 3,
        "Big mugs here": 4,
    }
    ranks = list((await ranked(database, shop, "mug")).values())
    assert ranks == sorted(ranks)


@pytest.mark.parametrize(
    "text", ["MUG", " mug ", "ＭＵＧ", "mu", "m", "mug,", "red mug", "MUG red", "re mu", "red, (mug)!"]
)
async def test_words_and_their_beginnings_are_found_whatever_case_order_and_punctuation(
    database: Database, shop: Shop, make_product: MakeProduct, text: str
) -> None:
    await make_product(name="Red mug")
    await make_product(name="Blue plate")
    assert await names(database, shop, text) == ["Red mug"]


@pytest.mark.parametrize("text", ["ug", "red plate", "mugs", "reds", "red mug plate", "xyz"])
async def test_every_word_must_be_there_from_its_beginning(
    database: Database, shop: Shop, make_product: MakeProduct, text: str
) -> None:
    await make_product(name="Red mug")
    await make_product(name="Blue plate")
    assert await names(database, shop, text) == []


async def test_whole_words_rank_before_beginnings_whichever_word_is_rare(database: Database, shop: Shop) -> None:
    await many(
        database,
        shop.live,
        [
            product("The red muggle", "A"),
            product("The red mug", "B"),
            product("A mug", "C"),
            product("Another mug", "D"),
            product("A reddish mug", "E"),
        ],
    )
    assert await ranked(database, shop, "mug red") == {"The red mug": 3, "The red muggle": 4, "A reddish mug": 4}


@pytest.mark.parametrize("sku", ["HEAD-001", "head-001", "HEAD 001", "001", "head-0", "blue-9"])
async def test_a_sku_of_product_or_variant_finds_the_product(
    database: Database, shop: Shop, make_product: MakeProduct, sku: str
) -> None:
    found = await make_product(name="Headphones", sku="HEAD-001", variants=(VariantInput(sku="BLUE-9"),))
    await make_product(name="Other")
    assert [row.id for row in (await search(database, shop.live, sku)).rows] == [found.id]


async def test_a_sku_without_letters_and_digits_is_found_too(
    database: Database, shop: Shop, make_product: MakeProduct
) -> None:
    await make_product(name="Dashed", sku="--*--")
    await make_product(name="Other")
    assert await names(database, shop, "--*--") == ["Dashed"]
    assert await names(database, shop, "--*") == ["Dashed"]
    assert await names(database, shop, "**") == []


async def test_search_follows_every_change_of_name_and_sku(
    database: Database, shop: Shop, make_product: MakeProduct, update: Update, do: Do
) -> None:
    made = await make_product(name="Red mug", sku="OLD", variants=(VariantInput(sku="V-OLD"), VariantInput(sku="GOES")))
    await update(made, name="Blue cup", sku="NEW")
    await do(catalog.update_variant, product_id=made.id, id=made.variants[0].id, sku="V-NEW")
    await do(catalog.remove_variant, product_id=made.id, id=made.variants[1].id)
    for text in ("red", "mug", "red mug", "old", "v-old", "goes"):
        assert await names(database, shop, text) == []
    for text in ("blue", "cup", "blue cup", "new", "v-new"):
        assert await names(database, shop, text) == ["Blue cup"]


async def test_another_stores_products_are_not_found(database: Database, shop: Shop, make_product: MakeProduct) -> None:
    await make_product(shop.test, name="Red mug")
    assert await names(database, shop, "red") == []


async def test_matches_can_be_filtered_sorted_counted_and_paged(database: Database, shop: Shop) -> None:
    commands = [product(f"Mug {letter}", f"S-{letter}") for letter in "edcba"]
    await many(database, shop.live, [*commands, product("Plate", "P")])
    first = await search(database, shop.live, "mug", sort="name", window=Window(limit=2))
    assert ([row.name for row in first.rows], first.total, first.has_next) == (["Mug a", "Mug b"], 5, True)
    seen = [row.name for row in first.rows]
    page = first
    while page.has_next:
        window = Window(limit=2, cursor=page.cursor(page.rows[-1]))
        page = await search(database, shop.live, "mug", sort="name", window=window)
        seen += [row.name for row in page.rows]
    assert seen == [f"Mug {letter}" for letter in "abcde"]


async def test_a_search_by_rank_is_paged_without_skips_or_repeats(database: Database, shop: Shop) -> None:
    await many(
        database,
        shop.live,
        [product(name, f"S-{n}") for n, name in enumerate(["Mug", "A mug", "Mugs", "My mug", "Mug", "A mugful"])],
    )
    whole = [row.id for row in (await search(database, shop.live, "mug")).rows]
    assert len(whole) == 6
    seen: list[str] = []
    window = Window(limit=1)
    while True:
        page = await search(database, shop.live, "mug", window=window)
        seen += [row.id for row in page.rows]
        if not page.has_next:
            break
        window = Window(limit=1, cursor=page.cursor(page.rows[-1]))
    assert seen == whole


async def test_a_search_that_saw_everything_does_not_say_it_was_cut(database: Database, shop: Shop) -> None:
    # Three words of each product stand together in the index: it has more entries than products.
    commands = [product(f"Z{n:03}a Z{n:03}b Z{n:03}c", f"S-{n}") for n in range(900)]
    await many(database, shop.live, commands)
    page = await search(database, shop.live, "z")
    assert (page.total, page.search_truncated) == (900, False)


async def test_a_search_sees_at_most_2000_matches_the_best_first_and_says_so(database: Database, shop: Shop) -> None:
    await many(database, shop.live, [product(f"A mug {number}", f"S-{number}") for number in range(MAX_SEARCH_MATCHES)])
    page = await search(database, shop.live, "mug")
    assert (page.total, page.search_truncated) == (MAX_SEARCH_MATCHES, False)
    await many(database, shop.live, [product("Mug", "LATE-1"), product("By its SKU", "MUG")])
    page = await search(database, shop.live, "mug", window=Window(limit=2))
    assert (page.total, page.search_truncated) == (MAX_SEARCH_MATCHES, True)
    assert [(row.name, row.rank) for row in page.rows] == [("By its SKU", 0), ("Mug", 1)]
    narrow = await search(database, shop.live, "mug 17")
    assert (narrow.search_truncated, narrow.total) == (False, 111)


ODD = [
    *("", " ", "%", "_", "'", "\\", "mug' OR 1=1 --", "\U0010ffff", "*:&|!()<->", "😀", "ﷺ" * 255, "a" * 255),
    *("a b c d e f g h i j k l", "\u202e", "İ", "ß", "\u0301", "\t\n", "٣"),
]


@pytest.mark.parametrize("text", ODD, ids=range(len(ODD)))
async def test_odd_input_finds_nothing_and_never_fails(
    database: Database, shop: Shop, make_product: MakeProduct, text: str
) -> None:
    await make_product(name="Red mug")
    page = await search(database, shop.live, text)
    assert (page.rows, page.total, page.search_truncated) == ([], 0, False)


@pytest.mark.parametrize("text", ["\x00", "mug\x00", "\ud800", "mug \udfff", "a" * 256, "\u0345" * 100_000])
async def test_what_is_no_text_cannot_be_searched_for(database: Database, shop: Shop, text: str) -> None:
    with pytest.raises(MalformedRequest):
        await search(database, shop.live, text)


@given(text=st.text(st.characters(codec="utf-8", exclude_characters="\x00"), max_size=40))
@settings(max_examples=examples(60), suppress_health_check=[HealthCheck.function_scoped_fixture])
async def test_any_text_can_be_searched_for(database: Database, shop: Shop, text: str) -> None:
    async with database.read_connection(shop.live.store) as reader:
        assert await SEARCH.find(reader, text) == Matches([], [], cut=False)


@example(name="\u00af")  # a macron that stands alone: nothing is left of it without its accent
@example(name="\u00b4\u0301")
@given(
    name=st.text(st.characters(codec="utf-8", exclude_characters="\x00"), min_size=1, max_size=255).filter(str.strip)
)
@settings(max_examples=examples(40), suppress_health_check=[HealthCheck.function_scoped_fixture])
async def test_any_name_is_found_by_itself(
    database: Database, shop: Shop, make_product: MakeProduct, name: str
) -> None:
    made = await make_product(name=name.strip())
    async with database.read_connection(shop.live.store) as reader:
        matches = await SEARCH.find(reader, made.name)
    assert made.id in matches.ids
    assert min(matches.ranks) <= 1
