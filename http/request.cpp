#include "http/request.hpp"

#include "http/characters.hpp"

namespace troupe::http {

request::request(std::string_view bytes, const request_head& head) {
  const auto* begin = bytes.data();
  const auto span_of = [&](std::string_view part) -> span {
    if (part.empty())
      return {};
    return {static_cast<std::uint16_t>(part.data() - begin),
            static_cast<std::uint16_t>(part.size())};
  };
  // The path may point elsewhere: decoded, or "/" where none was sent.
  const auto is_own_path = !head.path.empty() || head.raw_path.data() < begin
                           || head.raw_path.data() >= begin + bytes.size();
  const std::string_view path = head.path.empty() ? head.raw_path : head.path;
  text_.reserve(bytes.size() + (is_own_path ? path.size() : 0));
  text_.append(bytes);
  if (is_own_path) {
    path_ = {static_cast<std::uint16_t>(text_.size()),
             static_cast<std::uint16_t>(path.size())};
    text_.append(path);
  } else {
    path_ = span_of(path);
  }
  method_ = span_of(head.method);
  query_ = span_of(head.query);
  fields_.reserve(head.field_count);
  for (std::size_t i = 0; i < head.field_count; ++i)
    fields_.push_back(
      {span_of(head.fields[i].name), span_of(head.fields[i].value)});
}

std::optional<std::string_view> request::header(std::string_view name) const {
  for (const auto& each : fields_)
    if (each.name.size == name.size()
        && equal_ignoring_case(text(each.name), name))
      return text(each.value);
  return std::nullopt;
}

std::size_t request::header_count(std::string_view name) const {
  std::size_t count = 0;
  for (const auto& each : fields_)
    if (equal_ignoring_case(text(each.name), name))
      ++count;
  return count;
}

} // namespace troupe::http
