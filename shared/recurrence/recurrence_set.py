"""The recurrence set: a rule's occurrences and RDATEs, without EXDATEs (RFC 5545 section 3.8.5)."""

import datetime as dt
from dataclasses import dataclass

from shared.recurrence.engine import prepared
from shared.recurrence.grammar import parse
from shared.recurrence.rule import FIRST


@dataclass(frozen=True, slots=True)
class RecurrenceSet:
    """A rule from its DTSTART on, dates that are added and dates that are taken away; naive local date-times.

    COUNT bounds what the rule gives before EXDATEs are taken away, and RDATEs do not use it up. An EXDATE takes away an
    RDATE too. A date that comes up twice is one. DTSTART counts only if the rule gives it.
    """

    rule: str
    start: dt.datetime
    rdates: frozenset[dt.datetime] = frozenset()
    exdates: frozenset[dt.datetime] = frozenset()

    def next_after(self, after: dt.datetime) -> dt.datetime | None:
        """Return the first date of the set later than `after`, None when there is none.

        With COUNT the occurrences up to the answer have to be counted; otherwise the distance does not matter.
        """
        added = min((date for date in self.rdates - self.exdates if date > after), default=None)
        ruled = self._ruled(after)
        if added is None or ruled is None:
            return added or ruled
        return min(added, ruled)

    def occurrences(self, count: int) -> list[dt.datetime]:
        """Return the first `count` dates of the set, fewer when it ends before."""
        found: list[dt.datetime] = []
        following = self.next_after(FIRST)
        while following is not None and len(found) < count:
            found.append(following)
            following = self.next_after(following)
        return found

    def _ruled(self, after: dt.datetime) -> dt.datetime | None:
        search, count = prepared(self.rule, self.start), parse(self.rule).count
        if count is None:
            found = search.after(after)
            while found is not None and found in self.exdates:
                found = search.after(found)
            return found
        found = search.first()
        for _ in range(count):
            if found is None or (found > after and found not in self.exdates):
                return found
            found = search.after(found)
        return None
