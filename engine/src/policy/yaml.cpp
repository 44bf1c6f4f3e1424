// SPDX-License-Identifier: Apache-2.0
//
// Builds the tree from yaml-cpp's events instead of its nodes: events tell duplicate keys, aliases
// and depth while they come, so that nothing has to be built first that is refused later (a few
// lines of aliases can stand for gigabytes). yaml-cpp throws: nothing leaves read_yaml().
#include "policy/yaml.hpp"

#include <fmt/format.h>
#include <yaml-cpp/eventhandler.h>
#include <yaml-cpp/exceptions.h>
#include <yaml-cpp/mark.h>
#include <yaml-cpp/parser.h>

#include <algorithm>
#include <array>
#include <exception>
#include <map>
#include <sstream>
#include <utility>

#include "policy/scalars.hpp"
#include "policy/yaml_source.hpp"

namespace lineup {

namespace {

// LIMIT: a policy is some kilobytes; a megabyte is a mistake.
constexpr std::size_t kFileBytesMax = 1024 * 1024;
// LIMIT: the deepest key of a policy is seven levels down; parameters of rules may nest on.
constexpr std::size_t kDepthMax = 32;
// LIMIT: values that aliases may stand for in one file. A few lines of them can stand for
// gigabytes.
constexpr std::size_t kAliasedMax = 100'000;

// Thrown through yaml-cpp to end the parse after a finding.
struct Stop {};

class TreeBuilder final : public YAML::EventHandler {
 public:
  TreeBuilder(const YamlSource& source, YamlAliases aliases, Diagnostics& diagnostics)
      : source_(source), aliases_(aliases), diagnostics_(diagnostics) {}

  void OnDocumentStart(const YAML::Mark& mark) override {
    if (has_document_) {
      stop(begin_of(mark), begin_of(mark) + 1, "policy/syntax", "a second document begins here",
           "write each policy into a file of its own");
    }
    has_document_ = true;
  }
  void OnDocumentEnd() override {}

  void OnNull(const YAML::Mark& mark, YAML::anchor_t anchor) override {
    refuse_anchor(mark, anchor);
    const std::size_t begin = begin_of(mark);
    YamlNode node;
    // An empty value has no place of its own: yaml-cpp gives that of what follows.
    const std::size_t length = null_length(begin);
    if (!open_.empty() && open_.back().has_key && (length == 0 || begin < open_.back().key_end)) {
      node.span = open_.back().key_span;
      add(std::move(node), open_.back().key_end);
    } else {
      node.text = "null";
      node.span = source_.span(begin, begin + length);
      add(std::move(node), begin + length);
    }
  }

  void OnAlias(const YAML::Mark& mark, YAML::anchor_t anchor) override {
    refuse_anchor(mark, anchor);
    const std::size_t begin = begin_of(mark);
    const auto anchored = anchors_.find(anchor);
    if (anchored == anchors_.end()) {
      stop(begin, begin + 1, "policy/alias", "the value contains itself", "write the value out");
    }
    aliased_ += size_of(anchored->second);
    if (aliased_ > kAliasedMax) {
      stop(begin, begin + 1, "policy/alias",
           fmt::format("aliases stand for more than {} values", kAliasedMax),
           "write a shorter file");
    }
    add(anchored->second, begin + 1);
  }

  void OnScalar(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor,
                const std::string& value) override {
    refuse_anchor(mark, anchor);
    refuse_tag(mark, tag);
    const std::size_t begin = begin_of(mark);
    const auto end = source_.scalar_end(begin, value);
    if (!end) {
      stop(begin, begin + 1, "policy/syntax", "the quote is not closed",
           fmt::format("end the text with `{}`", source_.at(begin)));
    }
    YamlNode node;
    node.text = value;
    node.span = source_.span(begin, *end);
    if (tag == "?") {
      resolve_plain(node);
    } else {
      node.kind = Value::Kind::Text;
      const char first = source_.at(begin);
      node.text_offset = first == '"' || first == '\'' ? 1 : 0;
    }
    remember(anchor, node);
    add(std::move(node), *end);
  }

  void OnSequenceStart(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor,
                       YAML::EmitterStyle::value style) override {
    open(mark, tag, anchor, style, Value::Kind::List);
  }
  void OnSequenceEnd() override { close(); }
  void OnMapStart(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor,
                  YAML::EmitterStyle::value style) override {
    open(mark, tag, anchor, style, Value::Kind::Map);
  }
  void OnMapEnd() override { close(); }

  [[nodiscard]] bool has_document() const { return has_document_; }
  [[nodiscard]] YamlNode take() { return std::move(root_); }
  // Where the innermost flow collection that is still open began; nothing when there is none.
  [[nodiscard]] const std::size_t* open_flow() const {
    for (std::size_t i = open_.size(); i > 0; --i) {
      if (open_[i - 1].is_flow) return &open_[i - 1].begin;
    }
    return nullptr;
  }

 private:
  struct Collection {
    YamlNode node;
    YAML::anchor_t anchor = YAML::NullAnchor;
    bool is_flow = false;
    std::size_t begin = 0;
    std::size_t end = 0;  // of the last part so far
    bool has_key = false;
    std::string key;
    Span key_span;
    std::size_t key_end = 0;
  };

  // Bytes of the word at `begin` that writes a null; 0 when there is none.
  [[nodiscard]] std::size_t null_length(std::size_t begin) const {
    if (source_.at(begin) == '~') return 1;
    for (const std::string_view word : {"null", "Null", "NULL"}) {
      std::size_t i = 0;
      while (i < word.size() && source_.at(begin + i) == word[i]) ++i;
      const char next = source_.at(begin + i);
      if (i == word.size() &&
          std::string_view(" \t\r\n,]}", 7).find(next) != std::string_view::npos) {
        return i;
      }
      if (i == word.size() && begin + i >= source_.size()) return i;
    }
    return 0;
  }

  [[nodiscard]] std::size_t begin_of(const YAML::Mark& mark) const {
    return source_.offset(mark.line, mark.column);
  }

  [[noreturn]] void stop(std::size_t begin, std::size_t end, std::string code, std::string message,
                         std::string hint) {
    diagnostics_.error(source_.span(begin, end), std::move(code), std::move(message),
                       std::move(hint));
    throw Stop();
  }

  void refuse_anchor(const YAML::Mark& mark, YAML::anchor_t anchor) {
    if (anchor == YAML::NullAnchor || aliases_ == YamlAliases::Followed) return;
    stop(begin_of(mark), begin_of(mark) + 1, "policy/alias",
         "anchors (`&`) and aliases (`*`) are not read", "write the value out");
  }

  void remember(YAML::anchor_t anchor, const YamlNode& node) {
    if (anchor != YAML::NullAnchor) anchors_[anchor] = node;
  }

  static std::size_t size_of(const YamlNode& node) {
    std::size_t size = 1;
    for (const YamlNode& item : node.items) size += size_of(item);
    for (const YamlEntry& entry : node.entries) size += size_of(entry.value);
    return size;
  }

  // "?" and "!" are yaml-cpp's words for a value without a tag, plain or quoted.
  void refuse_tag(const YAML::Mark& mark, const std::string& tag) {
    if (tag.empty() || tag == "?" || tag == "!") return;
    stop(begin_of(mark), begin_of(mark) + 1, "policy/tag", "tags (`!`) are not read",
         "put quotes around a text that begins with `!`");
  }

  void open(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor,
            YAML::EmitterStyle::value style, Value::Kind kind) {
    refuse_anchor(mark, anchor);
    refuse_tag(mark, tag);
    const std::size_t begin = begin_of(mark);
    if (open_.size() >= kDepthMax) {
      stop(begin, begin + 1, "policy/too-deep",
           fmt::format("the file is nested deeper than {}", kDepthMax), {});
    }
    Collection collection;
    collection.node.kind = kind;
    collection.anchor = anchor;
    collection.is_flow = style == YAML::EmitterStyle::Flow;
    collection.begin = begin;
    collection.end = begin + 1;
    open_.push_back(std::move(collection));
  }

  void close() {
    Collection closed = std::move(open_.back());
    open_.pop_back();
    const std::size_t end = closed.is_flow ? source_.flow_end(closed.end) : closed.end;
    closed.node.span = source_.span(closed.begin, end);
    remember(closed.anchor, closed.node);
    add(std::move(closed.node), end);
  }

  void add(YamlNode node, std::size_t end) {
    if (open_.empty()) {
      root_ = std::move(node);
      return;
    }
    Collection& parent = open_.back();
    parent.end = std::max(parent.end, end);
    if (parent.node.kind == Value::Kind::List) {
      parent.node.items.push_back(std::move(node));
    } else if (!parent.has_key) {
      begin_entry(parent, node, end);
    } else {
      parent.has_key = false;
      end_entry(parent, std::move(node));
    }
  }

  void begin_entry(Collection& parent, const YamlNode& key, std::size_t end) {
    if (key.kind == Value::Kind::List || key.kind == Value::Kind::Map) {
      diagnostics_.error(key.span, "policy/syntax",
                         fmt::format("a key must be a name, found {}", describe(key.kind)));
      throw Stop();
    }
    parent.has_key = true;
    parent.key = key.text;
    parent.key_span = key.span;
    parent.key_end = end;
  }

  void end_entry(Collection& parent, YamlNode value) {
    if (const YamlEntry* first = parent.node.entry(parent.key)) {
      diagnostics_
          .error(parent.key_span, "policy/duplicate-key",
                 fmt::format("`{}` is there twice", parent.key),
                 fmt::format("it stands on line {} already", first->key_span.line))
          .arguments = {{"key", parent.key}};
      return;
    }
    parent.node.entries.push_back({parent.key, parent.key_span, std::move(value)});
  }

  const YamlSource& source_;
  YamlAliases aliases_;
  Diagnostics& diagnostics_;
  std::map<YAML::anchor_t, YamlNode> anchors_;
  std::size_t aliased_ = 0;
  std::vector<Collection> open_;
  YamlNode root_;
  bool has_document_ = false;
};

// What yaml-cpp says, in words that help. Its messages are matched by their beginning.
struct Wording {
  std::string_view theirs;
  std::string_view ours;
  std::string_view hint;
};

constexpr std::array kWordings = {
    Wording{"illegal map value", "`:` cannot stand here",
            "put quotes around a text that holds `: `, or check the indentation"},
    Wording{"end of map not found", "this does not line up with what stands above",
            "indent the keys of one map by the same number of spaces"},
    Wording{"end of sequence not found", "this does not line up with what stands above",
            "indent the `-` of one list by the same number of spaces"},
    Wording{"end of map flow not found", "`{` is not closed", "end the map with `}`"},
    Wording{"end of sequence flow not found", "`[` is not closed", "end the list with `]`"},
    Wording{"illegal block entry", "`-` cannot stand here",
            "a list begins on a line of its own, or is written [a, b]"},
    Wording{"illegal map key", "a key cannot stand here",
            "keys begin on a line of their own, or stand in {...}"},
    Wording{"unknown token", "a value cannot begin like this", "put quotes around the text"},
    Wording{"illegal flow end", "this closes nothing", ""},
    Wording{"unknown escape character", "unknown escape in a text",
            "write the text in single quotes: nothing is escaped there"},
    Wording{"illegal EOF in scalar", "the text is not closed", "end it with its quote"},
    Wording{"alias not found", "`*` cannot begin a value", "put quotes around the text"},
    Wording{"the referenced anchor is not defined", "`*` cannot begin a value",
            "put quotes around the text"},
    Wording{"anchor not found", "`&` cannot begin a value", "put quotes around the text"},
};

void report_syntax(const YamlSource& source, const std::string& message, const YAML::Mark& mark,
                   const std::size_t* open_flow, Diagnostics& diagnostics) {
  std::size_t begin = source.offset(mark.line, mark.column);
  // yaml-cpp reads over the tab and stumbles later in the line.
  if (const auto tab = source.indenting_tab(begin)) {
    diagnostics.error(source.span(*tab, *tab + 1), "policy/syntax",
                      "a tab stands in the indentation", "indent with spaces");
    return;
  }
  for (const Wording& wording : kWordings) {
    if (message.compare(0, wording.theirs.size(), wording.theirs) != 0) continue;
    // What is not closed is shown where it was opened, not where the file ends.
    if (open_flow != nullptr && wording.theirs.find("flow not found") != std::string_view::npos) {
      begin = *open_flow;
    }
    diagnostics.error(source.span(begin, begin + 1), "policy/syntax", std::string(wording.ours),
                      std::string(wording.hint));
    return;
  }
  diagnostics.error(source.span(begin, begin + 1), "policy/syntax",
                    fmt::format("not readable as YAML: {}", message));
}

bool is_readable(const std::string& path, std::string_view text, Diagnostics& diagnostics) {
  const Span whole{path, 0, 0, 0, 0};
  if (text.size() > kFileBytesMax) {
    diagnostics.error(
        whole, "policy/too-large",
        fmt::format("the file has {} bytes, more than {}", text.size(), kFileBytesMax));
    return false;
  }
  if (!is_utf8(text)) {
    diagnostics.error(whole, "policy/encoding", "the file is not UTF-8 text", "save it as UTF-8");
    return false;
  }
  return true;
}

}  // namespace

const YamlEntry* YamlNode::entry(std::string_view key) const {
  const auto found = std::find_if(entries.begin(), entries.end(),
                                  [&](const YamlEntry& entry) { return entry.key == key; });
  return found == entries.end() ? nullptr : &*found;
}

bool read_yaml(const std::string& path, std::string_view text, YamlNode& out,
               Diagnostics& diagnostics, YamlAliases aliases) {
  if (!is_readable(path, text, diagnostics)) return false;
  constexpr std::string_view kByteOrderMark = "\xEF\xBB\xBF";
  if (text.substr(0, kByteOrderMark.size()) == kByteOrderMark) {
    text.remove_prefix(kByteOrderMark.size());
  }
  const YamlSource source(path, text);
  TreeBuilder builder(source, aliases, diagnostics);
  try {
    std::istringstream stream{std::string(text)};
    YAML::Parser parser(stream);
    while (parser.HandleNextDocument(builder)) {
    }
  } catch (const Stop&) {
    return false;
  } catch (const YAML::Exception& error) {
    report_syntax(source, error.msg, error.mark, builder.open_flow(), diagnostics);
    return false;
  } catch (const std::exception& error) {
    diagnostics.error({path, 0, 0, 0, 0}, "policy/syntax",
                      fmt::format("not readable as YAML: {}", error.what()));
    return false;
  }
  if (!builder.has_document()) {
    diagnostics.error({path, 0, 0, 0, 0}, "policy/syntax", "the file is empty",
                      "begin with `lineup: 1`");
    return false;
  }
  out = builder.take();
  return true;
}

}  // namespace lineup
