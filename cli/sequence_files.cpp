#include "cli/sequence_files.hpp"

#include "cli/client_command.hpp"
#include "cli/text_difference.hpp"
#include "engine/json_text.hpp"
#include "engine/sequence_definition.hpp"

#include <boost/json/parse.hpp>

#include <cstdio>
#include <optional>
#include <set>

namespace troupe::cli {

namespace json = boost::json;

namespace {

using engine::result;

// Which channels there are the server knows; here any is taken.
std::set<std::string> channels_of(const json::value& definition) {
  std::set<std::string> out{"capture"};
  json::error_code failure;
  if (const auto* capped
      = definition.find_pointer("/frequency_cap/channel", failure);
      capped != nullptr && capped->is_string())
    out.emplace(capped->get_string());
  const auto* nodes = definition.find_pointer("/nodes", failure);
  if (nodes == nullptr || !nodes->is_object())
    return out;
  for (const auto& node : nodes->get_object())
    if (const auto* channel = node.value().find_pointer("/channel", failure);
        channel != nullptr && channel->is_string())
      out.emplace(channel->get_string());
  return out;
}

result<json::object> checked(const std::string& file) {
  auto definition = read_json_file(file);
  if (!definition)
    return definition.failure();
  const auto parsed
    = engine::parse_sequence(*definition, channels_of(*definition));
  if (!parsed) {
    auto why = parsed.failure();
    why.message = file + ": " + why.message;
    return why;
  }
  auto out = std::move(definition->get_object());
  out.erase("status"); // says what to do with it, not what it is
  return out;
}

std::string key_of(const json::object& definition) {
  return std::string{definition.at("key").as_string()};
}

// Nothing when the server has no such sequence.
result<std::optional<json::object>> published(client& server,
                                              const std::string& key) {
  auto shown = server.ask("GET", "/v1/sequences/" + escaped(key));
  if (!shown && shown.failure().name == "sequence_not_found")
    return std::optional<json::object>{};
  if (!shown)
    return shown.failure();
  return std::optional{std::move(shown->as_object())};
}

std::string sorted(const json::object& definition) {
  json::error_code failure;
  return pretty(json::parse(engine::canonical_json(definition), failure))
         + "\n";
}

bool is_published(const json::object& shown, const json::object& definition) {
  return shown.at("status").as_string() == "active"
         && engine::canonical_json(shown.at("definition"))
              == engine::canonical_json(definition);
}

/// @param each of a file, a server and what it has
template <class Each>
int for_files(const arguments& given, Each each) {
  auto server = client::of(given);
  if (!server)
    return report(server.failure());
  auto code = exit_success;
  for (const auto& file : given.all("FILE")) {
    const auto definition = checked(file);
    if (!definition) {
      code = report(definition.failure());
      continue;
    }
    const auto there = published(*server, key_of(*definition));
    const auto done
      = there ? each(*server, *definition, *there) : report(there.failure());
    code = done == exit_success ? code : done;
  }
  return code;
}

} // namespace

int validate_sequences(const arguments& given) {
  auto code = exit_success;
  for (const auto& file : given.all("FILE")) {
    const auto definition = checked(file);
    if (!definition)
      code = report(definition.failure());
    else
      std::printf("%s: good (sequence %s)\n", file.c_str(),
                  key_of(*definition).c_str());
  }
  return code;
}

int diff_sequences(const arguments& given) {
  return for_files(given, [](client&, const json::object& definition,
                             const std::optional<json::object>& there) {
    const auto now
      = there ? sorted(there->at("definition").as_object()) : std::string{};
    const auto changes = difference(now, sorted(definition));
    if (changes.empty())
      return exit_success;
    std::printf("%s%s\n%s", key_of(definition).c_str(), there ? "" : " (new)",
                changes.c_str());
    return exit_failure;
  });
}

int apply_sequences(const arguments& given) {
  return for_files(given, [](client& server, const json::object& definition,
                             const std::optional<json::object>& there) {
    const auto key = key_of(definition);
    if (there && is_published(*there, definition)) {
      std::printf("%s: unchanged\n", key.c_str());
      return exit_success;
    }
    auto body = definition;
    body["status"] = "active";
    const auto saved = server.ask("POST", "/v1/sequences", body);
    if (!saved)
      return report(saved.failure());
    std::printf("%s: version %s published\n", key.c_str(),
                plain(saved->at("version")).c_str());
    return exit_success;
  });
}

} // namespace troupe::cli
