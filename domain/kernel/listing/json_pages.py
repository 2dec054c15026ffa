"""Pages of lists of a row's own, written as JSON in the statement that reads the row.

What the text of the statement depends on (which filters, which sort, whether from a cursor) is known with each request:
the page has a number, and the builder the shape of each number. Its parameters have names with that number.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import Enum
from typing import Any, NamedTuple, cast

from sqlalchemy import (
    BigInteger,
    BindParameter,
    ColumnElement,
    FromClause,
    Integer,
    Numeric,
    Select,
    Text,
    and_,
    bindparam,
    case,
    extract,
    false,
    func,
    literal_column,
    select,
    true,
)
from sqlalchemy import cast as cast_as
from sqlalchemy.dialects.postgresql import ARRAY, TIMESTAMP, aggregate_order_by
from sqlalchemy.sql.visitors import replacement_traverse

from domain.kernel.errors import DomainError
from domain.kernel.listing.nested import NestedListing
from domain.kernel.listing.query import PageShape, Query
from domain.kernel.reads.found_rows import EMPTY_LIST
from domain.kernel.reads.json_objects import JsonConstant, JsonExpression, JsonRow, JsonSqlBuilder, RowColumns
from domain.kernel.reads.json_sql import NotPushableError, column_of, failure, word_literal
from domain.kernel.sql.executor import Executor
from domain.kernel.sql.statements import OF_EXECUTOR

_PARENT = "parent"


class PageMember(Enum):
    """Members of a page, of its information and of its edges."""

    TOTAL_COUNT = "total_count"
    SEARCH_TRUNCATED = "search_truncated"
    """Never: lists of a row are not searched."""
    HAS_NEXT = "has_next_page"
    HAS_PREVIOUS = "has_previous_page"
    START_CURSOR = "start_cursor"
    END_CURSOR = "end_cursor"
    CURSOR = "cursor"


@dataclass(frozen=True, slots=True)
class PageRows:
    """The rows as a list of objects; in ``edges``, one of them."""

    members: JsonRow


@dataclass(frozen=True, slots=True)
class PageObjects:
    """An object of such members; with ``each``, one for each row."""

    members: PageFields
    each: bool


class ShapeOfPage(NamedTuple):
    """All that the SQL text of a page depends on."""

    page: PageShape
    is_backwards: bool
    """Whether the rows are read from the end of the list."""


PageQuery = tuple[NestedListing, Query]
PagePart = JsonConstant | PageMember | PageRows | PageObjects
PageFields = tuple[tuple[str, PagePart], ...]


@dataclass(frozen=True, slots=True)
class JsonPage(JsonExpression):
    """The page of ``nested`` for the row's ``key``, whose shape has this number."""

    nested: NestedListing
    key: str
    number: int
    parts: PageFields

    def refusals(self, row: RowColumns) -> Iterable[tuple[str, ColumnElement[bool]]]:
        """Null as the key."""
        yield self.key, column_of(row, self.key).is_(None)

    def sql(self, row: RowColumns, builder: JsonSqlBuilder) -> ColumnElement[Any]:
        """The page, as an object."""
        (plain,) = default_shapes([self.nested])
        shape = cast(ShapeOfPage, builder.pages[self.number]) if builder.pages else plain
        return _PageWriter(self, shape, column_of(row, self.key), builder).page()


_WITHOUT_ROWS = (PageMember.TOTAL_COUNT, PageMember.SEARCH_TRUNCATED)


class PageRefusedError(Exception):
    """A page of a row's own cannot be read as it is asked for; whether anybody is told depends on there being a row."""


class PreparedPages(NamedTuple):
    """The shapes of the pages of a statement, by their numbers, and its parameters for them."""

    shapes: tuple[ShapeOfPage, ...]
    values: Mapping[str, Any]


async def prepare_pages(db: Executor, queries: Sequence[PageQuery]) -> PreparedPages:
    """Prepare the queries for the database. Raises PageRefusedError."""
    shapes: list[ShapeOfPage] = []
    values: dict[str, Any] = {}
    for number, (nested, query) in enumerate(queries):
        try:
            prepared = await nested.listing.prepare(db, query)
        except DomainError as refused:
            raise PageRefusedError(nested.name) from refused
        shapes.append(ShapeOfPage(prepared.shape, query.window.backwards))
        values |= {_numbered(number, name): value for name, value in prepared.values.items()}
        values[_numbered(number, "fingerprint")] = prepared.fingerprint
    return PreparedPages(tuple(shapes), values)


def default_shapes(pages: Sequence[NestedListing]) -> tuple[ShapeOfPage, ...]:
    """The shapes of the first pages of these lists, without filters, in the default order."""
    return tuple(ShapeOfPage(page.listing.default_shape, is_backwards=False) for page in pages)


class _PageWriter:
    """Writes the page of one parent."""

    def __init__(self, page: JsonPage, shape: ShapeOfPage, parent: ColumnElement[Any], builder: JsonSqlBuilder) -> None:
        self._page, self._parent, self._builder = page, parent, builder
        self._shape, self._is_backwards = shape
        self._rows = self._rows_of_parent()
        columns = self._rows.c
        self._sort = columns[page.nested.listing.sort_column(self._shape.sort).name]
        # The extra row of a page only shows that there are more.
        self._shown = columns.place < self._parameter("limit")

    def page(self) -> ColumnElement[Any]:
        """The object."""
        statement = select(self._object(self._page.parts))
        if any(not isinstance(part, JsonConstant) and part not in _WITHOUT_ROWS for _, part in self._page.parts):
            statement = statement.select_from(self._rows).having(true())  # one object, also where nothing is aggregated
        made: ColumnElement[Any] = statement.scalar_subquery().correlate(self._table)
        return made

    @property
    def _table(self) -> FromClause:
        """The rows that the page belongs to."""
        return cast(FromClause, cast(Any, self._parent).table)

    def _rows_of_parent(self) -> FromClause:
        """The rows of the page and one more, with their place from 1."""
        rows = self._own(self._page.nested.page_statement(self._shape, bindparam(_PARENT, type_=Text())))
        found = rows.correlate(self._table).subquery(self._builder.name())
        key, id = found.c[self._page.nested.listing.sort_column(self._shape.sort).name], found.c.id
        order = (key.desc(), id.desc()) if self._shape.descending_scan else (key, id)
        place = func.row_number().over(order_by=order).label("place")
        return select(*found.c, place).subquery(self._builder.name())

    def _own(self, statement: Select[Any]) -> Select[Any]:
        """The statement for this parent, its parameters under names with the number of the page."""
        return cast(Select[Any], replacement_traverse(statement, {}, self._renaming()))

    def _renaming(self) -> Callable[..., Any]:
        def renamed(element: Any, **_: Any) -> Any:
            if not isinstance(element, BindParameter) or element.key in OF_EXECUTOR:
                return None
            return self._parent if element.key == _PARENT else self._parameter(element.key, element.type)

        return renamed

    def _parameter(self, name: str, type_: Any = None) -> ColumnElement[Any]:
        return bindparam(_numbered(self._page.number, name), type_=BigInteger() if type_ is None else type_)

    def _object(self, parts: PageFields, *, each: bool = False) -> ColumnElement[Any]:
        pairs = [part for key, value in parts for part in (word_literal(key), self._part(value, each=each))]
        return func.json_build_object(*pairs)

    def _part(self, part: PagePart, *, each: bool) -> ColumnElement[Any]:
        match part:
            case JsonConstant(text):
                return word_literal(text)
            case PageRows(members):
                row = self._builder.object(members, self._rows.c)
                return row if each else self._listed(row)
            case PageObjects(members, True):
                return self._listed(self._object(members, each=True))
            case PageObjects(members, _):
                return self._object(members)
            case PageMember():
                return self._member(part)

    def _listed(self, item: ColumnElement[Any]) -> ColumnElement[Any]:
        """One item for each row, in the order of the list."""
        listed = func.json_agg(aggregate_order_by(item, self._place(self._is_backwards)))
        return func.coalesce(listed.filter(self._shown), EMPTY_LIST)

    def _place(self, descending: bool) -> ColumnElement[Any]:
        place: ColumnElement[Any] = self._rows.c.place
        return place.desc() if descending else place.asc()

    def _member(self, member: PageMember) -> ColumnElement[Any]:
        more = func.count() >= self._parameter("limit")
        elsewhere = true() if self._shape.from_cursor else false()
        match member:
            case PageMember.TOTAL_COUNT:
                return self._total()
            case PageMember.SEARCH_TRUNCATED:
                return false()
            case PageMember.HAS_NEXT:
                return elsewhere if self._is_backwards else more
            case PageMember.HAS_PREVIOUS:
                return more if self._is_backwards else elsewhere
            case PageMember.START_CURSOR:
                return self._first_cursor(descending=self._is_backwards)
            case PageMember.END_CURSOR:
                return self._first_cursor(descending=not self._is_backwards)
            case PageMember.CURSOR:
                return self._cursor()

    def _total(self) -> ColumnElement[Any]:
        counted = self._page.nested.count_statement(self._shape, bindparam(_PARENT, type_=Text()))
        found: ColumnElement[Any] = self._own(counted).scalar_subquery().correlate(self._table)
        return found

    def _first_cursor(self, *, descending: bool) -> ColumnElement[Any]:
        cursors = func.array_agg(aggregate_order_by(self._cursor(), self._place(descending)), type_=ARRAY(Text))
        first: ColumnElement[Any] = cast(Any, cursors.filter(self._shown))[1]
        return first

    def _cursor(self) -> ColumnElement[Any]:
        """As ``paging.write_cursor``. Fails where the sort key is null."""
        fingerprint, id = self._parameter("fingerprint", Text()), self._rows.c.id
        head = literal_column("'c1~'", Text).concat(fingerprint).concat(literal_column("'~'", Text))
        whole = head.concat(_key_text(self._sort)).concat(literal_column("'~'", Text)).concat(id)
        return case((and_(self._sort.is_not(None), id.is_not(None)), whole), else_=cast_as(failure(id), Text))


def _key_text(key: ColumnElement[Any]) -> ColumnElement[Any]:
    """The sort key as text: times in milliseconds. Raises NotPushableError."""
    if isinstance(key.type, TIMESTAMP) and key.type.precision == 3:
        return cast_as(cast_as(extract("epoch", key) * literal_column("1000", Numeric), BigInteger), Text)
    if isinstance(key.type, Integer):
        return cast_as(key, Text)
    if isinstance(key.type, Text):
        return key
    raise NotPushableError(f"cursors of {key.type!r}")


def _numbered(number: int, name: str) -> str:
    return f"page_{number}_{name}"
