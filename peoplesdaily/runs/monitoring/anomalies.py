"""Whether a figure is anomalous, judged from earlier ones: pure functions, no clock, no files.

Every rule asks for two things at once: that chance alone would bring such a figure less than once
in a million looks (``RARE``), and that it differs by enough to matter. Hourly runs of fifteen
sections look some hundred thousand times a year.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from statistics import fmean, median

RARE = 1e-6
"""How likely a figure may at most be, were all as usual, for it to count as anomalous."""
LEAST_WINDOWS = 3
"""Earlier windows of the same weekday without which a volume is compared with nothing."""
LEAST_GAPS = 20
"""Earlier articles, one after another, without which an age is compared with nothing."""
LEAST_RECORDS = 50
"""Earlier records without which a field's coverage is compared with nothing."""
LEAST_RUNS = 10
"""Earlier runs without which a duration, or the length of a list, is compared with nothing."""

# Less than this part of what is usual is a collapse; in a holiday week there are some two fifths.
_COLLAPSE = 0.15
# Standard deviations in a median absolute deviation, for normal figures.
_DEVIATIONS = 1.4826
# Mean gaps that pass without an article once in a million, were articles to come by chance.
_GAPS = -math.log(RARE)
# Nights and weekends are in the history: its long ages, times this.
_PATIENCE = 2.5
# A field that few records have says little by its absence.
_LEAST_SHARE = 0.4
_LOSS = 0.3
# Failures that happen on any day, and a share of them that matters.
_USUAL_FAILURES = 0.02
_MANY_FAILURES = 0.1


@dataclass(frozen=True, slots=True)
class Verdict:
    """What a figure is taken for.

    :param usual: what is usual; ``None`` where there is not history enough to say.
    :param anomalous: whether the figure is far from it.
    """

    usual: float | None = None
    anomalous: bool = False


NO_HISTORY = Verdict()


def poisson_at_most(count: int, mean: float) -> float:
    """Probability of at most ``count`` events where ``mean`` are expected.

    >>> round(poisson_at_most(0, 2.0), 4)
    0.1353
    """
    if count < 0:
        return 0.0
    if mean <= 0:
        return 1.0
    logs = [n * math.log(mean) - mean - math.lgamma(n + 1) for n in range(count + 1)]
    return _sum(logs)


def binomial_at_most(count: int, of: int, share: float) -> float:
    """Probability of at most ``count`` hits in ``of`` tries that each hit with ``share``.

    >>> round(binomial_at_most(0, 3, 0.5), 4)
    0.125
    """
    if count < 0:
        return 0.0
    if count >= of or share <= 0:
        return 1.0
    if share >= 1:
        return 0.0
    hit, miss = math.log(share), math.log1p(-share)
    whole = math.lgamma(of + 1)
    return _sum(
        [
            whole - math.lgamma(n + 1) - math.lgamma(of - n + 1) + n * hit + (of - n) * miss
            for n in range(count + 1)
        ]
    )


def _sum(logs: Sequence[float]) -> float:
    """The sum of numbers given by their logarithms, which may be too small for a float."""
    top = max(logs)
    return min(1.0, math.exp(top + math.log(math.fsum(math.exp(log - top) for log in logs))))


def volume(count: int, same_weekday: Sequence[int], all_days: Sequence[int]) -> Verdict:
    """Whether a window holds fewer articles than it should.

    :param count: articles in the window.
    :param same_weekday: articles in windows that ended at the same time of the same weekday.
    :param all_days: the same on any day; a quieter month makes the usual figure lower.
    """
    if len(same_weekday) < LEAST_WINDOWS:
        return NO_HISTORY
    usual = min(median(same_weekday), median(all_days or same_weekday))
    if usual <= 0:
        return Verdict(float(usual))
    spread = _DEVIATIONS * median(abs(each - median(same_weekday)) for each in same_weekday)
    # Articles that come in bundles vary more than chance: so many of them count as one.
    bundle = max(1.0, spread**2 / usual)
    chance = poisson_at_most(math.ceil(count / bundle), usual / bundle)
    return Verdict(float(usual), count < _COLLAPSE * usual and chance < RARE)


def freshness(age: float, ages: Sequence[float], gaps: Sequence[float]) -> Verdict:
    """Whether the newest article is older than it should be; ``usual`` is the limit.

    :param age: its age in hours.
    :param ages: the same at the end of earlier runs.
    :param gaps: hours between articles that were the newest, one after another.
    """
    if len(gaps) < LEAST_GAPS or not ages:
        return NO_HISTORY
    long = sorted(ages)[int(0.95 * (len(ages) - 1))]
    limit = max(_GAPS * fmean(gaps), _PATIENCE * long)
    return Verdict(limit, age > limit)


def coverage(covered: int, of: int, covered_before: int, of_before: int) -> Verdict:
    """Whether fewer records have a field than should; ``usual`` is a share.

    :param covered: records that have it, of ``of``; likewise before.
    """
    if of_before < LEAST_RECORDS:
        return NO_HISTORY
    usual = covered_before / of_before
    if not of or usual < _LEAST_SHARE or covered / of >= usual - _LOSS:
        return Verdict(usual)
    # Nothing is quite certain that has held a few hundred times.
    share = (covered_before + 1) / (of_before + 2)
    share -= 2 * math.sqrt(share * (1 - share) / of_before)
    return Verdict(usual, binomial_at_most(covered, of, share) < RARE)


def failures(failed: int, of: int, failed_before: int, of_before: int) -> Verdict:
    """Whether more requests failed than should; ``usual`` is a share. Needs no history.

    :param failed: requests that failed, of ``of``; likewise before.
    """
    usual = failed_before / of_before if of_before else None
    share = min(0.5, max(_USUAL_FAILURES, usual or 0.0))
    if not of or failed / of < max(_MANY_FAILURES, 2 * share):
        return Verdict(usual)
    return Verdict(usual, binomial_at_most(of - failed, of, 1 - share) < RARE)


def duration(seconds: float, requests: int, before: Sequence[tuple[float, int]]) -> Verdict:
    """Whether a run took too long for what it did; ``usual`` is in seconds.

    :param before: seconds and requests of earlier runs of the same kind.
    """
    if len(before) < LEAST_RUNS:
        return NO_HISTORY
    times = [each for each, _ in before]
    usual = median(times)
    spread = _DEVIATIONS * median(abs(each - usual) for each in times)
    pace = median(each / max(1, number) for each, number in before)
    # A run that has more to fetch takes longer, and is not slow.
    slow = seconds / max(1, requests) > 3 * pace
    long = seconds > max(3 * usual, usual + 6 * spread, usual + 60)
    return Verdict(usual, slow and long)


def length(listed: float, before: Sequence[float]) -> Verdict:
    """Whether a list page names far fewer articles than its pages do.

    :param listed: articles a page.
    :param before: the same of earlier runs.
    """
    if len(before) < LEAST_RUNS:
        return NO_HISTORY
    usual = median(before)
    return Verdict(usual, usual >= 3 and listed < usual / 3)
