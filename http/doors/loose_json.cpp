#include "http/doors/loose_json.hpp"

#include "engine/strict_json.hpp"

namespace troupe::http {

namespace json = boost::json;

std::optional<std::string>
loose_text(const json::object& in,
           std::initializer_list<std::string_view> names) {
  for (const auto name : names) {
    const auto* found = in.if_contains(name);
    if (found == nullptr)
      continue;
    if (found->is_string() && !found->get_string().empty())
      return std::string{found->get_string()};
    if (found->is_int64())
      return std::to_string(found->get_int64());
    if (found->is_uint64())
      return std::to_string(found->get_uint64());
  }
  return std::nullopt;
}

const json::object* loose_object(const json::object& in,
                                 std::string_view name) {
  const auto* found = in.if_contains(name);
  return found == nullptr ? nullptr : found->if_object();
}

engine::result<json::value> read_object(std::string_view text,
                                        std::size_t bytes_max) {
  thread_local engine::json_reader reader;
  if (text.size() > bytes_max)
    return engine::invalid("event_too_large", "an event has at most 512 KiB");
  auto document = reader.read(text);
  if (document && !document->is_object())
    return engine::invalid("field_type_mismatch", "an event is a JSON object");
  return document;
}

} // namespace troupe::http
