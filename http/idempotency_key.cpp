#include "http/idempotency_key.hpp"

#include <algorithm>

namespace troupe::http {

engine::result<std::optional<std::string_view>>
idempotency_key_of(const request& what) {
  auto key = what.header("Idempotency-Key");
  if (!key)
    return std::optional<std::string_view>{};
  if (key->size() >= 2 && key->front() == '"' && key->back() == '"')
    key = key->substr(1, key->size() - 2);
  const auto visible = std::all_of(key->begin(), key->end(), [](char c) {
    return c > ' ' && c < '\x7f';
  });
  if (what.header_count("Idempotency-Key") != 1 || key->empty() || !visible
      || key->size() > idempotency_key_max)
    return engine::invalid(
      "idempotency_key_invalid",
      "send one Idempotency-Key of 1 to 200 visible ASCII characters", {});
  return key;
}

} // namespace troupe::http
