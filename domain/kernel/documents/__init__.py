"""Declared documents: what REST and webhooks write of an object, declared once.

``members``: members of one column. ``composed_members``: those of other documents and of related rows. ``document``:
the class of declared documents, written from rows and snapshots. ``json_formats``: how PostgreSQL writes their values.
``document_reads``: the documents of reads and lists. ``shared_members``: those of all areas.
"""

from domain.kernel.documents.composed_members import (
    ComputedMember,
    DerivedListMember,
    DerivedMember,
    FoundListMember,
    FoundMember,
    ManyMember,
    ObjectMember,
    OneMember,
    StoredMember,
    WrittenMember,
)
from domain.kernel.documents.document import Document
from domain.kernel.documents.members import (
    AmountMember,
    BooleanMember,
    CurrencyMember,
    DecimalMember,
    EnumMember,
    InstantMember,
    IntegerMember,
    JsonMember,
    Member,
    NumberTextMember,
    TextListMember,
    TextMember,
)

__all__ = [
    "AmountMember",
    "BooleanMember",
    "ComputedMember",
    "CurrencyMember",
    "DecimalMember",
    "DerivedListMember",
    "DerivedMember",
    "Document",
    "EnumMember",
    "FoundListMember",
    "FoundMember",
    "InstantMember",
    "IntegerMember",
    "JsonMember",
    "ManyMember",
    "Member",
    "NumberTextMember",
    "ObjectMember",
    "OneMember",
    "StoredMember",
    "TextListMember",
    "TextMember",
    "WrittenMember",
]
