// The table of what is served: method and path pattern to a number, usually an
// index into the caller's own table of handlers. Filled once, then only read.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>
#include <vector>

namespace troupe::http {

struct route_match {
  enum class outcome { found, not_found, method_not_allowed };

  outcome what = outcome::not_found;
  std::size_t target = 0; // when found
  /// Names of the pattern and segments of the path, which must live as long.
  std::vector<std::pair<std::string_view, std::string_view>> parameters;
  std::string allow; // the `Allow` field, when the method is not allowed

  /// Empty when the pattern has no such name.
  [[nodiscard]] std::string_view parameter(std::string_view name) const;
};

class routes {
public:
  /// `pattern` starts with "/"; a segment "{name}" takes any one non-empty
  /// segment. A literal segment wins over a named one, the leftmost first.
  /// @pre the same method and pattern were not added before
  void add(std::string_view method, std::string_view pattern,
           std::size_t target);

  /// `HEAD` is served wherever `GET` is.
  /// @param path decoded, as `request::path()` gives it
  [[nodiscard]] route_match match(std::string_view method,
                                  std::string_view path) const;

private:
  struct text_hash {
    using is_transparent = void;
    std::size_t operator()(std::string_view text) const {
      return std::hash<std::string_view>{}(text);
    }
  };

  using methods = std::vector<std::pair<std::string, std::size_t>>;

  struct pattern {
    std::vector<std::string> segments; // "{name}" as given
    methods served;
  };

  methods& methods_of(std::string_view text);
  static void choose(const methods& served, std::string_view method,
                     route_match& found);

  std::unordered_map<std::string, methods, text_hash, std::equal_to<>> plain_;
  std::vector<pattern> patterns_; // literal segments first
};

} // namespace troupe::http
