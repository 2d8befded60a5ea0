// Reads a definition's JSON and keeps the first fault with its place, so that
// the code that reads is a list of what a definition has.
#pragma once

#include "engine/condition.hpp"
#include "engine/error.hpp"
#include "engine/expression.hpp"
#include "engine/json_pointer.hpp"
#include "engine/sequence_definition.hpp"

#include <boost/json/object.hpp>

#include <initializer_list>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <string_view>

namespace troupe::engine {

class definition_reader {
public:
  /// @param templates null: any key may be one's
  definition_reader(const std::set<std::string>& channels,
                    const std::set<std::string>* templates,
                    std::map<std::string, node_index, std::less<>> nodes)
    : channels_(channels), templates_(templates), nodes_(std::move(nodes)) {}

  [[nodiscard]] const std::optional<error>& fault() const {
    return fault_;
  }

  /// Only the first fault is kept.
  void fail(std::string name, std::string message, std::string pointer);

  /// Refuses members that are not named, with the nearest name.
  void expect_members(const boost::json::object& from,
                      std::initializer_list<std::string_view> known,
                      const std::string& pointer);

  std::string text(const boost::json::object& from, std::string_view name,
                   const std::string& pointer, bool required);
  std::optional<duration> span(const boost::json::object& from,
                               std::string_view name,
                               const std::string& pointer, bool required);
  /// A whole number of the range; a fault when it is absent.
  std::optional<std::uint32_t> whole(const boost::json::object& from,
                                     std::string_view name,
                                     const std::string& pointer,
                                     std::uint32_t least, std::uint32_t most);
  /// Midnight when it is none.
  std::chrono::seconds time_of_day(const boost::json::object& from,
                                   std::string_view name,
                                   const std::string& pointer);
  /// `timezone`; nothing for "contact" and when it is absent.
  std::optional<local_zone> zone(const boost::json::object& from,
                                 const std::string& pointer);
  std::vector<std::string> texts(const boost::json::object& from,
                                 std::string_view name,
                                 const std::string& pointer);
  std::optional<condition> rule(const boost::json::object& from,
                                std::string_view name,
                                const std::string& pointer);
  expression value(const boost::json::value& written,
                   const std::string& pointer, bool escape_html = false);
  std::vector<std::pair<std::string, expression>>
  values(const boost::json::object& from, std::string_view name,
         const std::string& pointer);

  /// The node a member names; no_node when it is absent and not required.
  node_index target(const boost::json::object& from, std::string_view name,
                    const std::string& pointer, bool required);

  /// A list of clauses; `with_then`: each names the node that follows.
  std::vector<event_clause> clauses(const boost::json::value& written,
                                    const std::string& pointer, bool with_then);

  /// Refuses a channel that the workspace does not have.
  void expect_channel(const std::string& key, const std::string& pointer);

  /// What the conditions read so far ask.
  [[nodiscard]] const std::vector<tally_question>& questions() const {
    return questions_;
  }

  /// Keys of the segments they ask about, each with a place.
  [[nodiscard]] const std::map<std::string, std::string>& segments() const {
    return segments_;
  }

  [[nodiscard]] bool has_channel(const std::string& key) const {
    return channels_.contains(key);
  }

  /// Refuses a key that is no template's, with the nearest one.
  void expect_template(const std::string& key, const std::string& pointer);

private:
  void note(const condition& rule, const std::string& pointer);

  const std::set<std::string>& channels_;
  const std::set<std::string>* templates_;
  std::map<std::string, node_index, std::less<>> nodes_;
  std::optional<error> fault_;
  std::vector<tally_question> questions_;
  std::map<std::string, std::string> segments_;
};

/// Reads a wait node; faults go to the reader.
wait_node read_wait(definition_reader& reader, const boost::json::object& from,
                    const std::string& pointer);

/// A member of an object, or nullptr.
const boost::json::value* member(const boost::json::object& from,
                                 std::string_view name);

/// Reads one node; faults go to the reader.
sequence_node read_node(definition_reader& reader, std::string name,
                        const boost::json::value& written,
                        const std::string& pointer);

/// Reads goals, caps, quiet hours and what else holds for all of a sequence.
void read_limits(definition_reader& reader, const boost::json::object& from,
                 sequence_definition& into);

/// The node of a cycle that no wait interrupts, if there is one.
std::optional<std::string> find_busy_cycle(const sequence_definition& of);

/// Where a run goes whose rest is cut short: the way of its time, else of its
/// events; no_node when the node has no such way.
node_index way_past(const sequence_node& node);

/// Every node a node can lead to.
std::vector<node_index> targets_of(const sequence_node& node);

} // namespace troupe::engine
