// SPDX-License-Identifier: Apache-2.0
//
// Each way in which a bundle or a request can be wrong gets its own sentence, and costs nothing: a
// reload with a fault leaves the revision that serves as it is, and a request with a fault is
// answered.
#include <catch2/catch.hpp>
#include <cmath>
#include <limits>
#include <nlohmann/json.hpp>
#include <set>

#include "host.hpp"
#include "support/paths.hpp"

namespace lineup {

namespace {

constexpr std::string_view kScatter =
    "  - {use: category_scatter, with: {by: category, window: 3, max: 1}, priority: 50}\n";

// An engine that serves a good bundle, to which the tests do harm.
struct Serving {
  TestBundle bundle;
  std::unique_ptr<host::Engine> engine;
  std::unique_ptr<Caller> caller;
  Feed feed{40};
  std::string revision;
  std::string page;

  Serving() {
    bundle.write("policies/home.yaml", policy(std::string(kScatter)));
    engine = std::make_unique<host::Engine>(quiet_options(bundle.root()));
    caller = std::make_unique<Caller>(*engine);
    const host::Result result = caller->rerank(feed);
    revision = result.revision();
    page = shown(result, feed);
  }

  // What a reload says of the bundle as it is now.
  std::string refusal() {
    try {
      engine->reload();
    } catch (const host::Error& error) {
      CHECK(error.status() == LINEUP_E_INVALID_CONFIG);
      return error.what();
    }
    return "(it was accepted)";
  }

  void check_unchanged() {
    const host::Result result = caller->rerank(feed);
    CHECK(result.answer() == host::Answer::Ok);
    CHECK(result.revision() == revision);
    CHECK(shown(result, feed) == page);
    CHECK(nlohmann::json::parse(engine->status_json())["revision"] == revision);
  }
};

struct BadFile {
  std::string what;
  std::string path;
  std::string contents;
  std::vector<std::string> said;  // parts of the message: place, code, sentence, hint
};

std::vector<BadFile> bad_policies() {
  const std::string path = "policies/home.yaml";
  const auto ruled = [](const std::string& line) { return policy("  - " + line + "\n"); };
  return {
      {"unknown rule",
       path,
       ruled("{use: categry_scatter, priority: 50}"),
       {"policies/home.yaml:13:11: error[policy/unknown-rule]", "unknown rule `categry_scatter`",
        "did you mean `category_scatter`?", "^~~~~~~~~~~~~~~"}},
      {"wrong type",
       path,
       ruled("{use: category_scatter, with: {window: wide}, priority: 50}"),
       {"policies/home.yaml:13:44: error[", "`window`", "wide"}},
      {"unknown column",
       path,
       ruled("{use: category_scatter, with: {by: categori}, priority: 50}"),
       {"policies/home.yaml:13:40: error[", "`categori`", "did you mean `category`?"}},
      {"duplicate key",
       path,
       policy("") + "page: 12\n",
       {"policies/home.yaml:16:1: error[policy/duplicate-key]", "`page` is there twice", "line 3"}},
      {"cyclic graph",
       path,
       policy("",
              "graph:\n"
              "  - {id: a, score: calibrate, from: [b]}\n"
              "  - {id: b, score: calibrate, from: [a]}\n"
              "  - {id: page, generate: score_order, from: [b]}\n"),
       {"policies/home.yaml:13:", "error[policy/cycle]", "`a` <- `b` <- `a`"}},
      {"missing plugin",
       path,
       policy("", "graph:\n  - {id: page, generate: score_ordr}\n"),
       {"policies/home.yaml:13:26: error[policy/unknown-plugin]", "unknown generator `score_ordr`",
        "did you mean `score_order`?"}},
      {"no strength",
       path,
       ruled("{use: category_scatter}"),
       {"policies/home.yaml:13:", "error[policy/no-strength]", "give it `priority`"}},
      {"not YAML", path, "lineup: 1\nscene: [home\n", {"policies/home.yaml:", "error["}},
  };
}

std::vector<BadFile> bad_rules() {
  const std::string path = "rules/mine.lua";
  const std::string head = "return rule {\n  name = \"mine\", about = \"Mine.\",\n";
  return {
      {"syntax error",
       path,
       head + "  constraints = function(p) return cap { by = \"author\" max = 1 } end,\n}\n",
       {"rules/mine.lua:3:", "error[script/syntax]", "`}` expected near `max`", "^~~"}},
      {"endless loop at load",
       path,
       "while true do end\n",
       {"rules/mine.lua:1:", "error[script/budget]", "used up its", "while true"}},
      {"memory bomb at load",
       path,
       "local all = {}\nfor i = 1, 1e12 do\n  all[i] = i\nend\n",
       {"rules/mine.lua:3:", "error[script/budget]", "used up its", "all[i] = i"}},
      {"undeclared name",
       path,
       head + "  constraints = function(p) return capp { by = \"author\", max = 1 } end,\n}\n",
       {"rules/mine.lua:3:", "error[script/", "`capp`", "`cap`"}},
      {"forbidden library",
       path,
       "os.exit(1)\n" + head + "}\n",
       {"rules/mine.lua:1:", "error[script/", "`os`"}},
      {"another name than its file's",
       path,
       "return rule { name = \"yours\", about = \"Yours.\", constraints = function(p) return cap { "
       "by = \"author\", max = 1 } end }\n",
       {"rules/mine.lua", "error[script/name]", "`yours`", "`mine.lua`"}},
  };
}

void check_refused(const BadFile& bad) {
  Serving serving;
  serving.bundle.write(bad.path, bad.contents);
  const std::string said = serving.refusal();
  INFO(bad.what << ":\n" << said);
  for (const std::string& part : bad.said) {
    INFO("wanted: " << part);
    CHECK(said.find(part) != std::string::npos);
  }
  serving.check_unchanged();
  const auto status = nlohmann::json::parse(serving.engine->status_json());
  CHECK(status["last_rejected"]["diagnostics"].size() >= 1);
  // Taking the fault back is all it needs.
  serving.bundle.write("policies/home.yaml", policy(std::string(kScatter)));
  if (bad.path != "policies/home.yaml") serving.bundle.remove(bad.path);
  CHECK_NOTHROW(serving.engine->reload());
  serving.check_unchanged();
}

// What a reload says when `library` lies in the bundle's plugins/ and `generator` is asked for.
std::string refusal_of_plugin(const std::string& library, const std::string& generator) {
  Serving serving;
  serving.bundle.add_plugin(library, generator);
  serving.bundle.write("policies/home.yaml",
                       policy("", "graph:\n  - {id: page, generate: " + generator + "}\n"));
  const std::string said = serving.refusal();
  serving.check_unchanged();
  return said;
}

std::string hostile(const std::string& name) {
  return kBinaryDir + "/tests/hostile/" + name + ".so";
}

bool has(const std::string& text, const std::string& part) {
  return text.find(part) != std::string::npos;
}

}  // namespace

TEST_CASE("a policy with a fault is refused with file, line, column and what would be right") {
  for (const BadFile& bad : bad_policies()) check_refused(bad);
}

TEST_CASE("a rule file with a fault is refused with file, line and column") {
  for (const BadFile& bad : bad_rules()) check_refused(bad);
}

TEST_CASE("all faults of a bundle are said at once") {
  Serving serving;
  serving.bundle.write("policies/home.yaml",
                       policy("  - {use: nobody, priority: 1}\n  - {use: pin, with: {slot: 1}, "
                              "priority: 2}\n"));
  serving.bundle.write("rules/mine.lua", "return rule {");
  const std::string said = serving.refusal();
  INFO(said);
  CHECK(has(said, "`nobody`"));
  CHECK(has(said, "either `id` or `where`"));
  CHECK(has(said, "rules/mine.lua:1:"));
}

TEST_CASE("a plugin that cannot be used is refused with its name and the reason") {
  SECTION("of another ABI") {
    const std::string said = refusal_of_plugin(hostile("other_abi"), "other_abi");
    INFO(said);
    CHECK(has(said, "plugins/other_abi.so"));
    CHECK(has(said, "error[native/abi]"));
  }
  SECTION("that throws while it is tried") {
    const std::string said = refusal_of_plugin(hostile("throws_in_create"), "throws_in_create");
    INFO(said);
    CHECK(has(said, "throws_in_create"));
    CHECK(has(said, "the model is missing"));
  }
  SECTION("that crashes while it is tried") {
    const std::string said = refusal_of_plugin(hostile("aborts_in_init"), "aborts_in_init");
    INFO(said);
    CHECK(has(said, "aborts_in_init"));
    CHECK(has(said, "error[native/"));
  }
  SECTION("that is no plugin") {
    const std::string said = refusal_of_plugin(hostile("no_entry"), "no_entry");
    INFO(said);
    CHECK(has(said, "plugins/no_entry.so"));
    CHECK(has(said, "lineup_entry"));
  }
}

TEST_CASE("a truncated plugin is refused at any length, and kills nobody") {
  Serving serving;
  const std::string good = kBinaryDir + "/tests/engine_plugins/front_1.so";
  serving.bundle.write("policies/home.yaml",
                       policy("", "graph:\n  - {id: page, generate: front}\n"));
  const auto size = std::filesystem::file_size(good);
  for (const int percent : {0, 1, 5, 25, 50, 75, 85, 90, 95, 99}) {
    serving.bundle.add_plugin(good, "front");
    std::filesystem::resize_file(serving.bundle.path("plugins/front.so"), size * percent / 100);
    const std::string said = serving.refusal();
    INFO(percent << " %: " << said);
    CHECK(has(said, "plugins/front.so"));
    CHECK(has(said, "error[native/"));
    serving.check_unchanged();
  }
  serving.bundle.add_plugin(good, "front");
  CHECK_NOTHROW(serving.engine->reload());
}

TEST_CASE("a first bundle with a fault opens no engine") {
  TestBundle bundle;
  bundle.write("policies/home.yaml", policy("  - {use: nobody, priority: 1}\n"));
  std::string said;
  try {
    host::Engine engine(quiet_options(bundle.root()));
  } catch (const host::Error& error) {
    said = error.what();
  }
  CHECK(has(said, "policies/home.yaml:13:11: error[policy/unknown-rule]"));
  bundle.remove("policies/home.yaml");
  CHECK_THROWS_AS(host::Engine(quiet_options(bundle.root())), host::Error);
}

TEST_CASE("a rule that loops or eats memory in a call is given up, and the page says so") {
  const std::string body =
      GENERATE(as<std::string>{}, "while true do end",
               "local all = {} for i = 1, 1e9 do all[i] = {} end return true",
               "return (string.rep('a', 60000)):find(('a*'):rep(30) .. 'b') == nil");
  TestBundle bundle;
  bundle.write("policies/home.yaml",
               policy(std::string(kScatter) + "  - {use: mine, priority: 40}\n",
                      std::string(kGraph) + "limits: {deadline_ms: 60000}\n"));
  bundle.write("rules/mine.lua",
               "return rule {\n  name = \"mine\", about = \"Mine.\",\n  allow = "
               "function(item, slate, context, p) " +
                   body + " end,\n}\n");
  host::Engine engine(quiet_options(bundle.root()));
  Caller caller(engine);
  const Feed feed(40);
  for (int i = 0; i < 3; ++i) {
    const host::Result result = caller.rerank(feed);
    INFO(body << ": " << result.error());
    CHECK(result.answer() == host::Answer::Relaxed);
    CHECK(result.slate().size() == 10);
    REQUIRE(result.relaxed().size() == 1);
    CHECK(abi::view(result.relaxed()[0].rule) == "mine");
    CHECK(abi::view(result.relaxed()[0].reason) == "budget");
  }
}

TEST_CASE("scores that are no numbers sort last, with a warning") {
  Serving serving;
  Feed feed(6);
  feed.scores[0] = std::numeric_limits<double>::quiet_NaN();
  feed.scores[2] = std::numeric_limits<double>::infinity();
  const host::Result result = serving.caller->rerank(feed);
  CHECK(result.answer() == host::Answer::Ok);
  const auto slate = slate_of(result);
  REQUIRE(slate.size() == 6);
  CHECK(std::set<std::uint32_t>{slate[4], slate[5]} == std::set<std::uint32_t>{0, 2});
  REQUIRE(result.warnings().size() == 1);
  CHECK(abi::view(result.warnings()[0]) == "2 candidates without a score: sorted last");
}

TEST_CASE("the first of equal ids is kept, with a warning") {
  Serving serving;
  Feed feed(4);
  feed.ids = host::Texts{"x", "y", "x", "x"};
  const host::Result result = serving.caller->rerank(feed);
  CHECK(slate_of(result) == std::vector<std::uint32_t>{0, 1});
  REQUIRE(result.warnings().size() == 1);
  CHECK(abi::view(result.warnings()[0]) == "2 candidates with an id that came before: left out");
}

TEST_CASE("an empty batch gives an empty page") {
  Serving serving;
  const Feed none(0);
  const host::Result result = serving.caller->rerank(none);
  CHECK(result.answer() == host::Answer::Ok);
  CHECK(result.slate().empty());
  serving.caller->request.clear();
  serving.caller->request.scene(serving.engine->scene("home"));
  CHECK(serving.caller->rerank().answer() == host::Answer::Ok);
}

TEST_CASE("a page longer than the batch holds every row once") {
  Serving serving;
  const Feed feed(7);
  serving.caller->prepare(feed).page(50);
  const auto slate = slate_of(serving.caller->rerank());
  CHECK(slate.size() == 7);
  CHECK(std::set<std::uint32_t>(slate.begin(), slate.end()).size() == 7);
}

TEST_CASE("an unknown scene is answered with an error") {
  Serving serving;
  Caller elsewhere(*serving.engine, "nowhere");
  const host::Result result = elsewhere.rerank(serving.feed);
  CHECK(result.answer() == host::Answer::Error);
  CHECK(result.error() == "unknown scene `nowhere`");
  CHECK(result.slate().empty());
}

TEST_CASE("a column of another type than declared is answered with an error that names it") {
  Serving serving;
  Caller& caller = *serving.caller;
  caller.prepare(serving.feed);
  caller.rows.clear(40);
  caller.rows.ids(serving.feed.ids);
  caller.rows.column(serving.engine->column("score"), serving.feed.category);
  const host::Result result = caller.rerank();
  CHECK(result.answer() == host::Answer::Error);
  CHECK(has(std::string(result.error()), "`score`"));
}

TEST_CASE("more candidates than the policy's limit are answered with an error") {
  TestBundle bundle;
  bundle.write("policies/home.yaml", policy("", std::string(kGraph) + "limits: {rows_max: 10}\n"));
  host::Engine engine(quiet_options(bundle.root()));
  Caller caller(engine);
  const host::Result result = caller.rerank(Feed(11));
  CHECK(result.answer() == host::Answer::Error);
  CHECK(result.error() == "11 candidates are more than the limit of 10");
}

}  // namespace lineup
