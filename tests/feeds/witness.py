# SPDX-License-Identifier: Apache-2.0
"""Looks for one page without any violation, to contradict a response that says there is none.

A plain depth-first search over the slots. Rows that look alike to every rule are one class, so that
a dead end is not tried again with its twin. It proves nothing when it finds nothing.
"""

from constraints import Pinned
from scenes import score_of

# LIMIT: prefixes looked at per page. Clean pages of these feeds are found within a few hundred;
# the rest bounds the time of pages that have none (about 0.1 s each).
PREFIXES_MAX = 4000


def signature(row, conditions, columns_by):
    """Which conditions a row meets and which values it can share."""
    return (tuple(bool(condition(row)) for condition in conditions),
            tuple(str(row.get(name)) for name in columns_by))


def classes_of(rows, constraints):
    """Rows grouped by what the constraints can tell apart, best first in each group."""
    conditions = [c.where for c in constraints if getattr(c, "where", None)]
    columns_by = []
    for constraint in constraints:
        by = getattr(constraint, "by", None)
        columns_by += [by] if isinstance(by, str) else (by or [])
    pinned = {id(row) for c in constraints if isinstance(c, Pinned) for row, _ in c.wanted}
    groups = {}
    for row in sorted(rows, key=lambda row: -score_of(row)):
        key = (id(row) if id(row) in pinned else None, signature(row, conditions, columns_by))
        groups.setdefault(key, []).append(row)
    return list(groups.values())


def pinned_row(constraints, slot):
    """The row that must stand on this slot, if one pin says so."""
    for constraint in constraints:
        if isinstance(constraint, Pinned) and constraint.mode == "exactly":
            for row, wanted_slot in constraint.wanted:
                if wanted_slot == slot:
                    return row
    return None


def find_clean_page(rows, constraints, length, prefixes_max=PREFIXES_MAX):
    """A page of `length` rows that violates nothing, or None."""
    groups = classes_of(rows, constraints)
    used = [0] * len(groups)
    prefix = []
    seen = 0

    def extend():
        nonlocal seen
        if len(prefix) == length:
            return True
        pinned = pinned_row(constraints, len(prefix) + 1)
        for place, group in enumerate(groups):
            if used[place] == len(group) or (pinned is not None and group[0] is not pinned):
                continue
            if seen >= prefixes_max:
                return False
            seen += 1
            prefix.append(group[used[place]])
            used[place] += 1
            if not any(c.broken(prefix, length) for c in constraints) and extend():
                return True
            used[place] -= 1
            prefix.pop()
        return False

    return list(prefix) if extend() else None
