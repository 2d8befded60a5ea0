// Renders what it is told on standard input, for compare.mjs: a line of JSON
// {"template", "data", "escape"} each, answered by {"text"} or {"error"}.
#include "engine/json_text.hpp"
#include "engine/template_text.hpp"

#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>

#include <array>
#include <iostream>
#include <string>

namespace {

namespace json = boost::json;
using namespace troupe::engine;

json::object answer_to(const json::object& asked) {
  const auto& source = asked.at("template").get_string();
  const auto compiled = template_text::compile({source.data(), source.size()},
                                               {asked.at("escape").get_bool()});
  if (!compiled)
    return {{"error", compiled.failure().message}};
  const std::array<const json::value*, 1> bare{&asked.at("data")};
  const auto rendered = compiled->render({{}, bare});
  if (!rendered)
    return {{"error", rendered.failure().message}};
  return {{"text", rendered->text}};
}

} // namespace

int main() {
  std::ios::sync_with_stdio(false);
  for (std::string line; std::getline(std::cin, line);)
    std::cout << json::serialize(answer_to(json::parse(line).as_object()))
              << '\n';
}
