// SPDX-License-Identifier: Apache-2.0
//
// Runs a fuzzer without libFuzzer: every file of the corpus, then seeded mutations of them, as many
// as asked for. A fault ends the program; the input that did it is left in a file and named, and
// `--reproduce FILE` runs it alone. The same seed and count give the same inputs.
#include <fcntl.h>
#include <signal.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <random>
#include <sstream>

#include "fuzz.hpp"

namespace {

namespace fs = std::filesystem;

// LIMIT: bytes of an input; what is read here is a file or a message, not a stream.
constexpr std::size_t kBytesMax = 64 * 1024;
// LIMIT: seconds one input may take, on a machine that is busy and under sanitizers.
constexpr unsigned kSecondsMax = 60;

struct Options {
  std::uint64_t seed = 1;
  std::uint64_t runs = 0;
  std::uint64_t seconds = 0;
  std::string reproduce;
  std::string write_seeds;
  std::vector<std::string> corpus;
};

// The input that runs, for the handler of signals.
const std::string* current = nullptr;
char left_behind[512] = "fuzz-input";

void on_fault(int signal_number) {
  const int file = ::open(left_behind, O_WRONLY | O_CREAT | O_TRUNC, 0600);
  if (file >= 0 && current != nullptr) {
    static_cast<void>(!::write(file, current->data(), current->size()));
    ::close(file);
  }
  constexpr char kText[] = "\nthe input that did it is in ";
  static_cast<void>(!::write(2, kText, sizeof(kText) - 1));
  static_cast<void>(!::write(2, left_behind, std::strlen(left_behind)));
  static_cast<void>(!::write(2, "\n", 1));
  ::signal(signal_number, SIG_DFL);
  ::raise(signal_number);
}

void run(const std::string& input) {
  current = &input;
  ::alarm(kSecondsMax);
  // Of its own size, so that a sanitizer sees who reads past its end.
  const std::vector<std::uint8_t> bytes(input.begin(), input.end());
  LLVMFuzzerTestOneInput(bytes.data(), bytes.size());
  ::alarm(0);
  current = nullptr;
}

std::string read_file(const fs::path& path) {
  std::ifstream file(path, std::ios::binary);
  std::ostringstream out;
  out << file.rdbuf();
  return out.str();
}

std::vector<std::string> read_corpus(const std::vector<std::string>& places) {
  std::vector<fs::path> files;
  for (const std::string& place : places) {
    if (fs::is_regular_file(place)) files.emplace_back(place);
    if (!fs::is_directory(place)) continue;
    for (const auto& entry : fs::directory_iterator(place)) {
      if (entry.is_regular_file()) files.push_back(entry.path());
    }
  }
  std::sort(files.begin(), files.end());
  std::vector<std::string> out = lineup::fuzz::made_seeds();
  for (const fs::path& file : files) {
    std::string text = read_file(file);
    if (text.size() <= kBytesMax) out.push_back(std::move(text));
  }
  if (out.empty()) out.emplace_back();
  return out;
}

class Mutator {
 public:
  Mutator(std::uint64_t seed, const std::vector<std::string>& corpus)
      : random_(seed), corpus_(corpus) {}

  std::string next() {
    std::string text = corpus_[below(corpus_.size())];
    for (std::size_t edits = 1 + below(6); edits > 0; --edits) edit(text);
    if (text.size() > kBytesMax) text.resize(kBytesMax);
    return text;
  }

 private:
  std::size_t below(std::size_t count) {
    return count == 0 ? 0 : static_cast<std::size_t>(random_() % count);
  }

  std::string piece_of(const std::string& text) {
    const std::size_t at = below(text.size() + 1);
    return text.substr(at, 1 + below(32));
  }

  void edit(std::string& text) {
    static const std::string kSigns =
        "{}[]()<>:;,.-+*/%#&|!=~'\"@`?\\ \n\t0123456789aZ_\x00\xff\xc3";
    static const std::vector<std::string> kWords = {"null",
                                                    "true",
                                                    "nan",
                                                    "inf",
                                                    "-0",
                                                    "1e308",
                                                    "9223372036854775807",
                                                    "-9223372036854775808",
                                                    "4294967296",
                                                    "0x7fffffff",
                                                    "..",
                                                    "\xef\xbb\xbf",
                                                    "&a",
                                                    "*a",
                                                    "end",
                                                    "]]",
                                                    "--[[",
                                                    "{{{{",
                                                    "[[[["};
    const std::size_t at = below(text.size() + 1);
    switch (below(8)) {
      case 0:
        if (at < text.size()) text[at] = static_cast<char>(random_());
        break;
      case 1:
        text.insert(at, 1, kSigns[below(kSigns.size())]);
        break;
      case 2:
        text.erase(at, 1 + below(16));
        break;
      case 3:
        text.insert(at, piece_of(text));
        break;
      case 4:
        text.insert(at, piece_of(corpus_[below(corpus_.size())]));
        break;
      case 5:
        text.insert(at, kWords[below(kWords.size())]);
        break;
      case 6:
        if (at < text.size()) text[at] = static_cast<char>(text[at] ^ (1 << below(8)));
        break;
      default:
        text.resize(at);
    }
  }

  std::mt19937_64 random_;
  const std::vector<std::string>& corpus_;
};

bool read_options(int count, char** texts, Options& options) {
  for (int i = 1; i < count; ++i) {
    const std::string text = texts[i];
    const bool has_value = i + 1 < count;
    if (text == "--seed" && has_value) {
      options.seed = std::strtoull(texts[++i], nullptr, 10);
    } else if (text == "--runs" && has_value) {
      options.runs = std::strtoull(texts[++i], nullptr, 10);
    } else if (text == "--seconds" && has_value) {
      options.seconds = std::strtoull(texts[++i], nullptr, 10);
    } else if (text == "--reproduce" && has_value) {
      options.reproduce = texts[++i];
    } else if (text == "--write-seeds" && has_value) {
      options.write_seeds = texts[++i];
    } else if (text.rfind("--", 0) == 0) {
      std::cerr << "unknown option `" << text << "`; there are: --seed N, --runs N, --seconds N, "
                << "--reproduce FILE, --write-seeds DIRECTORY, then files and directories\n";
      return false;
    } else {
      options.corpus.push_back(text);
    }
  }
  return true;
}

}  // namespace

int main(int count, char** texts) {
  Options options;
  if (!read_options(count, texts, options)) return 2;
  const std::string name = fs::path(texts[0]).filename().string();
  const std::string left =
      (fs::temp_directory_path() / (name + "-" + std::to_string(::getpid()) + ".input")).string();
  std::strncpy(left_behind, left.c_str(), sizeof(left_behind) - 1);
  for (const int number : {SIGSEGV, SIGABRT, SIGBUS, SIGFPE, SIGILL, SIGALRM}) {
    ::signal(number, on_fault);
  }
  if (!options.reproduce.empty()) {
    run(read_file(options.reproduce));
    std::cout << name << ": survives " << options.reproduce << "\n";
    return 0;
  }
  if (!options.write_seeds.empty()) {
    std::size_t number = 0;
    for (const std::string& seed : lineup::fuzz::made_seeds()) {
      std::ofstream(fs::path(options.write_seeds) / ("made_" + std::to_string(number++)),
                    std::ios::binary)
          << seed;
    }
    return 0;
  }
  const std::vector<std::string> corpus = read_corpus(options.corpus);
  for (const std::string& input : corpus) run(input);
  Mutator mutator(options.seed, corpus);
  const auto end = std::chrono::steady_clock::now() + std::chrono::seconds(options.seconds);
  std::uint64_t runs = 0;
  while (runs < options.runs || (options.seconds > 0 && std::chrono::steady_clock::now() < end)) {
    run(mutator.next());
    ++runs;
  }
  std::cout << name << ": " << corpus.size() << " files and " << runs << " mutations of them, seed "
            << options.seed << ", no finding\n";
  return 0;
}
