// `troupe export`: all events, or all contacts, page by page into a file.
#include "cli/byte_sink.hpp"
#include "cli/client.hpp"
#include "cli/commands.hpp"
#include "cli/export_rows.hpp"
#include "engine/json_slice.hpp"

#include <boost/json/parse.hpp>

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <filesystem>
#include <thread>

namespace troupe::cli {

namespace json = boost::json;

namespace {

using engine::status;

constexpr int tries_max = 8;
constexpr std::chrono::seconds pause_max{30};
constexpr int depth_max = 64;

/// What is exported: where it is, and how a table of it looks.
struct exported {
  std::string path; // with its query
  const std::vector<export_column>& columns;
};

bool is_worth_another_try(long code) {
  return code == 429 || (code >= 502 && code <= 504);
}

// Pages can be asked for again: nothing changes by it.
engine::result<std::string> page_of(client& server, const std::string& path) {
  std::chrono::seconds pause{1};
  for (int tries = 1;; ++tries) {
    auto answer = server.send("GET", path, {}, {});
    if (answer && answer->status == 200)
      return std::move(answer->body);
    auto why = answer ? answer->refusal() : answer.failure();
    const auto worth = answer && is_worth_another_try(answer->status);
    if (!worth || tries == tries_max)
      return why;
    std::this_thread::sleep_for(answer->retry_after.value_or(pause));
    pause = std::min(pause * 2, pause_max);
  }
}

// The bytes of an entry are handed on as they came.
engine::result<std::string> row_of(std::string_view entry, bool is_table,
                                   const exported& what) {
  if (!is_table)
    return std::string{entry} + "\n";
  json::error_code failure;
  json::parse_options deep;
  deep.max_depth = depth_max;
  const auto value = json::parse(json::string_view{entry.data(), entry.size()},
                                 failure, {}, deep);
  if (failure)
    return engine::error{engine::errc::internal,
                         "server_unknown",
                         "the server does not answer as Troupe does",
                         {}};
  return csv_row(what.columns, value);
}

status write_all(client& server, const exported& what, bool is_table,
                 byte_sink& to, std::uint64_t& count) {
  if (is_table)
    if (auto good = to.write(csv_header(what.columns)); !good)
      return good;
  std::string cursor;
  for (;;) {
    const auto page = page_of(
      server, cursor.empty() ? what.path : what.path + "&cursor=" + cursor);
    if (!page)
      return page.failure();
    const auto data = engine::find_member(*page, "data");
    const auto entries = data ? engine::elements_of(*data) : std::nullopt;
    const auto next = engine::find_member(*page, "next_cursor");
    if (!entries || !next)
      return engine::error{engine::errc::internal,
                           "server_unknown",
                           server.url() + " does not answer as Troupe does",
                           {}};
    for (const auto entry : *entries) {
      const auto row = row_of(entry, is_table, what);
      if (!row)
        return row.failure();
      if (auto good = to.write(*row); !good)
        return good;
      ++count;
    }
    if (!next->starts_with('"'))
      return to.finish();
    cursor = escaped(next->substr(1, next->size() - 2));
  }
}

int write_export(const arguments& given, const exported& what) {
  auto server = client::of(given);
  if (!server)
    return report(server.failure());
  const auto file = given.text("--output", "-");
  auto sink = byte_sink::open(file);
  if (!sink)
    return report(sink.failure());
  std::uint64_t count = 0;
  const auto done = write_all(
    *server, what, given.text("--format", "ndjson") == "csv", *sink, count);
  if (!done) {
    // Part of it would pass for the whole.
    std::error_code none;
    if (file != "-" && std::filesystem::is_regular_file(file, none))
      std::filesystem::remove(file, none);
    return report(done.failure());
  }
  if (file != "-")
    std::fprintf(stderr, "%llu written to %s\n",
                 static_cast<unsigned long long>(count), file.c_str());
  return exit_success;
}

command exporting(std::string name, std::string summary,
                  std::vector<option> filters) {
  command out{std::move(name), std::move(summary)};
  out.options = std::move(filters);
  out.options.push_back({"--format",
                         "FORMAT",
                         "a line of JSON each, or a table [ndjson]",
                         {"ndjson", "csv"}});
  out.options.push_back(
    {"--output", "FILE", "packed if it ends in .gz or .zst [standard output]"});
  for (auto& each : connection_options())
    out.options.push_back(std::move(each));
  return out;
}

} // namespace

command export_command() {
  auto events
    = exporting("events", "Export events, the oldest first",
                {{"--type", "TYPE", "a name, or order.*"},
                 {"--since", "TIME", "received then or later, in ISO 8601"},
                 {"--until", "TIME", "received before it"}});
  events.examples
    = {"troupe export events --since 2026-01-01T00:00:00Z --output "
       "events.ndjson.gz"};
  events.run = [](const arguments& given) {
    std::string path = "/v1/events/export?limit=500";
    for (const std::string name : {"type", "since", "until"})
      if (given.has("--" + name))
        path += "&" + name + "=" + escaped(given.text("--" + name));
    return write_export(given, {path, event_columns()});
  };
  auto contacts = exporting("contacts", "Export contacts", {});
  contacts.examples
    = {"troupe export contacts --format csv --output contacts.csv"};
  contacts.run = [](const arguments& given) {
    return write_export(given, {"/v1/contacts?limit=100", contact_columns()});
  };
  command out{"export", "Export events or contacts into a file"};
  out.subcommands = {std::move(events), std::move(contacts)};
  return out;
}

} // namespace troupe::cli
