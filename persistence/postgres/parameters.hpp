// What goes to PostgreSQL with a statement, in its binary format: integers in
// network order, bytes as they are, whole columns as arrays.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

namespace troupe::persistence::postgres {

/// A column of a set-based statement (`unnest($1, $2, …)`).
class column {
public:
  static column of_integers() {
    return column{20};
  }

  static column of_bytes() {
    return column{17};
  }

  static column of_reals() {
    return column{701};
  }

  void add(std::int64_t value);
  void add(std::uint64_t value) {
    add(static_cast<std::int64_t>(value));
  }
  void add(std::uint32_t value) {
    add(std::int64_t{value});
  }
  void add(int value) {
    add(std::int64_t{value});
  }
  void add(double value);
  void add(std::string_view bytes);
  void add(std::nullptr_t);

  [[nodiscard]] bool is_empty() const {
    return size_ == 0;
  }

  [[nodiscard]] std::uint32_t type() const; // of the array
  [[nodiscard]] std::string array() const;

private:
  explicit column(std::uint32_t element) : element_(element) {}

  std::uint32_t element_;
  std::uint32_t size_ = 0;
  bool has_null_ = false;
  std::string elements_;
};

/// The parameters of one execution, in order. Texts must live until it.
class parameters {
public:
  parameters() = default;

  template <class... Ts>
  explicit parameters(const Ts&... values) {
    (add(values), ...);
  }

  void add(std::int64_t value);
  void add(std::uint64_t value) {
    add(static_cast<std::int64_t>(value));
  }
  void add(std::uint32_t value) {
    add(std::int64_t{value});
  }
  void add(int value) {
    add(std::int64_t{value});
  }
  void add(double value);
  void add(std::string_view bytes);
  void add(const std::string& bytes) {
    add(std::string_view{bytes});
  }
  void add(std::nullptr_t); // of an integer
  void add(const column& values);

  void clear();

  /// As libpq takes them; valid until the next change.
  struct wire {
    std::vector<std::uint32_t> types;
    std::vector<const char*> values;
    std::vector<int> lengths;
    std::vector<int> formats;
  };

  [[nodiscard]] wire on_the_wire() const;

private:
  struct bound {
    std::uint32_t type;
    // nothing: NULL; a string is owned
    std::variant<std::monostate, std::string, std::string_view> bytes;
  };

  std::vector<bound> values_;
};

/// An integer of 2, 4 or 8 bytes as PostgreSQL sends it.
std::int64_t integer_in(std::string_view bytes);
double real_in(std::string_view bytes);

} // namespace troupe::persistence::postgres
