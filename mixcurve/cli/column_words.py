"""Words in the names of columns, and what they say the column is."""

from __future__ import annotations

__all__ = ["CALENDAR", "CONTROL", "DATE", "EXPOSURE", "INITIALS", "MEDIA", "RESPONSE", "SPEND"]

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
    "tv", "television", "fernsehen", "radio", "audio", "ooh", "outdoor", "home", "billboard", "billboards",
    "plakat", "plakate", "print", "press", "presse", "newspaper", "newspapers", "zeitung", "magazine",
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

CALENDAR = ("t", "week", "month", "day", "quarter", "year", "dayofyear", "weekofyear", "dow", "weekday")
"""A count of time."""

INITIALS = ("tv", "ooh", "sem", "ppc", "vod", "ctv", "kpi", "gmv")
"""Words that are initials."""
