// SPDX-License-Identifier: Apache-2.0
//
// `lineup run`: request lines in, response lines out, in order, whatever happens. Every worker
// takes a line, answers it and delivers the answer; answers that are early wait in a ring. The ring
// bounds the memory: nobody reads ahead of the line that is being waited for by more than its size.
#include <fmt/format.h>

#include <atomic>
#include <condition_variable>
#include <mutex>
#include <thread>
#include <vector>

#include "base/clock.hpp"
#include "cli/engine_handle.hpp"
#include "cli/interrupt.hpp"
#include "cli/print/terminal.hpp"
#include "cli/print/text_view.hpp"
#include "cli/request/lines.hpp"
#include "cli/request/records.hpp"
#include "cli/verbs.hpp"

namespace lineup::cli {

namespace {

// LIMIT: answers per worker that may wait for an earlier one. A slow request holds up the others
// only when they are so far ahead.
constexpr std::uint64_t kAheadPerWorker = 32;

class Pipeline {
 public:
  Pipeline(LineReader& reader, LineWriter& writer, LineWriter* records, const RunOptions& options)
      : reader_(reader),
        writer_(writer),
        records_(records),
        options_(options),
        ring_(options.threads * kAheadPerWorker) {}

  // What one thread does until there are no more lines.
  void work(LineServer& server) {
    std::string line;
    std::uint64_t number = 0;
    bool too_long = false;
    while (take(line, number, too_long)) {
      Slot done;
      const auto served = answer(server, line, number, too_long, done);
      done.response = served.response;
      done.is_error = served.is_error;
      deliver(number, std::move(done));
    }
  }

  // Ends the output. Whether everything could be read and written; fault() says why not.
  [[nodiscard]] bool finish() {
    const bool wrote = writer_.flush() && (records_ == nullptr || records_->flush());
    return wrote && !write_failed_ && !read_failed_;
  }
  [[nodiscard]] std::string fault() const {
    if (read_failed_) return reader_.fault();
    if (!writer_.fault().empty() || records_ == nullptr) return writer_.fault();
    return records_->fault();
  }
  [[nodiscard]] bool has_errors() const { return errors_ > 0; }

 private:
  struct Slot {
    bool is_ready = false;
    bool is_error = false;
    std::string response;
    std::string record;
  };

  LineServer::Served answer(LineServer& server, const std::string& line, std::uint64_t number,
                            bool too_long, Slot& slot) {
    if (too_long) {
      return server.refuse(
          fmt::format("line {}: longer than {} MiB", number + 1, kLineBytesMax >> 20));
    }
    const std::uint32_t flags = options_.explain ? LINEUP_EXPLAIN : 0U;
    if (records_ == nullptr) return server.serve(line, number + 1, flags);
    // A replay needs the clock that this request sees.
    const std::int64_t now_ms = wall_ms();
    server.set_now_ms(now_ms);
    auto served = server.serve(line, number + 1, flags);
    if (served.has_request) {
      slot.record =
          record_json({server.request().id, served.revision, now_ms, line, served.response});
    }
    return served;
  }

  bool take(std::string& line, std::uint64_t& number, bool& too_long) {
    std::lock_guard input(input_mutex_);
    {
      std::unique_lock output(output_mutex_);
      moved_.wait(output, [this] { return taken_ - delivered_ < ring_.size() || write_failed_; });
      if (write_failed_) return false;
    }
    if (at_end_ || interrupted() != 0) return false;
    const auto next = reader_.next(line);
    at_end_ = next == LineReader::Next::End || next == LineReader::Next::Failed;
    read_failed_ = next == LineReader::Next::Failed;
    if (at_end_) return false;
    too_long = next == LineReader::Next::TooLong;
    more_is_ready_ = reader_.is_ready();
    number = taken_++;
    return true;
  }

  void deliver(std::uint64_t number, Slot&& done) {
    std::lock_guard output(output_mutex_);
    done.is_ready = true;
    ring_[number % ring_.size()] = std::move(done);
    while (ring_[delivered_ % ring_.size()].is_ready) {
      Slot& slot = ring_[delivered_ % ring_.size()];
      slot.is_ready = false;
      if (slot.is_error) ++errors_;
      bool wrote = writer_.write(slot.response);
      if (!slot.record.empty()) wrote = records_->write(slot.record) && wrote;
      write_failed_ = write_failed_ || !wrote;
      ++delivered_;
    }
    // When the next read may wait, a partner who waits for these answers must have them first.
    if (delivered_ == taken_ && !more_is_ready_) write_failed_ = !writer_.flush() || write_failed_;
    if (options_.out != "-" || !is_terminal(1)) {
      progress_.show(fmt::format("{} requests, {} errors", delivered_, errors_));
    }
    moved_.notify_all();
  }

  LineReader& reader_;
  LineWriter& writer_;
  LineWriter* records_;
  const RunOptions& options_;

  std::mutex input_mutex_;  // reader_, at_end_, read_failed_; taken before output_mutex_
  bool at_end_ = false;
  bool read_failed_ = false;
  std::atomic<std::uint64_t> taken_{0};
  std::atomic<bool> more_is_ready_{false};

  std::mutex output_mutex_;  // everything below
  std::condition_variable moved_;
  std::vector<Slot> ring_;
  std::uint64_t delivered_ = 0;
  std::uint64_t errors_ = 0;
  bool write_failed_ = false;
  Progress progress_;
};

}  // namespace

int run_verb(const RunOptions& options) {
  auto reader = LineReader::open(options.requests);
  if (!reader) return could_not_run(reader.error().message);
  auto engine =
      open_engine(options.bundle, {.sessions = options.threads + 1, .workers = options.workers});
  if (!engine) return could_not_run(engine.error().message);
  auto writer = LineWriter::open(options.out);
  if (!writer) return could_not_run(writer.error().message);
  auto records = options.record.empty() ? Result<LineWriter>(failure("", ""))
                                        : LineWriter::open(options.record);
  if (!records && !options.record.empty()) return could_not_run(records.error().message);

  Pipeline pipeline(*reader, *writer, records ? &*records : nullptr, options);
  {
    std::vector<std::jthread> threads;
    for (std::uint32_t i = 0; i < options.threads; ++i) {
      threads.emplace_back([&pipeline, &engine, &options] {
        LineServer server(engine->get());
        server.simulate_at(options.at);
        pipeline.work(server);
      });
    }
  }
  const bool finished = pipeline.finish();
  if (interrupted() != 0) return interrupted_exit_code();
  if (!finished) return pipeline.fault().empty() ? kCouldNotRun : could_not_run(pipeline.fault());
  return pipeline.has_errors() ? kNo : kYes;
}

}  // namespace lineup::cli
