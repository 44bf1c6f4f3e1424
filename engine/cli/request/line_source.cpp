// SPDX-License-Identifier: Apache-2.0
//
// One lock around a reader: taking a line is a copy, what is done with it takes a hundred times as
// long.
#include "cli/request/line_source.hpp"

#include <fmt/format.h>
#include <sys/stat.h>

#include <algorithm>

#include "cli/interrupt.hpp"

namespace lineup::cli {

namespace {

constexpr std::uint64_t kBarWidth = 30;

std::uint64_t size_of(const std::string& path) {
  struct stat facts {};
  if (path == "-" || ::stat(path.c_str(), &facts) != 0 || !S_ISREG(facts.st_mode)) return 0;
  return static_cast<std::uint64_t>(facts.st_size);
}

}  // namespace

Result<LineSource> LineSource::open(const std::string& path) {
  auto reader = LineReader::open(path);
  if (!reader) return tl::unexpected(reader.error());
  return LineSource(std::move(*reader), size_of(path));
}

bool LineSource::take(NumberedLine& line) {
  const std::lock_guard lock(mutex_);
  while (!at_end_ && interrupted() == 0) {
    const auto next = reader_.next(line.text);
    if (next == LineReader::Next::End || next == LineReader::Next::Failed) {
      at_end_ = true;
      return false;
    }
    taken_ += line.text.size() + 1;
    line.number = ++number_;
    line.is_too_long = next == LineReader::Next::TooLong;
    draw();
    if (line.text.empty() && !line.is_too_long) continue;
    line.ordinal = ++ordinal_;
    return true;
  }
  return false;
}

void LineSource::draw() {
  if (!progress_.is_on()) return;
  if (size_ == 0) {
    progress_.show(fmt::format("{} requests", number_));
    return;
  }
  const std::uint64_t done = std::min(taken_, size_);
  const std::uint64_t filled = kBarWidth * done / size_;
  progress_.show(fmt::format("[{:#<{}}{:.<{}}] {:3} %  {} requests", "", filled, "",
                             kBarWidth - filled, 100 * done / size_, number_));
}

}  // namespace lineup::cli
