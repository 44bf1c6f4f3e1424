// SPDX-License-Identifier: Apache-2.0
//
// `lineup explain`: why the page of one request looks as it does.
#include <unistd.h>

#include "cli/engine_handle.hpp"
#include "cli/explain/explanation.hpp"
#include "cli/print/print.hpp"
#include "cli/print/report_json.hpp"
#include "cli/print/terminal.hpp"
#include "cli/request/find_request.hpp"
#include "cli/request/request_notes.hpp"
#include "cli/verbs.hpp"

namespace lineup::cli {

int explain_verb(const ExplainOptions& options) {
  const auto found = find_request(options.requests, options.request);
  if (!found) return could_not_run(found.error().message);
  RequestReader reader;
  RequestLine request;
  const auto read = reader.read(found->line, request);
  if (!read) {
    return could_not_run(options.requests + ":" + std::to_string(found->number) + ": " +
                         read.error().message);
  }
  if (options.at) request.now_ms = *options.at;
  const auto engine = open_engine(options.bundle);
  if (!engine) return could_not_run(engine.error().message);
  Asker asker(engine->get());
  auto explanation = explain(asker, request, options.why);
  if (!explanation) return could_not_run(explanation.error().message);
  for (const SceneDescription& scene : describe_scenes(**engine)) {
    if (scene.scene != request.scene) continue;
    for (std::string& note : request_notes(request, scene)) {
      explanation->warnings.push_back(std::move(note));
    }
  }
  if (options.json) {
    print_line(explanation_json(request, *explanation));
  } else {
    const auto lines = explanation_lines(request, *explanation, terminal_width(STDOUT_FILENO),
                                         wants_color(STDOUT_FILENO));
    for (const std::string& line : lines) print_line(line);
  }
  if (!print_done()) return kCouldNotRun;
  return explanation->status == "error" ? kNo : kYes;
}

}  // namespace lineup::cli
