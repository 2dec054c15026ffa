"""Which warehouse is nearest to where something shall go."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from domain.inventory.regions import UNKNOWN, region_of
from domain.kernel.validation import fold


@dataclass(frozen=True, slots=True)
class Place:
    """Somewhere on earth, as far as stock cares."""

    country: str | None
    """ISO 3166-1 alpha-2."""
    state: str | None = None


@dataclass(frozen=True, slots=True)
class Site:
    """A warehouse, as far as nearness goes."""

    id: str
    place: Place
    is_default: bool
    created_at: datetime

    def rank(self, near: Place | None) -> tuple[int, bool, datetime, str]:
        """Orders sites, the nearest first: same state, same country, same region, elsewhere; among equals the
        default one, then the oldest.
        """
        return (_distance(self.place, near), not self.is_default, self.created_at, self.id)


def _distance(place: Place, near: Place | None) -> int:
    if near is None or not near.country or not place.country:
        return 3
    if place.country.upper() == near.country.upper():
        return 0 if place.state and near.state and fold(place.state) == fold(near.state) else 1
    region = region_of(place.country)
    return 2 if region == region_of(near.country) != UNKNOWN else 3
