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
#include <thread>

namespace troupe::cli {

namespace json = boost::json;

namespace {

using engine::status;

constexpr int tries_max = 8;
constexpr std::chrono::seconds pause_max{30};
constexpr std::chrono::seconds asked_max{300};
constexpr int depth_max = 64;
constexpr std::size_t entry_bytes_max = std::size_t{4} * 1024 * 1024;

/// What goes out, entry by entry, in the shape that was asked for.
class export_writer {
public:
  export_writer(byte_sink to, bool is_table,
                const std::vector<export_column>& columns)
    : to_(std::move(to)), is_table_(is_table), columns_(columns) {}

  status begin() {
    return is_table_ ? to_.write(csv_header(columns_)) : engine::success();
  }

  /// The bytes of an entry are handed on as they came.
  status write(const client& from, std::string_view entry) {
    ++count_;
    if (!is_table_)
      return to_.write(std::string{entry} + "\n");
    json::error_code failure;
    json::parse_options deep;
    deep.max_depth = depth_max;
    const auto value = json::parse(
      json::string_view{entry.data(), entry.size()}, failure, {}, deep);
    return failure ? status{from.not_a_troupe()}
                   : to_.write(csv_row(columns_, value));
  }

  status finish() {
    return to_.finish();
  }

  [[nodiscard]] std::uint64_t count() const {
    return count_;
  }

private:
  byte_sink to_;
  bool is_table_;
  const std::vector<export_column>& columns_;
  std::uint64_t count_ = 0;
};

/// The one rule of what is asked for again: what is overloaded (429, 5xx) and
/// what got lost on the way, some times.
class export_retries {
public:
  /// It was an answer, though not all of it.
  void hear() {
    was_there_ = true;
  }

  void succeed() {
    hear();
    tries_ = 1;
    pause_ = std::chrono::seconds{1};
  }

  /// Waits, as long as the server asked for.
  /// @returns false: another try does not help
  bool wait(const client& of, const engine::error& why) {
    const auto is_lost = why.name == "server_unreachable";
    if (why.code != engine::errc::overloaded || (is_lost && !was_there_)
        || tries_++ == tries_max)
      return false;
    was_there_ = was_there_ || !is_lost; // else more likely a slip
    std::this_thread::sleep_for(
      std::min(of.retry_after().value_or(pause_), asked_max));
    pause_ = std::min(pause_ * 2, pause_max);
    return true;
  }

private:
  bool was_there_ = false;
  int tries_ = 1;
  std::chrono::seconds pause_{1};
};

// Events of one stream; the last line says that it is whole. One that is cut is
// asked for again behind the last event that came.
status write_events(client& server, const std::string& query,
                    export_writer& to) {
  export_retries retries;
  std::string last; // event
  for (;;) {
    std::string buffer;
    auto is_whole = false;
    auto written = engine::success();
    const auto take_line = [&](std::string_view line) {
      if (line.empty()) // a sign of life
        return;
      const auto id = engine::find_member(line, "id");
      if (!id) {
        is_whole = engine::find_member(line, "exported").has_value();
        return;
      }
      if (written)
        written = to.write(server, line);
      last = id->substr(1, id->size() - 2);
      retries.succeed();
    };
    auto path = "/v1/events/export?" + query
                + (last.empty() ? "" : "after=" + escaped(last));
    if (path.ends_with('&') || path.ends_with('?'))
      path.pop_back();
    const auto done = server.stream(path, {}, [&](std::string_view more) {
      buffer += more;
      std::size_t begin = 0;
      for (auto end = buffer.find('\n'); end != buffer.npos;
           end = buffer.find('\n', begin)) {
        take_line(std::string_view{buffer}.substr(begin, end - begin));
        begin = end + 1;
      }
      buffer.erase(0, begin);
      if (buffer.size() > entry_bytes_max)
        buffer.clear(); // no event is that long
    });
    if (!written)
      return written;
    if (is_whole)
      return to.finish();
    const engine::error cut{engine::errc::overloaded,
                            "server_unreachable",
                            server.url() + ": the answer was cut",
                            {}};
    if (done)
      retries.hear();
    const auto& why = done ? cut : done.failure();
    if (!retries.wait(server, why))
      return done ? server.not_a_troupe() : why;
  }
}

engine::result<std::string> page_of(client& server, const std::string& path,
                                    export_retries& retries) {
  for (;;) {
    auto answer = server.send("GET", path, {}, {});
    if (answer && answer->status == 200) {
      retries.succeed();
      return std::move(answer->body);
    }
    const auto why = answer ? answer->refusal() : answer.failure();
    if (!retries.wait(server, why))
      return why;
  }
}

status write_contacts(client& server, const std::string&, export_writer& to) {
  const std::string path = "/v1/contacts?limit=100";
  std::string cursor;
  export_retries retries;
  for (;;) {
    const auto page = page_of(
      server, cursor.empty() ? path : path + "&cursor=" + cursor, retries);
    if (!page)
      return page.failure();
    const auto data = engine::find_member(*page, "data");
    const auto entries = data ? engine::elements_of(*data) : std::nullopt;
    const auto next = engine::find_member(*page, "next_cursor");
    if (!entries || !next)
      return server.not_a_troupe();
    for (const auto entry : *entries)
      if (auto good = to.write(server, entry); !good)
        return good;
    if (!next->starts_with('"'))
      return to.finish();
    cursor = escaped(next->substr(1, next->size() - 2));
  }
}

int write_export(const arguments& given, const std::string& query,
                 const std::vector<export_column>& columns,
                 status (*write)(client&, const std::string&, export_writer&)) {
  auto server = client::of(given);
  if (!server)
    return report(server.failure());
  const auto file = given.text("--output", "-");
  auto sink = byte_sink::open(file);
  if (!sink)
    return report(sink.failure());
  export_writer to{std::move(*sink), given.text("--format", "ndjson") == "csv",
                   columns};
  auto done = to.begin();
  if (done)
    done = write(*server, query, to);
  if (!done)
    return report(done.failure());
  if (file != "-")
    std::fprintf(stderr, "%llu written to %s\n",
                 static_cast<unsigned long long>(to.count()), file.c_str());
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
    std::string query;
    for (const std::string name : {"type", "since", "until"})
      if (given.has("--" + name))
        query += name + "=" + escaped(given.text("--" + name)) + "&";
    return write_export(given, query, event_columns(), write_events);
  };
  auto contacts = exporting("contacts", "Export contacts", {});
  contacts.examples
    = {"troupe export contacts --format csv --output contacts.csv"};
  contacts.run = [](const arguments& given) {
    return write_export(given, {}, contact_columns(), write_contacts);
  };
  command out{"export", "Export events or contacts into a file"};
  out.subcommands = {std::move(events), std::move(contacts)};
  return out;
}

} // namespace troupe::cli
