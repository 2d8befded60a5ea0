// The other systems that are called: they take calls, refuse them, or do not
// answer, and remember what reached them.
#pragma once

#include "messages/outgoing_call.hpp"
#include "tests/simulation/plan.hpp"
#include "tests/simulation/timeline.hpp"

#include <cstdint>
#include <functional>
#include <map>
#include <string>
#include <vector>

namespace troupe::simulation {

struct arrival {
  std::string url;
  std::string delivery_id;
  std::string op; // of the event it is about
  bool was_taken = false;
};

class receiver {
public:
  receiver(timeline& time, dice& from, const fault_plan& plan)
    : time_(time), from_(from), plan_(plan) {}

  void call(const messages::outgoing_call& what,
            std::function<void(messages::call_outcome)> done);

  /// Who called is no more.
  void forget_callers() {
    callers_.clear();
  }

  [[nodiscard]] const std::vector<arrival>& arrivals() const {
    return arrivals_;
  }

private:
  void arrive(const messages::outgoing_call& what, std::uint64_t caller);
  void answer(std::uint64_t caller, long status, engine::duration delay);

  timeline& time_;
  dice& from_;
  const fault_plan& plan_;
  std::vector<arrival> arrivals_;
  std::map<std::uint64_t, std::function<void(messages::call_outcome)>> callers_;
  std::uint64_t calls_ = 0;
};

} // namespace troupe::simulation
