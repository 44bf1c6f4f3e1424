// SPDX-License-Identifier: Apache-2.0
//
// Everything is read by copying structs from checked ranges; nothing is cast in place, since a file
// may put its tables at odd offsets. The section table stands at the end of what linkers write, so
// a file that lost its end is found by it.
#include "native/elf.hpp"

#include <elf.h>

#include <cstring>
#include <optional>
#include <string_view>
#include <type_traits>

namespace lineup {

namespace {

#if defined(__x86_64__)
constexpr std::uint16_t kMachine = EM_X86_64;
constexpr std::string_view kMachineName = "x86-64";
#elif defined(__aarch64__)
constexpr std::uint16_t kMachine = EM_AARCH64;
constexpr std::string_view kMachineName = "aarch64";
#else
#error "lineup loads plugins on x86-64 and aarch64"
#endif

using Bytes = std::span<const std::byte>;

constexpr std::string_view kMetadataSection = ".lineup_metadata";
constexpr std::string_view kEntrySymbol = "lineup_entry";

tl::unexpected<Error> truncated(std::string_view what) {
  return failure("native/truncated", std::string(what) +
                                         " reaches past the end of the file: it is "
                                         "truncated or still being written");
}

// [offset, offset + size) of the file, or nothing when it reaches past the end.
std::optional<Bytes> range(Bytes file, std::uint64_t offset, std::uint64_t size) {
  if (offset > file.size() || size > file.size() - offset) return std::nullopt;
  return file.subspan(offset, size);
}

// Entry `index` of a table. REQUIRES: it lies inside.
template <typename T>
T entry(Bytes table, std::size_t index) {
  static_assert(std::is_trivially_copyable_v<T>);
  T value;
  std::memcpy(&value, table.data() + index * sizeof(T), sizeof(T));
  return value;
}

// The NUL-terminated text at `offset`; empty when there is none.
std::string_view text_at(Bytes strings, std::uint64_t offset) {
  if (offset >= strings.size()) return {};
  const char* begin = reinterpret_cast<const char*>(strings.data()) + offset;
  const void* end = std::memchr(begin, 0, strings.size() - offset);
  if (end == nullptr) return {};
  return {begin, static_cast<std::size_t>(static_cast<const char*>(end) - begin)};
}

Result<Elf64_Ehdr> read_header(Bytes file) {
  const std::size_t known = std::min<std::size_t>(file.size(), SELFMAG);
  if (std::memcmp(file.data(), ELFMAG, known) != 0) {
    return failure("native/not-a-library", "no shared library: it does not begin as an ELF file");
  }
  if (file.size() < sizeof(Elf64_Ehdr)) return truncated("the header");
  const auto header = entry<Elf64_Ehdr>(file, 0);
  if (header.e_ident[EI_CLASS] != ELFCLASS64 || header.e_ident[EI_DATA] != ELFDATA2LSB ||
      header.e_machine != kMachine) {
    return failure("native/foreign", "built for another machine (ELF machine " +
                                         std::to_string(header.e_machine) + "); this one is " +
                                         std::string(kMachineName));
  }
  if (header.e_type != ET_DYN) {
    return failure("native/not-a-library", "an ELF file, but no shared library");
  }
  return header;
}

// Reads one library; the members are filled in the order of the functions.
class Reader {
 public:
  explicit Reader(Bytes file) : file_(file) {}

  Result<ElfFacts> read() {
    auto header = read_header(file_);
    if (!header) return tl::unexpected(header.error());
    if (auto found = find_segments(*header); !found) return tl::unexpected(found.error());
    if (auto found = find_sections(*header); !found) return tl::unexpected(found.error());
    for (std::size_t i = 0; i < section_count_; ++i) read_section(section(i));
    return facts_;
  }

 private:
  Result<void> find_segments(const Elf64_Ehdr& header) {
    if (header.e_phnum > 0 && header.e_phentsize != sizeof(Elf64_Phdr)) {
      return failure("native/not-a-library", "its program headers have an unknown size");
    }
    const auto table =
        range(file_, header.e_phoff, std::uint64_t{header.e_phnum} * sizeof(Elf64_Phdr));
    if (!table) return truncated("the table of program headers");
    segments_ = *table;
    segment_count_ = header.e_phnum;
    for (std::size_t i = 0; i < segment_count_; ++i) {
      const auto segment = entry<Elf64_Phdr>(segments_, i);
      if (!range(file_, segment.p_offset, segment.p_filesz)) return truncated("a segment");
    }
    return {};
  }

  Result<void> find_sections(const Elf64_Ehdr& header) {
    if (header.e_shnum == 0 || header.e_shentsize != sizeof(Elf64_Shdr)) {
      return failure("native/not-a-library", "it has no section headers");
    }
    const auto table =
        range(file_, header.e_shoff, std::uint64_t{header.e_shnum} * sizeof(Elf64_Shdr));
    if (!table) return truncated("the table of section headers");
    sections_ = *table;
    section_count_ = header.e_shnum;
    for (std::size_t i = 0; i < section_count_; ++i) {
      const Elf64_Shdr header_of = section(i);
      if (header_of.sh_type == SHT_NOBITS || header_of.sh_type == SHT_NULL) continue;
      if (!range(file_, header_of.sh_offset, header_of.sh_size)) return truncated("a section");
    }
    if (header.e_shstrndx < section_count_) names_ = contents(section(header.e_shstrndx));
    return {};
  }

  void read_section(const Elf64_Shdr& section) {
    if (section.sh_type == SHT_DYNSYM) read_symbols(section);
    if (section.sh_type == SHT_DYNAMIC) read_flags(section);
    if (text_at(names_, section.sh_name) == kMetadataSection) facts_.metadata = contents(section);
  }

  void read_symbols(const Elf64_Shdr& table) {
    if (table.sh_link >= section_count_) return;
    const Bytes strings = contents(section(table.sh_link));
    const Bytes symbols = contents(table);
    for (std::size_t i = 1; i < symbols.size() / sizeof(Elf64_Sym); ++i) {
      const auto symbol = entry<Elf64_Sym>(symbols, i);
      const std::string name(text_at(strings, symbol.st_name));
      const unsigned bind = ELF64_ST_BIND(symbol.st_info);
      if (name.empty() || bind == STB_LOCAL) continue;
      if (symbol.st_shndx == SHN_UNDEF) {
        facts_.imports.push_back(name);
        continue;
      }
      facts_.exports.push_back(name);
      if (bind == STB_GNU_UNIQUE) facts_.unique.push_back(name);
      if (name == kEntrySymbol) facts_.entry = bytes_at(symbol.st_value);
    }
  }

  void read_flags(const Elf64_Shdr& table) {
    const Bytes entries = contents(table);
    for (std::size_t i = 0; i < entries.size() / sizeof(Elf64_Dyn); ++i) {
      const auto dynamic = entry<Elf64_Dyn>(entries, i);
      if (dynamic.d_tag == DT_NULL) break;
      if (dynamic.d_tag == DT_FLAGS && (dynamic.d_un.d_val & DF_STATIC_TLS) != 0) {
        facts_.has_static_tls = true;
      }
      if (dynamic.d_tag == DT_FLAGS_1 && (dynamic.d_un.d_val & DF_1_NODELETE) != 0) {
        facts_.has_nodelete = true;
      }
    }
  }

  // The file's bytes of what is mapped at `address`, to the end of the segment's file part.
  [[nodiscard]] Bytes bytes_at(std::uint64_t address) const {
    for (std::size_t i = 0; i < segment_count_; ++i) {
      const auto segment = entry<Elf64_Phdr>(segments_, i);
      if (segment.p_type != PT_LOAD || address < segment.p_vaddr) continue;
      const std::uint64_t into = address - segment.p_vaddr;
      if (into >= segment.p_filesz) continue;
      return file_.subspan(segment.p_offset + into, segment.p_filesz - into);
    }
    return {};
  }

  [[nodiscard]] Elf64_Shdr section(std::size_t index) const {
    return entry<Elf64_Shdr>(sections_, index);
  }
  // REQUIRES: find_sections() found the ranges of all sections inside the file.
  [[nodiscard]] Bytes contents(const Elf64_Shdr& section) const {
    if (section.sh_type == SHT_NOBITS || section.sh_type == SHT_NULL) return {};
    return file_.subspan(section.sh_offset, section.sh_size);
  }

  Bytes file_;
  Bytes segments_;
  std::size_t segment_count_ = 0;
  Bytes sections_;
  std::size_t section_count_ = 0;
  Bytes names_;
  ElfFacts facts_;
};

}  // namespace

Result<ElfFacts> read_elf(std::span<const std::byte> file) {
  if (file.empty()) return failure("native/truncated", "the file is empty");
  return Reader(file).read();
}

}  // namespace lineup
