// What decided a check, as the turn keeps it for explain: a short JSON object.
#pragma once

#include "engine/condition.hpp"
#include "engine/time.hpp"

#include <cstdint>
#include <string>
#include <string_view>

namespace troupe::engine {

inline constexpr std::size_t check_inputs_bytes_max = 512;

class check_inputs {
public:
  check_inputs& add(std::string_view name, std::string_view text);
  check_inputs& add(std::string_view name, std::uint64_t count);
  check_inputs& add(std::string_view name, timestamp at);

  /// The values of all that the condition reads, shortened where they are long;
  /// those that there is no room for are left out.
  check_inputs& add(const condition& asked, const condition_data& data);

  [[nodiscard]] std::string take();

private:
  template <class Append>
  void add_member(std::string_view name, Append append);

  std::string text_ = "{";
};

} // namespace troupe::engine
