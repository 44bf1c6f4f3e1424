// SPDX-License-Identifier: Apache-2.0
//
// One thread owns the database and writes what waits in one transaction, so that whoever changes
// something never waits for a disk. Triggers refuse to change or remove what is there: a program
// with a bug, or a person in a hurry, cannot rewrite what happened by accident.
#include "audit/audit_log.hpp"

#include <fmt/format.h>
#include <sqlite3.h>

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <deque>
#include <filesystem>
#include <mutex>
#include <thread>
#include <utility>

namespace lineup {

namespace {

// LIMIT: entries that wait for a disk that does not answer; changes are made by people.
constexpr std::size_t kWaitingMax = 10'000;
// A disk that failed is tried again after so long, or when somebody asks for it.
constexpr std::chrono::milliseconds kRetry{500};
// Changes that follow each other faster than this are written together: a commit waits for the
// disk, and wakes others on cores that serve.
constexpr std::chrono::milliseconds kGather{50};
constexpr int kBusyMs = 2000;

constexpr const char* kSchema =
    "PRAGMA journal_mode = WAL;"
    "PRAGMA synchronous = FULL;"
    "CREATE TABLE IF NOT EXISTS changes("
    "  number INTEGER PRIMARY KEY AUTOINCREMENT, at_ms INTEGER NOT NULL, who TEXT NOT NULL,"
    "  what TEXT NOT NULL, target TEXT NOT NULL, why TEXT NOT NULL, result TEXT NOT NULL,"
    "  detail TEXT NOT NULL);"
    "CREATE INDEX IF NOT EXISTS changes_at ON changes(at_ms);"
    "CREATE TRIGGER IF NOT EXISTS changes_are_kept BEFORE DELETE ON changes BEGIN"
    "  SELECT RAISE(ABORT, 'what happened is not removed'); END;"
    "CREATE TRIGGER IF NOT EXISTS changes_are_final BEFORE UPDATE ON changes BEGIN"
    "  SELECT RAISE(ABORT, 'what happened is not changed'); END;";

struct Close {
  void operator()(sqlite3* database) const { sqlite3_close_v2(database); }
  void operator()(sqlite3_stmt* statement) const { sqlite3_finalize(statement); }
};
using Database = std::unique_ptr<sqlite3, Close>;
using Statement = std::unique_ptr<sqlite3_stmt, Close>;

Result<Database> open_database(const std::string& path, int flags) {
  sqlite3* opened = nullptr;
  const int status = sqlite3_open_v2(path.c_str(), &opened, flags | SQLITE_OPEN_NOMUTEX, nullptr);
  Database database(opened);
  if (status != SQLITE_OK) {
    return failure("audit/unreadable",
                   fmt::format("`{}` cannot be opened: {}", path, sqlite3_errstr(status)));
  }
  sqlite3_busy_timeout(database.get(), kBusyMs);
  return database;
}

Result<void> run(sqlite3* database, const char* text) {
  if (sqlite3_exec(database, text, nullptr, nullptr, nullptr) == SQLITE_OK) return {};
  return failure("audit/not-kept", sqlite3_errmsg(database));
}

Result<Statement> prepare(sqlite3* database, const char* text) {
  sqlite3_stmt* made = nullptr;
  if (sqlite3_prepare_v2(database, text, -1, &made, nullptr) != SQLITE_OK) {
    return failure("audit/unreadable", sqlite3_errmsg(database));
  }
  return Statement(made);
}

std::string text_at(sqlite3_stmt* statement, int column) {
  const auto* text = reinterpret_cast<const char*>(sqlite3_column_text(statement, column));
  return text == nullptr ? std::string() : text;
}

}  // namespace

class AuditLog::Writer {
 public:
  explicit Writer(std::string directory)
      : directory_(std::move(directory)), thread_([this] { work(); }) {}

  ~Writer() {
    {
      const std::lock_guard lock(mutex_);
      stop_ = true;
    }
    wake_.notify_all();
    thread_.join();
  }

  void note(AuditEntry entry) {
    const std::lock_guard lock(mutex_);
    if (waiting_.size() >= kWaitingMax) {
      ++counts_.lost;
      lost_why_ = "more changes wait to be written than are kept waiting";
      return;
    }
    waiting_.push_back(std::move(entry));
    has_news_ = true;
    wake_.notify_all();
  }

  void flush() {
    std::unique_lock lock(mutex_);
    const std::uint64_t before = attempts_;
    is_asked_ = true;
    wake_.notify_all();
    done_.wait(lock, [&] {
      const bool is_tried = !fault_.empty() && attempts_ > before && !has_news_;
      return !is_writing_ && (waiting_.empty() || is_tried);
    });
  }

  Counts counts() const {
    const std::lock_guard lock(mutex_);
    Counts counts = counts_;
    counts.waiting = waiting_.size();
    return counts;
  }
  std::string fault() const {
    const std::lock_guard lock(mutex_);
    return fault_.empty() ? lost_why_ : fault_;
  }

 private:
  void work() {
    std::unique_lock lock(mutex_);
    for (;;) {
      if (waiting_.empty()) {
        wake_.wait(lock, [this] { return stop_ || !waiting_.empty(); });
      }
      if (!fault_.empty()) {
        wake_.wait_for(lock, kRetry, [this] { return stop_ || is_asked_; });
      } else {
        wake_.wait_until(lock, gathers_until_, [this] { return stop_ || is_asked_; });
      }
      const bool is_last = stop_;
      if (!waiting_.empty()) try_once(lock);
      if (!is_last) continue;
      counts_.lost += waiting_.size();
      waiting_.clear();
      done_.notify_all();
      return;
    }
  }

  // What waits stays where it is until it is written: only this thread takes entries away.
  void try_once(std::unique_lock<std::mutex>& lock) {
    const std::deque<AuditEntry> batch = waiting_;
    has_news_ = false;
    is_asked_ = false;
    is_writing_ = true;
    lock.unlock();
    const Result<void> written = write(batch);
    lock.lock();
    is_writing_ = false;
    gathers_until_ = std::chrono::steady_clock::now() + kGather;
    ++attempts_;
    fault_ = written ? std::string() : written.error().message;
    if (written) {
      counts_.written += batch.size();
      waiting_.erase(waiting_.begin(),
                     waiting_.begin() + static_cast<std::ptrdiff_t>(batch.size()));
    }
    done_.notify_all();
  }

  Result<void> write(const std::deque<AuditEntry>& batch) {
    if (database_ == nullptr) {
      std::error_code ignored;
      std::filesystem::create_directories(directory_, ignored);
      auto opened =
          open_database(audit_path(directory_), SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE);
      if (!opened) return tl::unexpected(opened.error());
      if (auto made = run(opened->get(), kSchema); !made) return made;
      database_ = std::move(*opened);
    }
    auto written = run(database_.get(), "BEGIN IMMEDIATE");
    if (written) written = insert(batch);
    if (written) written = run(database_.get(), "COMMIT");
    if (!written) {
      (void)run(database_.get(), "ROLLBACK");
      database_.reset();  // perhaps it was removed or replaced: the next one opens it anew
    }
    return written;
  }

  Result<void> insert(const std::deque<AuditEntry>& batch) {
    auto statement = prepare(database_.get(),
                             "INSERT INTO changes(at_ms, who, what, target, why, result, detail) "
                             "VALUES(?, ?, ?, ?, ?, ?, ?)");
    if (!statement) return tl::unexpected(statement.error());
    for (const AuditEntry& entry : batch) {
      sqlite3_bind_int64(statement->get(), 1, entry.at_ms);
      int column = 2;
      for (const std::string* text :
           {&entry.who, &entry.what, &entry.target, &entry.why, &entry.result, &entry.detail}) {
        sqlite3_bind_text(statement->get(), column++, text->data(), static_cast<int>(text->size()),
                          SQLITE_STATIC);
      }
      if (sqlite3_step(statement->get()) != SQLITE_DONE) {
        return failure("audit/not-kept", sqlite3_errmsg(database_.get()));
      }
      sqlite3_reset(statement->get());
    }
    return {};
  }

  const std::string directory_;
  mutable std::mutex mutex_;
  std::condition_variable wake_;
  std::condition_variable done_;
  std::deque<AuditEntry> waiting_;
  bool stop_ = false;
  bool has_news_ = false;  // something came since the last attempt began
  bool is_asked_ = false;  // somebody waits for an attempt
  bool is_writing_ = false;
  std::chrono::steady_clock::time_point gathers_until_{};
  std::uint64_t attempts_ = 0;
  Counts counts_;
  std::string fault_;  // of the last attempt
  std::string lost_why_;
  Database database_;  // the thread's own
  std::thread thread_;
};

AuditLog::AuditLog(const std::string& directory) {
  if (!directory.empty()) writer_ = std::make_unique<Writer>(directory);
}

AuditLog::~AuditLog() = default;

void AuditLog::note(AuditEntry entry) {
  if (writer_ != nullptr) writer_->note(std::move(entry));
}

void AuditLog::flush() {
  if (writer_ != nullptr) writer_->flush();
}

AuditLog::Counts AuditLog::counts() const {
  return writer_ == nullptr ? Counts{} : writer_->counts();
}

std::string AuditLog::fault() const {
  return writer_ == nullptr ? std::string() : writer_->fault();
}

std::string audit_path(const std::string& directory) { return directory + "/audit.db"; }

Result<std::vector<AuditEntry>> read_audit(const std::string& directory, const AuditQuery& query) {
  const std::string path = audit_path(directory);
  std::error_code ignored;
  if (!std::filesystem::exists(path, ignored)) {
    return failure("audit/none", fmt::format("there is no audit log `{}`: is `{}` the state "
                                             "directory of an engine",
                                             path, directory));
  }
  auto database = open_database(path, SQLITE_OPEN_READONLY);
  if (!database) return tl::unexpected(database.error());
  auto statement = prepare(database->get(),
                           "SELECT number, at_ms, who, what, target, why, result, detail FROM ("
                           "  SELECT * FROM changes WHERE at_ms >= ? ORDER BY number DESC LIMIT ?)"
                           "ORDER BY number");
  if (!statement) {
    return failure("audit/unreadable",
                   fmt::format("`{}` cannot be read: {}", path, statement.error().message));
  }
  sqlite3_bind_int64(statement->get(), 1, query.since_ms);
  sqlite3_bind_int64(statement->get(), 2, static_cast<sqlite3_int64>(query.most));
  std::vector<AuditEntry> entries;
  int status = SQLITE_ROW;
  while ((status = sqlite3_step(statement->get())) == SQLITE_ROW) {
    sqlite3_stmt* row = statement->get();
    entries.push_back({sqlite3_column_int64(row, 0), sqlite3_column_int64(row, 1), text_at(row, 2),
                       text_at(row, 3), text_at(row, 4), text_at(row, 5), text_at(row, 6),
                       text_at(row, 7)});
  }
  if (status != SQLITE_DONE) {
    return failure("audit/unreadable",
                   fmt::format("`{}` cannot be read: {}", path, sqlite3_errmsg(database->get())));
  }
  return entries;
}

}  // namespace lineup
