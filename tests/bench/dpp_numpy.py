#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Fast greedy MAP inference for a DPP in numpy beside `lineup bench --workload w6`, in one run.

The rows are of the same kind as the workload's (500 unit vectors of 64 floats around 40 centres, falling
scores), drawn by numpy; both place 50 of 500 without rules. numpy's time is the algorithm of Chen,
Zhang and Zhou (2018), with the kernel made before (`kernel`) and without (`greedy`); Lineup's is the
whole request.

    python3 tests/bench/dpp_numpy.py build/release/lineup
"""

import json
import subprocess
import sys
import time

try:
    import numpy
except ImportError:
    print("skipped: numpy is not installed")
    sys.exit(0)

ROWS, DIMENSION, SLOTS, THETA, REPEATS = 500, 64, 50, 0.7, 200


def make_rows():
    """Scores in 0..1, best first, and clustered unit vectors."""
    draw = numpy.random.default_rng(1)
    centres = draw.normal(size=(40, DIMENSION))
    vectors = centres[draw.integers(0, 40, ROWS)] + 0.7 * draw.normal(size=(ROWS, DIMENSION))
    vectors /= numpy.linalg.norm(vectors, axis=1, keepdims=True)
    return numpy.sort(draw.random(ROWS))[::-1], vectors.astype(numpy.float32)


def make_kernel(scores, vectors):
    quality = numpy.exp(THETA / (2 * (1 - THETA)) * (scores - scores.max()))
    return quality[:, None] * (vectors @ vectors.T) * quality[None, :]


def greedy(kernel):
    """The rows that add most to the determinant, one after another."""
    parts = numpy.zeros((SLOTS, len(kernel)))
    left = kernel.diagonal().astype(numpy.float64)
    chosen = [int(left.argmax())]
    while len(chosen) < SLOTS:
        count, last = len(chosen) - 1, chosen[-1]
        part = (kernel[last] - parts[:count, last] @ parts[:count]) / numpy.sqrt(left[last])
        parts[count] = part
        left -= part * part
        left[last] = -numpy.inf
        chosen.append(int(left.argmax()))
    return chosen


def median_us(body):
    times = []
    for _ in range(REPEATS):
        begin = time.perf_counter()
        body()
        times.append(1e6 * (time.perf_counter() - begin))
    return sorted(times)[REPEATS // 2]


def main():
    if len(sys.argv) != 2:
        print(__doc__)
        return 2
    scores, vectors = make_rows()
    kernel = make_kernel(scores, vectors)
    print(f"numpy {numpy.__version__}: kernel {median_us(lambda: make_kernel(scores, vectors)):.0f} us, "
          f"greedy {median_us(lambda: greedy(kernel)):.0f} us")
    command = [sys.argv[1], "bench", "--workload", "w6", "--variant", "page", "--json"]
    run = subprocess.run(command, check=True, capture_output=True, text=True)
    for line in run.stdout.splitlines():
        report = json.loads(line)
        print(f"lineup, whole request, {report['columns']}: p50 {report['p50_us']} us")
    return 0


if __name__ == "__main__":
    sys.exit(main())
