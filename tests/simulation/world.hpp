// One run: a server that dies and starts again, its clients, and those it
// calls, in virtual time, all by one seed.
#pragma once

#include "tests/simulation/clients.hpp"
#include "tests/simulation/receiver.hpp"
#include "tests/simulation/server.hpp"
#include "tests/simulation/simulated_store.hpp"
#include "tests/simulation/store_files.hpp"

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

namespace troupe::simulation {

/// What happened in a run, or in many.
struct run_counts {
  std::size_t acknowledged = 0;
  std::size_t unanswered = 0;
  std::size_t replayed = 0; // answers to retries
  std::size_t crashes = 0;
  std::size_t commits_failed = 0;
  std::size_t commits_unknown = 0;
  std::size_t calls = 0; // that arrived
  std::size_t calls_again = 0;
  std::size_t merges = 0;
  std::size_t steps = 0;

  run_counts& operator+=(const run_counts& other);
};

struct run_result {
  std::vector<std::string> violations;
  run_counts counts;
  std::uint64_t trace = 0; // equal for equal runs
};

class world {
public:
  world(std::uint64_t seed, planted defect, const store_files& files);

  run_result run();

private:
  void start();
  void crash();
  void step();
  template <class Done>
  bool run_until(Done done, engine::duration at_most);
  void look_at_store();
  void finish();
  void give_up();
  void count();

  const store_files& files_;
  dice from_;
  fault_plan plan_;
  timeline time_;
  receiver receiver_;
  crowd crowd_;
  std::shared_ptr<store_link> link_;
  std::shared_ptr<simulated_store> store_;
  std::unique_ptr<server> server_;
  bool is_dying_ = false;
  std::vector<engine::position> told_; // by the event stream
  engine::timestamp kept_at_{};
  run_result result_;
};

} // namespace troupe::simulation
