#include "http/doors/native/metadata.hpp"

#include "engine/json_pointer.hpp"
#include "engine/naming.hpp"

#include <string>
#include <string_view>

namespace troupe::http::native {

namespace json = boost::json;

namespace {

using engine::invalid;
using engine::status;
using engine::success;

bool is_plain(const json::value& value) {
  return value.is_string() || value.is_number() || value.is_bool();
}

status check_object(const json::object& object, const std::string& pointer) {
  for (const auto& item : object) {
    const std::string_view key = item.key();
    const auto place = [&] {
      return engine::pointer_to(pointer, key);
    };
    if (!engine::is_snake_case(key))
      return invalid("metadata_key_invalid",
                     "metadata keys are snake_case, such as `order_id`",
                     place());
    const auto& value = item.value();
    if (is_plain(value))
      continue;
    if (value.is_object()) {
      if (auto inside = check_object(value.get_object(), place()); !inside)
        return inside;
      continue;
    }
    if (value.is_null())
      return invalid("metadata_value_not_allowed",
                     "leave the key out instead of sending null", place());
    std::size_t index = 0;
    for (const auto& element : value.get_array()) {
      if (!is_plain(element))
        return invalid("metadata_value_not_allowed",
                       "lists hold texts, numbers and booleans only",
                       place() + "/" + std::to_string(index));
      ++index;
    }
  }
  return success();
}

} // namespace

status check_metadata(const json::value& metadata, const std::string& pointer) {
  if (!metadata.is_object())
    return invalid("field_type_mismatch", "metadata is a JSON object", pointer);
  return check_object(metadata.get_object(), pointer);
}

} // namespace troupe::http::native
