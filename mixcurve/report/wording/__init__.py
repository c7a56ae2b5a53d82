"""Every sentence of a spend report, and the rules they keep.

- No figure without its interval, and the interval states its level.
- A bend whose interval is open, reaches 0 or leaves the spend seen is not printed: the data do not show it.
- A plan above the most ever spent is flagged. A channel with weak evidence is said to have weak evidence.
- A plan that beats the current one in less than 80% of resamples is one to test, not one to move to.
"""

from mixcurve.report.wording.channel import *
from mixcurve.report.wording.data import *
from mixcurve.report.wording.decision import *
from mixcurve.report.wording.figures import *
from mixcurve.report.wording.plan import *
