// SPDX-License-Identifier: Apache-2.0
//
// zlib reads files that are not compressed as they are, so both kinds go the same way.
#include "cli/offline/csv.hpp"

#include <fmt/format.h>
#include <unistd.h>
#include <zlib.h>

#include <algorithm>
#include <charconv>
#include <cmath>

namespace lineup::cli {

namespace {

constexpr unsigned kReadBytes = 256 * 1024;
// LIMIT: characters of one row; a quote that is never closed would read on to the end.
constexpr std::size_t kRowBytesMax = std::size_t{4} << 20;

std::string on_disk(const std::string& path) {
  if (::access(path.c_str(), R_OK) == 0) return path;
  const std::string packed = path + ".gz";
  return ::access(packed.c_str(), R_OK) == 0 ? packed : path;
}

}  // namespace

struct CsvReader::File {
  gzFile stream = nullptr;
  std::vector<char> buffer = std::vector<char>(kReadBytes);
  std::size_t begin = 0, end = 0;
  ~File() {
    if (stream != nullptr) gzclose(stream);
  }
};

CsvReader::CsvReader() : file_(std::make_unique<File>()) {}
CsvReader::CsvReader(CsvReader&&) noexcept = default;
CsvReader::~CsvReader() = default;

Result<CsvReader> CsvReader::open(const std::string& path) {
  CsvReader out;
  out.path_ = on_disk(path);
  out.file_->stream = gzopen(out.path_.c_str(), "rbe");
  if (out.file_->stream == nullptr) {
    return failure("io/open", fmt::format("cannot read `{0}` or `{0}.gz`", path));
  }
  if (!out.read_row(out.heading_)) {
    return failure("csv/heading",
                   out.fault_.empty() ? fmt::format("`{}` has no heading", path) : out.fault_);
  }
  if (out.heading_[0].starts_with("\xEF\xBB\xBF")) out.heading_[0].erase(0, 3);
  return out;
}

// The next byte, -1 at the end.
int CsvReader::get() {
  File& file = *file_;
  if (file.begin == file.end) {
    const int got = gzread(file.stream, file.buffer.data(), kReadBytes);
    if (got < 0) {
      int code = 0;
      fault_ = fmt::format("cannot read `{}`: {}", path_, gzerror(file.stream, &code));
    }
    if (got <= 0) return -1;
    file.begin = 0;
    file.end = static_cast<std::size_t>(got);
  }
  return static_cast<unsigned char>(file.buffer[file.begin++]);
}

bool CsvReader::read_row(std::vector<std::string>& cells) {
  std::size_t cell = 0;
  std::size_t bytes = 0;
  bool is_quoted = false;
  bool was_quote = false;  // in quotes: the byte before was a quote
  const auto begin_cell = [&] {
    if (cell == cells.size()) cells.emplace_back();
    cells[cell].clear();
  };
  begin_cell();
  for (;;) {
    const int byte = get();
    if (byte < 0) {
      if (is_quoted && !was_quote) {
        fault_ = fmt::format("{}:{}: a quote is not closed", path_, line_ + 1);
        return false;
      }
      if (bytes == 0 || !fault_.empty()) return false;
      break;
    }
    if (++bytes > kRowBytesMax) {
      fault_ = fmt::format("{}:{}: longer than {} MiB; is a quote not closed?", path_, line_ + 1,
                           kRowBytesMax >> 20);
      return false;
    }
    if (is_quoted && !was_quote) {
      if (byte == '"') {
        was_quote = true;
      } else {
        cells[cell] += static_cast<char>(byte);
      }
      continue;
    }
    if (byte == '"') {
      if (was_quote) cells[cell] += '"';
      is_quoted = true;
      was_quote = false;
    } else if (byte == ',') {
      is_quoted = was_quote = false;
      ++cell;
      begin_cell();
    } else if (byte == '\n') {
      break;
    } else if (byte != '\r') {
      cells[cell] += static_cast<char>(byte);
    }
  }
  ++line_;
  cells.resize(cell + 1);
  return true;
}

bool CsvReader::next() {
  while (read_row(cells_)) {
    if (cells_.size() == 1 && cells_[0].empty()) continue;
    if (cells_.size() == heading_.size()) return true;
    fault_ = fmt::format("{}:{}: {} cells, but the heading has {}", path_, line_, cells_.size(),
                         heading_.size());
    return false;
  }
  return false;
}

std::optional<std::size_t> CsvReader::find(std::string_view name) const {
  const auto found = std::find(heading_.begin(), heading_.end(), name);
  if (found == heading_.end()) return {};
  return static_cast<std::size_t>(found - heading_.begin());
}

Result<std::size_t> CsvReader::column(std::string_view name) const {
  if (const auto found = find(name)) return *found;
  std::string known;
  for (const std::string& column : heading_) {
    known += fmt::format("{}`{}`", known.empty() ? "" : ", ", column);
  }
  return failure("csv/column",
                 fmt::format("`{}` has no column `{}`; it has {}", path_, name, known));
}

std::optional<double> CsvReader::number(std::size_t column) const {
  const std::string& cell = cells_[column];
  double value = 0.0;
  const auto [end, fault] = std::from_chars(cell.data(), cell.data() + cell.size(), value);
  if (fault != std::errc() || end != cell.data() + cell.size() || !std::isfinite(value)) return {};
  return value;
}

bool has_csv(const std::string& path) {
  return ::access(path.c_str(), R_OK) == 0 || ::access((path + ".gz").c_str(), R_OK) == 0;
}

}  // namespace lineup::cli
