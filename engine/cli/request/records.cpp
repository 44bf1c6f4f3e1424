// SPDX-License-Identifier: Apache-2.0
//
// Request and response are kept as texts, not as parsed values: a replay compares bytes.
#include "cli/request/records.hpp"

#include <fmt/format.h>

#include <nlohmann/json.hpp>

namespace lineup::cli {

namespace {

using Json = nlohmann::ordered_json;

}  // namespace

std::string record_json(const Record& record) {
  return Json{{"id", record.id},
              {"revision", record.revision},
              {"now_ms", record.now_ms},
              {"request", record.request},
              {"response", record.response}}
      .dump(-1, ' ', false, Json::error_handler_t::replace);
}

Result<Record> read_record(std::string_view line) {
  try {
    const Json json = Json::parse(line);
    return Record{json.at("id"), json.at("revision"), json.at("now_ms"), json.at("request"),
                  json.at("response")};
  } catch (const Json::exception&) {
    return failure("record/json", "the line is no record of `lineup run --record`");
  }
}

}  // namespace lineup::cli
