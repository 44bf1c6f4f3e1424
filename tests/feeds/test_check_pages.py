#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""The checker's own test: one clean page, and every fault it must see made once on purpose."""

import copy
import unittest
from pathlib import Path

from check_pages import check_all
from constraints import Cap, KeptTo, Pinned, Quota, Spacing, Window
from flow import parse_flow, read_document
from make_feed_requests import MissingData, read_csv
from scenes import Scene, read_bundle, read_list
from witness import find_clean_page

ROOT = Path(__file__).resolve().parents[2]

POLICY = """
lineup: 1
scene: test
page: 6
columns:
  score:    {type: float}
  category: {type: category}
  tags:     {type: categories, split: ','}
  is_new:   {type: bool, default: false}
segments:
  newcomers: 'context.days_since_signup < 7'
rules:
  - {use: block, with: {list: blocked, by: author}}
  - {use: pin, with: {id: p, slot: 2}, priority: 110}
  - {use: pin, as: no_short_first, with: {where: 'type == "short"', slots: [1], mode: never_in}, required: true}
  - {use: ad_spacing, with: {where: 'type == "ad"', gap: 2, first_slot: 2, max: 2}, priority: 100}
  - {use: cold_start_quota, with: {where: 'is_new', min: 1, max: 2, slots: '1..4'}, priority: 90, when: 'not segment.newcomers'}
  - {use: category_scatter, with: {by: category, window: 3, max: 2, head: 2}, priority: 80}
  - {use: category_scatter, with: {by: tags, window: 2, max: 1}, priority: 70}
  - {use: max_consecutive, with: {where: 'type == "video"', max: 2}, priority: 60}
  - {use: author_cap, with: {by: author, max: 1}, priority: 50}
  - {use: category_scatter, as: wish, with: {by: category, window: 6, max: 1}, weight: 0.1}
"""

# id: what the row is; the clean page is a p n b c e, and the rest is there to break it with.
ROWS = {
    "a": {"score": 0.9, "category": "red", "type": "video", "author": "A"},
    "p": {"score": 0.1, "category": "blue", "type": "post", "author": "P", "tags": "x,y"},
    "n": {"score": 0.8, "category": "red", "type": "video", "author": "N", "is_new": True},
    "b": {"score": 0.7, "category": "blue", "type": "ad", "author": "B", "tags": "x"},
    "c": {"score": 0.6, "type": "post", "author": "C"},
    "e": {"score": 0.5, "type": "post"},
    "red2": {"score": 0.4, "category": "red", "type": "post", "author": "R"},
    "tag_y": {"score": 0.4, "type": "post", "tags": "z,y"},
    "ad2": {"score": 0.4, "type": "ad"},
    "ad3": {"score": 0.4, "type": "ad"},
    "new2": {"score": 0.4, "type": "post", "is_new": True},
    "new3": {"score": 0.4, "type": "post", "is_new": True},
    "video2": {"score": 0.4, "type": "video"},
    "video3": {"score": 0.4, "type": "video"},
    "author_c": {"score": 0.4, "type": "post", "author": "C"},
    "short": {"score": 0.4, "type": "short"},
    "blocked": {"score": 0.99, "type": "post", "author": "X"},
}
CLEAN = ["a", "p", "n", "b", "c", "e"]


def scenes():
    return {"test": Scene(read_document(POLICY), {"blocked": {"X"}})}


def request():
    rows = [{"id": name, **row} for name, row in ROWS.items()]
    return {"id": "r1", "scene": "test", "context": {"days_since_signup": 30}, "candidates": rows}


def response(slate, **changes):
    return {"id": "r1", "slate": slate, "status": "ok", "search": "complete", "relaxed": [],
            **changes}


def codes(answer, asked=None):
    report = check_all(scenes(), [asked or request()], [answer])
    return {(code, detail.split("`")[1] if "`" in detail else "") for _, _, code, detail in
            report.faults}


class PageTest(unittest.TestCase):
    def test_a_clean_page_has_no_fault(self):
        self.assertEqual(codes(response(CLEAN)), set())

    def test_every_rule_can_be_broken(self):
        # name of the use -> a page that breaks it and nothing else
        broken = {
            "pin": ["a", "c", "n", "p", "e", "red2"],
            "ad_spacing": ["a", "p", "n", "b", "ad2", "e"],
            "cold_start_quota": ["a", "p", "c", "b", "e", "n"],
            "category_scatter": ["c", "p", "n", "red2", "a", "e"],
            "category_scatter#2": ["a", "p", "tag_y", "n", "c", "e"],
            "max_consecutive": ["c", "p", "n", "video2", "video3", "e"],
            "author_cap": ["a", "p", "n", "c", "author_c", "e"],
        }
        for name, slate in broken.items():
            with self.subTest(name):
                self.assertEqual(codes(response(slate)), {("broken", name)})

    def test_a_window_ends_where_it_ends(self):
        slate = ["a", "p", "n", "red2", "c", "e"]  # red blue red red: two in any three
        self.assertEqual(codes(response(slate)), set())

    def test_head_is_part_of_its_rule(self):
        asked = request()
        asked["candidates"] = [row for row in asked["candidates"] if row["id"] != "p"]
        self.assertEqual(codes(response(["a", "n", "b", "c", "e", "red2"]), asked),
                         {("broken", "category_scatter")})

    def test_first_slot_and_number_of_ads(self):
        self.assertEqual(codes(response(["ad2", "p", "n", "c", "e", "red2"])),
                         {("broken", "ad_spacing")})
        asked = {**request(), "page": 9}  # room for a third ad that is far enough away
        two, three = (["a", "p", "ad2", "n", "c", "b", "e", "red2", last] for last in ("new2", "ad3"))
        self.assertEqual(codes(response(two), asked), set())
        self.assertEqual(codes(response(three), asked), {("broken", "ad_spacing")})

    def test_quota_has_a_maximum(self):
        self.assertEqual(codes(response(["new2", "p", "n", "new3", "c", "e"])),
                         {("broken", "cold_start_quota")})

    def test_quota_looks_at_its_slots_only(self):
        self.assertEqual(codes(response(["a", "p", "n", "new2", "new3", "e"])), set())

    def test_a_rule_that_is_switched_off_is_not_checked(self):
        asked = request()
        asked["context"]["days_since_signup"] = 3
        self.assertEqual(codes(response(["a", "p", "c", "b", "e", "n"]), asked), set())

    def test_a_pin_without_its_row_does_not_apply(self):
        asked = request()
        asked["candidates"] = [row for row in asked["candidates"] if row["id"] != "p"]
        self.assertEqual(codes(response(["a", "c", "n", "b", "e", "red2"]), asked), set())

    def test_required_rules_hold_on_every_path(self):
        slate = ["short", "p", "n", "b", "c", "e"]
        for status in ("relaxed", "fallback"):
            changes = {"status": status, "relaxed": [{"rule": "ad_spacing", "violations": 1}]}
            self.assertIn(("required_broken", "no_short_first"), codes(response(slate, **changes)))

    def test_filtered_rows_are_shown_on_no_path(self):
        slate = ["a", "p", "n", "b", "c", "blocked"]
        for status in ("ok", "relaxed", "fallback"):
            self.assertIn(("filtered_row", "blocked"), codes(response(slate, status=status)))

    def test_duplicates_strangers_and_length(self):
        def first(slate):
            return {code for code, _ in codes(response(slate))}

        self.assertIn("duplicate", first(["a", "p", "n", "b", "c", "c"]))
        self.assertEqual(first(["a", "p", "n", "b", "c", "zz"]), {"stranger"})
        self.assertIn("too_long", first(CLEAN + ["red2"]))

    def test_a_short_page_needs_a_required_rule(self):
        self.assertEqual(codes(response(CLEAN[:5])), set())
        loose = {"test": Scene(read_document(POLICY.replace("required: true", "priority: 120")),
                               {"blocked": {"X"}})}
        report = check_all(loose, [request()], [response(CLEAN[:5])])
        self.assertEqual([code for _, _, code, _ in report.faults], ["too_short"])

    def test_ids_keep_their_type(self):
        asked = {"id": "r1", "scene": "test", "context": {"days_since_signup": 3},
                 "candidates": [{"id": 1, "score": 0.5}]}
        self.assertEqual(codes(response([1]), asked), set())
        self.assertEqual({code for code, _ in codes(response(["1"]), asked)}, {"stranger"})

    def test_columns_mean_the_same_as_rows(self):
        rows = request()["candidates"]
        names = sorted({name for row in rows for name in row})
        asked = request()
        asked["candidates"] = {name: [row.get(name) for row in rows] for name in names}
        self.assertEqual(codes(response(CLEAN), asked), set())
        self.assertEqual(codes(response(["a", "c", "n", "p", "e", "red2"]), asked),
                         {("broken", "pin")})


class RelaxedTest(unittest.TestCase):
    SLATE = ["a", "c", "n", "p", "e", "red2"]  # breaks the pin and nothing else

    def relaxed(self, *rules, search="limit"):
        return response(self.SLATE, status="relaxed", search=search,
                        relaxed=[{"rule": rule, "violations": 1} for rule in rules])

    def test_listing_what_is_broken_is_enough(self):
        self.assertEqual(codes(self.relaxed("pin")), set())

    def test_an_unlisted_rule_may_not_be_broken(self):
        self.assertIn(("unlisted", "pin"), codes(self.relaxed("ad_spacing")))

    def test_a_listed_rule_must_be_broken(self):
        self.assertEqual(codes(self.relaxed("pin", "ad_spacing")),
                         {("listed_but_kept", "ad_spacing")})

    def test_required_rules_are_never_listed(self):
        self.assertEqual(codes(self.relaxed("pin", "no_short_first")),
                         {("required_relaxed", "no_short_first")})

    def test_names_must_be_known_and_soft_rules_may_be_listed(self):
        self.assertEqual(codes(self.relaxed("pin", "wish", "nobody")),
                         {("unknown_rule", "nobody")})

    def test_an_empty_list_is_a_fault(self):
        self.assertIn(("nothing_listed", "relaxed"), codes(self.relaxed()))

    def test_ok_with_a_list_is_a_fault(self):
        answer = response(CLEAN, relaxed=[{"rule": "pin", "violations": 1}])
        self.assertEqual({code for code, _ in codes(answer)}, {"ok_but_relaxed"})

    def test_a_clean_page_contradicts_a_complete_search(self):
        self.assertEqual({code for code, _ in codes(self.relaxed("pin", search="complete"))},
                         {"clean_page_exists"})

    def test_wrong_units_are_counted_apart(self):
        answer = self.relaxed("pin")
        answer["relaxed"][0]["violations"] = 7
        report = check_all(scenes(), [request()], [answer])
        self.assertEqual(report.faults, [])
        self.assertEqual(report.counts["test"]["unit_differences"], 1)


class EnvelopeTest(unittest.TestCase):
    def test_wrong_id_status_search_and_count(self):
        def first(answer, asked=None):
            return {code for code, _ in codes(answer, asked)}

        self.assertEqual(first(response(CLEAN, id="r2")), {"wrong_id"})
        self.assertEqual(first(response(CLEAN, status="fine")), {"unknown_status"})
        self.assertEqual(first(response(CLEAN, search="some")), {"unknown_search"})
        self.assertEqual(first(response([], status="error", error="no")), {"error"})
        report = check_all(scenes(), [request()], [])
        self.assertEqual([code for _, _, code, _ in report.faults], ["wrong_count"])

    def test_an_unknown_scene_must_be_an_error(self):
        asked = {**request(), "scene": "nowhere"}
        self.assertEqual(codes(response([], status="error"), asked), set())
        self.assertEqual({code for code, _ in codes(response([]), asked)}, {"unknown_scene"})

    def test_an_empty_batch_is_ok_and_empty(self):
        asked = {**request(), "candidates": []}
        asked["context"] = {"days_since_signup": 3}
        self.assertEqual(codes(response([]), asked), set())


class KindTest(unittest.TestCase):
    @staticmethod
    def page(values):
        return [{"id": place, "v": value} for place, value in enumerate(values)]

    @staticmethod
    def is_x(row):
        return row.get("v") == "x"

    def test_units_of_violation(self):
        cases = [
            (Window(3, 1, "v"), "xaxx", 1 + 1),
            (Window(3, 1, "v"), "xx", 1),
            (Window(2, 1, None, self.is_x), "xxax", 1),
            (Cap("v", 1), "xaxax", 2 + 1),
            (Cap("v", 1, [1, 2]), "xaxax", 0),
            (Quota(self.is_x, least=2, slots=[1, 2, 3]), "axaxx", 1),
            (Quota(self.is_x, most=1), "xxx", 2),
            (Spacing(self.is_x, gap=2), "xxaxaax", 2 + 1),
            (Spacing(self.is_x, gap=0, first_slot=3), "xxx", 2),
            (KeptTo(self.is_x, "only_within", [1, 2]), "xaxx", 2),
            (KeptTo(self.is_x, "never_in", [1, 2]), "xaxx", 1),
            (KeptTo(self.is_x, "last"), "xaxbx", 2),
        ]
        for constraint, values, violations in cases:
            with self.subTest(f"{type(constraint).__name__} {values}"):
                self.assertEqual(constraint.violations(self.page(values)), violations)

    def test_missing_agrees_with_nothing(self):
        page = [{"id": 1}, {"id": 2}, {"id": 3, "v": []}]
        self.assertEqual(Window(2, 1, "v").violations(page), 0)

    def test_several_columns_must_all_agree(self):
        page = [{"v": "x", "w": 1}, {"v": "x", "w": 2}, {"v": "x", "w": 1}]
        self.assertEqual(Window(3, 1, ["v", "w"]).violations(page), 1)

    def test_pins(self):
        page = self.page("abc")
        self.assertEqual(Pinned([(page[0], 1), (page[2], 2)]).violations(page), 1)
        self.assertEqual(Pinned([(page[1], 3)], "at_or_above").violations(page), 0)
        self.assertEqual(Pinned([(page[2], 2)], "at_or_above").violations(page), 1)

    def test_a_broken_prefix_is_a_broken_page(self):
        quota = Quota(self.is_x, least=2, slots=[1, 2, 3])
        self.assertFalse(quota.broken(self.page("a"), 5))
        self.assertTrue(quota.broken(self.page("aa"), 5))

    def test_the_witness_finds_a_page_that_greed_misses(self):
        rows = [{"id": place, "score": 1.0 - place / 10, "v": value}
                for place, value in enumerate("aabbcc")]
        neighbours = Window(2, 1, "v")
        page = find_clean_page(rows, [neighbours, Quota(self.is_x, most=0)], 6)
        self.assertEqual(neighbours.violations(page), 0)
        self.assertIsNone(find_clean_page(rows[:2], [neighbours], 2))


class ReaderTest(unittest.TestCase):
    def test_flow_values(self):
        self.assertEqual(parse_flow("{a: 1, b: 'x == \"y\", {z}', c: [2, t], d: true}"),
                         {"a": 1, "b": 'x == "y", {z}', "c": [2, "t"], "d": True})
        for text in ("{a: 1, a: 2}", "{a 1}", "{a: 1} b"):
            with self.assertRaises(ValueError):
                parse_flow(text)

    def test_what_is_not_understood_is_refused(self):
        for old, new in (("is_new'", "is_old'"), ("use: pin", "use: nail"),
                         ("list: blocked", "list: nobody")):
            with self.assertRaises(ValueError):
                Scene(read_document(POLICY.replace(old, new)), {"blocked": {"X"}})

    def test_every_policy_of_the_project_is_understood(self):
        self.assertEqual(set(read_bundle(Path(__file__).parent)),
                         {"kuairand", "movielens", "openbandit"})
        self.assertEqual(set(read_bundle(ROOT / "examples/movies/bundle")), {"movies"})
        for name in ("home_feed", "movies"):
            text = (ROOT / f"policies/{name}.yaml").read_text(encoding="utf-8")
            scene = Scene(read_document(text), {"blocked_authors": set()})
            self.assertEqual(scene.name, name)
            self.assertGreaterEqual(len(scene.uses), 5)

    def test_lists_have_comments(self):
        self.assertEqual(read_list("# studios\nOrion Pictures\n\n 7 # seven\na#b\n"),
                         {"Orion Pictures", "7", "a#b"})

    def test_absent_data_is_said(self):
        with self.assertRaises(MissingData):
            list(read_csv(Path("/nonexistent"), "items.csv.gz"))


if __name__ == "__main__":
    unittest.main()
