// SPDX-License-Identifier: Apache-2.0
//
// Reading a packed request that anybody may have written. Each array is checked to lie inside the
// buffer, to be aligned, and, for offsets, to rise: after that the columns can be used like a
// host's own.
#include <fmt/format.h>

#include <algorithm>
#include <cstring>

#include "base/clock.hpp"
#include "facade/request/packed.hpp"

namespace lineup {

namespace {

// LIMIT: the time of a request; a longer one counts as this, and no sum of times overflows.
constexpr std::int64_t kBudgetMaxNs = 86'400'000'000'000;

class Reader {
 public:
  Reader(std::span<const std::byte> bytes, Symbols& symbols, Arena& arena)
      : bytes_(bytes), symbols_(symbols), arena_(arena) {}

  Result<lineup_input> read();

 private:
  // `count` values of T at `offset`; an empty array may have any offset.
  template <typename T>
  const T* array(std::uint32_t offset, std::uint64_t count) {
    if (count == 0) return nullptr;
    const std::uint64_t end = offset + count * sizeof(T);
    const bool fits = offset >= sizeof(std::uint64_t) && end <= bytes_.size();
    if (!fits || reinterpret_cast<std::uintptr_t>(bytes_.data() + offset) % alignof(T) != 0) {
      fine_ = false;
      return nullptr;
    }
    return reinterpret_cast<const T*>(bytes_.data() + offset);
  }

  // Offsets that begin at 0 and never fall; their last one is the number of things they cut.
  const std::uint32_t* offsets(std::uint32_t offset, std::uint64_t count) {
    const auto* values = array<std::uint32_t>(offset, count + 1);
    if (values == nullptr) {
      fine_ = false;
      return nullptr;
    }
    bool rising = values[0] == 0;
    for (std::uint64_t i = 0; i < count; ++i) rising = rising && values[i] <= values[i + 1];
    if (!rising) {
      fine_ = false;
      return nullptr;
    }
    return values;
  }

  std::string_view text(lineup_packed_text packed) {
    const auto* data = array<char>(packed.offset, packed.size);
    return data == nullptr ? std::string_view{} : std::string_view(data, packed.size);
  }
  static lineup_text lend(std::string_view text) { return {text.data(), text.size()}; }

  template <typename T>
  T* make() {
    T* out = arena_.zeroed<T>(1).data();
    out->struct_size = sizeof(T);
    return out;
  }

  const lineup_column* column(const lineup_packed_column& in, std::uint32_t rows);
  void read_values(const lineup_packed_column& in, std::uint32_t rows, lineup_column& out);
  const lineup_rows* rows(const lineup_packed_rows& in);
  const lineup_ids* ids(const lineup_packed_rows& in);
  const lineup_setting* settings(std::uint32_t at, std::uint32_t count, SymbolTable& names);
  void context(const lineup_packed_request& header, lineup_input& input);
  void experiments(const lineup_packed_request& header, lineup_input& input);

  std::span<const std::byte> bytes_;
  Symbols& symbols_;
  Arena& arena_;
  bool fine_ = true;
};

void Reader::read_values(const lineup_packed_column& in, std::uint32_t rows, lineup_column& out) {
  switch (in.type) {
    case LINEUP_TYPE_F64:
      out.data = array<double>(in.data, rows);
      return;
    case LINEUP_TYPE_I64:
    case LINEUP_TYPE_TIME_MS:
      out.data = array<std::int64_t>(in.data, rows);
      return;
    case LINEUP_TYPE_F32:
      out.data = array<float>(in.data, rows);
      return;
    case LINEUP_TYPE_I32:
      out.data = array<std::int32_t>(in.data, rows);
      return;
    case LINEUP_TYPE_BOOL:
      out.data = array<std::uint8_t>(in.data, rows);
      return;
    case LINEUP_TYPE_CODE:
      out.data = array<std::uint32_t>(in.data, rows);
      return;
    case LINEUP_TYPE_VECTOR:
      out.data = array<float>(in.data, std::uint64_t{rows} * in.dimension);
      return;
    case LINEUP_TYPE_CODE_LIST:
      out.list_offsets = offsets(in.list_offsets, rows);
      if (fine_) out.data = array<std::uint32_t>(in.data, out.list_offsets[rows]);
      return;
    case LINEUP_TYPE_TEXT:
      out.offsets = offsets(in.offsets, rows);
      if (fine_) out.data = array<char>(in.data, out.offsets[rows]);
      return;
    case LINEUP_TYPE_TEXT_LIST:
      out.list_offsets = offsets(in.list_offsets, rows);
      if (fine_) out.offsets = offsets(in.offsets, out.list_offsets[rows]);
      if (fine_) out.data = array<char>(in.data, out.offsets[out.list_offsets[rows]]);
      return;
    default:
      fine_ = false;
  }
}

const lineup_column* Reader::column(const lineup_packed_column& in, std::uint32_t rows) {
  auto* out = make<lineup_column>();
  out->type = in.type;
  out->dimension = in.dimension;
  read_values(in, rows, *out);
  if (in.validity != 0)
    out->validity = array<std::uint64_t>(in.validity, (std::uint64_t{rows} + 63) / 64);
  if (fine_ && (in.type == LINEUP_TYPE_CODE || in.type == LINEUP_TYPE_CODE_LIST)) {
    auto* dictionary = make<lineup_dictionary>();
    dictionary->count = in.dictionary_count;
    dictionary->offsets = offsets(in.dictionary_offsets, in.dictionary_count);
    if (fine_) {
      dictionary->bytes = array<char>(in.dictionary_bytes, dictionary->offsets[dictionary->count]);
    }
    out->dictionary = dictionary;
  }
  return out;
}

const lineup_ids* Reader::ids(const lineup_packed_rows& in) {
  if (in.id_numbers == 0 && in.id_offsets == 0) return nullptr;
  auto* out = make<lineup_ids>();
  out->flags = in.ids_flags;
  if (in.id_numbers != 0) {
    out->numbers = array<std::int64_t>(in.id_numbers, in.row_count);
  } else {
    out->offsets = offsets(in.id_offsets, in.row_count);
    if (fine_) out->bytes = array<char>(in.id_bytes, out->offsets[in.row_count]);
  }
  return out;
}

const lineup_rows* Reader::rows(const lineup_packed_rows& in) {
  if (in.row_count == 0 && in.column_count == 0) return nullptr;
  auto* out = make<lineup_rows>();
  out->row_count = in.row_count;
  out->ids = ids(in);
  const auto* packed = array<lineup_packed_column>(in.columns, in.column_count);
  if (!fine_ || packed == nullptr) return out;
  auto handles = arena_.allocate<lineup_handle>(in.column_count);
  auto columns = arena_.allocate<const lineup_column*>(in.column_count);
  for (std::uint32_t i = 0; i < in.column_count && fine_; ++i) {
    handles[i] = symbols_.columns.intern(text(packed[i].name));
    columns[i] = column(packed[i], in.row_count);
  }
  out->column_count = in.column_count;
  out->handles = handles.data();
  out->columns = columns.data();
  return out;
}

const lineup_setting* Reader::settings(std::uint32_t at, std::uint32_t count, SymbolTable& names) {
  const auto* packed = array<lineup_packed_setting>(at, count);
  if (packed == nullptr) return nullptr;
  auto out = arena_.zeroed<lineup_setting>(count);
  for (std::uint32_t i = 0; i < count; ++i) {
    out[i].handle = names.intern(text(packed[i].name));
    out[i].value = packed[i].value;
  }
  return out.data();
}

void Reader::context(const lineup_packed_request& header, lineup_input& input) {
  const auto* packed = array<lineup_packed_value>(header.context, header.context_count);
  if (packed == nullptr) return;
  auto handles = arena_.allocate<lineup_handle>(header.context_count);
  auto values = arena_.allocate<const lineup_value*>(header.context_count);
  for (std::uint32_t i = 0; i < header.context_count; ++i) {
    auto* value = make<lineup_value>();
    value->kind = packed[i].kind;
    value->integer = packed[i].integer;
    value->number = packed[i].number;
    const std::string_view said = text(packed[i].text);
    value->text = said.data();
    value->text_size = said.size();
    handles[i] = symbols_.context.intern(text(packed[i].path));
    values[i] = value;
  }
  input.context_count = header.context_count;
  input.context_handles = handles.data();
  input.context_values = values.data();
}

void Reader::experiments(const lineup_packed_request& header, lineup_input& input) {
  const auto* packed = array<lineup_packed_pair>(header.experiments, header.experiment_count);
  if (packed == nullptr) return;
  auto texts = arena_.allocate<lineup_text>(std::size_t{header.experiment_count} * 2);
  for (std::uint32_t i = 0; i < header.experiment_count; ++i) {
    texts[2 * i] = lend(text(packed[i].name));
    texts[2 * i + 1] = lend(text(packed[i].value));
  }
  input.experiments = texts.data();
  input.experiment_count = header.experiment_count;
}

Result<lineup_input> Reader::read() {
  if (bytes_.size() < sizeof(lineup_packed_request) ||
      reinterpret_cast<std::uintptr_t>(bytes_.data()) % 8 != 0) {
    return failure("packed/size",
                   "the buffer is smaller than the header or not aligned to 8 bytes");
  }
  lineup_packed_request header;
  std::memcpy(&header, bytes_.data(), sizeof header);
  if (header.magic != LINEUP_PACKED_REQUEST)
    return failure("packed/magic", "this is no packed request");
  if (header.version != LINEUP_PACKED_VERSION || header.header_size < sizeof header) {
    return failure("packed/version", fmt::format("packed version {} is not known, {} is",
                                                 header.version, LINEUP_PACKED_VERSION));
  }
  if (header.total_size != bytes_.size()) {
    return failure("packed/size", fmt::format("the header says {} bytes, the buffer has {}",
                                              header.total_size, bytes_.size()));
  }
  lineup_input input{};
  input.struct_size = sizeof input;
  input.scene = symbols_.scenes.intern(text(header.scene));
  input.request_id = lend(text(header.request_id));
  input.user = lend(text(header.user));
  input.revision = lend(text(header.revision));
  input.page = header.page;
  input.flags = header.flags;
  input.seed = header.seed;
  input.now_ms = header.now_ms;
  const std::int64_t budget_ns = std::min(header.budget_ns, kBudgetMaxNs);
  input.deadline_ns = budget_ns > 0 ? monotonic_ns() + budget_ns : 0;
  input.candidates = rows(header.candidates);
  if (fine_) input.history = rows(header.history);
  if (fine_) context(header, input);
  if (fine_) {
    input.weights = settings(header.weights, header.weight_count, symbols_.objectives);
    input.weight_count = input.weights == nullptr ? 0 : header.weight_count;
    input.overrides = settings(header.overrides, header.override_count, symbols_.parameters);
    input.override_count = input.overrides == nullptr ? 0 : header.override_count;
    experiments(header, input);
  }
  if (!fine_) return failure("packed/bounds", "an offset of the request points outside its buffer");
  return input;
}

}  // namespace

Result<lineup_input> unpack_request(std::span<const std::byte> bytes, Symbols& symbols,
                                    Arena& arena) {
  return Reader(bytes, symbols, arena).read();
}

}  // namespace lineup
