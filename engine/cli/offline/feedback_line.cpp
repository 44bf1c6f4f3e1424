// SPDX-License-Identifier: Apache-2.0
//
// See the header.
#include "cli/offline/feedback_line.hpp"

#include <fmt/format.h>
#include <simdjson.h>

#include <algorithm>

#include "cli/request/json_fault.hpp"

namespace lineup::cli {

namespace dom = simdjson::dom;

namespace {

tl::unexpected<Error> wrong(std::string_view key, std::string_view what) {
  return failure("feedback/value", fmt::format("`feedback.{}` must be {}", key, what));
}

bool read_id(dom::element value, std::string& out) {
  if (value.is_string()) {
    out = value.get_string().value_unsafe();
  } else if (value.is_int64() || value.is_uint64()) {
    out = simdjson::minify(value);
  } else {
    return false;
  }
  return true;
}

Result<void> read_exposed(dom::object feedback, Feedback& out) {
  dom::array list;
  if (feedback.at_key("exposed").get(list) != simdjson::SUCCESS) {
    return wrong("exposed", "a list of ids");
  }
  for (const dom::element item : list) {
    out.exposed.emplace_back();
    if (!read_id(item, out.exposed.back())) return wrong("exposed", "a list of ids");
  }
  out.rewards.assign(out.exposed.size(), 0.0);
  return {};
}

Result<void> read_events(dom::object feedback, const std::string& event, Feedback& out) {
  dom::element value;
  if (feedback.at_key("events").get(value) != simdjson::SUCCESS || value.is_null()) return {};
  dom::array list;
  if (value.get(list) != simdjson::SUCCESS) return wrong("events", "a list of objects");
  std::string id;
  for (const dom::element entry : list) {
    std::string_view type;
    dom::element item;
    if (entry.at_key("type").get(type) != simdjson::SUCCESS ||
        entry.at_key("id").get(item) != simdjson::SUCCESS || !read_id(item, id)) {
      return wrong("events", "a list of objects with `id` and `type`");
    }
    if (type != event) continue;
    const auto found = std::find(out.exposed.begin(), out.exposed.end(), id);
    if (found == out.exposed.end()) {
      return failure("feedback/value", fmt::format("`feedback.events`: `{}` was not exposed", id));
    }
    out.rewards[static_cast<std::size_t>(found - out.exposed.begin())] = 1.0;
  }
  return {};
}

Result<void> read_slots(dom::object feedback, Feedback& out) {
  out.slots.resize(out.exposed.size());
  for (std::uint32_t i = 0; i < out.slots.size(); ++i) out.slots[i] = i;
  dom::element value;
  if (feedback.at_key("slots").get(value) != simdjson::SUCCESS || value.is_null()) return {};
  constexpr const char* kWhat = "as many increasing whole numbers from 1 on as items were exposed";
  dom::array list;
  if (value.get(list) != simdjson::SUCCESS || list.size() != out.exposed.size()) {
    return wrong("slots", kWhat);
  }
  out.is_partial = true;
  std::int64_t before = 0;
  std::size_t index = 0;
  for (const dom::element entry : list) {
    std::int64_t slot = 0;
    if (entry.get(slot) != simdjson::SUCCESS || slot <= before || slot > 1000) {
      return wrong("slots", kWhat);
    }
    out.slots[index++] = static_cast<std::uint32_t>(slot - 1);
    before = slot;
  }
  return {};
}

Result<void> read_probabilities(dom::object feedback, std::string_view key, std::size_t count,
                                double least, std::vector<double>& out) {
  dom::element value;
  if (feedback.at_key(key).get(value) != simdjson::SUCCESS || value.is_null()) return {};
  dom::array list;
  constexpr const char* kWhat = "as many probabilities as items were exposed";
  if (value.get(list) != simdjson::SUCCESS || list.size() != count) return wrong(key, kWhat);
  for (const dom::element entry : list) {
    double number = 0.0;
    if (entry.get(number) != simdjson::SUCCESS || !(number >= least) || number > 1.0) {
      return wrong(key, fmt::format("{}, from {:g} to 1", kWhat, least));
    }
    out.push_back(number);
  }
  return {};
}

}  // namespace

struct FeedbackReader::Parser {
  dom::parser json;
};

FeedbackReader::FeedbackReader(std::string event)
    : parser_(std::make_unique<Parser>()), event_(std::move(event)) {}
FeedbackReader::~FeedbackReader() = default;

Result<void> FeedbackReader::read(std::string_view line, Feedback& out) {
  out.is_there = out.is_partial = false;
  out.exposed.clear();
  out.slots.clear();
  out.rewards.clear();
  out.propensities.clear();
  out.targets.clear();
  dom::element root;
  const auto fault = parser_->json.parse(line.data(), line.size()).get(root);
  if (fault != simdjson::SUCCESS) {
    return failure("feedback/json", json_fault(line, simdjson::error_message(fault)));
  }
  dom::element value;
  if (root.at_key("feedback").get(value) != simdjson::SUCCESS || value.is_null()) return {};
  dom::object feedback;
  if (value.get(feedback) != simdjson::SUCCESS) {
    return failure("feedback/value", "`feedback` must be an object");
  }
  auto read = read_exposed(feedback, out);
  if (read) read = read_events(feedback, event_, out);
  if (read) read = read_slots(feedback, out);
  // A propensity of almost nothing is a fault of the log, not a weight of a billion.
  constexpr double kLeastPropensity = 1e-9;
  const std::size_t count = out.exposed.size();
  if (read) {
    read = read_probabilities(feedback, "propensities", count, kLeastPropensity, out.propensities);
  }
  if (read) read = read_probabilities(feedback, "targets", count, 0.0, out.targets);
  out.is_there = read.has_value();
  return read;
}

}  // namespace lineup::cli
