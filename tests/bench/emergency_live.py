#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""How long an emergency overlay takes from the rename that saves it to the first page without the
item, as `lineup watch` sees it (it asks every 5 ms). Prints the median and the worst.

    python3 tests/bench/emergency_live.py build/release/lineup [ROUNDS]
"""

import datetime
import json
import pathlib
import subprocess
import sys
import tempfile
import time


def main():
    program = sys.argv[1]
    rounds = int(sys.argv[2]) if len(sys.argv) > 2 else 20
    movies = pathlib.Path(__file__).resolve().parents[2] / "examples/movies"
    until = datetime.datetime.now(datetime.timezone.utc) + datetime.timedelta(hours=1)
    with tempfile.TemporaryDirectory(prefix="lineup-emergency-") as name:
        state = pathlib.Path(name)
        watch = subprocess.Popen(
            [program, "watch", "--bundle", str(movies / "bundle"), "--requests",
             str(movies / "requests.jsonl"), "--state", name, "--interval-ms", "5", "--json"],
            stdout=subprocess.PIPE, text=True)
        took_ms = []
        try:
            page = json.loads(watch.stdout.readline())
            for _ in range(rounds):
                first = page["slate"][0]
                draft = state / "draft"
                draft.write_text(
                    f"emergency: 1\nwho: bench\nwhy: a measurement\n"
                    f"until: '{until:%Y-%m-%dT%H:%M:%SZ}'\nblock: {{id: [{first}]}}\n")
                began = time.monotonic()
                draft.rename(state / "emergency.yaml")
                page = json.loads(watch.stdout.readline())
                took_ms.append(1000 * (time.monotonic() - began))
                assert first not in page["slate"], page
        finally:
            watch.terminate()
            watch.wait()
    took_ms.sort()
    print(f"{rounds} overlays: median {took_ms[rounds // 2]:.0f} ms, "
          f"worst {took_ms[-1]:.0f} ms")


if __name__ == "__main__":
    main()
