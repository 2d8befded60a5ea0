#include "engine/json_slice.hpp"

#include <algorithm>
#include <utility>

namespace troupe::engine {

namespace {

class cursor {
public:
  explicit cursor(std::string_view text) : text_(text) {}

  [[nodiscard]] bool done() const {
    return at_ >= text_.size();
  }

  [[nodiscard]] char now() const {
    return done() ? '\0' : text_[at_];
  }

  [[nodiscard]] std::size_t place() const {
    return at_;
  }

  void next() {
    ++at_;
  }

  void skip_blanks() {
    while (now() == ' ' || now() == '\t' || now() == '\n' || now() == '\r')
      next();
  }

  /// @pre now() == '"'. @returns what stands between the quotes, as written
  std::string_view skip_text() {
    const auto begin = ++at_;
    auto end = text_.find('"', begin);
    while (end != text_.npos && is_escaped(begin, end))
      end = text_.find('"', end + 1);
    end = std::min(end, text_.size());
    at_ = end + 1;
    return text_.substr(begin, end - begin);
  }

  void skip_value() {
    if (now() == '"') {
      skip_text();
    } else if (now() == '{' || now() == '[') {
      skip_nested();
    } else {
      while (!done() && now() != ',' && now() != '}' && now() != ']'
             && now() != ' ' && now() != '\t' && now() != '\n' && now() != '\r')
        next();
    }
  }

private:
  // After an odd number of backslashes; a look back is far cheaper than a look
  // at each byte.
  [[nodiscard]] bool is_escaped(std::size_t begin, std::size_t at) const {
    auto first = at;
    while (first > begin && text_[first - 1] == '\\')
      --first;
    return (at - first) % 2 != 0;
  }

  void skip_nested() {
    std::size_t depth = 0;
    do {
      if (now() == '"') {
        skip_text();
        continue;
      }
      if (now() == '{' || now() == '[')
        ++depth;
      else if (now() == '}' || now() == ']')
        --depth;
      next();
    } while (depth != 0 && !done());
  }

  std::string_view text_;
  std::size_t at_ = 0;
};

// What stands between two brackets, item by item; the cursor is behind them
// then. @returns false when it is no such list
template <class TakeItem>
bool each_item(cursor& at, char open, char close, TakeItem take) {
  if (at.now() != open)
    return false;
  at.next();
  at.skip_blanks();
  if (at.now() == close) {
    at.next();
  } else {
    for (;;) {
      if (!take(at))
        return false;
      at.skip_blanks();
      const auto after = at.now();
      at.next();
      if (after == close)
        break;
      if (after != ',')
        return false;
      at.skip_blanks();
    }
  }
  return true;
}

// The same, and nothing but blanks around them.
template <class TakeItem>
bool only_items(std::string_view text, char open, char close, TakeItem take) {
  cursor at{text};
  at.skip_blanks();
  if (!each_item(at, open, close, take))
    return false;
  at.skip_blanks();
  return at.done();
}

std::string_view take_value(std::string_view text, cursor& at) {
  const auto begin = at.place();
  at.skip_value();
  return text.substr(begin, at.place() - begin);
}

// Adds the elements of the array at the cursor.
auto element_taker(std::string_view text, std::vector<std::string_view>& out) {
  return [text, &out](cursor& at) {
    out.push_back(take_value(text, at));
    return !out.back().empty();
  };
}

} // namespace

std::optional<outline> outline_of(std::string_view object,
                                  std::string_view list) {
  outline out;
  auto found = false;
  const auto take = [&](cursor& at) {
    if (at.now() != '"')
      return false;
    const auto name = at.skip_text();
    at.skip_blanks();
    if (at.now() != ':')
      return false;
    at.next();
    at.skip_blanks();
    const auto begin = at.place();
    const auto is_list = list.data() != nullptr && name == list;
    if (is_list && std::exchange(found, true))
      return false; // twice: which one?
    if (is_list && at.now() == '[') {
      out.elements.emplace();
      if (!each_item(at, '[', ']', element_taker(object, *out.elements)))
        return false;
    } else {
      at.skip_value();
    }
    out.members.emplace_back(name, object.substr(begin, at.place() - begin));
    return at.place() > begin;
  };
  if (!only_items(object, '{', '}', take))
    return std::nullopt;
  return out;
}

std::optional<member_slices> members_of(std::string_view object) {
  auto found = outline_of(object, {});
  if (!found)
    return std::nullopt;
  return std::move(found->members);
}

std::optional<std::vector<std::string_view>>
elements_of(std::string_view array) {
  std::vector<std::string_view> out;
  if (!only_items(array, '[', ']', element_taker(array, out)))
    return std::nullopt;
  return out;
}

std::optional<std::string_view> find_member(std::string_view object,
                                            std::string_view name) {
  cursor at{object};
  at.skip_blanks();
  if (at.now() != '{')
    return std::nullopt;
  do {
    at.next();
    at.skip_blanks();
    if (at.now() != '"')
      return std::nullopt;
    const auto key = at.skip_text();
    at.skip_blanks();
    at.next(); // the colon
    at.skip_blanks();
    const auto begin = at.place();
    at.skip_value();
    if (key == name)
      return object.substr(begin, at.place() - begin);
    at.skip_blanks();
  } while (at.now() == ',');
  return std::nullopt;
}

std::optional<std::string_view> value_of(const member_slices& members,
                                         std::string_view name) {
  for (const auto& [each, value] : members)
    if (each == name)
      return value;
  return std::nullopt;
}

std::optional<std::string_view> text_of(const member_slices& members,
                                        std::string_view name) {
  const auto value = value_of(members, name);
  if (!value || value->size() < 2 || value->front() != '"')
    return std::nullopt;
  return value->substr(1, value->size() - 2);
}

} // namespace troupe::engine
