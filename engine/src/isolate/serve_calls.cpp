// SPDX-License-Identifier: Apache-2.0
//
// The request is used where it lies; the arena, the instance and what the plugin allocates are the
// worker's own. The very functions that serve in the service serve here, so that both give the same
// bytes.
#include "isolate/serve_calls.hpp"

#include <sys/resource.h>
#include <unistd.h>

#include <cstdio>
#include <cstring>

#include "base/clock.hpp"
#include "isolate/setup.hpp"
#include "native/library.hpp"

namespace lineup {

namespace {

// LIMIT: how long a worker waits before it looks whether the service still lives.
constexpr std::int64_t kLookAroundNs = 1'000'000'000;
// Calls between two looks at the memory that is used.
constexpr std::uint32_t kCallsPerLook = 32;

struct Worker {
  Setup setup;
  std::shared_ptr<const Library> library;
  std::shared_ptr<NodeInstance> instance;
  Arena arena;
};

Result<SetupAnswer> set_up(Worker& worker, std::string_view text) {
  Setup& setup = worker.setup;
  if (!read_setup(text, setup)) return failure("isolate/worker", "the setup cannot be read");
  // By its descriptor: the name may be gone.
  const std::string path = "/proc/self/fd/" + std::to_string(kLibraryDescriptor);
  const StagedFile file{path, setup.library, setup.content_hash, 0};
  auto library = Library::load(file, {.unloads = false, .types = {}});
  if (!library) return tl::unexpected(library.error());
  worker.library = *library;
  std::shared_ptr<const NodeType> type;
  for (const auto& each : worker.library->types()) {
    if (each->kind == setup.kind && each->name == setup.type) type = each;
  }
  if (type == nullptr) return failure("native/table", "the plugin does not offer that type");
  const std::uint32_t declared = setup.schema.size();
  auto instance = NodeInstance::create(type, setup.config, setup.layout);
  if (!instance) return tl::unexpected(instance.error());
  worker.instance = *std::move(instance);
  SetupAnswer answer;
  const auto columns = worker.instance->columns();
  const auto slots = worker.instance->context_slots();
  const auto outputs = worker.instance->outputs();
  answer.bindings.columns.assign(columns.begin(), columns.end());
  answer.bindings.context.assign(slots.begin(), slots.end());
  answer.bindings.outputs.assign(outputs.begin(), outputs.end());
  const auto live = worker.instance->live();
  answer.bindings.live.assign(live.begin(), live.end());
  answer.context = setup.context.paths();
  for (std::uint32_t i = declared; i < setup.schema.size(); ++i) {
    answer.created.push_back(setup.schema[i].name);
  }
  return answer;
}

void answer_setup(Worker& worker, const Region& region) {
  Mailbox& mailbox = region.mailbox();
  const std::string_view text(reinterpret_cast<const char*>(mailbox.text), mailbox.text_size);
  const auto answer = set_up(worker, std::string(text));
  const std::string out = answer ? write_answer(*answer) : write_answer(answer.error());
  mailbox.text = region.begin();
  mailbox.text_size =
      std::min<std::size_t>(out.size(), static_cast<std::size_t>(region.end() - region.begin()));
  std::memcpy(mailbox.text, out.data(), mailbox.text_size);
}

void answer_call(Worker& worker, Mailbox& mailbox) {
  SharedCall& call = mailbox.call;
  worker.arena.reset();
  NodeRequest request = call.request;
  request.schema = &worker.setup.schema;
  request.batch = &call.batch;
  request.arena = &worker.arena;
  RunReport report;
  switch (mailbox.command) {
    case Command::Score:
      report = run_scorer(*worker.instance, request, call.outputs);
      break;
    case Command::Generate:
      report = run_generator(*worker.instance, request, call.problem, call.slates);
      break;
    default:
      report = run_evaluator(*worker.instance, request, call.slates, call.values);
  }
  mailbox.status = report.status;
  mailbox.work = report.work;
  mailbox.message_size =
      static_cast<std::uint32_t>(std::min(report.message.size(), sizeof mailbox.message));
  if (!report.message.empty()) {
    std::memcpy(mailbox.message, report.message.data(), mailbox.message_size);
  }
}

// Private memory of this process, in bytes.
std::uint64_t memory_used() {
  std::FILE* file = std::fopen("/proc/self/statm", "re");
  if (file == nullptr) return 0;
  unsigned long long total = 0;
  unsigned long long resident = 0;
  unsigned long long shared = 0;
  const int read = std::fscanf(file, "%llu %llu %llu", &total, &resident, &shared);
  std::fclose(file);
  const auto page = static_cast<std::uint64_t>(::sysconf(_SC_PAGESIZE));
  return read == 3 && resident > shared ? (resident - shared) * page : 0;
}

void limit_memory(std::uint64_t bytes) {
#if !defined(__SANITIZE_ADDRESS__) && !defined(__SANITIZE_THREAD__)
  const rlimit limit = {bytes, bytes};
  if (bytes > 0) ::setrlimit(RLIMIT_DATA, &limit);
#else
  (void)bytes;  // sanitizers map more than any plugin
#endif
}

}  // namespace

int serve_calls(const Region& region, std::uint64_t memory_max_bytes) {
  Mailbox& mailbox = region.mailbox();
  const pid_t service = ::getppid();
  limit_memory(memory_max_bytes);
  Worker worker;
  for (std::uint32_t calls = 0;;) {
    const std::uint32_t turn = mailbox.turn.load(std::memory_order_acquire);
    if (turn != static_cast<std::uint32_t>(Turn::Worker)) {
      wait_while(mailbox.turn, turn, monotonic_ns() + kLookAroundNs);
      if (::getppid() != service) return 0;
      continue;
    }
    if (mailbox.command == Command::SetUp) {
      answer_setup(worker, region);
    } else if (worker.instance != nullptr) {
      answer_call(worker, mailbox);
      ++calls;
    }
    const bool looks = memory_max_bytes > 0 && calls % kCallsPerLook == kCallsPerLook - 1;
    const auto most = static_cast<double>(memory_max_bytes) * kRetireShare;
    const bool retires = looks && static_cast<double>(memory_used()) > most;
    mailbox.retires = retires ? 1 : 0;
    pass_turn(mailbox, Turn::Service);
    if (retires) return 0;
  }
}

}  // namespace lineup
