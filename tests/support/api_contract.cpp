#include "tests/support/api_contract.hpp"

#include "engine/json_pointer.hpp"
#include "engine/json_schema.hpp"
#include "http/embedded_files.hpp"

#include <boost/json/parse.hpp>

#include <fstream>
#include <map>
#include <mutex>
#include <optional>
#include <sstream>
#include <stdexcept>
#include <vector>

namespace troupe::test {

namespace json = boost::json;

namespace {

using engine::json_schema;

const json::value& description() {
  static const auto parsed = [] {
    const auto bytes = http::embedded_file_named("openapi.json")->bytes;
    return json::parse({bytes.data(), bytes.size()});
  }();
  return parsed;
}

std::vector<std::string_view> segments_of(std::string_view path) {
  std::vector<std::string_view> out;
  while (!path.empty()) {
    const auto end = path.find('/', 1);
    out.push_back(path.substr(0, end));
    path = end == path.npos ? std::string_view{} : path.substr(end);
  }
  return out;
}

// Literal segments win over named ones, the leftmost first, as in the router.
std::optional<std::string> pattern_of(std::string_view target) {
  const auto asked = segments_of(target.substr(0, target.find('?')));
  std::optional<std::string> best;
  std::string best_rank;
  for (const auto& item : description().at("paths").as_object()) {
    const std::string_view pattern{item.key().data(), item.key().size()};
    const auto named = segments_of(pattern);
    if (named.size() != asked.size())
      continue;
    std::string rank;
    auto matches = true;
    for (std::size_t i = 0; i < named.size() && matches; ++i) {
      const auto is_name = named[i].starts_with("/{");
      matches = is_name ? asked[i].size() > 1 : named[i] == asked[i];
      rank += is_name ? 'b' : 'a';
    }
    if (matches && (!best || rank < best_rank)) {
      best = pattern;
      best_rank = rank;
    }
  }
  return best;
}

const json::value* at(const std::string& pointer) {
  json::error_code failure;
  return description().find_pointer(pointer, failure);
}

// Follows the one kind of reference that answers have.
std::string resolved(std::string pointer) {
  if (const auto* there = at(pointer + "/$ref"); there != nullptr)
    return std::string{there->as_string().subview(1)};
  return pointer;
}

const json_schema& schema_at(const std::string& pointer) {
  static std::mutex lock;
  static std::map<std::string, json_schema> compiled;
  const std::lock_guard held{lock};
  auto found = compiled.find(pointer);
  if (found == compiled.end()) {
    auto made = json_schema::compile(description(), pointer);
    if (!made)
      throw std::logic_error{made.failure().message + " at "
                             + made.failure().pointer};
    found = compiled.emplace(pointer, std::move(*made)).first;
  }
  return found->second;
}

std::string lower(std::string_view text) {
  std::string out{text};
  for (auto& c : out)
    c = c >= 'A' && c <= 'Z' ? static_cast<char>(c + ('a' - 'A')) : c;
  return out;
}

// By docs/errors.md.
bool is_explained(std::string_view code) {
  static const auto page = [] {
    std::ostringstream text;
    text << std::ifstream{TROUPE_SOURCE_DIRECTORY "/docs/errors.md"}.rdbuf();
    return std::move(text).str();
  }();
  return page.find("`" + std::string{code} + "`") != page.npos;
}

std::string check_body(const std::string& answer, const seen_answer& seen) {
  const auto type = seen.content_type.substr(0, seen.content_type.find(';'));
  const auto content
    = engine::pointer_to(answer + "/content", std::string{type});
  if (seen.content_type.empty() && at(answer + "/content") == nullptr)
    return {};
  if (at(content) == nullptr)
    return "content type " + std::string{type} + " is not described";
  if (type != "application/json" && type != "application/problem+json")
    return {};
  json::error_code failure;
  json::parse_options deep;
  deep.max_depth = 64;
  const auto value
    = json::parse({seen.body.data(), seen.body.size()}, failure, {}, deep);
  if (failure)
    return "the body is no JSON";
  std::string out;
  for (const auto& each : schema_at(content + "/schema").check(value))
    out += each.pointer + ": " + each.detail + "; ";
  const auto* code
    = value.is_object() ? value.get_object().if_contains("code") : nullptr;
  if (out.empty() && seen.status >= 400 && code != nullptr && code->is_string()
      && !is_explained(std::string_view{code->get_string()}))
    out = "docs/errors.md does not explain its code";
  return out;
}

// Paths of doors take a slash behind them, and what browsers ask before they
// send; neither is described anew for each of them.
bool is_of_door(const std::string& pattern) {
  for (const auto& item :
       at(engine::pointer_to("/paths", pattern))->as_object())
    if (item.value().at("tags").at(0) == "Doors of other products")
      return true;
  return false;
}

} // namespace

std::string contradiction(const seen_answer& seen) {
  auto pattern = pattern_of(seen.target);
  if (!pattern) {
    const auto path = seen.target.substr(0, seen.target.find('?'));
    pattern = pattern_of(path.substr(0, path.find_last_not_of('/') + 1));
    if (pattern && !is_of_door(*pattern))
      pattern.reset();
  }
  if (pattern && seen.method == "OPTIONS" && seen.status == 204
      && is_of_door(*pattern))
    return {};
  // What is not there is refused like everything else.
  auto answer = std::string{"/components/responses/Problem"};
  if (pattern) {
    const auto operation
      = engine::pointer_to("/paths", *pattern) + "/" + lower(seen.method);
    auto described = operation + "/responses/" + std::to_string(seen.status);
    if (seen.status >= 400 && at(described) == nullptr)
      described = operation + "/responses/default";
    if (at(operation) != nullptr && at(described) != nullptr)
      answer = resolved(described);
    else if (seen.status < 400)
      return "status " + std::to_string(seen.status) + " is not described";
  } else if (seen.status < 400) {
    return "the path is not described";
  }
  return check_body(answer, seen);
}

} // namespace troupe::test
