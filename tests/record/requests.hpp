// SPDX-License-Identifier: Apache-2.0
//
// Requests to record, told apart by a number that is in every part of them.
#pragma once

#include <lineup/engine.h>

#include <cstring>
#include <string>
#include <vector>

#include "record/recorder.hpp"

namespace lineup {

struct Sample {
  explicit Sample(std::uint64_t number, std::size_t bytes = 64)
      : request_id("r" + std::to_string(number)),
        user("u" + std::to_string(number % 3)),
        scene(number % 2 == 0 ? "home" : "detail"),
        request(bytes, static_cast<std::byte>(number)),
        response(bytes / 4, static_cast<std::byte>(number)),
        slate{static_cast<std::uint32_t>(number), 1, 2},
        items{item_key(static_cast<std::int64_t>(number)),
              item_key(std::string_view("v" + std::to_string(number)))} {
    record.seed = number;
  }

  [[nodiscard]] RecordInput input() const {
    RecordInput given;
    given.request_id = request_id;
    given.user = user;
    given.scene = scene;
    given.revision = "0123456789ab";
    given.request = request;
    given.response = response;
    given.slate = slate;
    given.items = items;
    return given;
  }

  Record record;
  std::string request_id;
  std::string user;
  std::string scene;
  std::vector<std::byte> request;
  std::vector<std::byte> response;
  std::vector<std::uint32_t> slate;
  std::vector<std::uint64_t> items;
};

}  // namespace lineup
