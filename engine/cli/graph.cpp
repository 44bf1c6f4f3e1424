// SPDX-License-Identifier: Apache-2.0
//
// Nodes stand in columns: a node is one column to the right of the last one that it reads from.
// What the policy leaves unsaid is drawn too: where candidates come in, where rules act, and that
// the engine proves the page.
#include "cli/graph.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cstdint>
#include <vector>

#include "cli/engine_handle.hpp"
#include "cli/print/html_plot.hpp"
#include "cli/print/print.hpp"
#include "cli/verbs.hpp"

namespace lineup::cli {

namespace {

struct Box {
  std::string title;
  std::string line;
  std::string kind;
  std::vector<std::size_t> from;
  std::size_t column = 0;
  std::string used_as = {};  // the use of a named graph that it belongs to; empty: none
};

// What a node does, and on which requests: of a branch, under which load.
std::string line_of(const NodeDescription& node) {
  std::string line = node.kind + ": " + node.plugin;
  if (!node.when.empty()) line += " if " + node.when;
  if (!node.shed_at.empty()) line += ", not under load " + node.shed_at;
  return line;
}

// What fits into a box of a drawing: whole characters, and that it went on.
std::string cut(const std::string& text) {
  constexpr std::size_t kBytesMax = 30;
  if (text.size() <= kBytesMax) return text;
  std::size_t end = kBytesMax - 3;
  while (end > 0 && (static_cast<unsigned char>(text[end]) & 0xC0) == 0x80) --end;
  return text.substr(0, end) + "...";
}

// Candidates, scorers, rules, the rest of the nodes, the slate.
std::vector<Box> boxes_of(const SceneDescription& scene) {
  std::vector<Box> boxes;
  const auto& nodes = scene.nodes;
  boxes.push_back({"candidates", fmt::format("{} columns", scene.columns.size()), "end", {}, 0});
  std::vector<std::size_t> place(nodes.size(), 0);
  // Scorers run one after another, whatever each says it reads.
  for (std::size_t i = 0; i < nodes.size(); ++i) {
    if (nodes[i].kind != "score") continue;
    place[i] = boxes.size();
    boxes.push_back(
        {nodes[i].id, line_of(nodes[i]), "score", {boxes.size() - 1}, 0, nodes[i].used_as});
  }
  const std::size_t rules = boxes.size();
  boxes.push_back({fmt::format("{} rule{}", scene.rules.size(), scene.rules.size() == 1 ? "" : "s"),
                   "filters, boosts, constraints",
                   "rules",
                   {rules - 1},
                   0});
  std::vector<bool> is_read(nodes.size(), false);
  for (std::size_t i = 0; i < nodes.size(); ++i) {
    if (nodes[i].kind == "score") continue;
    Box box{nodes[i].id, line_of(nodes[i]), nodes[i].kind, {}, 0, nodes[i].used_as};
    for (const std::uint32_t from : nodes[i].from) {
      is_read[from] = true;
      if (nodes[from].kind != "score") box.from.push_back(place[from]);
    }
    if (box.from.empty()) box.from.push_back(rules);
    place[i] = boxes.size();
    boxes.push_back(std::move(box));
  }
  Box slate{"slate", fmt::format("{} slots, proven", scene.page), "end", {}, 0};
  for (std::size_t i = 0; i < nodes.size(); ++i) {
    if (nodes[i].kind != "score" && !is_read[i]) slate.from.push_back(place[i]);
  }
  boxes.push_back(std::move(slate));
  for (Box& box : boxes) {
    for (const std::size_t from : box.from) {
      box.column = std::max(box.column, boxes[from].column + 1);
    }
  }
  return boxes;
}

// A text in quotes for DOT: names are letters, digits, `_` and `-`, but plugins name themselves.
std::string quoted(const std::string& text) {
  std::string out = "\"";
  for (const char c : text) {
    if (c == '"' || c == '\\') out += '\\';
    out += c == '\n' ? std::string("\\n") : std::string(1, c);
  }
  return out + '"';
}

// The uses of named graphs, in the order of their first boxes.
std::vector<std::string> uses_of(const std::vector<Box>& boxes) {
  std::vector<std::string> out;
  for (const Box& box : boxes) {
    if (box.used_as.empty()) continue;
    if (std::find(out.begin(), out.end(), box.used_as) == out.end()) out.push_back(box.used_as);
  }
  return out;
}

constexpr double kWidth = 170.0;
constexpr double kHeight = 46.0;
constexpr double kAcross = 215.0;  // from column to column
constexpr double kDown = 66.0;     // from box to box
constexpr double kMargin = 14.0;
constexpr double kAround = 6.0;  // from a box to the frame of its use
constexpr double kLabel = 14.0;  // above the boxes of a use, for its name

struct Place {
  double x = 0.0;
  double y = 0.0;
};

// What stands in no use stands in the middle of its column, above the uses; each use has rows of
// its own, so that its frame holds nothing else.
std::vector<Place> places_of(const std::vector<Box>& boxes, double& width, double& height) {
  auto bands = uses_of(boxes);
  bands.insert(bands.begin(), "");
  std::size_t columns = 0;
  for (const Box& box : boxes) columns = std::max(columns, box.column + 1);
  std::vector<Place> places(boxes.size());
  double top = kMargin;
  for (const std::string& band : bands) {
    if (!band.empty()) top += kLabel;
    std::vector<std::size_t> in_column(columns, 0);
    for (const Box& box : boxes) {
      if (box.used_as == band) ++in_column[box.column];
    }
    const std::size_t most = *std::max_element(in_column.begin(), in_column.end());
    std::vector<std::size_t> next(columns, 0);
    for (std::size_t i = 0; i < boxes.size(); ++i) {
      if (boxes[i].used_as != band) continue;
      const std::size_t column = boxes[i].column;
      const double above = static_cast<double>(most - in_column[column]) / 2.0;
      places[i] = {kMargin + kAcross * static_cast<double>(column),
                   top + kDown * (above + static_cast<double>(next[column]++))};
    }
    top += kDown * static_cast<double>(most);
  }
  width = 2 * kMargin + kAcross * static_cast<double>(columns - 1) + kWidth;
  height = top - kDown + kHeight + kMargin;
  return places;
}

// A frame around the boxes of each use, with its name.
std::string frames_of(const std::vector<Box>& boxes, const std::vector<Place>& places) {
  std::string out;
  for (const std::string& use : uses_of(boxes)) {
    Place low{1e9, 1e9};
    Place high{0.0, 0.0};
    for (std::size_t i = 0; i < boxes.size(); ++i) {
      if (boxes[i].used_as != use) continue;
      low = {std::min(low.x, places[i].x), std::min(low.y, places[i].y)};
      high = {std::max(high.x, places[i].x + kWidth), std::max(high.y, places[i].y + kHeight)};
    }
    const double top = low.y - kLabel - 1.0;
    out += fmt::format(
        "<g class=\"use\"><rect x=\"{:g}\" y=\"{:g}\" width=\"{:g}\" height=\"{:g}\" rx=\"7\"/>"
        "<text class=\"line\" x=\"{:g}\" y=\"{:g}\">{}</text></g>\n",
        low.x - kAround, top, high.x - low.x + 2 * kAround, high.y - top + kAround,
        (low.x + high.x) / 2, low.y - 4.0, html_text(use));
  }
  return out;
}

}  // namespace

std::string graph_dot(const SceneDescription& scene) {
  const auto boxes = boxes_of(scene);
  std::string out =
      fmt::format("digraph {} {{\n  rankdir=LR;\n  node [shape=box];\n", quoted(scene.scene));
  for (std::size_t i = 0; i < boxes.size(); ++i) {
    out += fmt::format("  n{} [label={}{}];\n", i, quoted(boxes[i].title + "\n" + boxes[i].line),
                       boxes[i].kind == "end" ? ", style=rounded" : "");
  }
  for (const std::string& use : uses_of(boxes)) {
    out += fmt::format("  subgraph {} {{ label={};", quoted("cluster_" + use), quoted(use));
    for (std::size_t i = 0; i < boxes.size(); ++i) {
      if (boxes[i].used_as == use) out += fmt::format(" n{};", i);
    }
    out += " }\n";
  }
  for (std::size_t i = 0; i < boxes.size(); ++i) {
    for (const std::size_t from : boxes[i].from) out += fmt::format("  n{} -> n{};\n", from, i);
  }
  return out + "}\n";
}

std::string graph_svg(const SceneDescription& scene) {
  const auto boxes = boxes_of(scene);
  double width = 0.0;
  double height = 0.0;
  const auto places = places_of(boxes, width, height);
  std::string out = fmt::format(
      "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {0:g} {1:g}\" width=\"{0:g}\" "
      "height=\"{1:g}\" role=\"img\" font-family=\"sans-serif\">\n"
      "<title>The graph of scene {2}</title>\n"
      "<style>rect{{fill:#f4f6fa;stroke:#5b6b84}}.end,.rules{{fill:#e3ecdf}}"
      "text{{fill:#1c2430;font-size:13px;text-anchor:middle}}.line{{fill:#5b6b84;font-size:11px}}"
      "path{{fill:none;stroke:#5b6b84}}"
      ".use "
      "rect{{fill:none;stroke-dasharray:4}}@media(prefers-color-scheme:dark){{rect{{fill:#232a35}}"
      ".end,.rules{{fill:#26352a}}text{{fill:#e8ecf2}}.line{{fill:#9fb0c8}}}}</style>\n"
      "<defs><marker id=\"tip\" viewBox=\"0 0 8 8\" refX=\"8\" refY=\"4\" markerWidth=\"7\" "
      "markerHeight=\"7\" orient=\"auto\"><path d=\"M0 0L8 4L0 8\"/></marker></defs>\n",
      width, height, html_text(scene.scene));
  out += frames_of(boxes, places);
  for (std::size_t i = 0; i < boxes.size(); ++i) {
    for (const std::size_t from : boxes[i].from) {
      const double x1 = places[from].x + kWidth;
      const double y1 = places[from].y + kHeight / 2;
      const double x2 = places[i].x;
      const double y2 = places[i].y + kHeight / 2;
      const double bend = (x2 - x1) / 2;
      out += fmt::format(
          "<path d=\"M{:g} {:g}C{:g} {:g} {:g} {:g} {:g} {:g}\" "
          "marker-end=\"url(#tip)\"/>\n",
          x1, y1, x1 + bend, y1, x2 - bend, y2, x2, y2);
    }
  }
  for (std::size_t i = 0; i < boxes.size(); ++i) {
    const double middle = places[i].x + kWidth / 2;
    out += fmt::format(
        "<g><title>{}</title><rect class=\"{}\" x=\"{:g}\" y=\"{:g}\" width=\"{:g}\" "
        "height=\"{:g}\" rx=\"{}\"/><text x=\"{:g}\" y=\"{:g}\">{}</text><text class=\"line\" "
        "x=\"{:g}\" y=\"{:g}\">{}</text></g>\n",
        html_text(boxes[i].title + ": " + boxes[i].line), boxes[i].kind, places[i].x, places[i].y,
        kWidth, kHeight, boxes[i].kind == "end" ? 18 : 5, middle, places[i].y + 20,
        html_text(cut(boxes[i].title)), middle, places[i].y + 36, html_text(cut(boxes[i].line)));
  }
  return out + "</svg>\n";
}

int graph_verb(const GraphOptions& options) {
  const auto engine = open_engine(options.bundle, {.sessions = 1});
  if (!engine) return could_not_run(engine.error().message);
  const auto scenes = describe_scenes(**engine);
  std::string names;
  for (const SceneDescription& scene : scenes) {
    names += fmt::format("{}`{}`", names.empty() ? "" : ", ", scene.scene);
    if (options.scene.empty() ? scenes.size() != 1 : scene.scene != options.scene) continue;
    std::string text = options.svg ? graph_svg(scene) : graph_dot(scene);
    text.pop_back();
    print_line(text);
    return print_done() ? kYes : kCouldNotRun;
  }
  if (options.scene.empty()) {
    return could_not_run(
        fmt::format("the bundle has several scenes: {}; say which with --scene", names));
  }
  return could_not_run(fmt::format("unknown scene `{}`; there are: {}", options.scene, names));
}

}  // namespace lineup::cli
