"""Lists whose rows the database writes as objects."""

from __future__ import annotations

import copy
from collections import OrderedDict
from collections.abc import Callable
from typing import Any, cast

from sqlalchemy import BigInteger, BindParameter, Select, bindparam, literal_column, select
from sqlalchemy.sql.visitors import replacement_traverse

from domain.kernel.listing.listing import Listing
from domain.kernel.listing.paging import Window
from domain.kernel.listing.query import PageShape, PreparedQuery
from domain.kernel.reads.json_objects import JsonFields, json_object
from domain.kernel.sql.executor import CompiledStatement, compile_select

MAX_CACHED_SHAPES = 16
"""Statements of one list that are remembered."""
ROUNDED_LIMITS = (11, 51, 201)
"""Rows of a page and one more, as far as statements differ by them: a page of 60 is planned as one of 200."""


class JsonListing(Listing):
    """``listing``, with each row as an object in the column ``document``."""

    _shapes: OrderedDict[tuple[PageShape, int, int], CompiledStatement]
    _members: JsonFields
    _placed: bool

    @classmethod
    def of(cls, listing: Listing, members: JsonFields, *, placed: bool) -> JsonListing:
        """The same list, with rows written as JSON; ``placed``: with the values of their cursors. Raises
        NotPushableError.
        """
        made = cls.__new__(cls)
        vars(made).update(vars(copy.copy(listing)))
        made._members, made._placed, made._shapes = members, placed, OrderedDict()
        json_object(members, listing.columns)
        return made

    def _compiled(self, prepared: PreparedQuery, window: Window) -> CompiledStatement:
        """The statement: a limit of LIMITS is written out in its page, since what is planned without knowing it is
        planned for a tenth of the table; the one that was asked for is a value around it, at which reading stops."""
        limit = next((each for each in ROUNDED_LIMITS if each >= prepared.values["limit"]), prepared.values["limit"])
        key = (prepared.shape, limit, window.offset)
        known = self._shapes.get(key)
        if known is None:
            numbers = {"limit": limit, "offset": prepared.values["offset"]}
            page = cast(
                Select[Any], replacement_traverse(self.per_value_statement(prepared.shape), {}, _in_numbers(numbers))
            )
            known = self._shapes[key] = compile_select(self._written(page, prepared.shape), f"{self.name}_written")
            if len(self._shapes) > MAX_CACHED_SHAPES:
                self._shapes.popitem(last=False)
        self._shapes.move_to_end(key)
        return known

    def _written(self, page: Select[Any], shape: PageShape) -> Select[Any]:
        rows = page.subquery("page")
        key, id = rows.c[self.sort_column(shape.sort).name], rows.c.id
        order = (key.desc(), id.desc()) if shape.descending_scan else (key, id)
        place = (id, key) if self._placed else ()
        asked = bindparam("limit", type_=BigInteger())
        return select(*place, json_object(self._members, rows.c)).order_by(*order).limit(asked)


def _in_numbers(numbers: dict[str, int]) -> Callable[..., Any]:
    def replace(element: Any, **_: Any) -> Any:
        if isinstance(element, BindParameter) and element.key in numbers:
            return literal_column(str(int(numbers[element.key])), element.type)
        return None

    return replace
