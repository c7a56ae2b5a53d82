"""Every sentence of a spend report, and the rules they keep.

- No figure without its interval, and the interval states its level.
- A bend whose interval is open, reaches 0 or leaves the spend seen is not printed: the data do not show it.
- A plan above the most ever spent is flagged. A channel with weak evidence is said to have weak evidence.
- A plan that beats the current one in less than 80% of resamples is one to test, not one to move to.
"""

from mixcurve.report.wording.channel import (
    NO_BEND,
    bend_sentence,
    channel_sentences,
    channel_title,
    channels_title,
    plan_sentence,
    response_sentence,
)
from mixcurve.report.wording.data import (
    caveats,
    currency_of,
    data_title,
    fit_sentences,
    period_of,
    range_columns,
    rows_of,
)
from mixcurve.report.wording.decision import (
    OBSERVATIONAL,
    SURE,
    decision_title,
    fit_headline,
    headline,
    hidden_bends,
    is_sure,
    unknowns,
)
from mixcurve.report.wording.figures import (
    changes_alt,
    changes_caption,
    changes_title,
    curve_alt,
    curve_caption,
    history_alt,
    history_caption,
    history_title,
    marginals_alt,
    marginals_caption,
    marginals_title,
)
from mixcurve.report.wording.plan import (
    certificate_sentences,
    change_cell,
    grade_cell,
    plan_cell,
    plan_columns,
    plan_note,
    plan_title,
    span_cell,
)

__all__ = [
    "NO_BEND",
    "OBSERVATIONAL",
    "SURE",
    "bend_sentence",
    "caveats",
    "certificate_sentences",
    "change_cell",
    "changes_alt",
    "changes_caption",
    "changes_title",
    "channel_sentences",
    "channel_title",
    "channels_title",
    "currency_of",
    "curve_alt",
    "curve_caption",
    "data_title",
    "decision_title",
    "fit_headline",
    "fit_sentences",
    "grade_cell",
    "headline",
    "hidden_bends",
    "history_alt",
    "history_caption",
    "history_title",
    "is_sure",
    "marginals_alt",
    "marginals_caption",
    "marginals_title",
    "period_of",
    "plan_cell",
    "plan_columns",
    "plan_note",
    "plan_sentence",
    "plan_title",
    "range_columns",
    "response_sentence",
    "rows_of",
    "span_cell",
    "unknowns",
]
