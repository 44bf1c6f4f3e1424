// SPDX-License-Identifier: Apache-2.0
//
// Texts are taken apart into words, once each; a file's name is looked for among them.
#include "trust/scene_use.hpp"

#include <algorithm>
#include <utility>
#include <vector>

namespace lineup {

namespace {

using Words = std::set<std::string, std::less<>>;

bool is_word(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_';
}

template <typename Take>
void for_words(std::string_view text, Take&& take) {
  for (std::size_t at = 0; at < text.size();) {
    std::size_t end = at;
    while (end < text.size() && is_word(text[end])) ++end;
    if (end > at) take(text.substr(at, end - at));
    at = end + 1;
  }
}

Words words_of(std::string_view text) {
  Words words;
  for_words(text, [&words](std::string_view word) { words.emplace(word); });
  return words;
}

// The name by which other files know this one: of `rules/pin.cases.yaml` it is `pin`. Of a name
// that is no single word, such as `top-picks`, its longest word: more is then found, never less.
std::string name_word(std::string_view path) {
  std::string_view name = path.substr(path.rfind('/') + 1);
  name = name.substr(0, name.find('.'));
  std::string_view longest;
  for_words(name, [&longest](std::string_view word) {
    if (word.size() > longest.size()) longest = word;
  });
  return std::string(longest);
}

}  // namespace

SceneUse::SceneUse(std::span<const ShippedFile> files) {
  std::map<std::string, Words> rules;  // by name
  for (const ShippedFile& file : files) {
    if (!file.path.starts_with("rules/")) continue;
    Words words = words_of(file.contents);
    rules[name_word(file.path)].merge(words);
  }
  for (const ShippedFile& file : files) {
    if (!file.path.starts_with("policies/")) continue;
    Words seen;
    const Words own = words_of(file.contents);
    std::vector<std::string> rest(own.begin(), own.end());
    while (!rest.empty()) {
      const std::string word = std::move(rest.back());
      rest.pop_back();
      if (!seen.insert(word).second) continue;
      scenes_of_word_[word].insert(file.scene);
      const auto rule = rules.find(word);
      if (rule != rules.end()) rest.insert(rest.end(), rule->second.begin(), rule->second.end());
    }
  }
}

std::set<std::string> SceneUse::scenes_of(std::string_view path) const {
  const auto found = scenes_of_word_.find(name_word(path));
  return found == scenes_of_word_.end() ? std::set<std::string>() : found->second;
}

}  // namespace lineup
