// What must hold, whatever went wrong: the rules of tests/faults/history.py,
// asked of the store itself.
//
//   acknowledged  an acknowledged event is there exactly once
//   invented      an event that no client sent is not there
//   unanswered    without an answer: there once or not at all; each answer to a
//                 retry with the key is the same
//   half          replaying a contact's turns gives its stored state; timers,
//                 outbox and inbox agree with the turns
//   order         a contact's turns have no gap; an event that was answered
//                 before another was sent comes before it
//   effects       each effect of an event happened once, none early; each
//                 delivery that is said to be delivered arrived
//   identity      a person is one contact
//   status        no answer that a correct client should not get
#pragma once

#include "persistence/store.hpp"
#include "tests/simulation/clients.hpp"
#include "tests/simulation/receiver.hpp"

#include <map>
#include <set>
#include <string>
#include <vector>

namespace troupe::simulation {

/// Whether nothing is left to do.
bool is_quiet(persistence::store_reader& reader);

/// Where all events are, oldest first.
std::vector<engine::position> places(persistence::store_reader& reader,
                                     engine::workspace_id workspace);

class checker {
public:
  checker(persistence::store_reader& reader, engine::workspace_id workspace,
          std::uint64_t seed);

  /// What holds at any time between two commits.
  void check_whole();

  /// What holds when nothing is left to do.
  /// @param told where those are that the event stream told, as it did
  void check_end(const crowd& clients, const receiver& called,
                 const std::vector<engine::position>& told);

  [[nodiscard]] const std::vector<std::string>& violations() const {
    return violations_;
  }

  /// Turns of contacts that became part of others.
  [[nodiscard]] std::size_t merges() const {
    return merged_into_.size();
  }

private:
  void fail(const std::string& rule, const std::string& what);
  void read();
  void read_contact(engine::contact_id id);
  void check_contact(engine::contact_id id,
                     const std::vector<engine::turn>& turns);
  void check_identities();
  void check_timers();
  void check_outbox();
  void check_inbox();
  void note_event(const engine::turn& what);
  void check_operation(const operation& one);
  void check_effects(const operation& one, const engine::turn& there);
  void check_order(const std::deque<operation>& all);
  void check_people(const crowd& clients);
  void check_deliveries(const receiver& called);
  std::size_t emitted(const operation& one, const std::string& type) const;

  persistence::store_reader& reader_;
  engine::workspace_id workspace_;
  engine::id_text ids_;
  std::vector<std::string> violations_;
  std::vector<persistence::delivery_row> deliveries_;
  std::map<engine::contact_id, engine::contact_state> contacts_;
  std::map<engine::contact_id, engine::contact_id> merged_into_;
  std::map<engine::position, engine::turn> turns_;
  std::map<std::string, std::vector<const engine::turn*>> sent_; // by op
  std::map<std::pair<std::string, std::string>,
           std::vector<const engine::turn*>>
    emitted_;                                             // by op and type
  std::map<std::string, std::set<std::string>> reminded_; // ids by op
};

} // namespace troupe::simulation
