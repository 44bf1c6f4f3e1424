#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Prints pages of films side by side: what the ranker would show, and what Lineup shows.

    lineup run --bundle bundle --requests requests.jsonl --out responses.jsonl
    python3 show_pages.py --requests requests.jsonl --request r1 responses.jsonl
"""

import argparse
import json
import shutil
import sys
from pathlib import Path

HERE = Path(__file__).resolve().parent
RECENT = "2008-01-01"  # the same absolute date as in policies/movies.yaml
# LIMIT: characters of a column; below that a title says nothing.
COLUMN_WIDTH_MIN = 34


def find(path, identity):
    """The line of a JSONL file with this id."""
    with open(path, encoding="utf-8") as file:
        for line in file:
            entry = json.loads(line)
            if entry.get("id") == identity:
                return entry
    sys.exit(f"show_pages: no line of {path} has id `{identity}`")


def rows_by_id(request):
    """The candidates of a request in the row form, by id."""
    candidates = request["candidates"]
    if isinstance(candidates, dict):
        names = list(candidates)
        candidates = [dict(zip(names, values)) for values in zip(*candidates.values())]
    return {row["id"]: row for row in candidates}


def ranker_page(request):
    """The first rows by score, as if there were no rules."""
    rows = rows_by_id(request)
    best = sorted(rows.values(), key=lambda row: -row["score"])
    return [row["id"] for row in best[:request["page"]]]


def cell(row, width):
    """One film: marks for sponsored and recent, title, genre, distributor; cut to the width."""
    mark = "$" if row.get("sponsored") else " "
    mark += "*" if row["released"] >= RECENT else " "
    facts = " / ".join(row.get(name) or "?" for name in ("genre", "distributor"))
    title_width = (width - 4) * 11 // 20
    title = row["title"]
    if len(title) > title_width:
        title = title[:title_width - 1] + "~"
    return f"{mark} {title.ljust(title_width)} {facts}"[:width].ljust(width)


def print_pages(request, pages):
    """`pages` is a list of (heading, slate); a film that the page before had not is marked `+`."""
    rows = rows_by_id(request)
    width = (shutil.get_terminal_size((160, 24)).columns - 4) // len(pages) - 3
    width = max(COLUMN_WIDTH_MIN, min(width, 72))
    print("slot  " + "   ".join(heading[:width].ljust(width) for heading, _ in pages).rstrip())
    for place in range(max(len(slate) for _, slate in pages)):
        line = f"{place + 1:4}  "
        for number, (_, slate) in enumerate(pages):
            identity = slate[place] if place < len(slate) else None
            text = cell(rows[identity], width) if identity is not None else " " * width
            came = number > 0 and identity is not None and identity not in pages[number - 1][1]
            line += ("+" if came else " ") + text + "  "
        print(line.rstrip())
    print("      $ sponsored   * released since 2008   + was not on the page to the left")


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--requests", type=Path, default=HERE / "requests.jsonl")
    parser.add_argument("--request", default="r1", help="id of the request")
    parser.add_argument("responses", type=Path, nargs="+", help="what `lineup run` wrote")
    options = parser.parse_args()
    request = find(options.requests, options.request)
    pages = [("ranker alone", ranker_page(request))]
    for path in options.responses:
        response = find(path, options.request)
        heading = f"with rules: {response['status']}, revision {response['revision']}"
        pages.append((heading, response["slate"]))
    print_pages(request, pages)


if __name__ == "__main__":
    main()
