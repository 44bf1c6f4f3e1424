# SPDX-License-Identifier: Apache-2.0
"""The constraint kinds, written a second time so that the engine is not judged by its own code.

A page is a list of rows (dictionaries). Every kind answers two questions: `violations(page)` counts
units on a finished page, and `broken(prefix, length)` says whether a page of `length` slots that
starts with `prefix` can no longer be clean. Slots count from 1.
"""

from dataclasses import dataclass, field


def values_of(row, by):
    """What a row may share with others. Missing shares nothing: the empty set."""
    names = [by] if isinstance(by, str) else by
    parts = [row.get(name) for name in names]
    if any(part is None for part in parts):
        return set()
    if len(parts) == 1:
        return set(parts[0]) if isinstance(parts[0], list) else {parts[0]}
    return {tuple(tuple(part) if isinstance(part, list) else part for part in parts)}


def excess(rows, by, where, most):
    """Rows too many among `rows`: per shared value, or of those that match when `by` is absent."""
    matching = [row for row in rows if where is None or where(row)]
    if by is None:
        return max(0, len(matching) - most)
    counts = {}
    for row in matching:
        for value in values_of(row, by):
            counts[value] = counts.get(value, 0) + 1
    return sum(max(0, count - most) for count in counts.values())


@dataclass
class Window:
    """At most `most` in every run of `size` neighbouring slots; a shorter page is one run."""
    size: int
    most: int
    by: object = None
    where: object = None

    def violations(self, page):
        if len(page) <= self.size:
            return excess(page, self.by, self.where, self.most)
        starts = range(len(page) - self.size + 1)
        return sum(excess(page[start:start + self.size], self.by, self.where, self.most)
                   for start in starts)

    def broken(self, prefix, length):
        # Only the last run can have become full since the slot before was looked at.
        return excess(prefix[-self.size:], self.by, self.where, self.most) > 0


@dataclass
class Cap:
    """At most `most` per value of `by` over the slots."""
    by: object
    most: int
    slots: object = None  # None: the whole page

    def violations(self, page):
        return excess(rows_at(page, self.slots), self.by, None, self.most)

    def broken(self, prefix, length):
        return self.violations(prefix) > 0


@dataclass
class Quota:
    """Between `least` and `most` matching rows on the slots that the page has."""
    where: object
    least: int = 0
    most: object = None
    slots: object = None

    def violations(self, page):
        count = sum(self.where(row) for row in rows_at(page, self.slots))
        return max(0, self.least - count) + self.above(count)

    def above(self, count):
        return 0 if self.most is None else max(0, count - self.most)

    def broken(self, prefix, length):
        count = sum(self.where(row) for row in rows_at(prefix, self.slots))
        open_slots = [slot for slot in range(len(prefix) + 1, length + 1)
                      if self.slots is None or slot in self.slots]
        return self.above(count) > 0 or count + len(open_slots) < self.least


@dataclass
class Spacing:
    """At least `gap` rows between two that match, and none before `first_slot`."""
    where: object
    gap: int = 0
    first_slot: int = 1

    def violations(self, page):
        slots = [slot for slot, row in enumerate(page, start=1) if self.where(row)]
        early = sum(slot < self.first_slot for slot in slots)
        close = sum(max(0, self.gap - (after - before - 1))
                    for before, after in zip(slots, slots[1:]))
        return early + close

    def broken(self, prefix, length):
        return self.violations(prefix) > 0


@dataclass
class Pinned:
    """Certain rows on certain slots: `exactly`, or `at_or_above` the slot."""
    wanted: list = field(default_factory=list)  # (row, slot), only rows that are there
    mode: str = "exactly"

    def fits(self, slot, wanted_slot):
        return slot <= wanted_slot if self.mode == "at_or_above" else slot == wanted_slot

    def violations(self, page):
        out = 0
        for row, wanted_slot in self.wanted:
            if self.mode == "exactly" and wanted_slot > len(page):
                continue
            slots = [slot for slot, other in enumerate(page, start=1) if other is row]
            out += not (slots and self.fits(slots[0], wanted_slot))
        return out

    def broken(self, prefix, length):
        for row, wanted_slot in self.wanted:
            if self.mode == "exactly" and wanted_slot > length:
                continue
            slots = [slot for slot, other in enumerate(prefix, start=1) if other is row]
            if slots and not self.fits(slots[0], wanted_slot):
                return True
            if not slots and len(prefix) >= wanted_slot:
                return True
        return False


@dataclass
class KeptTo:
    """Matching rows stand `only_within` the slots, `never_in` them, or `last` on the page."""
    where: object
    mode: str
    slots: object = None

    def violations(self, page):
        matches = [self.where(row) for row in page]
        if self.mode == "last":
            others = [place for place, match in enumerate(matches) if not match]
            end = others[-1] if others else -1
            return sum(matches[:end + 1])
        inside = self.mode == "only_within"
        return sum(match and (slot in self.slots) != inside
                   for slot, match in enumerate(matches, start=1))

    def broken(self, prefix, length):
        return self.violations(prefix) > 0


def rows_at(page, slots):
    """The rows on the slots that exist."""
    if slots is None:
        return page
    return [row for slot, row in enumerate(page, start=1) if slot in slots]
