#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Checks pages that Lineup returned against the rules of their policies, without Lineup's code.

    check_pages.py --bundle DIR --requests FILE.jsonl --responses FILE.jsonl

Every response is held against its request: rows of the batch and of nothing else, none twice, as
many as there can be, no filtered row on any path, no hard rule broken where the status is `ok`, and
no other rule broken than those listed where it is `relaxed`. For relaxed pages a search tries to
find the clean page that the response says does not exist.

Exit code 0: every page holds. 1: some do not; each is named. 2: the check could not run.
"""

import argparse
import json
import sys
import time
from collections import Counter
from pathlib import Path

from scenes import Binding, read_bundle
from witness import find_clean_page

STATUSES = ("ok", "relaxed", "fallback", "error")
SEARCHES = ("complete", "limit", "deadline")

# LIMIT: seconds for looking for clean pages in one run, so that a feed of conflicts stays short.
WITNESS_SECONDS_MAX = 20.0


class Report:
    """What was seen, counted per scene, and every fault found."""

    def __init__(self):
        self.counts = {}
        self.faults = []

    def count(self, scene, what, number=1):
        self.counts.setdefault(scene, Counter())[what] += number

    def fault(self, scene, request, code, detail):
        self.count(scene, "faults")
        self.faults.append((scene, request.get("id"), code, detail))

    def print(self, faults_shown):
        head = ("pages", "ok", "relaxed", "fallback", "error", "limit", "deadline", "searched",
                "unit_differences", "faults")
        print("scene".ljust(12) + "".join(name.rjust(max(9, len(name) + 2)) for name in head))
        for scene, counts in sorted(self.counts.items()):
            print(scene.ljust(12)
                  + "".join(str(counts[name]).rjust(max(9, len(name) + 2)) for name in head))
        for scene, request, code, detail in self.faults[:faults_shown]:
            print(f"{scene}: request {request}: {code}: {detail}")
        if len(self.faults) > faults_shown:
            print(f"... and {len(self.faults) - faults_shown} more")


def key_of(identity):
    """Ids are echoed as given: the number 1 is not the text "1"."""
    return (type(identity), identity)


def check_slate(binding, page_size, response, note):
    """The slate as rows, or None when it holds something that is no row of the batch."""
    slate = response.get("slate")
    if not isinstance(slate, list):
        note("no_slate", "the response has no slate")
        return None
    by_id = {key_of(row["id"]): row for row in binding.all_rows}
    strangers = [identity for identity in slate if key_of(identity) not in by_id]
    if strangers:
        note("stranger", f"{strangers} are no ids of the batch")
        return None
    if len({key_of(identity) for identity in slate}) < len(slate):
        note("duplicate", f"a row stands twice in {slate}")
    page = [by_id[key_of(identity)] for identity in slate]
    for row in page:
        if binding.is_blocked(row):
            note("filtered_row", f"`{row['id']}` may not be shown at all")
    full = min(page_size, len(binding.rows))
    if len(page) > full:
        note("too_long", f"{len(page)} rows where {full} are possible")
    if len(page) < full and response["status"] in ("ok", "relaxed"):
        if not any(use.required for use, _ in binding.hard):
            note("too_short", f"{len(page)} rows where {full} are possible")
    return page


def count_violations(binding, page):
    """Units of violation per hard rule that applies to this request."""
    return {use.name: sum(constraint.violations(page) for constraint in constraints)
            for use, constraints in binding.hard}


def check_relaxed(binding, response, found, note, count):
    """Only what is listed may be broken, and what is listed must be."""
    listed = {}
    for entry in response.get("relaxed") or []:
        listed[entry.get("rule")] = entry
    uses = {use.name: use for use, _ in binding.hard}
    soft = {use.name for use in binding.scene.uses if use.soft}
    for name, violations in found.items():
        if violations and name not in listed:
            note("unlisted", f"rule `{name}` has {violations} violations and is not listed")
    for name, entry in listed.items():
        if name in soft:
            continue
        if name not in uses:
            note("unknown_rule", f"`{name}` is listed and is no hard rule of this request")
        elif uses[name].required:
            note("required_relaxed", f"required rule `{name}` is listed as relaxed")
        elif entry.get("reason") == "budget":
            continue
        elif not found[name]:
            note("listed_but_kept", f"rule `{name}` is listed and not broken")
        elif entry.get("violations") != found[name]:
            count("unit_differences")
    if not listed:
        note("nothing_listed", "the status is `relaxed` and no rule is listed")


def check_rules(binding, response, page, note, count):
    """The hard rules, as strictly as the status allows."""
    status = response["status"]
    found = count_violations(binding, page)
    for use, _ in binding.hard:
        if use.required and found[use.name]:
            note("required_broken", f"required rule `{use.name}` has {found[use.name]} violations")
    if status == "ok":
        for name, violations in found.items():
            if violations:
                note("broken", f"rule `{name}` has {violations} violations on a page that is `ok`")
        if response.get("relaxed"):
            note("ok_but_relaxed", "the status is `ok` and rules are listed as relaxed")
    elif status == "relaxed":
        check_relaxed(binding, response, found, note, count)


def contradict(binding, response, page, note, count):
    """Looks for the clean page that a relaxed response says does not exist."""
    if any(entry.get("reason") == "budget" for entry in response.get("relaxed") or []):
        return
    count("searched")
    constraints = [constraint for _, several in binding.hard for constraint in several]
    clean = find_clean_page(binding.rows, constraints, len(page))
    if clean is None:
        return
    ids = [row["id"] for row in clean]
    if response.get("search") == "complete":
        note("clean_page_exists", f"relaxed, but {ids} breaks nothing")
    else:
        count("missed_at_limit")


def check_one(scenes, request, response, report, may_search):
    """Everything about one request and its response."""
    name = request.get("scene")
    report.count(name, "pages")

    def note(code, detail):
        report.fault(name, request, code, detail)

    def count(what):
        report.count(name, what)

    if response.get("id") != request.get("id") or type(response["id"]) is not type(request["id"]):
        note("wrong_id", f"the response says id {response.get('id')!r}")
        return
    status, search = response.get("status"), response.get("search")
    if status not in STATUSES:
        note("unknown_status", f"status {status!r}")
        return
    count(status)
    if status == "error":
        if name in scenes:
            note("error", str(response.get("error")))
        return
    if name not in scenes:
        note("unknown_scene", f"no policy has scene `{name}`, and the status is `{status}`")
        return
    if search not in SEARCHES:
        note("unknown_search", f"search {search!r}")
    elif search != "complete":
        count(search)
    rows = scenes[name].rows(request["candidates"])
    binding = Binding(scenes[name], request, rows)
    page = check_slate(binding, request.get("page", scenes[name].page), response, note)
    if page is None:
        return
    check_rules(binding, response, page, note, count)
    if status == "relaxed" and may_search():
        contradict(binding, response, page, note, count)


def read_lines(path):
    with open(path, encoding="utf-8") as file:
        return [json.loads(line) for line in file if line.strip()]


def check_all(scenes, requests, responses, witness_seconds=WITNESS_SECONDS_MAX):
    """A report on all pages. Responses belong to requests by their order."""
    report = Report()
    if len(requests) != len(responses):
        report.fault("all", {}, "wrong_count", f"{len(requests)} requests, {len(responses)} responses")
    spent = 0.0
    for request, response in zip(requests, responses):
        started = time.monotonic()
        check_one(scenes, request, response, report, lambda: spent < witness_seconds)
        spent += time.monotonic() - started
    return report


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--bundle", type=Path, required=True)
    parser.add_argument("--requests", type=Path, required=True)
    parser.add_argument("--responses", type=Path, required=True)
    parser.add_argument("--faults-shown", type=int, default=20)
    options = parser.parse_args()
    try:
        scenes = read_bundle(options.bundle)
        requests = read_lines(options.requests)
        responses = read_lines(options.responses)
    except (OSError, ValueError, KeyError) as fault:
        print(f"check_pages: could not run: {fault!r}", file=sys.stderr)
        return 2
    report = check_all(scenes, requests, responses)
    report.print(options.faults_shown)
    pages = sum(counts["pages"] for counts in report.counts.values())
    if pages == 0:
        print("check_pages: there was no page to check", file=sys.stderr)
        return 2
    print(f"{pages} pages checked, {len(report.faults)} faults")
    return 1 if report.faults else 0


if __name__ == "__main__":
    sys.exit(main())
