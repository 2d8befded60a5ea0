#include "cli/sequence_files.hpp"

#include "cli/client_command.hpp"
#include "cli/json_members.hpp"
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

/// What the server has of a sequence.
struct sequence_there {
  std::string status; // empty: there is none
  std::optional<json::value> in_force;
  std::optional<json::value> draft; // newer than what is in force

  /// To be said behind the key; empty when there is nothing to say.
  [[nodiscard]] const char* note() const {
    if (status == "paused")
      return " (paused)";
    return status == "archived" ? " (archived)" : "";
  }
};

result<sequence_there> find_sequence(client& server, const std::string& key) {
  const auto path = "/v1/sequences/" + escaped(key);
  const auto shown = server.ask("GET", path);
  if (!shown && shown.failure().name == "sequence_not_found")
    return sequence_there{};
  if (!shown)
    return shown.failure();
  sequence_there out;
  out.status = std::string{shown->at("status").as_string()};
  const auto& active = shown->at("active_version");
  if (active == shown->at("version")) {
    out.in_force = shown->at("definition");
    return out;
  }
  out.draft = shown->at("definition");
  if (active.is_null())
    return out;
  const auto version
    = server.ask("GET", path + "/versions/" + engine::to_json(active));
  if (!version)
    return version.failure();
  out.in_force = version->at("definition");
  return out;
}

std::string sorted(const json::value& definition) {
  json::error_code failure;
  return pretty(json::parse(engine::canonical_json(definition), failure))
         + "\n";
}

bool is_same(const std::optional<json::value>& there,
             const json::object& definition) {
  return there
         && engine::canonical_json(*there)
              == engine::canonical_json(definition);
}

/// What became of one file, for people and for programs.
struct outcome {
  std::string text;    // a line or more, without the last line end
  json::object fields; // beside file and key
  int code = exit_success;
};

outcome refused(const engine::error& why) {
  return {{}, {{"result", "refused"}, {"problem", as_json(why)}}, report(why)};
}

/// @param each makes an outcome of a definition
template <class Each>
int for_files(const arguments& given, Each each) {
  auto code = exit_success;
  json::array rows;
  for (const auto& file : given.all("FILE")) {
    const auto definition = checked(file);
    auto done
      = definition ? each(file, *definition) : refused(definition.failure());
    code = done.code == exit_success ? code : done.code;
    if (is_table(given) && !done.text.empty())
      std::puts(done.text.c_str());
    json::object row{{"file", file}};
    row["key"] = definition ? json::value(key_of(*definition)) : json::value();
    for (auto& field : done.fields)
      row[field.key()] = std::move(field.value());
    rows.push_back(std::move(row));
  }
  if (!is_table(given))
    print_list(given, rows, {});
  return code;
}

/// @param each makes one of a server, a definition and what is there
template <class Each>
int for_files_and_server(const arguments& given, Each each) {
  auto server = client::of(given);
  if (!server)
    return report(server.failure());
  return for_files(given, [&](const std::string&,
                              const json::object& definition) {
    const auto there = find_sequence(*server, key_of(definition));
    return there ? each(*server, definition, *there) : refused(there.failure());
  });
}

outcome difference_of(client&, const json::object& definition,
                      const sequence_there& there) {
  const auto changes
    = difference(there.in_force ? sorted(*there.in_force) : std::string{},
                 sorted(definition));
  if (changes.empty())
    return {{}, {{"result", "unchanged"}, {"status", there.status}}};
  const auto is_new = there.status.empty();
  auto text = key_of(definition);
  if (!there.in_force)
    text += is_new ? " (new)" : " (nothing is published)";
  text += there.note();
  text += "\n" + changes;
  text.pop_back(); // the last line end
  outcome out{std::move(text),
              {{"result", is_new ? "new" : "changed"}, {"changes", changes}},
              exit_failure};
  if (!is_new)
    out.fields["status"] = there.status;
  return out;
}

outcome applied(client& server, const json::object& definition,
                const sequence_there& there) {
  const auto key = key_of(definition);
  // What the server says to a version of one that is archived is worth hearing.
  const auto is_archived = there.status == "archived";
  if (!is_archived && is_same(there.in_force, definition))
    return {key + ": unchanged" + there.note(),
            {{"result", "unchanged"}, {"status", there.status}}};
  auto body = definition;
  body["status"] = "active";
  const auto saved
    = !is_archived && is_same(there.draft, definition)
        ? server.ask("POST", "/v1/sequences/" + escaped(key) + "/publish")
        : server.ask("POST", "/v1/sequences", body);
  if (!saved)
    return refused(saved.failure());
  const auto& version = saved->at("version");
  return {key + ": version " + plain(version) + " published" + there.note(),
          {{"result", "published"},
           {"version", version},
           {"status", there.status == "paused" ? "paused" : "active"}}};
}

} // namespace

int validate_sequences(const arguments& given) {
  return for_files(
    given, [](const std::string& file, const json::object& definition) {
      return outcome{file + ": good (sequence " + key_of(definition) + ")",
                     {{"result", "good"}}};
    });
}

int diff_sequences(const arguments& given) {
  return for_files_and_server(given, difference_of);
}

int apply_sequences(const arguments& given) {
  return for_files_and_server(given, applied);
}

} // namespace troupe::cli
