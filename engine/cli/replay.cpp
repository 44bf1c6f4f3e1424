// SPDX-License-Identifier: Apache-2.0
//
// `lineup replay`: a recorded request once more, compared byte for byte. The clock is the one of
// then; only the time taken and the trace, which holds times, may differ.
#include <fmt/format.h>
#include <unistd.h>

#include "cli/engine_handle.hpp"
#include "cli/print/print.hpp"
#include "cli/print/report_json.hpp"
#include "cli/print/response_json.hpp"
#include "cli/print/terminal.hpp"
#include "cli/request/lines.hpp"
#include "cli/request/records.hpp"
#include "cli/verbs.hpp"

namespace lineup::cli {

namespace {

Result<Record> find_record(const std::string& path, const std::string& id) {
  auto reader = LineReader::open(path);
  if (!reader) return tl::unexpected(reader.error());
  std::string line;
  for (std::uint64_t number = 1;; ++number) {
    const auto next = reader->next(line);
    if (next == LineReader::Next::Failed) return failure("io/read", reader->fault());
    if (next == LineReader::Next::End) break;
    auto record = read_record(line);
    if (!record) {
      return failure("record/line", fmt::format("{}:{}: {}", path, number, record.error().message));
    }
    if (record->id == id) return record;
  }
  return failure("record/not-found", fmt::format("`{}` holds no record of `{}`", path, id));
}

void print_for_people(const ReplayReport& report) {
  const Paint paint(wants_color(STDOUT_FILENO));
  if (report.is_same) {
    print_line(fmt::format("{}: {} is the same to the byte, revision {}", paint.green("same"),
                           report.id, report.revision));
    return;
  }
  print_line(fmt::format("{}: {}, recorded on revision {}, replayed on {}", paint.red("different"),
                         report.id, report.recorded_revision, report.revision));
  print_line(fmt::format("- {}", report.recorded));
  print_line(fmt::format("+ {}", report.replayed));
}

}  // namespace

int replay_verb(const ReplayOptions& options) {
  const auto record = find_record(options.records, options.id);
  if (!record) return could_not_run(record.error().message);
  const auto engine = open_engine(options.bundle);
  if (!engine) return could_not_run(engine.error().message);
  LineServer server(engine->get());
  server.set_now_ms(record->now_ms);
  const auto served = server.serve(record->request, 1);
  if (served.revision != record->revision && !options.allow_other_revision) {
    return could_not_run(
        fmt::format("`{}` was recorded on revision {}, the bundle is {}; --allow-other-revision "
                    "compares anyway",
                    record->id, record->revision, served.revision));
  }
  const bool with_revision = served.revision == record->revision;
  ReplayReport report;
  report.id = record->id;
  report.recorded_revision = record->revision;
  report.revision = served.revision;
  report.recorded = comparable_response(record->response, with_revision);
  report.replayed = comparable_response(served.response, with_revision);
  report.is_same = report.recorded == report.replayed;
  if (options.json) {
    print_line(replay_json(report));
  } else {
    print_for_people(report);
  }
  if (!print_done()) return kCouldNotRun;
  return report.is_same ? kYes : kNo;
}

}  // namespace lineup::cli
