// SPDX-License-Identifier: Apache-2.0
//
// Three ways, the cheapest that fits: a small dictionary's codes are borrowed as they are; codes of
// a large dictionary are made dense through a table indexed by code; texts are interned.
#include "batch/ingest_codes.hpp"

#include <fmt/format.h>

#include <array>
#include <charconv>

#include "batch/ingest_join.hpp"

namespace lineup {

std::string_view name_of_stored(lineup_type type) {
  constexpr std::array<std::string_view, 12> kNames = {
      "nothing", "float64", "float32",        "int64", "int32",          "bool",
      "time",    "codes",   "lists of codes", "text",  "lists of texts", "vectors"};
  return type < kNames.size() ? kNames[type] : "an unknown type";
}

namespace {

// LIMIT: dictionaries up to this many entries per row are used as they are. Beyond, counters and
// masks per value would cost more than making the codes dense.
constexpr std::uint32_t kBorrowPerRow = 2;

std::string_view entry_of(const lineup_dictionary& dictionary, std::uint32_t code) {
  return {dictionary.bytes + dictionary.offsets[code],
          dictionary.offsets[code + 1] - dictionary.offsets[code]};
}

bool is_missing_at(const lineup_column& column, std::uint32_t row) {
  return column.validity != nullptr && !test_bit(column.validity, row);
}

// One comparison per code, so that the loop is vectorised: a missing code is 0 after the addition.
bool codes_in_range(const std::uint32_t* codes, std::uint32_t count, std::uint32_t limit) {
  std::uint32_t wrong = 0;
  for (std::uint32_t i = 0; i < count; ++i) wrong |= codes[i] + 1 > limit ? 1 : 0;
  return wrong == 0;
}

// One pass over the values of one side, in row order.
class Coder {
 public:
  Coder(const ColumnSpec& spec, IngestScratch& scratch, Arena& arena)
      : spec_(spec), scratch_(scratch), arena_(arena) {}

  // Codes `in` into `out`; an error when the stored type does not fit.
  Result<bool> read(const lineup_column* in, std::uint32_t rows, Column& out);

 private:
  Result<bool> read_single(const lineup_column& in, std::uint32_t rows, Column& out);
  Result<bool> read_lists(const lineup_column& in, std::uint32_t rows, Column& out);
  void absent(std::uint32_t rows, Column& out);
  void read_default();
  void split_texts(const lineup_column& in, std::uint32_t rows, Column& out);
  std::uint32_t code_of(const lineup_column& in, std::uint32_t value);
  std::uint32_t code_of_number(std::int64_t number);
  [[nodiscard]] std::uint32_t missing_code() {
    return spec_.default_value.is_missing() ? kMissingCode
                                            : scratch_.interner.code(spec_.default_text);
  }
  tl::unexpected<Error> wrong_type(lineup_type type) const {
    return failure("input/type",
                   fmt::format("column `{}` is declared as {} but came as {}", spec_.name,
                               name_of(spec_.type), name_of_stored(type)));
  }

  const ColumnSpec& spec_;
  IngestScratch& scratch_;
  Arena& arena_;
  std::span<const std::uint32_t> default_codes_;  // Categories: what a missing value reads as
  const lineup_dictionary* mapped_ = nullptr;     // whose codes scratch_.remap stands for
};

// The dense code of stored value number `value` of a CODE, CODE_LIST, TEXT or TEXT_LIST column.
std::uint32_t Coder::code_of(const lineup_column& in, std::uint32_t value) {
  if (in.type == LINEUP_TYPE_TEXT || in.type == LINEUP_TYPE_TEXT_LIST) {
    const char* bytes = static_cast<const char*>(in.data);
    return scratch_.interner.code(
        {bytes + in.offsets[value], in.offsets[value + 1] - in.offsets[value]});
  }
  const std::uint32_t code = static_cast<const std::uint32_t*>(in.data)[value];
  if (code == kMissingCode) return kMissingCode;
  if (mapped_ != in.dictionary) {
    mapped_ = in.dictionary;
    if (++scratch_.epoch == 0) {
      scratch_.remap_epoch.assign(scratch_.remap_epoch.size(), 0);
      scratch_.epoch = 1;
    }
    if (scratch_.remap.size() < mapped_->count) {
      scratch_.remap.resize(mapped_->count);
      scratch_.remap_epoch.resize(mapped_->count, 0);
    }
  }
  if (scratch_.remap_epoch[code] != scratch_.epoch) {
    scratch_.remap_epoch[code] = scratch_.epoch;
    scratch_.remap[code] = scratch_.interner.code(entry_of(*in.dictionary, code));
  }
  return scratch_.remap[code];
}

std::uint32_t Coder::code_of_number(std::int64_t number) {
  std::array<char, 24> digits{};
  const auto end = std::to_chars(digits.data(), digits.data() + digits.size(), number).ptr;
  const auto size = static_cast<std::size_t>(end - digits.data());
  auto text = arena_.allocate<char>(size);
  std::memcpy(text.data(), digits.data(), size);
  return scratch_.interner.code({text.data(), size});
}

Result<bool> Coder::read_single(const lineup_column& in, std::uint32_t rows, Column& out) {
  auto codes = arena_.allocate<std::uint32_t>(rows);
  if (in.type == LINEUP_TYPE_TEXT && in.validity == nullptr) {
    scratch_.interner.codes(static_cast<const char*>(in.data), in.offsets, rows, codes.data());
    out.codes = codes.data();
    return true;
  }
  for (std::uint32_t row = 0; row < rows; ++row) {
    std::uint32_t code = kMissingCode;
    if (!is_missing_at(in, row)) {
      code = in.type == LINEUP_TYPE_I64
                 ? code_of_number(static_cast<const std::int64_t*>(in.data)[row])
                 : code_of(in, row);
    }
    codes[row] = code == kMissingCode ? missing_code() : code;
  }
  out.codes = codes.data();
  return true;
}

void Coder::split_texts(const lineup_column& in, std::uint32_t rows, Column& out) {
  const char* bytes = static_cast<const char*>(in.data);
  auto offsets = arena_.allocate<std::uint32_t>(rows + 1);
  std::uint32_t values = 0;
  for (std::uint32_t row = 0; row < rows; ++row) {
    const std::string_view text{bytes + in.offsets[row], in.offsets[row + 1] - in.offsets[row]};
    values += is_missing_at(in, row) || text.empty() ? 0 : 1;
    for (const char c : text) values += c == spec_.split && !is_missing_at(in, row) ? 1 : 0;
  }
  values += rows * static_cast<std::uint32_t>(default_codes_.size());
  auto codes = arena_.allocate<std::uint32_t>(values);
  std::uint32_t at = 0;
  for (std::uint32_t row = 0; row < rows; ++row) {
    offsets[row] = at;
    if (!is_missing_at(in, row)) {
      for_each_part({bytes + in.offsets[row], in.offsets[row + 1] - in.offsets[row]}, spec_.split,
                    [&](std::string_view part) { codes[at++] = scratch_.interner.code(part); });
    }
    if (at == offsets[row]) {
      for (const std::uint32_t code : default_codes_) codes[at++] = code;
    }
  }
  offsets[rows] = at;
  out.offsets = offsets.data();
  out.codes = codes.data();
}

// The values of the declared default, which may be one text that is split.
void Coder::read_default() {
  if (spec_.type != ColumnType::Categories || spec_.default_value.is_missing()) return;
  std::size_t count = 0;
  const std::string_view text = spec_.default_text;
  for_each_part(text, spec_.split, [&](std::string_view) { ++count; });
  auto codes = arena_.allocate<std::uint32_t>(count);
  std::size_t at = 0;
  for_each_part(text, spec_.split,
                [&](std::string_view part) { codes[at++] = scratch_.interner.code(part); });
  default_codes_ = codes;
}

Result<bool> Coder::read_lists(const lineup_column& in, std::uint32_t rows, Column& out) {
  if (in.type == LINEUP_TYPE_TEXT && spec_.split != 0) {
    split_texts(in, rows, out);
    return true;
  }
  const bool lists = in.type == LINEUP_TYPE_CODE_LIST || in.type == LINEUP_TYPE_TEXT_LIST;
  if (lists && in.list_offsets == nullptr) {
    return failure("input/no-data", fmt::format("column `{}` has no list offsets", spec_.name));
  }
  auto offsets = arena_.allocate<std::uint32_t>(rows + 1);
  auto codes = arena_.allocate<std::uint32_t>((lists ? in.list_offsets[rows] : rows) +
                                              rows * default_codes_.size());
  std::uint32_t at = 0;
  for (std::uint32_t row = 0; row < rows; ++row) {
    offsets[row] = at;
    const std::uint32_t begin = lists ? in.list_offsets[row] : row;
    const std::uint32_t end = is_missing_at(in, row) ? begin
                              : lists                ? in.list_offsets[row + 1]
                                                     : row + 1;
    for (std::uint32_t value = begin; value < end; ++value) {
      const std::uint32_t code = code_of(in, value);
      if (code != kMissingCode) codes[at++] = code;
    }
    if (at > offsets[row]) continue;
    for (const std::uint32_t code : default_codes_) codes[at++] = code;
  }
  offsets[rows] = at;
  out.offsets = offsets.data();
  out.codes = codes.data();
  return true;
}

void Coder::absent(std::uint32_t rows, Column& out) {
  if (spec_.default_value.is_missing()) return;
  out.present = true;
  if (spec_.type == ColumnType::Categories) {
    const auto each = static_cast<std::uint32_t>(default_codes_.size());
    auto offsets = arena_.allocate<std::uint32_t>(std::size_t{rows} + 1);
    auto codes = arena_.allocate<std::uint32_t>(std::size_t{rows} * each);
    for (std::uint32_t row = 0; row <= rows; ++row) offsets[row] = row * each;
    for (std::uint32_t i = 0; i < codes.size(); ++i) codes[i] = default_codes_[i % each];
    out.offsets = offsets.data();
    out.codes = codes.data();
    return;
  }
  out.codes = arena_.filled<std::uint32_t>(rows, missing_code()).data();
}

Result<bool> Coder::read(const lineup_column* in, std::uint32_t rows, Column& out) {
  if (default_codes_.empty()) read_default();
  if (in == nullptr) {
    absent(rows, out);
    return true;
  }
  const bool coded = in->type == LINEUP_TYPE_CODE || in->type == LINEUP_TYPE_CODE_LIST;
  const bool texts = in->type == LINEUP_TYPE_TEXT || in->type == LINEUP_TYPE_TEXT_LIST;
  const bool single = spec_.type == ColumnType::Category;
  const bool numbers = in->type == LINEUP_TYPE_I64 && single;
  if (!(coded || texts || numbers) ||
      (single && (in->type == LINEUP_TYPE_CODE_LIST || in->type == LINEUP_TYPE_TEXT_LIST))) {
    return wrong_type(in->type);
  }
  if ((in->data == nullptr && rows > 0 && !texts) || (coded && in->dictionary == nullptr) ||
      (texts && in->offsets == nullptr)) {
    return failure("input/no-data", fmt::format("column `{}` has no data", spec_.name));
  }
  if (coded) {
    const std::uint32_t count =
        in->type == LINEUP_TYPE_CODE || in->list_offsets == nullptr ? rows : in->list_offsets[rows];
    if (!codes_in_range(static_cast<const std::uint32_t*>(in->data), count,
                        in->dictionary->count)) {
      return failure("input/code",
                     fmt::format("column `{}` has a code outside its dictionary of {}", spec_.name,
                                 in->dictionary->count));
    }
  }
  out.present = true;
  return single ? read_single(*in, rows, out) : read_lists(*in, rows, out);
}

bool same_dictionary(const lineup_dictionary* a, const lineup_dictionary* b) {
  return a == b || (a->identity != 0 && a->identity == b->identity);
}

// Whether no list has a code that stands for a missing value: those are left out when lists are
// read.
bool has_whole_lists(const lineup_column& lists, std::uint32_t rows) {
  const auto* codes = static_cast<const std::uint32_t*>(lists.data);
  if (lists.list_offsets == nullptr || (codes == nullptr && lists.list_offsets[rows] > 0)) {
    return false;
  }
  std::uint32_t missing = 0;
  for (std::uint32_t i = 0; i < lists.list_offsets[rows]; ++i) {
    missing |= codes[i] == kMissingCode ? 1 : 0;
  }
  return missing == 0;
}

// Whether the host's codes can serve as they are.
bool can_borrow(const CodedColumn& in) {
  const bool single = in.spec.type == ColumnType::Category;
  const lineup_type stored = single ? LINEUP_TYPE_CODE : LINEUP_TYPE_CODE_LIST;
  if (in.rows == nullptr || in.rows->type != stored || in.rows->dictionary == nullptr ||
      in.inserted_count > 0 || in.rows->validity != nullptr ||
      !in.spec.default_value.is_missing()) {
    return false;
  }
  if (in.rows->dictionary->count > in.row_count * kBorrowPerRow + 64) return false;
  if (!single && !has_whole_lists(*in.rows, in.row_count)) return false;
  if (in.history == nullptr) return true;
  return in.history->type == stored && in.history->validity == nullptr &&
         in.history->dictionary != nullptr &&
         same_dictionary(in.rows->dictionary, in.history->dictionary) &&
         (single || has_whole_lists(*in.history, in.history_count));
}

Result<Vocabulary> borrow(const CodedColumn& in, Column& rows, Column& history) {
  const lineup_dictionary& dictionary = *in.rows->dictionary;
  const auto take = [&](const lineup_column* column, std::uint32_t count, Column& out) {
    if (column == nullptr) return true;
    out.present = true;
    out.codes = static_cast<const std::uint32_t*>(column->data);
    if (in.spec.type == ColumnType::Categories) {
      out.offsets = column->list_offsets;
      count = column->list_offsets[count];
    }
    return (count == 0 || out.codes != nullptr) &&
           codes_in_range(out.codes, count, dictionary.count);
  };
  if (!take(in.rows, in.row_count, rows) || !take(in.history, in.history_count, history)) {
    return failure("input/code", fmt::format("column `{}` has a code outside its dictionary of {}",
                                             in.spec.name, dictionary.count));
  }
  return Vocabulary{VocabularyTexts(dictionary.offsets, dictionary.bytes, dictionary.count)};
}

}  // namespace

Result<Vocabulary> read_coded(const CodedColumn& in, IngestScratch& scratch, Arena& arena,
                              Column& rows, Column& history) {
  if (can_borrow(in)) return borrow(in, rows, history);
  scratch.interner.begin(in.row_count + in.history_count);
  Coder coder(in.spec, scratch, arena);
  auto read = coder.read(in.rows, in.row_count, rows);
  if (!read) return tl::unexpected(read.error());
  if (in.inserted_count > 0) {
    Column inserted;
    inserted.type = rows.type;
    read = coder.read(in.inserted, in.inserted_count, inserted);
    if (!read) return tl::unexpected(read.error());
    rows = join_columns(rows, in.row_count, inserted, in.inserted_count, arena);
  }
  read = coder.read(in.history, in.history_count, history);
  if (!read) return tl::unexpected(read.error());
  const auto& distinct = scratch.interner.texts();
  auto texts = arena.allocate<std::string_view>(distinct.size());
  std::copy(distinct.begin(), distinct.end(), texts.begin());
  return Vocabulary{texts};
}

}  // namespace lineup
