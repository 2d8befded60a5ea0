#include "cli/metrics.hpp"

#include "cli/process_figures.hpp"
#include "cli/version.hpp"
#include "engine/event_document.hpp"
#include "engine/turn.hpp"

#include <prometheus/text_serializer.h>

#include <span>
#include <string_view>
#include <utility>
#include <vector>

namespace troupe::cli {

namespace {

using prometheus::ClientMetric;
using prometheus::MetricFamily;
using prometheus::MetricType;

struct label {
  std::string name;
  std::string value;
};

class page {
public:
  void begin(const char* name, MetricType type, const char* help) {
    families_.push_back({name, help, type, {}});
  }

  void add(double value, const std::vector<label>& labels = {}) {
    auto& family = families_.back();
    ClientMetric metric;
    for (const auto& each : labels)
      metric.label.push_back({each.name, each.value});
    if (family.type == MetricType::Counter)
      metric.counter.value = value;
    else
      metric.gauge.value = value;
    family.metric.push_back(std::move(metric));
  }

  void counter(const char* name, const char* help, double value) {
    begin(name, MetricType::Counter, help);
    add(value);
  }

  void gauge(const char* name, const char* help, double value) {
    begin(name, MetricType::Gauge, help);
    add(value);
  }

  void add(const prometheus::Histogram& from,
           const std::vector<label>& labels = {}) {
    auto metric = from.Collect();
    // One that nothing was noted in says nothing.
    if (metric.histogram.sample_count == 0 && !labels.empty())
      return;
    for (const auto& each : labels)
      metric.label.push_back({each.name, each.value});
    families_.back().metric.push_back(std::move(metric));
  }

  void histogram(const char* name, const char* help,
                 const prometheus::Histogram& from) {
    begin(name, MetricType::Histogram, help);
    add(from);
  }

  [[nodiscard]] std::string text() const {
    return prometheus::TextSerializer{}.Serialize(families_);
  }

private:
  std::vector<MetricFamily> families_;
};

double number(const std::atomic<std::uint64_t>& from) {
  return static_cast<double>(from.load(std::memory_order_relaxed));
}

double number(std::uint64_t from) {
  return static_cast<double>(from);
}

template <class Name>
void add_each(page& to, const char* name,
              std::span<const std::atomic<std::uint64_t>> values,
              Name name_of) {
  for (std::size_t i = 1; i < values.size(); ++i)
    if (const std::string value{name_of(i)}; !value.empty())
      to.add(number(values[i]), {{name, value}});
}

std::string_view turn_kind_name(std::size_t number) {
  constexpr std::array<std::string_view, 7> names{
    "", "event", "timer", "inbox", "parked", "merge", "intervention"};
  return number < names.size() ? names[number] : std::string_view{};
}

std::string_view run_end_name(std::size_t number) {
  using engine::run_status;
  const auto status = static_cast<run_status>(number);
  return status == run_status::completed || status == run_status::exited
             || status == run_status::failed
           ? engine::name_of(status)
           : std::string_view{};
}

std::string_view attempt_name(std::size_t number) {
  constexpr std::array<std::string_view, 6> names{
    "", "retry", "delivered", "failed", "", "dead"};
  return number < names.size() ? names[number] : std::string_view{};
}

void add_http(page& to, const http::http_counters& from,
              const route_durations& durations) {
  to.begin("troupe_http_answers_total", MetricType::Counter,
           "Answers by status.");
  for (std::uint16_t status = 100; status < 600; ++status)
    if (const auto count = from.answers_of(status); count != 0)
      to.add(number(count), {{"status", std::to_string(status)}});
  to.begin("troupe_http_request_seconds", MetricType::Histogram,
           "From the head of a request to its answer, by route.");
  durations.each([&to](std::string_view route, const auto& histogram) {
    to.add(histogram, {{"route", std::string{route}}});
  });
  to.gauge("troupe_http_connections", "Connections open now.",
           number(from.open));
  to.counter("troupe_http_connections_total", "Connections accepted.",
             number(from.accepted));
  to.counter("troupe_http_connections_refused_total",
             "Connections over a limit.", number(from.refused_connections));
  to.counter("troupe_http_accept_pauses_total",
             "Times no file descriptor was left to accept with.",
             number(from.accept_pauses));
  to.begin("troupe_http_timeouts_total", MetricType::Counter,
           "Requests and connections ended by a deadline.");
  to.add(number(from.head_timeouts), {{"part", "head"}});
  to.add(number(from.body_timeouts), {{"part", "body"}});
  to.add(number(from.idle_timeouts), {{"part", "idle"}});
  to.add(number(from.write_timeouts), {{"part", "write"}});
  to.add(number(from.deadlines_exceeded), {{"part", "answer"}});
  to.counter("troupe_tls_handshakes_total", "TLS handshakes that finished.",
             number(from.tls_handshakes));
  to.counter("troupe_tls_handshake_failures_total",
             "TLS handshakes that failed or took too long.",
             number(from.tls_failures));
}

void add_work(page& to, const actors::actor_counters& from) {
  to.counter("troupe_events_total", "Events stored.", number(from.events));
  to.begin("troupe_turns_total", MetricType::Counter,
           "Turns of contacts stored, by what caused them.");
  add_each(to, "kind", from.turns, turn_kind_name);
  to.gauge("troupe_contacts_awake", "Contacts held in memory.",
           number(from.contacts_awake));
  to.counter("troupe_runs_started_total", "Runs of sequences started.",
             number(from.runs_started));
  to.begin("troupe_runs_ended_total", MetricType::Counter,
           "Runs of sequences ended, by how.");
  add_each(to, "status", from.runs_ended, run_end_name);
  to.histogram("troupe_timer_delay_seconds",
               "How long after they were due waits ended.",
               from.timer_delay_seconds);
  to.begin("troupe_delivery_attempts_total", MetricType::Counter,
           "Attempts to deliver, by what came of them.");
  add_each(to, "outcome", from.attempts, attempt_name);
  to.counter("troupe_deliveries_uncertain_total",
             "Calls that may have arrived and are made again, by the same id.",
             number(from.deliveries_uncertain));
  to.histogram("troupe_delivery_attempt_seconds",
               "Time of calls to webhooks, channels and http nodes.",
               from.attempt_seconds);
}

void add_store(page& to, const actors::actor_counters& from,
               const std::string& data_directory) {
  to.histogram("troupe_commit_seconds", "Time of transactions, to the disk.",
               from.commit_seconds);
  to.histogram("troupe_commit_turns", "Turns in one transaction.",
               from.commit_turns);
  to.counter("troupe_commit_refusals_total",
             "Turns decided again because the store knew better.",
             number(from.units_refused));
  to.counter("troupe_commit_failures_total",
             "Transactions that the store could not write.",
             number(from.groups_failed));
  if (data_directory.empty()) // in a database, which has figures of its own
    return;
  const auto disk = read_disk_figures(data_directory);
  to.gauge("troupe_store_bytes", "Size of the store's files.",
           number(disk.store_bytes));
  to.gauge("troupe_disk_free_bytes", "Free space where the store is.",
           number(disk.free_bytes));
  to.gauge("troupe_disk_total_bytes", "All space where the store is.",
           number(disk.total_bytes));
}

void add_process(page& to) {
  to.begin("troupe_build_info", MetricType::Gauge, "What runs here.");
  to.add(1, {{"version", std::string{version.number}},
             {"commit", std::string{version.commit}}});
  const auto process = read_process_figures();
  to.counter("process_cpu_seconds_total", "CPU time of the process.",
             process.cpu_seconds);
  to.gauge("process_start_time_seconds", "When it began, since 1970.",
           process.start_time_seconds);
  to.gauge("process_resident_memory_bytes", "Memory held.",
           number(process.resident_bytes));
  to.gauge("process_threads", "Threads.", number(process.threads));
  to.gauge("process_open_fds", "File descriptors open.",
           number(process.open_files));
  to.gauge("process_max_fds", "File descriptors it may have open.",
           number(process.open_files_max));
}

void add_rejected(page& to, const http::rejection_counts& from) {
  to.begin("troupe_rejected_total", MetricType::Counter,
           "Events, and requests of strangers, that a door did not take.");
  from.each(
    [&to](engine::door by, const std::string& reason, std::uint64_t count) {
      to.add(number(count),
             {{"door", std::string{engine::name_of(by)}}, {"reason", reason}});
    });
}

} // namespace

std::string metrics_text(const metrics_sources& from) {
  page out;
  add_process(out);
  add_http(out, from.http, from.durations);
  add_rejected(out, from.rejected);
  add_work(out, from.actors);
  add_store(out, from.actors, from.data_directory);
  return out.text();
}

} // namespace troupe::cli
