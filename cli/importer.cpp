#include "cli/importer.hpp"

#include <boost/json/parse.hpp>

#include <algorithm>
#include <array>
#include <thread>

namespace troupe::cli {

namespace json = boost::json;

namespace {

using engine::status;

// A request has 1 MiB at most.
constexpr std::size_t body_bytes_max = std::size_t{1000} * 1024;
constexpr std::chrono::seconds pause_first{1};
constexpr std::chrono::seconds pause_max{30};
constexpr std::array<long, 4> worth_another_try{429, 502, 503, 504};

bool is_blank(const file_record& record) {
  return record.text.find_first_not_of(" \t") == std::string_view::npos;
}

std::uint64_t number_in(const json::object& of, std::string_view name) {
  const auto* found = of.if_contains(name);
  return found != nullptr && found->is_int64()
           ? static_cast<std::uint64_t>(found->get_int64())
           : 0;
}

std::string text_in(const json::value& of, const char* pointer) {
  json::error_code none;
  const auto* found = of.find_pointer(pointer, none);
  return found != nullptr && found->is_string()
           ? std::string{found->get_string()}
           : std::string{};
}

engine::error error_in(const json::value& problem) {
  return engine::invalid(text_in(problem, "/code"), text_in(problem, "/detail"),
                         text_in(problem, "/errors/0/pointer"));
}

engine::error not_a_troupe(const std::string& url) {
  return {engine::errc::internal,
          "server_unknown",
          url + " does not answer as Troupe does",
          {}};
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
  for (;;) {
    const auto record = records_.next();
    if (!record)
      return record.failure();
    if (!*record)
      break;
    if (auto good = take(**record); !good)
      return good;
  }
  if (auto good = flush(); !good)
    return good;
  progress_.finish(state_.counts, records_.source().consumed());
  return engine::success();
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
  if (line.size() >= body_bytes_max) {
    held.failure
      = engine::invalid("record_too_long", "a record has at most 768 KiB");
    line.clear();
  }
  // Lines that are not sent leave a blank one: the server counts them.
  if (lines_.size() == plan_.batch
      || body_.size() + line.size() + 1 > body_bytes_max)
    if (auto good = flush(); !good)
      return good;
  events_ += held.failure || !line.empty() ? 1U : 0U;
  body_ += line;
  body_ += '\n';
  lines_.push_back(std::move(held));
  end_ = record.end;
  return engine::success();
}

status importer::flush() {
  if (lines_.empty())
    return engine::success();
  json::object report;
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
  events_ = 0;
  progress_.show(state_.counts, records_.source().consumed());
  return plan_.state_file.empty()
           ? engine::success()
           : write_import_state(plan_.state_file, state_);
}

// In the order of the file, what was found here and what the server found.
status importer::note(const json::object& report) {
  auto& counts = state_.counts;
  counts.lines += events_;
  counts.accepted += number_in(report, "accepted");
  counts.duplicates += number_in(report, "duplicates");
  const auto first = lines_.front().number;
  if (const auto* told = report.if_contains("lines");
      told != nullptr && told->is_array())
    for (const auto& each : told->get_array()) {
      if (!each.is_object() || text_in(each, "/status") != "rejected")
        continue;
      const auto at = number_in(each.get_object(), "line") - first;
      if (at < lines_.size())
        lines_[at].failure = error_in(each.get_object().at("error"));
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
engine::result<json::object> importer::send() {
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
        return not_a_troupe(server_.url());
      return std::move(report.get_object());
    } else {
      why = answer->refusal();
      if (std::find(worth_another_try.begin(), worth_another_try.end(),
                    answer->status)
          == worth_another_try.end())
        return *why;
      was_there_ = true;
      wait = answer->retry_after.value_or(pause);
    }
    if (std::chrono::steady_clock::now() - began + wait > plan_.patience)
      return *why;
    progress_.wait(why->message, wait);
    std::this_thread::sleep_for(wait);
    pause = std::min(pause * 2, pause_max);
  }
}

} // namespace troupe::cli
