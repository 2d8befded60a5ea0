#include "http/doors/import/import_door.hpp"

#include "http/doors/door_event.hpp"
#include "http/doors/import/import_query.hpp"
#include "http/doors/import/import_report.hpp"
#include "http/inflate.hpp"
#include "messages/try_again.hpp"

namespace troupe::http {

namespace {

using engine::invalid;
using engine::result;
using messages::ingest;
using messages::ingest_answer;

constexpr std::size_t body_bytes_max = std::size_t{1024} * 1024;
constexpr std::size_t lines_max = 1000;

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

result<ingest> read_one(const api_context& with, const visit& now,
                        const import_query& query, std::string_view text,
                        std::uint64_t line) {
  auto as = setting_of(with, now);
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

/// The good events of a request, and which of its lines they are.
struct good_lines {
  std::vector<messages::ingest_parcel> events;
  std::vector<std::size_t> places;
};

// What is wrong with the others, and what a dry run takes, is reported at once.
good_lines read_lines(const api_context& with, const visit& now,
                      const import_query& query,
                      const std::vector<std::string_view>& lines,
                      import_report& report) {
  good_lines out;
  for (std::size_t i = 0; i < lines.size(); ++i) {
    if (is_blank(lines[i]))
      continue;
    auto command = read_one(with, now, query, lines[i], query.first_line + i);
    if (!command) {
      report.reject(i, command.failure());
    } else if (query.dry_run) {
      report.accept();
    } else {
      out.places.push_back(i);
      out.events.push_back(std::move(*command));
    }
  }
  return out;
}

void take(good_lines good, std::shared_ptr<import_report> report,
          const pending_answer& answer) {
  take_events(
    std::move(good.events),
    [answer, report = std::move(report), places = std::move(good.places)](
      const std::vector<ingest_answer>& answers) {
      for (const auto& each : answers)
        if (each.failure && messages::may_be_tried_again(*each.failure))
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

void serve(const api_context& with, visit now) {
  if (now.who.from_browser)
    return now.refuse({engine::errc::forbidden,
                       "event_not_for_browsers",
                       "a browser's key imports nothing",
                       {}});
  const auto query = read_import_query(now.what.query());
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
  auto report
    = std::make_shared<import_report>(now, query->first_line, query->dry_run);
  auto good = read_lines(with, now, *query, lines, *report);
  take(std::move(good), std::move(report), pending_answer{std::move(now)});
}

} // namespace

std::vector<api_route> import_routes() {
  return {{"POST", "/v1/events/import", messages::scope::events_write, serve,
           body_rule::any, body_bytes_max}};
}

} // namespace troupe::http
