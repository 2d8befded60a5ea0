// The API's description and what is served are the same.
#include "engine/access.hpp"
#include "engine/json_pointer.hpp"
#include "engine/json_schema.hpp"
#include "http/api.hpp"
#include "http/embedded_files.hpp"

#include <boost/json/parse.hpp>

#include <catch2/catch.hpp>

#include <algorithm>
#include <set>

namespace json = boost::json;
using namespace troupe;

namespace {

json::value description() {
  const auto bytes = http::embedded_file_named("openapi.json")->bytes;
  return json::parse({bytes.data(), bytes.size()});
}

std::string lower(std::string_view text) {
  std::string out{text};
  std::transform(out.begin(), out.end(), out.begin(), [](char c) {
    return c >= 'A' && c <= 'Z' ? static_cast<char>(c + ('a' - 'A')) : c;
  });
  return out;
}

// "GET /v1/events events:read"
std::set<std::string> served() {
  std::set<std::string> out;
  for (const auto& each : http::all_routes()) {
    std::string scope = "no key";
    if (each.needed)
      scope = engine::word_of(engine::scope_names, *each.needed);
    out.insert(lower(each.method) + " " + std::string{each.pattern} + " "
               + scope);
  }
  return out;
}

std::set<std::string> described() {
  std::set<std::string> out;
  const auto all = description();
  for (const auto& path : all.at("paths").as_object())
    for (const auto& operation : path.value().as_object()) {
      const auto& about = operation.value().as_object();
      const auto* scope = about.if_contains("x-scope");
      out.insert(
        std::string{operation.key()} + " " + std::string{path.key()} + " "
        + (scope == nullptr ? "no key" : std::string{scope->as_string()}));
    }
  return out;
}

// Every value of the key, with a pointer to where it stands.
void collect(const json::value& in, std::string_view key, const std::string& at,
             std::vector<std::pair<std::string, json::value>>& out) {
  if (in.is_array())
    for (std::size_t i = 0; i < in.get_array().size(); ++i)
      collect(in.get_array()[i], key, at + "/" + std::to_string(i), out);
  if (!in.is_object())
    return;
  for (const auto& item : in.get_object()) {
    const auto place = engine::pointer_to(at, item.key());
    if (item.key() == key)
      out.emplace_back(place, item.value());
    collect(item.value(), key, place, out);
  }
}

} // namespace

TEST_CASE("the description names exactly what is served, and the scopes") {
  const auto routes = served();
  const auto document = described();
  for (const auto& each : routes) {
    CAPTURE(each);
    CHECK(document.contains(each));
  }
  for (const auto& each : document) {
    CAPTURE(each);
    CHECK(routes.contains(each));
  }
}

TEST_CASE("every schema of the description is one, every operation has a name "
          "of its own") {
  const auto all = description();
  std::vector<std::pair<std::string, json::value>> schemas;
  collect(all, "schema", "", schemas);
  for (const auto& item : all.at("components").at("schemas").as_object())
    schemas.emplace_back(engine::pointer_to("/components/schemas", item.key()),
                         item.value());
  CHECK(schemas.size() > 50);
  for (const auto& [place, schema] : schemas) {
    const auto compiled = engine::json_schema::compile(all, place);
    INFO(place << (compiled ? "" : compiled.failure().pointer));
    CHECK(compiled);
  }
  std::vector<std::pair<std::string, json::value>> names;
  collect(all.at("paths"), "operationId", "", names);
  std::set<std::string> seen;
  for (const auto& [place, name] : names) {
    CAPTURE(place);
    CHECK(seen.insert(std::string{name.as_string()}).second);
  }
}

TEST_CASE("every reference of the description leads somewhere, every tag is "
          "described") {
  const auto all = description();
  std::vector<std::pair<std::string, json::value>> references;
  collect(all, "$ref", "", references);
  for (const auto& [place, target] : references) {
    CAPTURE(place);
    json::error_code failure;
    CHECK(all.find_pointer(target.as_string().subview(1), failure) != nullptr);
  }
  std::set<std::string> tags;
  for (const auto& tag : all.at("tags").as_array())
    tags.insert(std::string{tag.at("name").as_string()});
  std::vector<std::pair<std::string, json::value>> used;
  collect(all.at("paths"), "tags", "", used);
  for (const auto& [place, list] : used)
    for (const auto& tag : list.as_array()) {
      CAPTURE(place);
      CHECK(tags.contains(std::string{tag.as_string()}));
    }
}

TEST_CASE("every parameter of a path is described") {
  const auto all = description();
  for (const auto& path : all.at("paths").as_object()) {
    const std::string pattern{path.key()};
    for (const auto& operation : path.value().as_object())
      for (auto at = pattern.find('{'); at != pattern.npos;
           at = pattern.find('{', at + 1)) {
        const auto name
          = pattern.substr(at + 1, pattern.find('}', at) - at - 1);
        CAPTURE(pattern, name);
        std::vector<std::pair<std::string, json::value>> names;
        auto described = operation.value();
        auto& given = described.as_object()["parameters"];
        REQUIRE(given.is_array());
        json::error_code failure;
        for (auto& each : given.get_array())
          if (const auto* named = each.as_object().if_contains("$ref"))
            each = *all.find_pointer(named->as_string().subview(1), failure);
        collect(given, "name", "", names);
        CHECK(std::any_of(names.begin(), names.end(), [&](const auto& each) {
          return each.second.as_string() == name;
        }));
      }
  }
}
