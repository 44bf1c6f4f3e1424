#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Faults that other re-ranking engines have, one test each, named by what is right instead. Pages
come from the program as its users run it, and are judged by plain counting.

    LINEUP_PROGRAM=build/release/lineup python3 -m unittest test_faults
"""

import collections
import json
import random
import subprocess
import unittest

from scene import (PROGRAM, Scene, alike_neighbours, apart, pin, request, rows, shown, skewed)


class Arrangement(unittest.TestCase):
    def test_a_clean_arrangement_is_found_on_every_tight_page(self):
        # Greedy scatter breaks 50 / 45 / 35 % of the feasible ones of these.
        with Scene([apart()], page=20) as scene:
            for kinds in (3, 4, 6):
                batches = [rows(skewed(20, kinds, seed)) for seed in range(100)]
                answers = scene.run([request(batch) for batch in batches])
                feasible = 0
                for batch, answer in zip(batches, answers):
                    most = max(collections.Counter(r["category"] for r in batch).values())
                    broken = alike_neighbours(shown(answer, batch))
                    # Of m alike among n rows, others can keep at most n - m + 1 apart.
                    self.assertEqual(broken, max(0, most - (20 - most) - 1))
                    self.assertEqual(answer["status"], "relaxed" if broken else "ok")
                    feasible += broken == 0
                self.assertGreater(feasible, 10)

    def test_an_exclusion_that_empties_one_slot_does_not_stop_scatter_after_it(self):
        batch = rows(["a", "a", "a", "a", "b", "b", "b", "b"])
        nothing_third = {"use": "pin", "as": "nothing_third", "priority": 80,
                         "with": {"where": "score > 0", "slots": 3, "mode": "never_in"}}
        with Scene([nothing_third, apart()], page=8) as scene:
            answer = scene.page(batch)
        self.assertEqual(alike_neighbours(shown(answer, batch)), 0)
        self.assertEqual(len(answer["slate"]), 8)
        self.assertEqual([r["rule"] for r in answer["relaxed"]], ["nothing_third"])

    def test_items_exempt_from_scatter_keep_their_places(self):
        batch = rows(["a", None, "b", None, "a", "b"])
        with Scene([apart()], page=6) as scene:
            answer = scene.page(batch)
        self.assertEqual(answer["slate"], [r["id"] for r in batch])

    def test_rows_without_the_property_are_not_one_value(self):
        batch = rows([None] * 10)
        with Scene([apart()]) as scene:
            answer = scene.page(batch)
        self.assertEqual((answer["status"], answer["slate"]), ("ok", [r["id"] for r in batch]))

    def test_exactly_the_configured_slots_are_arranged(self):
        batch = rows(["a", "a", "a", "b", "c", "d"])
        head = {"use": "head_of_page", "with": {"head": 3, "apart": "category"}, "priority": 50}
        with Scene([head], page=6) as scene:
            answer = scene.page(batch)
        # Three different ones, and from slot 4 on the order of scores.
        self.assertEqual(answer["slate"], ["i0", "i3", "i4", "i1", "i2", "i5"])

    def test_windows_overlap_so_that_nothing_comes_back_in_the_next_one(self):
        with Scene([apart(5, 1)], page=20) as scene:
            for seed in range(10):
                batch = rows([f"c{k % 8}" for k in range(60)])
                random.Random(seed).shuffle(batch)
                page = shown(scene.page(batch), batch)
                for first in range(16):
                    window = [row["category"] for row in page[first:first + 5]]
                    self.assertEqual(len(set(window)), 5)

    def test_the_first_slot_is_not_exempt(self):
        batch = rows(["ad", "ad", "a", "b"])
        late = {"use": "ad_spacing", "priority": 50,
                "with": {"where": 'category == "ad"', "first_slot": 2, "gap": 1}}
        with Scene([late], page=4) as scene:
            answer = scene.page(batch)
        self.assertEqual(answer["slate"], ["i2", "i0", "i3", "i1"])


class Pins(unittest.TestCase):
    def test_two_pins_on_one_slot_lose_no_item(self):
        batch = rows(["a", "b", "c", "d"])
        with Scene([pin("i3", 1, 90), pin("i2", 1, 80)], page=4) as scene:
            answer = scene.page(batch)
        self.assertEqual(answer["slate"][0], "i3")
        self.assertEqual(sorted(answer["slate"]), ["i0", "i1", "i2", "i3"])
        self.assertEqual([r["rule"] for r in answer["relaxed"]], ["pin_i2"])

    def test_pins_hold_when_there_are_fewer_candidates_than_slots(self):
        with Scene([pin("i2", 1), pin("i0", 3)], page=10) as scene:
            answer = scene.page(rows(["a", "b", "c"]))
        self.assertEqual((answer["status"], answer["slate"]), ("ok", ["i2", "i1", "i0"]))

    def test_an_earlier_pin_is_not_shifted_by_a_later_one(self):
        batch = rows(list("abcdefgh"))
        with Scene([pin("i7", 2), pin("i6", 1), pin("i5", 3)], page=6) as scene:
            answer = scene.page(batch)
        self.assertEqual(answer["slate"], ["i6", "i7", "i5", "i0", "i1", "i2"])

    def test_a_pin_does_not_break_scatter(self):
        for seed in range(20):
            draw = random.Random(seed)
            batch = rows([draw.choice("abc") for _ in range(30)])
            item, slot = f"i{draw.randrange(10, 30)}", draw.randrange(2, 10)
            with Scene([pin(item, slot), apart()], page=10) as scene:
                answer = scene.page(batch)
            self.assertEqual(answer["status"], "ok")
            self.assertEqual(answer["slate"][slot - 1], item)
            self.assertEqual(alike_neighbours(shown(answer, batch)), 0)


class Counts(unittest.TestCase):
    def test_a_minimum_above_what_there_is_ends_and_says_so(self):
        batch = rows(["a"] * 12, is_new=[True] * 2 + [False] * 10)
        for least in (3, 10):
            quota = {"use": "cold_start_quota", "with": {"where": "is_new", "min": least},
                     "priority": 50}
            with Scene([quota]) as scene:
                answer = scene.page(batch)
            self.assertEqual(answer["status"], "relaxed")
            self.assertEqual(answer["relaxed"][0]["violations"], least - 2)
            self.assertEqual(len(answer["slate"]), 10)

    def test_groups_share_a_page_by_largest_remainder(self):
        # Under a cap of ceil(10 / 3) the page is 4, 4 and 2.
        batch = rows(["a"] * 8 + ["b"] * 8 + ["c"] * 8)
        fair = {"use": "creator_fairness", "with": {"by": "category"}, "priority": 50}
        with Scene([fair], page=10) as scene:
            answer = scene.page(batch)
        counts = collections.Counter(row["category"] for row in shown(answer, batch))
        self.assertEqual((answer["status"], sorted(counts.values())), ("ok", [3, 3, 4]))

    def test_late_filters_leave_no_short_page(self):
        batch = rows(["x" if k % 5 else "a" for k in range(60)])
        block = {"use": "block", "with": {"where": 'category == "x"'}, "required": True}
        with Scene([block], page=10) as scene:
            answer = scene.page(batch)
        self.assertEqual(answer["slate"], [f"i{k}" for k in range(0, 50, 5)])


class Repetition(unittest.TestCase):
    def test_the_second_same_request_gets_the_same_answer(self):
        # Embeddings kept between requests were overwritten by the next one in another engine.
        columns = {"score": {"type": "float"}, "vector": {"type": "embedding", "dimension": 4}}
        graph = [{"id": "page", "generate": "mmr",
                  "with": {"theta": 0.5, "embeddings": [{"column": "vector"}]}}]
        draw = random.Random(3)
        batches = [[{"id": f"i{i}", "score": draw.random(),
                     "vector": [draw.uniform(-1, 1) for _ in range(4)]} for i in range(40)]
                   for _ in range(3)]
        with Scene([], columns=columns, graph=graph) as scene:
            answers = scene.run([request(b) for b in batches + batches + batches[::-1]])
        slates = [answer["slate"] for answer in answers]
        self.assertEqual(slates[0:3], slates[3:6])
        self.assertEqual(slates[0:3], slates[6:9][::-1])
        self.assertNotEqual(slates[0], slates[1])

    def test_a_request_with_a_seed_gives_one_page_on_every_thread(self):
        batch = rows(skewed(60, 5, 9))
        with Scene([apart(4, 1), pin("i40", 3)], page=12) as scene:
            answers = scene.run([request(batch)] * 40, "--threads", "2")
        self.assertEqual(len({json.dumps(a["slate"]) for a in answers}), 1)


class Time(unittest.TestCase):
    def test_an_edited_rule_is_not_asked_with_its_old_condition(self):
        block = {"use": "block", "required": True}
        with Scene([{**block, "with": {"where": 'category == "a"'}}], page=1) as scene:
            path = scene.root / "requests.jsonl"
            path.write_text(json.dumps(request(rows(["a", "b"]))) + "\n", encoding="utf-8")
            with subprocess.Popen([PROGRAM, "watch", "--bundle", str(scene.root), "--requests",
                                   str(path), "--json"], stdout=subprocess.PIPE, text=True) as watch:
                try:
                    self.assertEqual(self.next_page(watch), ["i1"])
                    scene.write([{**block, "with": {"where": 'category == "b"'}}], page=1)
                    self.assertEqual(self.next_page(watch), ["i0"])
                finally:
                    watch.kill()

    @staticmethod
    def next_page(watch):
        for line in watch.stdout:
            event = json.loads(line)
            if event["event"] == "page":
                return event["slate"]
        return None

    def test_midnight_is_that_of_the_zone_for_both_ends_of_a_rule(self):
        day = {**pin("i1", 1), "from": "2026-03-01", "until": "2026-03-02", "zone": "+08:00"}
        batch = rows(["a", "b"])
        times = {"2026-02-28T15:59:59Z": "i0", "2026-02-28T16:00:00Z": "i1",
                 "2026-03-01T15:59:59Z": "i1", "2026-03-01T16:00:00Z": "i0"}
        with Scene([day], page=2) as scene:
            answers = scene.run([request(batch, time=time) for time in times])
        self.assertEqual([a["slate"][0] for a in answers], list(times.values()))

    def test_a_clock_that_jumps_back_brings_the_rule_back(self):
        ended = {**pin("i1", 1), "until": "2026-03-01"}
        batch = rows(["a", "b"])
        times = ["2026-02-28T00:00:00Z", "2026-03-02T00:00:00Z", "2026-02-28T00:00:00Z"]
        with Scene([ended], page=2) as scene:
            answers = scene.run([request(batch, time=time) for time in times])
        self.assertEqual([a["slate"][0] for a in answers], ["i1", "i0", "i1"])


class Inputs(unittest.TestCase):
    RULES = [apart(), pin("i2", 2)]

    def test_of_duplicate_ids_the_first_is_kept_with_a_warning(self):
        batch = rows(["a", "b", "c"])
        batch.append({**batch[0], "score": 2.0})
        with Scene([], page=4) as scene:
            answer = scene.page(batch)
        self.assertEqual(answer["slate"], ["i0", "i1", "i2"])
        self.assertIn("1 candidate with an id that came before: left out", answer["warnings"])

    def test_rows_without_a_score_sort_last_and_equal_scores_keep_their_order(self):
        batch = rows(["a", "b", "c", "d", "e"])
        for row in batch:
            row["score"] = 0.5
        batch[1]["score"] = None
        del batch[3]["score"]
        with Scene([], page=5) as scene:
            answer = scene.page(batch)
        self.assertEqual(answer["slate"], ["i0", "i2", "i4", "i1", "i3"])
        self.assertIn("2 candidates without a score: sorted last", answer["warnings"])

    def test_a_page_of_one(self):
        with Scene(self.RULES, page=1) as scene:
            self.assertEqual(scene.page(rows(["a", "a", "b"]))["slate"], ["i0"])

    def test_a_page_longer_than_the_batch(self):
        with Scene(self.RULES, page=1000) as scene:
            answer = scene.page(rows(["a", "a", "b"]))
        self.assertEqual((answer["status"], answer["slate"]), ("ok", ["i0", "i2", "i1"]))

    def test_an_empty_batch(self):
        with Scene(self.RULES) as scene:
            answer = scene.page([])
        self.assertEqual((answer["status"], answer["slate"]), ("ok", []))

    def test_one_candidate(self):
        with Scene(self.RULES) as scene:
            answer = scene.page(rows(["a"]))
        self.assertEqual((answer["status"], answer["slate"]), ("ok", ["i0"]))

    def test_a_page_that_filters_leave_empty(self):
        block = {"use": "block", "with": {"where": "score > 0"}, "required": True}
        with Scene([block, *self.RULES]) as scene:
            answer = scene.page(rows(["a", "b"]))
        self.assertEqual(answer["slate"], [])
        self.assertNotEqual(answer["status"], "error")

    def test_an_empty_page_is_no_request(self):
        with Scene(self.RULES) as scene:
            answer = scene.page(rows(["a", "b"]), page=0)
        self.assertEqual((answer["status"], answer["slate"]), ("error", []))
        self.assertIn("`page` must be a whole number", answer["error"])

    def test_a_category_that_the_policy_never_heard_of(self):
        batch = rows(["never seen", "never seen", "b"])
        with Scene([apart()], page=3) as scene:
            answer = scene.page(batch)
        self.assertEqual((answer["status"], answer["slate"]), ("ok", ["i0", "i2", "i1"]))


if __name__ == "__main__":
    unittest.main()
