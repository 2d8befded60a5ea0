// The clients: each sends one request after the other for its person, through a
// network that loses requests and answers, and tries again with the same key.
// What they know is the ledger that the checker reads.
#pragma once

#include "messages/commands.hpp"
#include "tests/simulation/plan.hpp"
#include "tests/simulation/timeline.hpp"

#include <deque>
#include <functional>
#include <string>
#include <vector>

namespace troupe::simulation {

/// One event that a client wants to have happened.
struct operation {
  std::size_t number = 0;
  std::size_t person = 0;
  std::string type;
  std::string body; // JSON text of its properties
  std::vector<engine::identity> identities;
  bool has_key = false;
  /// Moments of the ledger: when it was sent first, when it was answered first.
  std::uint64_t begun = 0;
  std::uint64_t ended = 0;                 // 0: not yet
  std::vector<messages::receipt> receipts; // also of answers that got lost
  std::vector<std::string> refusals;       // codes that no client should get
  std::size_t failures = 0;
  std::string last_failure;
  bool is_heard = false; // the client knows that it happened
};

/// Someone known by one or more identities, which nobody else has.
struct person {
  std::string external_id;
  std::vector<std::string> devices; // anonymous ids
  std::string email;
  bool is_known = true; // by its external_id
};

/// Takes a request to the server. @returns false when none is there
using door = std::function<bool(
  std::vector<messages::ingest>,
  std::function<void(std::vector<messages::ingest_answer>)>)>;

class crowd {
public:
  crowd(timeline& time, dice& from, const fault_plan& plan,
        engine::workspace_id workspace, door to);

  void begin();
  /// Every person is seen once more, with all its identities.
  void say_goodbye();
  [[nodiscard]] bool is_done() const;

  [[nodiscard]] const std::deque<operation>& operations() const {
    return operations_;
  }

  [[nodiscard]] const std::vector<person>& people() const {
    return people_;
  }

private:
  struct client {
    std::size_t person = 0;
    std::size_t left = 0;           // requests to come
    std::vector<operation*> asking; // of the request under way
    std::uint64_t tries = 0;        // tells answers of older tries
  };

  void next(client& who);
  void ask(client& who);
  void hear(client& who, std::uint64_t tried,
            const std::vector<messages::ingest_answer>& answers);
  void go_on(client& who, std::uint64_t tried);
  operation& plan_operation(client& who);
  void write_body(operation& one);
  void choose_identities(operation& one);
  static void record(operation& one, const messages::ingest_answer& answer);
  [[nodiscard]] messages::ingest command_of(const operation& one) const;

  timeline& time_;
  dice& from_;
  const fault_plan& plan_;
  engine::workspace_id workspace_;
  door door_;
  std::vector<person> people_;
  std::deque<client> clients_;
  std::deque<operation> operations_;
  std::uint64_t moment_ = 0;
};

} // namespace troupe::simulation
