#include "http/resources/json_body.hpp"

#include "engine/json_pointer.hpp"
#include "engine/strict_json.hpp"

namespace troupe::http {

namespace json = boost::json;

using engine::invalid;
using engine::result;

result<json::object> read_object(const request& what) {
  if (what.body.empty())
    return json::object{};
  auto body = engine::parse_json(what.body);
  if (!body)
    return body.failure();
  if (!body->is_object())
    return invalid("field_type_mismatch", "the body is a JSON object", "");
  return std::move(body->get_object());
}

result<std::string> text_of(const json::object& from, std::string_view name,
                            std::size_t bytes_max) {
  const auto* found = from.if_contains(name);
  if (found == nullptr || found->is_null())
    return std::string{};
  if (!found->is_string() || found->get_string().size() > bytes_max)
    return invalid("field_type_mismatch",
                   "`" + std::string{name} + "` is a text of at most "
                     + std::to_string(bytes_max) + " bytes",
                   engine::pointer_to("", name));
  return std::string{found->get_string()};
}

} // namespace troupe::http
