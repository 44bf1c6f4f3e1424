// SPDX-License-Identifier: Apache-2.0
//
// `lineup graph`: what is drawn, and that drawings are well-formed.
#include "cli/graph.hpp"

#include <catch2/catch.hpp>

using namespace lineup;
using Catch::Contains;

namespace {

SceneDescription feed() {
  SceneDescription scene;
  scene.scene = "home";
  scene.page = 10;
  scene.columns = {"score", "type"};
  scene.rules = {"apart"};
  scene.nodes = {{"tune", "score", "calibrate", {}},
                 {"page", "generate", "score_order", {}},
                 {"other", "generate", "m\"m<r", {0}},
                 {"value", "evaluate", "weighted_sum", {1, 2}},
                 {"best", "select", "best", {3}}};
  return scene;
}

std::size_t count(const std::string& text, const std::string& part) {
  std::size_t found = 0;
  for (std::size_t at = text.find(part); at != std::string::npos; at = text.find(part, at + 1)) {
    ++found;
  }
  return found;
}

}  // namespace

TEST_CASE("a graph runs from the candidates over rules and nodes to the slate", "[graph]") {
  const std::string dot = cli::graph_dot(feed());
  // 0 candidates, 1 tune, 2 rules, 3 page, 4 other, 5 value, 6 best, 7 slate
  for (const char* edge : {"n0 -> n1;", "n1 -> n2;", "n2 -> n3;", "n2 -> n4;", "n3 -> n5;",
                           "n4 -> n5;", "n5 -> n6;", "n6 -> n7;"}) {
    CHECK_THAT(dot, Contains(edge));
  }
  CHECK(count(dot, "->") == 8);
  CHECK_THAT(dot, Contains("1 rule"));
}

TEST_CASE("names in a drawing cannot break it", "[graph]") {
  CHECK_THAT(cli::graph_dot(feed()), Contains("generate: m\\\"m<r"));
  const std::string svg = cli::graph_svg(feed());
  CHECK_THAT(svg, Contains("m&quot;m&lt;r") || Contains("m\"m&lt;r"));
  CHECK(count(svg, "<rect ") == 8);
  CHECK(count(svg, "marker-end") == 8);
  CHECK(svg.rfind("</svg>\n") == svg.size() - 7);
}

TEST_CASE("several generators without an evaluator all lead to the slate", "[graph]") {
  SceneDescription scene = feed();
  scene.nodes.resize(3);
  const std::string dot = cli::graph_dot(scene);
  CHECK_THAT(dot, Contains("n3 -> n5;"));
  CHECK_THAT(dot, Contains("n4 -> n5;"));
}

TEST_CASE("nodes of a named graph stand in a frame of their own", "[graph]") {
  SceneDescription scene = feed();
  scene.nodes[1].used_as = scene.nodes[2].used_as = "pair\"<";
  const std::string dot = cli::graph_dot(scene);
  CHECK_THAT(dot, Contains("subgraph \"cluster_pair\\\"<\" { label=\"pair\\\"<\"; n3; n4; }"));
  const std::string svg = cli::graph_svg(scene);
  CHECK(count(svg, "<g class=\"use\">") == 1);
  CHECK(count(svg, "<rect ") == 9);
  CHECK_THAT(svg, !Contains("pair\"<"));
}

TEST_CASE("what does not fit into a box is cut in it and whole in its title", "[graph]") {
  SceneDescription scene = feed();
  scene.nodes[1].when = "context.hour >= 18 and segment.newcomers";
  const std::string svg = cli::graph_svg(scene);
  const std::string whole = "generate: score_order if context.hour &gt;= 18 and segment.newcomers";
  CHECK_THAT(svg, Contains("<title>page: " + whole + "</title>"));
  CHECK(count(svg, whole) == 1);
  CHECK_THAT(svg, Contains(">generate: score_order if co...<"));
}
