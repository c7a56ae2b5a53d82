"""The linear side of a media mix: level, trend, season, holidays, events and controls as columns."""
