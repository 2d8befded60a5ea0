#include "persistence/retention.hpp"

#include "engine/retention.hpp"

#include <boost/json/parse.hpp>

namespace troupe::persistence {

namespace json = boost::json;

std::int64_t retention_days_of(std::string_view settings) {
  json::error_code failed;
  const auto parsed = json::parse(settings, failed);
  if (!failed && parsed.is_object())
    if (const auto* days = parsed.get_object().if_contains("retention_days"))
      if (const auto* number = days->if_int64())
        return *number;
  return engine::retention_days_default;
}

} // namespace troupe::persistence
