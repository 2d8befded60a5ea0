// Which event names a trigger, wait or subscription listens to: a name,
// "prefix.*" or "*".
#pragma once

#include <algorithm>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

namespace troupe::engine {

class event_pattern {
public:
  event_pattern() = default;

  explicit event_pattern(std::string text) : text_(std::move(text)) {}

  [[nodiscard]] const std::string& text() const {
    return text_;
  }

  /// A `*` stands alone, or behind the last dot; elsewhere it would be part of
  /// a name that no event has.
  [[nodiscard]] bool is_well_formed() const {
    const auto star = text_.find('*');
    return !text_.empty()
           && (star == text_.npos || text_ == "*"
               || (star == text_.size() - 1 && text_.ends_with(".*")
                   && text_.size() > 2));
  }

  [[nodiscard]] bool is_exact() const {
    return text_ != "*" && !text_.ends_with(".*");
  }

  /// Another name of the type that it names. @pre is_exact()
  void also(std::string name) {
    others_.push_back(std::move(name));
  }

  [[nodiscard]] const std::vector<std::string>& others() const {
    return others_;
  }

  /// "order.*" matches "order.completed" and "order.item.added", not "order".
  [[nodiscard]] bool matches(std::string_view name) const {
    if (is_exact())
      return text_ == name
             || std::find(others_.begin(), others_.end(), name)
                  != others_.end();
    const auto prefix = std::string_view{text_}.substr(0, text_.size() - 1);
    return name.size() > prefix.size() && name.starts_with(prefix);
  }

private:
  std::string text_;
  std::vector<std::string> others_;
};

/// Finds what listens to a name without asking those that do not.
template <class T>
class pattern_index {
public:
  void add(const event_pattern& pattern, T listener) {
    if (!pattern.is_exact()) {
      broad_.emplace_back(pattern, std::move(listener));
      return;
    }
    for (const auto& name : pattern.others())
      exact_[name].push_back(listener);
    exact_[pattern.text()].push_back(std::move(listener));
  }

  /// Calls visit(listener) for each match.
  template <class Visit>
  void each(const std::string& name, Visit visit) const {
    if (const auto found = exact_.find(name); found != exact_.end())
      for (const auto& listener : found->second)
        visit(listener);
    for (const auto& [pattern, listener] : broad_)
      if (pattern.matches(name))
        visit(listener);
  }

private:
  std::unordered_map<std::string, std::vector<T>> exact_;
  std::vector<std::pair<event_pattern, T>> broad_;
};

} // namespace troupe::engine
