// SPDX-License-Identifier: Apache-2.0
//
// A file of pages that some system made, in any of the forms in which such files are kept:
//
//   {"id": "r1", "slate": ["a", "b"]}    JSON; items may be {"id": "a", ...}; responses of `run`
//   ["a", "b"]                           JSON without request ids: line n is the page of request n
//   r1: a b                              text: items apart by tabs, else commas, else blanks
//   a b                                  text without request ids: line n is the page of request n
//
// The first line decides which; the others must be of the same form.
#pragma once

#include <atomic>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "base/result.hpp"

namespace lineup::cli {

class Slates {
 public:
  // Errors: io/open, io/read, slate/line, slate/twice; the messages say file and line.
  [[nodiscard]] static Result<Slates> read(const std::string& path);

  struct Page {
    std::string id;  // of the request; empty when pages stand in the order of requests
    std::uint64_t line = 0;
    std::vector<std::string> items;
  };
  // The page of a request: by its id, or as the `ordinal`-th of the file, from 1. Null: there is
  // none, or it was taken before. [any]
  [[nodiscard]] const Page* take(std::string_view id, std::uint64_t ordinal);
  // Pages that nobody took, in file order.
  [[nodiscard]] std::vector<const Page*> left() const;

 private:
  friend class SlatesReader;
  bool is_by_id_ = false;
  std::vector<Page> pages_;
  std::unordered_map<std::string_view, std::size_t> by_id_;  // into the pages' own ids
  std::unique_ptr<std::atomic<bool>[]> is_taken_;            // [pages]
};

}  // namespace lineup::cli
