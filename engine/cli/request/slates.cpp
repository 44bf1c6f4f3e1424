// SPDX-License-Identifier: Apache-2.0
//
// Pages are read whole: of a file of requests with their pages, the requests are the large one.
#include "cli/request/slates.hpp"

#include <fmt/format.h>
#include <simdjson.h>

#include "cli/request/json_fault.hpp"
#include "cli/request/lines.hpp"

namespace lineup::cli {

namespace dom = simdjson::dom;

namespace {

enum class Form : std::uint8_t { Unknown, Objects, Arrays, TextWithIds, Text };

constexpr const char* kNames[] = {"", "an object", "a list", "a request id with `:` and items",
                                  "items"};

std::string_view trimmed(std::string_view text) {
  while (!text.empty() && (text.front() == ' ' || text.front() == '\t')) text.remove_prefix(1);
  while (!text.empty() && (text.back() == ' ' || text.back() == '\t')) text.remove_suffix(1);
  return text;
}

// Where the id of a request ends in a line of text; npos: there is none.
std::size_t end_of_id(std::string_view line) {
  const std::size_t blank = line.find_first_of(" \t,");
  const std::size_t end = std::min(blank, line.size());
  return end > 0 && line[end - 1] == ':' ? end - 1 : std::string_view::npos;
}

Form form_of(std::string_view line) {
  if (line.starts_with('{')) return Form::Objects;
  if (line.starts_with('[')) return Form::Arrays;
  return end_of_id(line) == std::string_view::npos ? Form::Text : Form::TextWithIds;
}

Result<std::string> id_of(dom::element value, const char* what) {
  if (value.is_string()) return std::string(value.get_string().value_unsafe());
  if (value.is_int64() || value.is_uint64()) return std::string(simdjson::minify(value));
  return failure("slate/id", fmt::format("{} must be text or a whole number", what));
}

Result<void> read_items(dom::array list, std::vector<std::string>& out) {
  for (dom::element item : list) {
    dom::element id;
    if (item.is_object() && item.at_key("id").get(id) == simdjson::SUCCESS) item = id;
    auto text = id_of(item, "an item, or its `id`,");
    if (!text) return tl::unexpected(text.error());
    out.push_back(std::move(*text));
  }
  return {};
}

void split_items(std::string_view text, std::vector<std::string>& out) {
  const char apart = text.find('\t') != std::string_view::npos  ? '\t'
                     : text.find(',') != std::string_view::npos ? ','
                                                                : ' ';
  while (!text.empty()) {
    const std::size_t end = std::min(text.find(apart), text.size());
    const std::string_view item = trimmed(text.substr(0, end));
    if (!item.empty()) out.emplace_back(item);
    text.remove_prefix(std::min(end + 1, text.size()));
  }
}

}  // namespace

class SlatesReader {
 public:
  Result<void> add(std::string_view line, std::uint64_t number) {
    const std::string_view text = trimmed(line);
    // A blank line is a page without items where lines are counted, and nothing where they are not.
    if (text.empty() && (form_ == Form::Objects || form_ == Form::TextWithIds)) return {};
    const Form form = text.empty() && form_ != Form::Unknown ? form_ : form_of(text);
    if (form_ == Form::Unknown) form_ = form;
    if (form != form_) {
      return failure("slate/form",
                     fmt::format("the lines before hold {}, this one {}",
                                 kNames[static_cast<int>(form_)], kNames[static_cast<int>(form)]));
    }
    Slates::Page page;
    page.line = number;
    auto read = form == Form::Objects || (form == Form::Arrays && !text.empty())
                    ? read_json(text, page)
                    : read_text(text, page);
    if (!read) return read;
    slates_.pages_.push_back(std::move(page));
    return {};
  }

  // Errors: slate/twice.
  Result<Slates> finish() {
    slates_.is_by_id_ = form_ == Form::Objects || form_ == Form::TextWithIds;
    slates_.is_taken_ = std::make_unique<std::atomic<bool>[]>(slates_.pages_.size());
    for (std::size_t i = 0; slates_.is_by_id_ && i < slates_.pages_.size(); ++i) {
      const Slates::Page& page = slates_.pages_[i];
      if (!slates_.by_id_.emplace(page.id, i).second) {
        return failure("slate/twice",
                       fmt::format("{}: a second page for request `{}`", page.line, page.id));
      }
    }
    return std::move(slates_);
  }

 private:
  Result<void> read_json(std::string_view text, Slates::Page& page) {
    dom::element root;
    const auto fault = json_.parse(text.data(), text.size()).get(root);
    if (fault != simdjson::SUCCESS) {
      return failure("slate/json", json_fault(text, simdjson::error_message(fault)));
    }
    dom::array items;
    if (root.get(items) == simdjson::SUCCESS) return read_items(items, page.items);
    dom::element id;
    if (root.at_key("id").get(id) == simdjson::SUCCESS && !id.is_null()) {
      auto text_id = id_of(id, "`id`");
      if (!text_id) return tl::unexpected(text_id.error());
      page.id = std::move(*text_id);
    }
    if (root.at_key("slate").get(items) != simdjson::SUCCESS) {
      return failure("slate/value", "`slate` must be a list of ids");
    }
    return read_items(items, page.items);
  }

  Result<void> read_text(std::string_view text, Slates::Page& page) const {
    if (form_ == Form::TextWithIds) {
      const std::size_t end = end_of_id(text);
      page.id = text.substr(0, end);
      text.remove_prefix(std::min(end + 2, text.size()));
    }
    split_items(text, page.items);
    return {};
  }

  Form form_ = Form::Unknown;
  dom::parser json_;
  Slates slates_;
};

Result<Slates> Slates::read(const std::string& path) {
  auto reader = LineReader::open(path);
  if (!reader) return tl::unexpected(reader.error());
  SlatesReader slates;
  std::string line;
  for (std::uint64_t number = 1;; ++number) {
    const auto next = reader->next(line);
    if (next == LineReader::Next::Failed) return failure("io/read", reader->fault());
    if (next == LineReader::Next::End) break;
    const auto added = slates.add(line, number);
    if (!added) {
      return failure("slate/line", fmt::format("{}:{}: {}", path, number, added.error().message));
    }
  }
  auto read = slates.finish();
  if (!read) return failure(read.error().code, fmt::format("{}:{}", path, read.error().message));
  return read;
}

const Slates::Page* Slates::take(std::string_view id, std::uint64_t ordinal) {
  std::size_t index = static_cast<std::size_t>(ordinal - 1);
  if (is_by_id_) {
    const auto found = by_id_.find(id);
    if (found == by_id_.end()) return nullptr;
    index = found->second;
  }
  if (index >= pages_.size() || is_taken_[index].exchange(true)) return nullptr;
  return &pages_[index];
}

std::vector<const Slates::Page*> Slates::left() const {
  std::vector<const Page*> out;
  for (std::size_t i = 0; i < pages_.size(); ++i) {
    if (!is_taken_[i]) out.push_back(&pages_[i]);
  }
  return out;
}

}  // namespace lineup::cli
