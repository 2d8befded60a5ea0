#include "persistence/postgres/parameters.hpp"

#include <bit>

namespace troupe::persistence::postgres {

namespace {

// Numbers of types in every PostgreSQL.
constexpr std::uint32_t int8 = 20;
constexpr std::uint32_t bytea = 17;
constexpr std::uint32_t float8 = 701;
constexpr std::uint32_t int8_array = 1016;
constexpr std::uint32_t bytea_array = 1001;
constexpr std::uint32_t float8_array = 1022;

template <class Unsigned>
void append(std::string& out, Unsigned value) {
  for (int shift = static_cast<int>(sizeof value) * 8 - 8; shift >= 0;
       shift -= 8)
    out.push_back(static_cast<char>((value >> shift) & 0xFF));
}

} // namespace

void column::add(std::int64_t value) {
  append(elements_, std::uint32_t{8});
  append(elements_, static_cast<std::uint64_t>(value));
  ++size_;
}

void column::add(double value) {
  add(std::bit_cast<std::int64_t>(value));
}

void column::add(std::string_view bytes) {
  append(elements_, static_cast<std::uint32_t>(bytes.size()));
  elements_.append(bytes);
  ++size_;
}

void column::add(std::nullptr_t) {
  append(elements_, ~std::uint32_t{0});
  has_null_ = true;
  ++size_;
}

std::uint32_t column::type() const {
  switch (element_) {
    case int8:
      return int8_array;
    case float8:
      return float8_array;
    default:
      return bytea_array;
  }
}

std::string column::array() const {
  std::string out;
  out.reserve(20 + elements_.size());
  append(out, std::uint32_t{size_ == 0 ? 0U : 1U}); // dimensions
  append(out, std::uint32_t{has_null_ ? 1U : 0U});
  append(out, element_);
  if (size_ != 0) {
    append(out, size_);
    append(out, std::uint32_t{1}); // the first index
    out += elements_;
  }
  return out;
}

void parameters::add(std::int64_t value) {
  std::string bytes;
  append(bytes, static_cast<std::uint64_t>(value));
  values_.push_back({int8, std::move(bytes)});
}

void parameters::add(double value) {
  std::string bytes;
  append(bytes, std::bit_cast<std::uint64_t>(value));
  values_.push_back({float8, std::move(bytes)});
}

void parameters::add(std::string_view bytes) {
  values_.push_back({bytea, bytes});
}

void parameters::add(std::nullptr_t) {
  values_.push_back({int8, std::monostate{}});
}

void parameters::add(const column& values) {
  values_.push_back({values.type(), values.array()});
}

void parameters::clear() {
  values_.clear();
}

parameters::wire parameters::on_the_wire() const {
  wire out;
  for (const auto& each : values_) {
    std::string_view bytes;
    if (const auto* owned = std::get_if<std::string>(&each.bytes))
      bytes = *owned;
    else if (const auto* view = std::get_if<std::string_view>(&each.bytes))
      bytes = *view;
    const auto is_null = std::holds_alternative<std::monostate>(each.bytes);
    out.types.push_back(each.type);
    // No bytes at all are not NULL.
    out.values.push_back(is_null ? nullptr : bytes.empty() ? "" : bytes.data());
    out.lengths.push_back(static_cast<int>(bytes.size()));
    out.formats.push_back(1);
  }
  return out;
}

std::int64_t integer_in(std::string_view bytes) {
  std::uint64_t value = 0;
  for (const auto each : bytes)
    value = (value << 8) | static_cast<unsigned char>(each);
  switch (bytes.size()) {
    case 2:
      return static_cast<std::int16_t>(value);
    case 4:
      return static_cast<std::int32_t>(value);
    default:
      return static_cast<std::int64_t>(value);
  }
}

double real_in(std::string_view bytes) {
  return std::bit_cast<double>(integer_in(bytes));
}

} // namespace troupe::persistence::postgres
