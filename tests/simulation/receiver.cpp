#include "tests/simulation/receiver.hpp"

#include <string_view>
#include <utility>

namespace troupe::simulation {

namespace {

constexpr engine::duration answer_time{15s};

std::string op_in(std::string_view body) {
  constexpr std::string_view mark = R"("op":")";
  const auto found = body.find(mark);
  if (found == std::string_view::npos)
    return {};
  const auto begin = found + mark.size();
  return std::string{body.substr(begin, body.find('"', begin) - begin)};
}

} // namespace

void receiver::call(const messages::outgoing_call& what,
                    std::function<void(messages::call_outcome)> done) {
  const auto caller = ++calls_;
  callers_.emplace(caller, std::move(done));
  const auto fate = from_.below(100);
  if (fate < plan_.calls_lost) {
    answer(caller, 0, answer_time); // and it was never there
    return;
  }
  time_.after(some_time(from_, 50ms), [this, what, caller] {
    arrive(what, caller);
  });
}

void receiver::arrive(const messages::outgoing_call& what,
                      std::uint64_t caller) {
  const auto is_taken = !from_.chance(plan_.calls_refused);
  arrivals_.push_back({what.url, what.delivery_id, op_in(what.body), is_taken});
  if (from_.chance(plan_.calls_lost))
    answer(caller, 0, answer_time); // there, and nobody hears of it
  else
    answer(caller, is_taken ? 200 : 500, some_time(from_, 50ms));
}

void receiver::answer(std::uint64_t caller, long status,
                      engine::duration delay) {
  time_.after(delay, [this, caller, status] {
    auto found = callers_.extract(caller);
    if (found.empty())
      return;
    messages::call_outcome outcome;
    outcome.status = status;
    if (status == 0)
      outcome.error = "timeout";
    if (status == 0 && plan_.defect == planted::silence_is_delivery)
      outcome = {200, {}, {}, {}, {}, {}};
    found.mapped()(std::move(outcome));
  });
}

} // namespace troupe::simulation
