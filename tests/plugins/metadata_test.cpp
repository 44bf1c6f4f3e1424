// SPDX-License-Identifier: Apache-2.0
//
// What the first-party plugins say of themselves, as the engine reads it without running them.
#include "native/metadata.hpp"

#include <catch2/catch.hpp>
#include <string>

#include "native/inspect.hpp"
#include "support/paths.hpp"

namespace {

lineup::LibraryFacts facts_of(const std::string& name) {
  const auto facts =
      lineup::inspect(std::filesystem::path(lineup::kBinaryDir) / "plugins" / (name + ".so"));
  if (!facts) FAIL(facts.error().message);
  return *facts;
}

}  // namespace

TEST_CASE("every first-party plugin can be read without running it and will unload", "[metadata]") {
  const std::string name =
      GENERATE("calibrate", "decay", "fuse", "discounted", "diversity", "dpp", "expected_value",
               "frequency_cap", "freshness", "mmr", "near_duplicate", "pareto", "sampled",
               "revenue", "score_order", "sequence_beam", "ssd", "weighted_sum");
  CAPTURE(name);
  const lineup::LibraryFacts facts = facts_of(name);
  CHECK(facts.metadata.name == name);
  CHECK(facts.exports == std::vector<std::string>{"lineup_entry"});
  CHECK(facts.findings == std::vector<std::string>{});
  REQUIRE_FALSE(facts.metadata.types.empty());
  CHECK(facts.metadata.types[0].name == name);
  CHECK_FALSE(facts.metadata.types[0].about.empty());
}

TEST_CASE("the schemas fill in the defaults that the READMEs name", "[metadata]") {
  struct Case {
    const char* plugin;
    const char* given;
    const char* complete;
  };
  const auto c = GENERATE(values<Case>({
      {"score_order", "{}", R"({"column":"score"})"},
      {"weighted_sum", "{}", R"({"discount":"log2","gamma":0.85})"},
      {"frequency_cap", "{}", R"({"by":"id","counter":"","history":200,"max":1})"},
      {"near_duplicate", "{}", R"({"column":"embedding","history":0,"window":5})"},
      {"mmr", R"({"categories":[{"column":"author"}]})",
       R"({"categories":[{"column":"author","weight":1}],"column":"score","embeddings":[],)"
       R"("history":0,"scale":"range","theta":0.7,"window":10})"},
      {"calibrate", R"({"curves":[{"inputs":[0],"outputs":[1]}]})",
       R"({"channel":"","curves":[{"inputs":[0],"intercept":0,"method":"linear","outputs":[1],)"
       R"("sampling_rate":1,"slope":1,"weights":[]}],"input":"score","output":""})"},
  }));
  CAPTURE(c.plugin);
  const auto schema = facts_of(c.plugin).metadata.types[0].configuration_schema;
  const auto complete = lineup::complete_config(schema, c.given);
  if (!complete) FAIL(complete.error().message);
  CHECK(*complete == c.complete);
}

TEST_CASE("the schemas refuse what makes no sense", "[metadata]") {
  struct Case {
    const char* plugin;
    const char* config;
  };
  const auto c = GENERATE(values<Case>({
      {"score_order", R"({"colum": "score"})"},
      {"weighted_sum", R"({"gamma": 0})"},
      {"frequency_cap", R"({"max": 0})"},
      {"mmr", R"({"theta": 1.5})"},
      {"mmr", R"({"categories": [{"weight": 1}]})"},
      {"calibrate", R"({})"},
      {"calibrate", R"({"curves": []})"},
  }));
  CAPTURE(c.plugin, c.config);
  const auto schema = facts_of(c.plugin).metadata.types[0].configuration_schema;
  CHECK_FALSE(lineup::complete_config(schema, c.config).has_value());
}
