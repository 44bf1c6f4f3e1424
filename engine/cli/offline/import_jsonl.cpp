// SPDX-License-Identifier: Apache-2.0
//
// Logs of one's own: DIR/requests.jsonl, request lines as `lineup run` takes them, and
// DIR/feedback.jsonl, lines of {"id": request, "exposed": [...], "events": [...], ...} in about the
// same order. The two are joined by id. Feedback that came early waits; how much may wait is
// bounded, so what does not come in about the same order is reported, not kept.
#include <fmt/format.h>
#include <simdjson.h>

#include <unordered_map>

#include "cli/interrupt.hpp"
#include "cli/offline/feedback_line.hpp"
#include "cli/offline/import.hpp"
#include "cli/request/json_fault.hpp"
#include "cli/request/request_json.hpp"

namespace lineup::cli {

namespace {

// LIMIT: bytes of feedback that wait for their request.
constexpr std::size_t kWaitingMax = std::size_t{64} << 20;

class Join {
 public:
  Join(LineReader feedback, std::string path)
      : feedback_(std::move(feedback)), path_(std::move(path)) {}

  // The feedback of a request, "" when there is none.
  Result<std::string> take(const std::string& id) {
    for (;;) {
      const auto found = waiting_.find(id);
      if (found != waiting_.end()) {
        std::string out = std::move(found->second);
        waiting_.erase(found);
        bytes_ -= out.size();
        return out;
      }
      if (at_end_ || bytes_ > kWaitingMax) return std::string();
      auto read = read_one();
      if (!read) return tl::unexpected(read.error());
    }
  }
  [[nodiscard]] std::size_t left() const { return waiting_.size(); }

 private:
  Result<void> read_one() {
    const auto next = feedback_.next(line_);
    ++number_;
    if (next == LineReader::Next::End) {
      at_end_ = true;
      return {};
    }
    if (next != LineReader::Next::Line) {
      return failure("io/read", fmt::format("cannot read `{}` at line {}", path_, number_));
    }
    if (line_.empty()) return {};
    simdjson::dom::element root;
    const auto fault = json_.parse(line_.data(), line_.size()).get(root);
    if (fault != simdjson::SUCCESS) {
      return failure("import/json", fmt::format("{}:{}: {}", path_, number_,
                                                json_fault(line_, simdjson::error_message(fault))));
    }
    simdjson::dom::element value;
    if (root.at_key("id").get(value) != simdjson::SUCCESS) {
      return failure("import/json", fmt::format("{}:{}: `id` is missing", path_, number_));
    }
    std::string id = value.is_string() ? std::string(value.get_string().value_unsafe())
                                       : simdjson::minify(value);
    bytes_ += line_.size();
    waiting_[std::move(id)] = line_;
    return {};
  }

  LineReader feedback_;
  std::string path_;
  simdjson::dom::parser json_;
  std::unordered_map<std::string, std::string> waiting_;
  std::size_t bytes_ = 0;
  std::uint64_t number_ = 0;
  bool at_end_ = false;
  std::string line_;
};

}  // namespace

Result<Imported> import_jsonl(const ImportOptions& options, LineWriter& out) {
  const std::string requests_path = options.directory + "/requests.jsonl";
  const std::string feedback_path = options.directory + "/feedback.jsonl";
  auto requests = LineReader::open(requests_path);
  if (!requests) return tl::unexpected(requests.error());
  auto feedback = LineReader::open(feedback_path);
  if (!feedback) return tl::unexpected(feedback.error());
  Join join(std::move(*feedback), feedback_path);
  RequestReader reader;
  FeedbackReader checker("click");
  Feedback checked;
  Imported imported;
  std::uint64_t without = 0;
  std::string line;
  for (std::uint64_t number = 1; interrupted() == 0; ++number) {
    const auto next = requests->next(line);
    if (next == LineReader::Next::End) break;
    if (next != LineReader::Next::Line) {
      return failure("io/read", fmt::format("cannot read `{}` at line {}", requests_path, number));
    }
    if (line.empty()) continue;
    const auto id = reader.read_id(line);
    if (!id || id->empty()) {
      return failure("import/json", fmt::format("{}:{}: {}", requests_path, number,
                                                id ? "`id` is missing" : id.error().message));
    }
    auto found = join.take(*id);
    if (!found) return tl::unexpected(found.error());
    if (found->empty()) {
      ++without;
      continue;
    }
    while (!line.empty() && line.back() != '}') line.pop_back();
    line.pop_back();
    line += fmt::format(",\"feedback\":{}}}", *found);
    const auto good = checker.read(line, checked);
    if (!good) {
      return failure(good.error().code,
                     fmt::format("{}: request `{}`: {}", feedback_path, *id, good.error().message));
    }
    ++imported.requests;
    imported.shown += checked.exposed.size();
    for (const double reward : checked.rewards) imported.rewards += reward > 0.0 ? 1 : 0;
    if (!out.write(line)) return failure("io/write", out.fault());
  }
  if (without + join.left() > 0) {
    imported.note = fmt::format("{} requests without feedback, {} feedbacks without request",
                                without, join.left());
  }
  return imported;
}

}  // namespace lineup::cli
