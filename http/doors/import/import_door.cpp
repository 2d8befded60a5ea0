#include "http/doors/import/import_door.hpp"

#include "http/doors/amplitude/amplitude_event.hpp"
#include "http/doors/customerio/item.hpp"
#include "http/doors/import/import_line.hpp"
#include "http/doors/posthog/capture.hpp"
#include "http/doors/segment/segment_door.hpp"
#include "http/inflate.hpp"
#include "http/problem.hpp"
#include "http/query.hpp"
#include "http/resources/paging.hpp"

#include <boost/json/array.hpp>

#include <algorithm>
#include <array>
#include <charconv>
#include <map>

namespace troupe::http {

namespace json = boost::json;

namespace {

using engine::invalid;
using engine::result;
using engine::status;
using messages::ingest;
using messages::ingest_answer;

constexpr std::size_t body_bytes_max = std::size_t{1024} * 1024;
constexpr std::size_t lines_max = 1000;
constexpr std::size_t source_bytes_max = 100;
constexpr std::uint64_t line_number_max = 1'000'000'000'000;

struct line_setting {
  engine::workspace_id workspace{};
  engine::timestamp received_at{};
  bool is_history = true;
};

/// How lines of one product are read, and what it calls an event's parts.
struct line_format {
  std::string_view name;
  result<ingest> (*read)(const api_context& with, std::string_view text,
                         const line_setting& as);
  std::string_view name_pointer;
  std::string_view properties_pointer;
};

result<ingest> read_call_line(const api_context& with, std::string_view text,
                              const line_setting& as) {
  call_setting setting;
  setting.received_at = as.received_at;
  setting.is_history = as.is_history;
  setting.is_of_file = true;
  return read_call(with, as.workspace, text, std::nullopt, segment::rules,
                   setting);
}

constexpr std::array formats{
  line_format{
    "native",
    [](const api_context& with, std::string_view text, const line_setting& as) {
      return read_import_line(with, as.workspace, text, as.received_at,
                              as.is_history);
    },
    "/type", "/metadata"},
  line_format{"segment", read_call_line, "/event", "/properties"},
  line_format{
    "posthog",
    [](const api_context& with, std::string_view text, const line_setting& as) {
      return posthog::read_capture(with, as.workspace, text, as.received_at,
                                   std::nullopt, as.is_history);
    },
    "/event", "/properties"},
  line_format{
    "amplitude",
    [](const api_context& with, std::string_view text, const line_setting& as) {
      return amplitude::read_amplitude_event(with, as.workspace, text,
                                             as.received_at, as.is_history);
    },
    "/event_type", "/event_properties"},
  line_format{
    "customerio",
    [](const api_context& with, std::string_view text, const line_setting& as) {
      return customerio::read_entity(with, as.workspace, text, as.received_at,
                                     as.is_history);
    },
    "/name", "/attributes"}};

struct import_query {
  const line_format* format = &formats.front();
  bool starts = false;
  bool dry_run = false;
  std::string source;
  std::uint64_t first_line = 1;
};

result<bool> read_flag(const std::string& name, std::string_view value) {
  if (value == "true" || value == "false")
    return value == "true";
  return invalid("query_parameter_invalid", "`" + name + "` is true or false",
                 parameter_pointer(name));
}

status read_parameter(import_query& into, const std::string& name,
                      const std::string& value) {
  const auto wrong = [&name](std::string what) {
    return invalid("query_parameter_invalid", std::move(what),
                   parameter_pointer(name));
  };
  if (name == "start" || name == "dry_run") {
    const auto flag = read_flag(name, value);
    if (!flag)
      return flag.failure();
    (name == "start" ? into.starts : into.dry_run) = *flag;
  } else if (name == "format") {
    into.format = std::find_if(formats.begin(), formats.end(),
                               [&value](const line_format& each) {
                                 return each.name == value;
                               });
    if (into.format == formats.end())
      return wrong("`format` is native, segment, posthog, amplitude or "
                   "customerio");
  } else if (name == "source") {
    if (!is_idempotency_key(value) || value.size() > source_bytes_max)
      return wrong("`source` is a text of at most 100 bytes");
    into.source = value;
  } else if (name == "first_line") {
    const auto* end = value.data() + value.size();
    const auto read = std::from_chars(value.data(), end, into.first_line);
    if (read.ec != std::errc{} || read.ptr != end || into.first_line == 0
        || into.first_line > line_number_max)
      return wrong("`first_line` is a whole number from 1");
  } else {
    return unknown_parameter(name,
                             "format, start, dry_run, source and first_line");
  }
  return engine::success();
}

result<import_query> read_query(const visit& now) {
  const auto query = parse_query(now.what.query());
  if (!query)
    return query.failure();
  import_query out;
  for (const auto& [name, value] : query->all())
    if (auto good = read_parameter(out, name, value); !good)
      return good.failure();
  return out;
}

std::vector<std::string_view> lines_of(std::string_view body) {
  std::vector<std::string_view> out;
  while (!body.empty()) {
    const auto end = body.find('\n');
    auto line = body.substr(0, end);
    if (line.ends_with('\r'))
      line.remove_suffix(1);
    out.push_back(line);
    body.remove_prefix(end == body.npos ? body.size() : end + 1);
  }
  return out;
}

bool is_blank(std::string_view line) {
  return line.find_first_not_of(" \t") == line.npos;
}

// Kept as long as events: the same file again, whenever, changes nothing. Two
// tables may count their rows alike: an id is of its event name and contact.
// What has none is known by where it is in which file, and by what it says.
void set_line_key(const api_context& with, ingest& command,
                  const import_query& query, std::uint64_t line,
                  std::string_view text) {
  const auto id = command.event.record.message_id;
  if (!id.empty())
    return set_unique_id(with, command, id, key_scope::import);
  command.event.key.reset();
  if (query.source.empty())
    return;
  auto place = query.source + '\n' + std::to_string(line) + '\n';
  command.event.key = idempotency_of(place.append(text), key_scope::import,
                                     command.workspace, 0);
  command.event.key->is_kept = true;
}

/// What is told of an import: how many lines were taken, and what was with the
/// others.
class import_report {
public:
  import_report(const visit& now, const import_query& query)
    : request_id_{now.what.id.view()},
      path_{now.path},
      first_line_{query.first_line},
      dry_run_{query.dry_run} {}

  void accept() {
    ++accepted_;
  }

  void repeat(std::size_t index) {
    ++duplicates_;
    lines_[index] = {{"line", first_line_ + index}, {"status", "duplicate"}};
  }

  void reject(std::size_t index, const engine::error& why) {
    ++rejected_;
    lines_[index]
      = {{"line", first_line_ + index},
         {"status", "rejected"},
         {"error", problem_object(why, {request_id_, path_, std::nullopt})}};
  }

  [[nodiscard]] response answer() const {
    json::array lines;
    for (const auto& [index, about] : lines_)
      lines.emplace_back(about);
    return json_response(json::object{{"accepted", accepted_},
                                      {"duplicates", duplicates_},
                                      {"rejected", rejected_},
                                      {"dry_run", dry_run_},
                                      {"lines", std::move(lines)}});
  }

private:
  std::string request_id_;
  std::string path_;
  std::uint64_t first_line_;
  bool dry_run_;
  std::uint64_t accepted_ = 0;
  std::uint64_t duplicates_ = 0;
  std::uint64_t rejected_ = 0;
  std::map<std::size_t, json::object> lines_;
};

result<ingest> read_one(const api_context& with, const visit& now,
                        const import_query& query, std::string_view text,
                        std::uint64_t line) {
  line_setting as;
  as.workspace = now.who.workspace;
  as.received_at = with.now_in(as.workspace);
  as.is_history = !query.starts;
  auto command = query.format->read(with, text, as);
  if (!command)
    return command;
  if (as.is_history) // else it came as by the product's own door
    command->event.record.from = engine::door::import;
  if (auto good = hold_to_rules(with, now, *command, query.format->name_pointer,
                                std::string{query.format->properties_pointer});
      !good)
    return good.failure();
  set_line_key(with, *command, query, line, text);
  return command;
}

bool may_be_tried_again(const engine::error& why) {
  const auto code = status_of(why);
  return code == 429 || code >= 500
         || why.name == "idempotency_key_in_progress";
}

void serve(const api_context& with, visit now) {
  if (now.who.from_browser)
    return now.refuse({engine::errc::forbidden,
                       "event_not_for_browsers",
                       "a browser's key imports nothing",
                       {}});
  const auto query = read_query(now);
  if (!query)
    return now.refuse(query.failure());
  const auto body
    = inflated(std::move(now.what.body), now.what.header("Content-Encoding"),
               body_bytes_max);
  if (!body)
    return now.refuse(body.failure());
  const auto lines = lines_of(*body);
  if (lines.size() > lines_max)
    return now.refuse(
      invalid("payload_too_large", "a request has at most 1,000 lines"));
  const auto report = std::make_shared<import_report>(now, *query);
  std::vector<ingest> events;
  std::vector<std::size_t> places; // of the events among the lines
  for (std::size_t i = 0; i < lines.size(); ++i) {
    if (is_blank(lines[i]))
      continue;
    auto command = read_one(with, now, *query, lines[i], query->first_line + i);
    if (!command) {
      report->reject(i, command.failure());
    } else if (query->dry_run) {
      report->accept();
    } else {
      places.push_back(i);
      events.push_back(std::move(*command));
    }
  }
  take_events(std::move(events), [report, places = std::move(places),
                                  answer = pending_answer{std::move(now)}](
                                   const std::vector<ingest_answer>& answers) {
    for (const auto& each : answers)
      if (each.failure && may_be_tried_again(*each.failure))
        return answer.refuse(*each.failure);
    for (std::size_t i = 0; i < answers.size(); ++i) {
      if (answers[i].failure)
        report->reject(places[i], *answers[i].failure);
      else if (answers[i].done.replayed)
        report->repeat(places[i]);
      else
        report->accept();
    }
    answer.respond(report->answer());
  });
}

} // namespace

std::vector<api_route> import_routes() {
  return {{"POST", "/v1/events/import", messages::scope::events_write, serve,
           body_rule::any, body_bytes_max}};
}

} // namespace troupe::http
