// SPDX-License-Identifier: Apache-2.0
//
// Writing: the header first, then whatever it points to, appended with alignment. The buffer is a
// vector that keeps its memory from request to request.
#include "facade/request/packed.hpp"

#include <algorithm>
#include <cstring>

#include "base/bits.hpp"

namespace lineup {

namespace {

class Writer {
 public:
  explicit Writer(std::vector<std::byte>& out) : out_(out) { out_.clear(); }

  // Makes room for `size` bytes and returns their offset. Offset 0 is the header's, so it can stand
  // for nothing.
  std::uint32_t room(std::size_t size, std::size_t alignment) {
    const std::size_t at = (out_.size() + alignment - 1) / alignment * alignment;
    out_.resize(at + size);
    return static_cast<std::uint32_t>(at);
  }
  std::uint32_t bytes(const void* data, std::size_t size, std::size_t alignment) {
    if (data == nullptr || size == 0) return 0;
    const std::uint32_t at = room(0, alignment);
    const auto* begin = static_cast<const std::byte*>(data);
    out_.insert(out_.end(), begin, begin + size);  // room() would write zeros first
    return at;
  }
  // Right after what was written last.
  void append(const char* data, std::size_t size) { (void)bytes(data, size, 1); }
  void set_bit(std::uint32_t at, std::uint32_t bit) {
    out_[at + bit / 8] |= std::byte{1} << (bit % 8);
  }
  lineup_packed_text text(std::string_view text) {
    return {bytes(text.data(), text.size(), 1), static_cast<std::uint32_t>(text.size())};
  }
  template <typename T>
  void put(std::uint32_t at, const T& value) {
    std::memcpy(out_.data() + at, &value, sizeof(T));
  }
  [[nodiscard]] std::size_t size() const { return out_.size(); }

 private:
  std::vector<std::byte>& out_;
};

std::size_t value_size(lineup_type type) {
  switch (type) {
    case LINEUP_TYPE_F64:
    case LINEUP_TYPE_I64:
    case LINEUP_TYPE_TIME_MS:
      return 8;
    case LINEUP_TYPE_BOOL:
    case LINEUP_TYPE_TEXT:
    case LINEUP_TYPE_TEXT_LIST:
      return 1;
    default:
      return 4;
  }
}

std::uint32_t value_count(const lineup_column& column, std::uint32_t rows) {
  switch (column.type) {
    case LINEUP_TYPE_CODE_LIST:
      return column.list_offsets == nullptr ? 0 : column.list_offsets[rows];
    case LINEUP_TYPE_TEXT:
      return column.offsets == nullptr ? 0 : column.offsets[rows];
    case LINEUP_TYPE_TEXT_LIST:
      return column.list_offsets == nullptr || column.offsets == nullptr
                 ? 0
                 : column.offsets[column.list_offsets[rows]];
    case LINEUP_TYPE_VECTOR:
      return rows * column.dimension;
    default:
      return rows;
  }
}

// LIMIT: a dictionary with more entries per value than this is not packed. A host's may have
// millions, of which a request uses a few hundred: their texts are packed in place of the codes.
constexpr std::uint32_t kEntriesPerValue = 4;

bool is_packed_as_texts(const lineup_column& column, std::uint32_t rows) {
  const bool coded = column.type == LINEUP_TYPE_CODE || column.type == LINEUP_TYPE_CODE_LIST;
  return coded && column.data != nullptr && column.dictionary != nullptr &&
         column.dictionary->count / kEntriesPerValue > value_count(column, rows);
}

// Codes of a large dictionary as texts: what is missing by its code is missing by validity, and not
// there in a list.
lineup_packed_column pack_as_texts(Writer& writer, std::string_view name,
                                   const lineup_column& column, std::uint32_t rows) {
  const bool lists = column.type == LINEUP_TYPE_CODE_LIST;
  const auto* codes = static_cast<const std::uint32_t*>(column.data);
  const lineup_dictionary& dictionary = *column.dictionary;
  const auto known = [&](std::uint32_t code) { return code < dictionary.count; };
  lineup_packed_column out{};
  out.name = writer.text(name);
  out.type = lists ? LINEUP_TYPE_TEXT_LIST : LINEUP_TYPE_TEXT;
  const std::size_t words = (std::size_t{rows} + 63) / 64;
  if (lists) {
    out.validity = writer.bytes(column.validity, words * 8, 8);
    out.list_offsets = writer.room((std::size_t{rows} + 1) * 4, 4);
  } else {
    out.validity = writer.room(words * 8, 8);
  }
  const std::uint32_t values = value_count(column, rows);
  out.offsets = writer.room((std::size_t{values} + 1) * 4, 4);
  out.data = writer.room(0, 1);
  std::uint32_t kept = 0;
  for (std::uint32_t row = 0; row < rows; ++row) {
    const std::uint32_t begin = lists ? column.list_offsets[row] : row;
    const std::uint32_t end = lists ? column.list_offsets[row + 1] : row + 1;
    bool is_known = false;
    for (std::uint32_t i = begin; i < end; ++i) {
      is_known = known(codes[i]);
      if (lists && !is_known) continue;
      if (is_known) {
        writer.append(dictionary.bytes + dictionary.offsets[codes[i]],
                      dictionary.offsets[codes[i] + 1] - dictionary.offsets[codes[i]]);
      }
      ++kept;
      writer.put(out.offsets + kept * 4, static_cast<std::uint32_t>(writer.size()) - out.data);
    }
    if (lists) {
      writer.put(out.list_offsets + (row + 1) * 4, kept);
    } else if (is_known && (column.validity == nullptr || test_bit(column.validity, row))) {
      writer.set_bit(out.validity, row);
    }
  }
  return out;
}

lineup_packed_column pack_column(Writer& writer, std::string_view name, const lineup_column& column,
                                 std::uint32_t rows) {
  if (is_packed_as_texts(column, rows)) return pack_as_texts(writer, name, column, rows);
  lineup_packed_column out{};
  out.name = writer.text(name);
  out.type = column.type;
  out.dimension = column.dimension;
  const auto values = stored_values(column, rows);
  out.data = writer.bytes(values.data(), values.size(), 8);
  out.validity = writer.bytes(column.validity, (std::size_t{rows} + 63) / 64 * 8, 8);
  const bool lists = column.type == LINEUP_TYPE_CODE_LIST || column.type == LINEUP_TYPE_TEXT_LIST;
  const bool texts = column.type == LINEUP_TYPE_TEXT || column.type == LINEUP_TYPE_TEXT_LIST;
  if (lists) out.list_offsets = writer.bytes(column.list_offsets, (std::size_t{rows} + 1) * 4, 4);
  if (texts) {
    const std::size_t count = lists ? column.list_offsets[rows] : rows;
    out.offsets = writer.bytes(column.offsets, (count + 1) * 4, 4);
  }
  if (column.dictionary != nullptr && !texts) {
    const lineup_dictionary& dictionary = *column.dictionary;
    out.dictionary_count = dictionary.count;
    out.dictionary_offsets =
        writer.bytes(dictionary.offsets, (std::size_t{dictionary.count} + 1) * 4, 4);
    out.dictionary_bytes = writer.bytes(dictionary.bytes, dictionary.offsets[dictionary.count], 1);
  }
  return out;
}

lineup_packed_rows pack_rows(Writer& writer, const lineup_rows* rows, const SymbolTable& names) {
  lineup_packed_rows out{};
  if (rows == nullptr) return out;
  out.row_count = rows->row_count;
  out.column_count = rows->column_count;
  out.columns = writer.room(rows->column_count * sizeof(lineup_packed_column), 8);
  for (std::uint32_t i = 0; i < rows->column_count; ++i) {
    const auto column =
        pack_column(writer, names.name(rows->handles[i]), *rows->columns[i], rows->row_count);
    writer.put(out.columns + i * static_cast<std::uint32_t>(sizeof column), column);
  }
  if (const lineup_ids* ids = rows->ids; ids != nullptr) {
    out.ids_flags = ids->flags;
    out.id_numbers = writer.bytes(ids->numbers, std::size_t{rows->row_count} * 8, 8);
    if (ids->offsets != nullptr) {
      out.id_offsets = writer.bytes(ids->offsets, (std::size_t{rows->row_count} + 1) * 4, 4);
      out.id_bytes = writer.bytes(ids->bytes, ids->offsets[rows->row_count], 1);
    }
  }
  return out;
}

std::uint32_t pack_settings(Writer& writer, const lineup_setting* settings, std::uint32_t count,
                            const SymbolTable& names) {
  const std::uint32_t at = writer.room(count * sizeof(lineup_packed_setting), 8);
  for (std::uint32_t i = 0; i < count; ++i) {
    const lineup_packed_setting setting{writer.text(names.name(settings[i].handle)),
                                        settings[i].value};
    writer.put(at + i * static_cast<std::uint32_t>(sizeof setting), setting);
  }
  return at;
}

std::uint32_t pack_named(Writer& writer, const lineup_named_value* values, std::uint32_t count) {
  const std::uint32_t at = writer.room(count * sizeof(lineup_packed_setting), 8);
  for (std::uint32_t i = 0; i < count; ++i) {
    const lineup_packed_setting setting{writer.text({values[i].name.data, values[i].name.size}),
                                        values[i].value};
    writer.put(at + i * static_cast<std::uint32_t>(sizeof setting), setting);
  }
  return at;
}

// Pairs of experiment and variant.
std::uint32_t pack_experiments(Writer& writer, const lineup_text* texts, std::uint32_t count) {
  const std::uint32_t at = writer.room(count * sizeof(lineup_packed_pair), 4);
  for (std::uint32_t i = 0; i < count; ++i) {
    const lineup_text name = texts[2 * i];
    const lineup_text value = texts[2 * i + 1];
    const lineup_packed_pair pair{writer.text({name.data, name.size}),
                                  writer.text({value.data, value.size})};
    writer.put(at + i * static_cast<std::uint32_t>(sizeof pair), pair);
  }
  return at;
}

std::uint32_t pack_context(Writer& writer, const lineup_input& input, const SymbolTable& names) {
  const std::uint32_t at = writer.room(input.context_count * sizeof(lineup_packed_value), 8);
  for (std::uint32_t i = 0; i < input.context_count; ++i) {
    const lineup_value& value = *input.context_values[i];
    lineup_packed_value packed{};
    packed.path = writer.text(names.name(input.context_handles[i]));
    packed.kind = value.kind;
    packed.integer = value.integer;
    packed.number = value.number;
    if (value.kind == LINEUP_VALUE_TEXT) packed.text = writer.text({value.text, value.text_size});
    writer.put(at + i * static_cast<std::uint32_t>(sizeof packed), packed);
  }
  return at;
}

bool shows_pool_row(const lineup_result& result, std::uint32_t candidate_count) {
  return std::any_of(result.slate, result.slate + result.slate_count,
                     [&](std::uint32_t row) { return row >= candidate_count; });
}

}  // namespace

std::span<const std::byte> stored_values(const lineup_column& column, std::uint32_t row_count) {
  if (column.data == nullptr) return {};
  return {static_cast<const std::byte*>(column.data),
          std::size_t{value_count(column, row_count)} * value_size(column.type)};
}

void pack_request(const lineup_input& input, const Symbols& symbols, std::string_view scene,
                  std::string_view user, std::int64_t now_ms, std::vector<std::byte>& out) {
  Writer writer(out);
  lineup_packed_request header{};
  writer.room(sizeof header, 8);
  header.magic = LINEUP_PACKED_REQUEST;
  header.version = LINEUP_PACKED_VERSION;
  header.header_size = sizeof header;
  header.seed = input.seed;
  header.now_ms = now_ms;
  header.scene = writer.text(scene);
  header.request_id = writer.text({input.request_id.data, input.request_id.size});
  header.user = writer.text(user);
  header.revision = writer.text({input.revision.data, input.revision.size});
  header.page = input.page;
  header.flags = input.flags;
  header.candidates = pack_rows(writer, input.candidates, symbols.columns);
  header.history = pack_rows(writer, input.history, symbols.columns);
  header.context_count = input.context_count;
  header.context = pack_context(writer, input, symbols.context);
  header.weight_count = input.weight_count;
  header.weights = pack_settings(writer, input.weights, input.weight_count, symbols.objectives);
  header.override_count = input.override_count;
  header.overrides =
      pack_settings(writer, input.overrides, input.override_count, symbols.parameters);
  header.experiment_count = input.experiment_count;
  header.experiments = pack_experiments(writer, input.experiments, input.experiment_count);
  header.total_size = writer.size();
  writer.put(0, header);
}

void pack_response(const lineup_result& result, std::uint32_t candidate_count,
                   std::string_view request_id, std::vector<std::byte>& out) {
  Writer writer(out);
  lineup_packed_response header{};
  writer.room(sizeof header, 8);
  header.magic = LINEUP_PACKED_RESPONSE;
  header.version = LINEUP_PACKED_VERSION;
  header.header_size = sizeof header;
  header.answer = result.answer;
  header.search = result.search;
  header.slate_count = result.slate_count;
  header.slate = writer.bytes(result.slate, result.slate_count * sizeof(std::uint32_t), 4);
  header.relaxed_count = result.relaxed_count;
  header.relaxed = writer.room(result.relaxed_count * sizeof(lineup_packed_relaxed), 4);
  for (std::uint32_t i = 0; i < result.relaxed_count; ++i) {
    const lineup_relaxed& rule = result.relaxed[i];
    const lineup_packed_relaxed packed{writer.text({rule.rule.data, rule.rule.size}),
                                       writer.text({rule.reason.data, rule.reason.size}),
                                       rule.violations, 0};
    writer.put(header.relaxed + i * static_cast<std::uint32_t>(sizeof packed), packed);
  }
  header.warning_count = result.warning_count;
  header.warnings = writer.room(result.warning_count * sizeof(lineup_packed_text), 4);
  for (std::uint32_t i = 0; i < result.warning_count; ++i) {
    const auto text = writer.text({result.warnings[i].data, result.warnings[i].size});
    writer.put(header.warnings + i * static_cast<std::uint32_t>(sizeof text), text);
  }
  header.weight_count = result.weight_count;
  header.weights = pack_named(writer, result.weights, result.weight_count);
  header.parameter_count = result.parameter_count;
  header.parameters = pack_named(writer, result.parameters, result.parameter_count);
  header.request_id = writer.text(request_id);
  header.error = writer.text({result.error.data, result.error.size});
  header.revision = writer.text({result.revision.data, result.revision.size});
  header.trace_json = writer.text({result.trace_json.data, result.trace_json.size});
  header.elapsed_ns = result.elapsed_ns;
  header.work = result.work;
  header.value = result.value;
  header.propensity = result.propensity;
  header.experiment_count = result.experiment_count;
  header.experiments = pack_experiments(writer, result.experiments, result.experiment_count);
  if (shows_pool_row(result, candidate_count)) {
    header.pool_row_count = result.pool_row_count;
    header.pool_rows = writer.room(result.pool_row_count * sizeof(lineup_packed_pair), 4);
    for (std::uint32_t i = 0; i < result.pool_row_count; ++i) {
      const lineup_pool_row& row = result.pool_rows[i];
      const lineup_packed_pair pair{writer.text({row.pool.data, row.pool.size}),
                                    writer.text({row.id.data, row.id.size})};
      writer.put(header.pool_rows + i * static_cast<std::uint32_t>(sizeof pair), pair);
    }
  }
  header.total_size = writer.size();
  writer.put(0, header);
}

}  // namespace lineup
