#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Edits a rule while `lineup watch` serves the bundle, and shows the next page.

The file is saved the way an editor saves it: a new file is written beside it and renamed over it.
The time is taken from that rename to the arrival of the page that the new rule made.

    python3 edit_live.py --program build/release/lineup --bundle COPY_OF_BUNDLE
"""

import argparse
import json
import os
import queue
import subprocess
import sys
import threading
import time
from pathlib import Path

from show_pages import HERE, find, print_pages

OLD = "max = integer { default = 3"
NEW = "max = integer { default = 1"
# LIMIT: seconds until the first page and until the changed one. Both take milliseconds; a machine
# that is busy with a build may take seconds.
PAGE_SECONDS_MAX = 30


def read_events(stream, events):
    """Puts every event into the queue with the time of its arrival; None at the end."""
    for line in stream:
        arrived = time.monotonic()
        try:
            events.put((arrived, json.loads(line)))
        except ValueError:
            print(f"edit_live: not JSON: {line.rstrip()}", file=sys.stderr)
    events.put((time.monotonic(), None))


def next_page(events, other_than=None):
    """The next page, of another revision than the one given."""
    give_up = time.monotonic() + PAGE_SECONDS_MAX
    while True:
        try:
            arrived, event = events.get(timeout=max(0.0, give_up - time.monotonic()))
        except queue.Empty:
            sys.exit(f"edit_live: no page within {PAGE_SECONDS_MAX} s")
        if event is None:
            sys.exit("edit_live: `lineup watch` ended")
        if event["event"] == "refused":
            sys.exit(f"edit_live: the change was refused: {json.dumps(event)}")
        if event["event"] == "page" and event["revision"] != other_than:
            return arrived, event


def save(path, text):
    """Writes the whole file beside the old one and renames it."""
    beside = path.with_name(f".{path.name}.new")
    beside.write_text(text, encoding="utf-8")
    os.replace(beside, path)


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--program", required=True)
    parser.add_argument("--bundle", type=Path, required=True, help="a copy: its rule is changed")
    parser.add_argument("--requests", type=Path, default=HERE / "requests.jsonl")
    parser.add_argument("--request", default="r1")
    options = parser.parse_args()
    request = find(options.requests, options.request)
    rule = options.bundle / "rules" / "dark_films.lua"
    text = rule.read_text(encoding="utf-8")
    if OLD not in text:
        sys.exit(f"edit_live: `{OLD}` is not in {rule}")

    watch = subprocess.Popen(
        [options.program, "watch", "--bundle", str(options.bundle), "--requests",
         str(options.requests), "--request", options.request, "--json"],
        stdout=subprocess.PIPE, text=True, encoding="utf-8")
    try:
        events = queue.Queue()
        threading.Thread(target=read_events, args=(watch.stdout, events), daemon=True).start()
        _, before = next_page(events)
        print(f"rules/dark_films.lua, while `lineup watch` serves:\n  - {OLD}, ...\n  + {NEW}, ...\n")
        save(rule, text.replace(OLD, NEW))
        saved = time.monotonic()
        arrived, after = next_page(events, other_than=before["revision"])
    finally:
        watch.terminate()
        watch.wait()

    print_pages(request, [(f"revision {before['revision']}", before["slate"]),
                          (f"revision {after['revision']}", after["slate"])])
    if before["slate"] == after["slate"]:
        sys.exit("edit_live: the revision changed and the page did not")
    print(f"\nThe page changed {1000 * (arrived - saved):.0f} ms after the file was saved.")


if __name__ == "__main__":
    main()
