// SPDX-License-Identifier: Apache-2.0
//
// Own buffers over descriptors, because the program must know whether reading would wait (then it
// flushes first, so that a partner on the other end of two pipes gets its answers) and must be able
// to stop while it waits.
#include "cli/request/lines.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <utility>

#include "cli/interrupt.hpp"

namespace lineup::cli {

namespace {

constexpr std::size_t kReadBytes = 256 * 1024;
constexpr std::size_t kWriteBytes = 64 * 1024;

std::string because(std::string_view what, const std::string& name) {
  return fmt::format("cannot {} `{}`: {}", what, name, std::strerror(errno));
}

}  // namespace

Result<LineReader> LineReader::open(const std::string& path) {
  if (path == "-") return LineReader(STDIN_FILENO, "standard input");
  const int descriptor = ::open(path.c_str(), O_RDONLY | O_CLOEXEC);
  if (descriptor < 0) return failure("io/open", because("open", path));
  return LineReader(descriptor, path);
}

LineReader::LineReader(LineReader&& other) noexcept
    : descriptor_(std::exchange(other.descriptor_, -1)),
      name_(std::move(other.name_)),
      buffer_(std::move(other.buffer_)),
      begin_(other.begin_),
      at_end_(other.at_end_),
      at_start_(other.at_start_) {}

LineReader::~LineReader() {
  if (descriptor_ > STDERR_FILENO) ::close(descriptor_);
}

LineReader::Filled LineReader::fill() {
  if (at_end_) return Filled::End;
  buffer_.erase(0, begin_);
  begin_ = 0;
  if (!wait_readable(descriptor_, -1)) {
    at_end_ = true;  // interrupted: what was read in part is no line
    buffer_.clear();
    return Filled::End;
  }
  const std::size_t size = buffer_.size();
  buffer_.resize(size + kReadBytes);
  const ssize_t got = ::read(descriptor_, buffer_.data() + size, kReadBytes);
  buffer_.resize(size + (got > 0 ? static_cast<std::size_t>(got) : 0));
  if (got > 0) return Filled::More;
  if (got < 0 && (errno == EINTR || errno == EAGAIN)) return Filled::More;
  at_end_ = true;
  if (got == 0) return Filled::End;
  fault_ = because("read", name_);
  return Filled::Failed;
}

LineReader::Next LineReader::next(std::string& line) {
  bool too_long = false;
  std::size_t looked = begin_;
  for (;;) {
    const std::size_t end = buffer_.find('\n', looked);
    if (end != std::string::npos) {
      line.assign(buffer_, begin_, end - begin_);
      begin_ = end + 1;
      break;
    }
    const std::size_t held = buffer_.size() - begin_;
    if (held > kLineBytesMax) {
      too_long = true;
      begin_ = buffer_.size();
    }
    const Filled filled = fill();
    if (filled == Filled::Failed) return Next::Failed;
    if (filled == Filled::End) {
      if (interrupted() != 0 || (begin_ == buffer_.size() && !too_long)) return Next::End;
      line.assign(buffer_, begin_);  // the last line without an end
      begin_ = buffer_.size();
      break;
    }
    looked = too_long ? 0 : held;
  }
  if (std::exchange(at_start_, false) && line.starts_with("\xEF\xBB\xBF")) line.erase(0, 3);
  if (line.ends_with('\r')) line.pop_back();
  return too_long || line.size() > kLineBytesMax ? Next::TooLong : Next::Line;
}

bool LineReader::is_ready() const { return buffer_.find('\n', begin_) != std::string::npos; }

Result<LineWriter> LineWriter::open(const std::string& path) {
  if (path == "-") return LineWriter(STDOUT_FILENO, "standard output");
  const int descriptor = ::open(path.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0666);
  if (descriptor < 0) return failure("io/open", because("write", path));
  return LineWriter(descriptor, path);
}

LineWriter::LineWriter(LineWriter&& other) noexcept
    : descriptor_(std::exchange(other.descriptor_, -1)),
      name_(std::move(other.name_)),
      buffer_(std::move(other.buffer_)),
      failed_(other.failed_),
      fault_(std::move(other.fault_)) {}

LineWriter::~LineWriter() {
  if (descriptor_ < 0) return;
  [[maybe_unused]] const bool flushed = flush();
  if (descriptor_ > STDERR_FILENO) ::close(descriptor_);
}

bool LineWriter::write(std::string_view line) {
  buffer_.append(line).push_back('\n');
  return buffer_.size() < kWriteBytes ? !failed_ : flush();
}

bool LineWriter::flush() {
  std::size_t done = 0;
  while (!failed_ && done < buffer_.size()) {
    const ssize_t wrote = ::write(descriptor_, buffer_.data() + done, buffer_.size() - done);
    if (wrote >= 0) {
      done += static_cast<std::size_t>(wrote);
    } else if (errno != EINTR) {
      failed_ = true;
      if (errno != EPIPE) fault_ = because("write", name_);
    }
  }
  buffer_.clear();
  return !failed_;
}

Result<std::string> read_text_file(const std::string& path) {
  auto reader = LineReader::open(path);
  if (!reader) return failure("io/read", reader.error().message);
  std::string text;
  std::string line;
  for (;;) {
    switch (reader->next(line)) {
      case LineReader::Next::Line:
        text.append(line).push_back('\n');
        continue;
      case LineReader::Next::End:
        return text;
      default:
        return failure("io/read", fmt::format("cannot read `{}`", path));
    }
  }
}

}  // namespace lineup::cli
