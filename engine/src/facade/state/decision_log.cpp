// SPDX-License-Identifier: Apache-2.0
//
// The sample is drawn by the hash of the request's id, so that two engines that answer the same
// request log it both or not at all.
#include "facade/state/decision_log.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <cstring>
#include <filesystem>
#include <map>
#include <nlohmann/json.hpp>
#include <optional>

#include "base/clock.hpp"
#include "base/hash.hpp"
#include "facade/engine_state.hpp"

namespace lineup {

namespace {

using Json = nlohmann::ordered_json;

std::string_view word_for_search(std::uint8_t search) {
  switch (search) {
    case LINEUP_SEARCH_COMPLETE:
      return "complete";
    case LINEUP_SEARCH_LIMIT:
      return "limit";
    default:
      return "deadline";
  }
}

Json nodes_json(const Record& record, const std::vector<std::string>& names) {
  Json out = Json::array();
  for (std::size_t i = 0; i < std::min<std::size_t>(record.node_count, kNodeNotes); ++i) {
    const NodeNote& node = record.nodes[i];
    if (!node.has_run) continue;
    out.push_back({{"id", i < names.size() ? names[i] : fmt::format("#{}", i + 1)},
                   {"status", node.status},
                   {"slates", node.slates},
                   {"elapsed_us", node.elapsed_us}});
  }
  return out;
}

// Of a sampled request that was recorded whole: whose it was and which rows were shown.
void add_whole(const Recorder& recorder, const Record& record, Json& out) {
  if (!record.whole) return;
  RecordQuery query;
  query.request_id = record.request_id.view();
  query.most = 1;
  for (const WholeRecord& whole : recorder.find_whole(query)) {
    if (whole.record.input_hash != record.input_hash) continue;
    out["user"] = whole.user;  // a hash, when users are masked
    out["slate_rows"] = whole.slate;
  }
}

}  // namespace

DecisionLog::DecisionLog(DecisionOptions options)
    : options_(std::move(options)),
      run_(fmt::format("{:x}-{:x}", wall_ms(), static_cast<unsigned>(::getpid()))) {}

DecisionLog::~DecisionLog() {
  if (file_ >= 0) ::close(file_);
}

bool DecisionLog::is_wanted(const Record& record) const {
  return Recorder::must_keep(record) || options_.every == 1 ||
         mix64(record.request_key) % options_.every == 0;
}

Result<void> DecisionLog::drain(const Recorder& recorder, const NodeNames& names) {
  if (!is_on()) return {};
  records_.clear();
  const std::uint64_t lost = recorder.read_since(cursor_, records_);
  dropped_.fetch_add(lost, std::memory_order_relaxed);
  std::map<std::string, std::optional<std::vector<std::string>>> nodes;  // by revision and scene
  std::string lines;
  std::uint64_t count = 0;
  for (const Record& record : records_) {
    if (!is_wanted(record)) {
      passed_over_.fetch_add(1, std::memory_order_relaxed);
      continue;
    }
    Json line = record_json(record);
    line["decision"] = fmt::format("{}-{}", run_, record.sequence);
    line["search"] = word_for_search(record.search);
    line["kept"] = Recorder::must_keep(record);
    Json relaxed = Json::array();
    for (std::size_t i = 0; i < std::min<std::size_t>(record.relaxed_count, kRelaxedNotes); ++i) {
      relaxed.push_back(
          {{"rule", record.relaxed[i].rule.view()}, {"violations", record.relaxed[i].violations}});
    }
    line["relaxed_rules"] = std::move(relaxed);
    line["candidates"] = record.candidate_count;
    auto& known =
        nodes[std::string(record.revision.view()) + '/' + std::string(record.scene.view())];
    if (!known) known = names(record.revision.view(), record.scene.view());
    line["nodes"] = nodes_json(record, *known);
    add_whole(recorder, record, line);
    lines += line.dump(-1, ' ', false, Json::error_handler_t::replace) + '\n';
    ++count;
  }
  if (count == 0) return {};
  auto written = append(lines);
  // The fault first: who sees the count finds the reason.
  fault_.set(written);
  (written ? written_ : dropped_).fetch_add(count, std::memory_order_relaxed);
  return written;
}

std::string DecisionLog::path(int index) const {
  return index == 0 ? options_.directory + "/decisions.jsonl"
                    : fmt::format("{}/decisions.{}.jsonl", options_.directory, index);
}

Result<void> DecisionLog::append(const std::string& lines) {
  if (file_ >= 0 && file_size_ > 0 && file_size_ + lines.size() > options_.file_bytes) {
    if (auto rotated = rotate(); !rotated) return rotated;
  }
  const auto failed = [this](const char* doing) {
    return failure("decisions/not-kept",
                   fmt::format("`{}` cannot be {}: {}", path(0), doing, std::strerror(errno)));
  };
  if (file_ < 0) {
    std::error_code ignored;
    std::filesystem::create_directories(options_.directory, ignored);
    file_ = ::open(path(0).c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0640);
    if (file_ < 0) return failed("opened");
    struct stat facts {};
    file_size_ = ::fstat(file_, &facts) == 0 ? static_cast<std::uint64_t>(facts.st_size) : 0;
  }
  for (std::size_t done = 0; done < lines.size();) {
    const ssize_t wrote = ::write(file_, lines.data() + done, lines.size() - done);
    if (wrote <= 0) {
      // Half a line must not spoil the next one.
      (void)!::ftruncate(file_, static_cast<off_t>(file_size_));
      return failed("written");
    }
    done += static_cast<std::size_t>(wrote);
  }
  file_size_ += lines.size();
  return {};
}

Result<void> DecisionLog::rotate() {
  ::close(file_);
  file_ = -1;
  for (int index = kDecisionFiles - 1; index > 0; --index) {
    if (std::rename(path(index - 1).c_str(), path(index).c_str()) != 0 && index == 1) {
      return failure("decisions/not-kept",
                     fmt::format("`{}` cannot be renamed: {}", path(0), std::strerror(errno)));
    }
  }
  return {};
}

DecisionLog::Counts DecisionLog::counts() const {
  return {written_.load(), passed_over_.load(), dropped_.load()};
}

}  // namespace lineup
