// The engine alone, on one thread: what a turn, a rule, a template and a
// segment cost. A line of JSON {"case", "ns"} for each.
//
// usage: engine_bench CASES MILLISECONDS
#include "engine/decide.hpp"
#include "engine/sequence_definition.hpp"
#include "engine/template_text.hpp"

#include <boost/json/parse.hpp>

#include <fmt/format.h>

#include <array>
#include <chrono>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <iterator>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

namespace {

using namespace troupe::engine;
namespace json = boost::json;
using clock_type = std::chrono::steady_clock;

std::chrono::milliseconds span{200};
std::uint64_t kept = 0; // so that no call can be left out

template <class T>
T got(result<T> from) {
  if (!from)
    throw std::runtime_error{from.failure().message};
  return std::move(*from);
}

/// Nanoseconds of one call, after a warm-up as long as the measurement.
template <class Call>
double measure(Call call) {
  double ns = 0;
  for (int round = 0; round < 2; ++round) {
    const auto begin = clock_type::now();
    std::uint64_t calls = 0;
    auto now = begin;
    for (; now < begin + span; now = clock_type::now()) {
      for (int i = 0; i < 20; ++i)
        kept += call();
      calls += 20;
    }
    ns = std::chrono::duration<double, std::nano>(now - begin).count()
         / static_cast<double>(calls);
  }
  return ns;
}

void report(const std::string& name, double ns) {
  fmt::print("{{\"case\":\"{}\",\"ns\":{:.1f}}}\n", name, ns);
  std::fflush(stdout);
}

void measure_rules(const json::object& cases) {
  const value_data data{cases.at("data")};
  int number = 0;
  for (const auto& written : cases.at("rules").as_array()) {
    const auto rule = got(condition::compile(written));
    report(fmt::format("rule {}", ++number), measure([&] {
             return rule.evaluate(data).is_null() ? 0U : 1U;
           }));
  }
}

void measure_templates(const json::object& cases) {
  const std::array<const json::value*, 1> bare{&cases.at("data")};
  int number = 0;
  for (const auto& written : cases.at("templates").as_array()) {
    const auto& source = written.get_string();
    const auto text
      = got(template_text::compile({source.data(), source.size()}, {true}));
    report(fmt::format("template {}", ++number), measure([&] {
             return got(text.render({{}, bare})).text.size();
           }));
  }
}

constexpr std::uint32_t listening = 3; // sequences that hear of orders

/// A run goes from one wait to the other with each order. The first one starts
/// with a large order, the others that listen with one that never comes.
std::shared_ptr<const sequence_definition> sequence(std::uint32_t number) {
  const auto event = number <= listening ? std::string{"order.completed"}
                                         : fmt::format("other.{}", number);
  const auto text = fmt::format(
    R"({{"key":"k{}","trigger":{{"any":[{{"event":"{}","where":{{">":[
      {{"var":"event.properties.total"}},{}]}}}}]}},"reentry":"always",
      "entry":"a","nodes":{{
      "a":{{"type":"wait","any":[{{"event":"{}","then":"b"}}],
           "timeout":"3d","on_timeout":"b"}},
      "b":{{"type":"wait","any":[{{"event":"{}","then":"a"}}],
           "timeout":"3d","on_timeout":"a"}}}}}})",
    number, event, number == 1 ? 1000 : 1'000'000, event, event);
  return got(parse_sequence(json::parse(text), {}));
}

event_input order(double total) {
  event_input input;
  input.event.record.type = "order.completed";
  input.event.record.body
    = fmt::format(R"({{"total":{},"currency":"GBP","items":3}})", total);
  input.event.record.properties
    = {0, static_cast<std::uint32_t>(input.event.record.body.size())};
  input.event.properties = json::parse(input.event.record.body).as_object();
  input.event.identities.push_back(
    *make_identity(identity_kind::external_id, "usr_1"));
  return input;
}

class subject {
public:
  explicit subject(const definitions& with) : with_(with) {
    state_.workspace = workspace_id{1};
    state_.id = contact_id{1};
  }

  std::uint64_t see(const event_input& input) {
    now_ += std::chrono::milliseconds{1};
    auto made = std::get<turn>(decide(state_, input, with_, now_, nullptr));
    made.stamp.turn = position{made.stamp.seq};
    apply(state_, made);
    return made.changes.size();
  }

private:
  const definitions& with_;
  contact_state state_;
  timestamp now_{std::chrono::hours{24 * 365 * 50}};
};

void measure_turns() {
  for (const auto& [sequences, live] :
       {std::pair{1000U, 1U}, std::pair{1000U, 10U}, std::pair{1000U, 100U},
        std::pair{10'000U, 1U}}) {
    definitions with{1};
    for (std::uint32_t id = 1; id <= sequences; ++id)
      with.add(published_sequence{sequence_id{id}, 1, true, sequence(id)});
    subject one{with};
    for (std::uint32_t started = 0; started < live; ++started)
      one.see(order(2000));
    const auto small = order(10);
    report(fmt::format("turn, {} sequences, live runs {}", sequences, live),
           measure([&] {
             return one.see(small);
           }));
  }
}

void measure_segments() {
  definitions with{1};
  constexpr std::uint32_t segments = 100;
  for (std::uint32_t id = 1; id <= segments; ++id) {
    const auto rule = fmt::format(
      R"({{">=":[{{"event_count":{{"event":"order.completed","within":"{}d",
        "where":{{">":[{{"var":"event.properties.total"}},{}]}}}}}},{}]}})",
      1 + id % 30, id % 10, 1'000'000 + id);
    with.add(published_segment{segment_id{id},
                               1,
                               fmt::format("s{}", id),
                               {},
                               got(compile_segment(json::parse(rule), ""))});
  }
  subject one{with};
  const auto input = order(10);
  const auto loaded = measure([&] {
    return one.see(input);
  });
  definitions none{1};
  subject other{none};
  const auto empty = measure([&] {
    return other.see(input);
  });
  report("event, 100 segments on its type", loaded - empty);
}

} // namespace

int main(int count, char** given) {
  if (count != 3)
    return 2;
  std::ifstream file{given[1]};
  const std::string text{std::istreambuf_iterator<char>{file}, {}};
  span = std::chrono::milliseconds{std::strtol(given[2], nullptr, 10)};
  const auto cases = json::parse(text).as_object();
  measure_rules(cases);
  measure_templates(cases);
  measure_turns();
  measure_segments();
  return kept == 0 ? 1 : 0;
}
