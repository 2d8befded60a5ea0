#include "engine/json_slice.hpp"

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
    while (!done() && now() != '"')
      at_ += now() == '\\' ? 2U : 1U;
    const auto end = at_;
    next();
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

} // namespace

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

} // namespace troupe::engine
