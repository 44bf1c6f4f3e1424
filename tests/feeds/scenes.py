# SPDX-License-Identifier: Apache-2.0
"""A policy as the checker sees it: which constraints stand behind each use of a rule.

The policy's own text is read, so that a changed number is checked as changed. Two things are
written by hand instead of being taken from the engine: what each rule means (RULES) and what each
condition means (CONDITIONS). A rule or condition that is not listed here stops the checker: it
never passes a page that it does not understand.
"""

import re
from dataclasses import dataclass
from pathlib import Path

from constraints import Cap, KeptTo, Pinned, Quota, Spacing, Window
from flow import read_document


def below(value, bound):
    """Comparing with a missing value is false."""
    return value is not None and value < bound


def at_least(value, bound):
    return value is not None and value >= bound


DARK = ("Horror", "Thriller/Suspense")

# Condition text -> (row, request, segments) -> bool. Times are ISO dates, which sort as text.
CONDITIONS = {
    "context.days_since_signup < 7":
        lambda row, request, on: below(request.get("context", {}).get("days_since_signup"), 7),
    "not segment.newcomers": lambda row, request, on: not on["newcomers"],
    'type == "ad"': lambda row, request, on: row.get("type") == "ad",
    'type == "video"': lambda row, request, on: row.get("type") == "video",
    'type == "short"': lambda row, request, on: row.get("type") == "short",
    "is_new": lambda row, request, on: row.get("is_new") is True,
    "sponsored": lambda row, request, on: row.get("sponsored") is True,
    "is_documentary": lambda row, request, on: row.get("is_documentary") is True,
    'released >= time("2008-01-01")':
        lambda row, request, on: at_least(row.get("released"), "2008-01-01"),
    'first_rated >= "2012-01-01"':
        lambda row, request, on: at_least(row.get("first_rated"), "2012-01-01"),
    "seconds < 5": lambda row, request, on: below(row.get("seconds"), 5),
    "shows < 8": lambda row, request, on: below(row.get("shows"), 8),
    "year < 1980": lambda row, request, on: below(row.get("year"), 1980),
    "score >= 0.7": lambda row, request, on: at_least(row.get("score"), 0.7),
    "mean < 2.0 and ratings >= 5":
        lambda row, request, on: below(row.get("mean"), 2.0) and at_least(row.get("ratings"), 5),
    "mean >= 4.0 and ratings >= 100":
        lambda row, request, on: at_least(row.get("mean"), 4.0) and at_least(row.get("ratings"), 100),
}


def slots_of(value):
    """`'1..4'`, `[2, 7]` or `3` as a list of slots; absent is the whole page."""
    if value is None or isinstance(value, list):
        return value
    if isinstance(value, str) and ".." in value:
        first, last = value.split("..")
        return list(range(int(first), int(last) + 1))
    return [int(value)]


def scatter(p, bind):
    """category_scatter, author_cap: a window per value, or a cap when no window is given."""
    out = [Window(p["window"], p["max"], p["by"]) if "window" in p else Cap(p["by"], p["max"])]
    if p.get("head", 0) > 0:
        out.append(Cap(p["by"], 1, range(1, p["head"] + 1)))
    return out


def max_consecutive(p, bind):
    return [Window(p["max"] + 1, p["max"], None, bind.condition(p["where"]))]


def cold_start_quota(p, bind):
    return [Quota(bind.condition(p["where"]), p.get("min", 0), p.get("max"),
                  slots_of(p.get("slots")))]


def ad_spacing(p, bind):
    where = bind.condition(p["where"])
    out = [Spacing(where, p.get("gap", 0), p.get("first_slot", 1))]
    if "max" in p:
        out.append(Quota(where, most=p["max"]))
    return out


def pin(p, bind):
    """The k-th best matching row belongs on the k-th slot; what is not there is not pinned."""
    slots = slots_of(p.get("slots", p.get("slot")))
    mode = p.get("mode", "exactly")
    where = (lambda row: row["id"] == p["id"]) if "id" in p else bind.condition(p["where"])
    if mode in ("only_within", "never_in", "last"):
        return [KeptTo(where, mode, slots)]
    best = sorted((row for row in bind.rows if where(row)), key=lambda row: -score_of(row))
    return [Pinned(list(zip(best, slots)), mode)]


def dark_films(p, bind):
    """The movies bundle's own rule; the defaults are those of its rules/dark_films.lua."""
    where = lambda row: row.get("genre") in DARK
    return [Quota(where, most=p.get("max", 3)), Spacing(where, p.get("gap", 1))]


RULES = {
    "category_scatter": scatter,
    "author_cap": scatter,
    "max_consecutive": max_consecutive,
    "cold_start_quota": cold_start_quota,
    "ad_spacing": ad_spacing,
    "pin": pin,
    "dark_films": dark_films,
}


def score_of(row):
    """Missing and NaN scores sort last."""
    score = row.get("score")
    return float("-inf") if score is None or score != score else score


@dataclass
class Use:
    """One use of a rule, as the policy has it."""
    name: str
    rule: str
    parameters: dict
    priority: int
    required: bool
    soft: bool
    when: object


class Binding:
    """What the rules of one scene mean for one request."""

    def __init__(self, scene, request, rows):
        self.scene, self.request, self.all_rows = scene, request, rows
        self.segments = {name: self.decide(text, {}, {}) for name, text in scene.segments.items()}
        self.rows = [row for row in rows if not self.is_blocked(row)]
        self.hard = [(use, RULES[use.rule](use.parameters, self))
                     for use in scene.uses if use.rule in RULES and not use.soft and self.is_on(use)]

    def decide(self, text, row, segments):
        return CONDITIONS[text](row, self.request, segments)

    def condition(self, text):
        return lambda row: self.decide(text, row, self.segments)

    def is_on(self, use):
        return use.when is None or self.decide(use.when, {}, self.segments)

    def is_blocked(self, row):
        for use in self.scene.uses:
            if use.rule != "block" or not self.is_on(use):
                continue
            p = use.parameters
            if "list" in p:
                value = row.get(p.get("by", "id"))
                if value is not None and str(value) in self.scene.lists[p["list"]]:
                    return True
            elif self.decide(p["where"], row, self.segments):
                return True
        return False


class Scene:
    """One policy file and the lists beside it."""

    def __init__(self, document, lists):
        self.name = document["scene"]
        self.page = document["page"]
        self.columns = document["columns"]
        self.segments = document.get("segments") or {}
        self.lists = lists
        self.uses = []
        taken = {}
        for entry in document.get("rules") or []:
            rule = entry["use"]
            taken[rule] = taken.get(rule, 0) + ("as" not in entry)
            name = entry.get("as") or (rule if taken[rule] == 1 else f"{rule}#{taken[rule]}")
            self.uses.append(Use(name, rule, entry.get("with") or {}, entry.get("priority", 0),
                                 entry.get("required", rule == "block"), "weight" in entry,
                                 entry.get("when")))
        self.refuse_unknown()

    def refuse_unknown(self):
        texts = list(self.segments.values()) + [use.when for use in self.uses if use.when]
        for use in self.uses:
            if use.rule == "boost":
                continue  # moves rows, forbids none
            if use.rule != "block" and use.rule not in RULES:
                raise ValueError(f"scene `{self.name}`: no meaning is written for rule `{use.rule}`")
            if "list" in use.parameters and use.parameters["list"] not in self.lists:
                raise ValueError(f"scene `{self.name}`: no list `{use.parameters['list']}`")
            texts += [use.parameters["where"]] if "where" in use.parameters else []
        for text in texts:
            if text not in CONDITIONS:
                raise ValueError(f"scene `{self.name}`: no meaning is written for condition `{text}`")

    def rows(self, candidates):
        """Rows with defaults and split values; of several rows with one id, the first."""
        if isinstance(candidates, dict):
            names = list(candidates)
            candidates = [dict(zip(names, values)) for values in zip(*candidates.values())]
        out = {}
        for candidate in candidates:
            row = {name: value for name, value in candidate.items() if value is not None}
            for name, column in self.columns.items():
                if name not in row and "default" in column:
                    row[name] = column["default"]
                if "split" in column and isinstance(row.get(name), str):
                    row[name] = row[name].split(column["split"])
            out.setdefault((type(row["id"]), row["id"]), row)
        return list(out.values())


def read_list(text):
    """One entry a line; a `#` that begins the line or follows a space begins a comment."""
    return {re.split(r"(?:^|\s)#", line)[0].strip() for line in text.splitlines()} - {""}


def read_bundle(folder):
    """Every scene of a bundle, by name."""
    folder = Path(folder)
    lists = {path.stem: read_list(path.read_text(encoding="utf-8"))
             for path in sorted(folder.glob("lists/*.txt"))}
    scenes = [Scene(read_document(path.read_text(encoding="utf-8")), lists)
              for path in sorted(folder.glob("policies/*.yaml"))]
    return {scene.name: scene for scene in scenes}
