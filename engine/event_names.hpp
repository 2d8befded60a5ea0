// What event types of a workspace were called before they were renamed, and
// still may be called (behaviour B62): an event that comes under a former name
// is stored under the name its type has now, and whoever listens to one of its
// names hears of all of them.
#pragma once

#include "engine/event_pattern.hpp"
#include "engine/sequence_definition.hpp"

#include <memory>
#include <string>
#include <unordered_map>
#include <vector>

namespace troupe::engine {

class event_names {
public:
  /// @pre `name` is no former name
  void add(std::string former, std::string name);

  [[nodiscard]] bool empty() const {
    return current_.empty();
  }

  /// The name that the type with this one has now.
  [[nodiscard]] const std::string& current(const std::string& name) const;

  /// What its type was called before, in order of the alphabet.
  /// @param name that it has now
  [[nodiscard]] std::vector<std::string> former(const std::string& name) const;

  /// All names of the type with this one; the one it has now comes first.
  [[nodiscard]] std::vector<std::string> all(const std::string& name) const;

  /// Lets a pattern that is a name hear all names of its type. A prefix goes
  /// by the names that types have now.
  void widen(event_pattern& heard) const;

  [[nodiscard]] std::vector<tally_question>
  widened(std::vector<tally_question> asked) const;
  [[nodiscard]] std::shared_ptr<const sequence_definition>
  widened(std::shared_ptr<const sequence_definition> what) const;

private:
  void widen(std::vector<event_clause>& clauses) const;

  std::unordered_map<std::string, std::string> current_; // by former name
};

} // namespace troupe::engine
