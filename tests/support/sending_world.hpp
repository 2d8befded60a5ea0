// An actor_world with one webhook endpoint that looks at each call as it
// begins: none is made of what is settled or under way, and with its endpoint
// ordered none while an earlier delivery of its contact is not settled.
#pragma once

#include "engine/ids.hpp"
#include "tests/support/actor_world.hpp"

#include <map>
#include <memory>
#include <set>
#include <string>
#include <vector>

namespace troupe::tests {

class sending_world : public actor_world {
public:
  /// @param ordering "contact" or "none"
  explicit sending_world(const std::string& ordering,
                         std::size_t calls_at_once = 64);

  /// Changes the endpoint.
  void set(const std::string& members);
  void order_by(const std::string& ordering);
  void remove();

  /// Something that the endpoint shall be told.
  void tell(const std::string& contact);

  /// The calls so far: "ada 1" is the first delivery of Ada.
  [[nodiscard]] const std::vector<std::string>& begun() const {
    return begun_;
  }

  /// Those that have no answer, by their numbers.
  [[nodiscard]] std::vector<std::size_t> open() const;

  /// The newest call of it that has no answer gets one; 0: it is lost.
  void answer(const std::string& name, long status);
  void answer(std::size_t call, long status);

  /// Moves on a second at a time: the dispatcher looks once a second.
  void wait(int seconds);

  /// How many deliveries have no outcome that is the last one.
  std::size_t unsettled();

  /// Answers all calls until nothing is left to deliver.
  void finish();

private:
  struct delivery {
    persistence::delivery_row row;
    std::string name;
    engine::contact_id whose{};
    std::string id;
  };

  struct known_turn {
    engine::contact_id whose{};
    std::string name;
    std::string id;
  };

  std::vector<delivery> deliveries(); // oldest first
  void look_at(const messages::outgoing_call& call);

  std::unique_ptr<persistence::store_reader> look_;
  engine::id_text ids_;
  std::string endpoint_;
  engine::destination_id destination_{};
  std::map<engine::position, known_turn> turns_;
  std::map<engine::contact_id, std::string> names_;
  std::map<engine::contact_id, int> told_;
  std::map<std::string, std::string> bodies_; // by delivery id
  std::map<std::string, std::size_t> under_way_;
  std::set<std::string> free_;
  std::vector<std::string> begun_;
  bool is_ordered_ = false;
};

} // namespace troupe::tests
