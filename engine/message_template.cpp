#include "engine/message_template.hpp"

#include "engine/json_text.hpp"

namespace troupe::engine {

namespace json = boost::json;

namespace {

status check_part(std::string_view name, const json::value& written,
                  const std::string& pointer) {
  if (name != "body" && !written.is_string())
    return invalid("field_type_mismatch",
                   "`" + std::string{name} + "` is a text", pointer);
  const auto bytes = written.is_string() ? written.get_string().size()
                                         : to_json(written).size();
  if (bytes > message_part_bytes_max)
    return invalid("template_limit", "a part of a template has at most 128 KiB",
                   pointer);
  return success();
}

} // namespace

result<message_template> message_template::compile(const json::object& parts,
                                                   const std::string& pointer) {
  message_template made;
  for (const auto name : message_parts) {
    const auto* written = parts.if_contains(name);
    if (written == nullptr)
      continue;
    const auto place = pointer + "/" + std::string{name};
    if (const auto good = check_part(name, *written, place); !good)
      return good.failure();
    auto content = template_json::compile(*written, {name == "html"}, place);
    if (!content)
      return content.failure();
    made.parts_.push_back({name, std::move(*content)});
  }
  if (made.parts_.empty())
    return invalid("field_required",
                   "give one of `subject`, `html`, `text` and `body`", pointer);
  return made;
}

result<rendered_message>
message_template::render(const template_data& data) const {
  rendered_message made;
  template_budget budget;
  for (const auto& part : parts_) {
    auto shown = part.content.render(data, made.unresolved, budget);
    if (!shown)
      return shown.failure();
    made.parts[part.name] = std::move(*shown);
  }
  return made;
}

} // namespace troupe::engine
