// Any template on any data: compiles or is refused with a place inside it,
// never throws, ends within its limits (reliability.md P1–P3), and shows the
// same twice. Input: the template, a zero byte, the data.
#include "engine/message_template.hpp"
#include "engine/strict_json.hpp"

#include <cstddef>
#include <cstdint>
#include <cstdlib>

namespace {

using namespace troupe::engine;

void require(bool holds) {
  if (!holds)
    std::abort();
}

void check(std::string_view source, const boost::json::value& data,
           bool escape_html) {
  const auto made = template_text::compile(source, {escape_html}, "/text");
  if (!made) {
    const auto& why = made.failure();
    require(why.pointer == "/text" && why.message.starts_with("Line "));
    require(why.name == "template_syntax" || why.name == "template_limit");
    return;
  }
  const boost::json::value* bare[] = {&data};
  const auto first = made->render({{}, bare});
  const auto second = made->render({{}, bare});
  require(first.has_value() == second.has_value());
  if (!first) {
    require(first.failure().name == "template_limit");
    return;
  }
  require(first->text == second->text);
  require(first->text.size() <= template_bytes_max);
  if (source.find("{{") == std::string_view::npos)
    require(first->text == source);
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data,
                                      std::size_t size) {
  const std::string_view text{reinterpret_cast<const char*>(data), size};
  const auto end = text.find('\0');
  const auto seen = end == std::string_view::npos
                      ? result<boost::json::value>{boost::json::object{}}
                      : parse_json(text.substr(end + 1));
  if (!seen)
    return 0;
  check(text.substr(0, end), *seen, true);
  check(text.substr(0, end), *seen, false);
  return 0;
}
