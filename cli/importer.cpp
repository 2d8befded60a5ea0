#include "cli/importer.hpp"

#include "cli/json_members.hpp"

#include <boost/json/parse.hpp>

#include <algorithm>
#include <thread>

namespace troupe::cli {

namespace json = boost::json;

namespace {

using engine::status;

// A request has 1 MiB at most; so much is held of the file, too.
constexpr std::size_t body_bytes_max = std::size_t{1000} * 1024;
constexpr std::chrono::seconds pause_first{1};
constexpr std::chrono::seconds pause_max{30};

bool is_blank(const file_record& record) {
  return record.text.find_first_not_of(" \t") == std::string_view::npos;
}

engine::error error_in(const json::value& line) {
  return engine::invalid(text_in(line, "/error/code"),
                         text_in(line, "/error/detail"),
                         text_in(line, "/error/errors/0/pointer"));
}

} // namespace

importer::importer(import_plan plan, client server, record_reader records,
                   std::optional<csv_events> columns, rejects_file rejects,
                   import_state state)
  : plan_(std::move(plan)),
    server_(std::move(server)),
    records_(std::move(records)),
    columns_(std::move(columns)),
    rejects_(std::move(rejects)),
    state_(std::move(state)),
    progress_(records_.source().size(), state_.counts.lines) {}

status importer::run() {
  auto done = take_all();
  if (done)
    progress_.finish(state_.counts, records_.source().consumed());
  else
    progress_.leave();
  return done;
}

status importer::take_all() {
  for (;;) {
    const auto record = records_.next();
    if (!record)
      return record.failure();
    if (!*record)
      break;
    if (auto good = take(**record); !good)
      return good;
  }
  return flush();
}

status importer::take(const file_record& record) {
  held_line held{record.number, record.offset, std::string{record.text},
                 record.failure};
  std::string line;
  if (!held.failure && !is_blank(record)) {
    if (columns_) {
      auto made = columns_->line_of(record.cells);
      if (made)
        line = std::move(*made);
      else
        held.failure = made.failure();
    } else {
      line = record.text;
    }
  }
  if (line.size() > record_bytes_max) {
    held.failure = record_too_long();
    line.clear();
  }
  // Lines that are not sent leave a blank one: the server counts them.
  if (lines_.size() == plan_.batch
      || body_.size() + line.size() + 1 > body_bytes_max
      || held_bytes_ + record.text.size() > body_bytes_max)
    if (auto good = flush(); !good)
      return good;
  events_ += held.failure || !line.empty() ? 1U : 0U;
  body_ += line;
  body_ += '\n';
  held_bytes_ += held.input.size();
  lines_.push_back(std::move(held));
  end_ = record.end;
  return engine::success();
}

status importer::flush() {
  if (lines_.empty())
    return engine::success();
  json::value report;
  if (body_.find_first_not_of('\n') != body_.npos) {
    auto answer = send();
    if (!answer)
      return answer.failure();
    report = std::move(*answer);
  }
  if (auto good = note(report); !good)
    return good;
  state_.number = lines_.back().number + 1;
  state_.offset = end_;
  lines_.clear();
  body_.clear();
  held_bytes_ = 0;
  events_ = 0;
  progress_.show(state_.counts, records_.source().consumed());
  return plan_.state_file.empty()
           ? engine::success()
           : write_import_state(plan_.state_file, state_);
}

// In the order of the file, what was found here and what the server found.
status importer::note(const json::value& report) {
  auto& counts = state_.counts;
  counts.lines += events_;
  counts.accepted += number_in(report, "/accepted");
  counts.duplicates += number_in(report, "/duplicates");
  const auto first = lines_.front().number;
  json::error_code none;
  if (const auto* told = report.find_pointer("/lines", none);
      told != nullptr && told->is_array())
    for (const auto& each : told->get_array()) {
      if (text_in(each, "/status") != "rejected")
        continue;
      const auto at = number_in(each, "/line") - first;
      if (at < lines_.size())
        lines_[at].failure = error_in(each);
    }
  for (const auto& line : lines_) {
    if (!line.failure)
      continue;
    ++counts.rejected;
    if (auto good
        = rejects_.add(line.number, line.offset, *line.failure, line.input);
        !good)
      return good;
  }
  const auto bytes = rejects_.flush();
  if (!bytes)
    return bytes.failure();
  state_.rejects = *bytes;
  return engine::success();
}

// Every line has an id or a place: what was taken of a request that got lost
// is not taken again.
engine::result<json::value> importer::send() {
  const auto path
    = plan_.path + "&first_line=" + std::to_string(lines_.front().number);
  const auto began = std::chrono::steady_clock::now();
  auto pause = pause_first;
  for (;;) {
    auto answer = server_.send("POST", path, body_, "application/x-ndjson");
    std::optional<engine::error> why;
    auto wait = pause;
    if (!answer) {
      why = answer.failure();
      if (!was_there_) // more likely a slip in its address
        return *why;
    } else if (answer->status == 200) {
      was_there_ = true;
      json::error_code failure;
      auto report = json::parse(answer->body, failure);
      if (failure || !report.is_object())
        return server_.not_a_troupe();
      return report;
    } else {
      why = answer->refusal();
      if (why->code != engine::errc::overloaded)
        return *why;
      was_there_ = true;
      wait = server_.retry_after().value_or(pause);
    }
    if (std::chrono::steady_clock::now() - began + wait > plan_.patience)
      return *why;
    progress_.wait(why->message, wait);
    std::this_thread::sleep_for(wait);
    pause = std::min(pause * 2, pause_max);
  }
}

} // namespace troupe::cli
