"""Words in the names of columns, and what they say the column is."""

from __future__ import annotations

import re
from collections.abc import Iterable

__all__ = [
    "CALENDAR",
    "CHANNEL",
    "CONTROL",
    "DATE",
    "EXPOSURE",
    "GROUP",
    "INITIALS",
    "MEDIA",
    "RESPONSE",
    "SPEND",
    "has_word",
    "words_of",
]

# fmt: off
DATE = (
    "date", "week", "month", "day", "year", "period", "time", "ds", "datum", "woche", "monat", "jahr",
    "tag", "wk"
)
"""A date column, the surest word first."""

RESPONSE = (
    "revenue", "sales", "orders", "conversions", "kpi", "response", "target", "turnover", "bookings",
    "transactions", "signups", "sign", "leads", "subscriptions", "customers", "units", "volume",
    "purchases", "installs", "gmv", "umsatz", "bestellungen", "ventes", "y"
)
"""A response, the surest word first."""

CONTROL = (
    "price", "prices", "preis", "prix", "competitor", "competitors", "promo", "promotion", "promotions",
    "aktion", "aktionstage", "discount", "rabatt", "temperature", "temp", "weather", "wetter", "rain",
    "holiday", "holidays", "feiertage", "event", "events", "unemployment", "inflation", "index",
    "distribution", "newsletter", "organic", "stock", "trend", "b"
)
"""What moves the response besides spend; ``b`` is the ending that Robyn gives a baseline column."""

SPEND = (
    "spend", "spends", "cost", "costs", "budget", "investment", "media", "adspend", "kosten", "ausgaben",
    "s"
)
"""Money; ``s`` is the ending that Robyn gives a spend column."""

MEDIA = (
    "tv", "television", "fernsehen", "radio", "audio", "podcast", "podcasts", "ooh", "outdoor", "home", "billboard",
    "billboards", "plakat", "plakate", "print", "press", "presse", "newspaper", "newspapers", "zeitung", "magazine",
    "cinema", "kino", "search", "suche", "sem", "ppc", "shopping", "social", "facebook", "meta",
    "instagram", "tiktok", "snapchat", "pinterest", "linkedin", "twitter", "display", "programmatic",
    "video", "vod", "ctv", "youtube", "google", "bing", "amazon", "email", "affiliate", "affiliates",
    "influencer", "influencers", "direct", "advertising", "werbung", "ads", "ad"
)
"""A channel, though nothing says that the column holds money."""

EXPOSURE = (
    "impressions", "impression", "clicks", "click", "views", "grp", "grps", "reach", "sessions", "visits",
    "i", "p"
)
"""What spend bought, not the spend; ``i`` and ``p`` are the endings of Robyn."""

GROUP = (
    "region", "market", "country", "brand", "area", "state", "city", "store", "group", "dma", "geo", "product",
    "land", "gebiet", "markt", "marke", "filiale", "pays", "marque"
)
"""A region or brand, the surest word first."""

CHANNEL = ("channel", "channels", "medium", "kanal", "canal", "platform", "vendor")
"""The channel that a row is about, in the long layout."""

CALENDAR = ("t", "week", "month", "day", "quarter", "year", "dayofyear", "weekofyear", "dow", "weekday")
"""A count of time."""

INITIALS = ("tv", "ooh", "sem", "ppc", "vod", "ctv", "kpi", "gmv")
"""Words that are initials."""
# fmt: on


def words_of(name: str) -> list[str]:
    """Return the words of a column's name in small letters.

    Examples
    --------
    >>> words_of("tv_S"), words_of("paidSearch"), words_of("TV spend")
    (['tv', 's'], ['paid', 'search'], ['tv', 'spend'])
    """
    parted = re.sub(r"(?<=[a-z])(?=[A-Z])", " ", name)
    return re.findall(r"[^\W\d_]+", parted.casefold())


def has_word(name: str, known: Iterable[str]) -> bool:
    """Return whether one of the ``known`` words stands in a column's name."""
    return not set(words_of(name)).isdisjoint(known)
