#include "engine/contact_notice.hpp"

#include "engine/event_document.hpp"
#include "engine/history.hpp"
#include "engine/interpreter.hpp"
#include "engine/json_text.hpp"
#include "engine/strict_json.hpp"
#include "engine/turn_scope.hpp"

#include <algorithm>
#include <array>
#include <optional>

namespace troupe::engine {

namespace json = boost::json;

namespace {

// Attributes beyond are left out: a turn is no place for megabytes.
constexpr std::size_t attribute_bytes_max = std::size_t{64} * 1024;
// Where the first turn of a run is, until its id is written.
constexpr std::string_view run_place = "run";

std::vector<std::string_view> values_of(const contact_state& of,
                                        identity_kind kind) {
  std::vector<std::string_view> out;
  for (const auto& each : *of.identities)
    if (each.kind == kind)
      out.emplace_back(each.value);
  return out;
}

json::value attribute_of(const contact_state& of, const std::string& name) {
  const auto* found = of.attributes->if_contains(name);
  return found == nullptr ? json::value{} : *found;
}

bool is_same(const preference& a, const preference& b) {
  return a.channel == b.channel && a.category == b.category
         && a.subscribed == b.subscribed;
}

// Names of what is another than before, each once; a client often says again
// what is known.
json::array changed(const contact_state& before, const contact_state& now,
                    const turn& decided) {
  std::vector<std::string> names;
  for (const auto kind : {identity_kind::external_id, identity_kind::email,
                          identity_kind::phone, identity_kind::anonymous_id})
    if (values_of(before, kind) != values_of(now, kind))
      names.emplace_back(kind == identity_kind::anonymous_id ? "anonymous_ids"
                                                             : name_of(kind));
  for (const auto& each : decided.changes)
    if (const auto* set = std::get_if<attribute_set>(&each);
        set != nullptr
        && attribute_of(before, set->name) != attribute_of(now, set->name))
      names.push_back("attributes." + set->name);
  if (*before.tags != *now.tags)
    names.emplace_back("tags");
  if (before.score != now.score)
    names.emplace_back("score");
  if (!std::equal(before.preferences->begin(), before.preferences->end(),
                  now.preferences->begin(), now.preferences->end(), is_same))
    names.emplace_back("preferences");
  json::array out;
  for (auto& each : names)
    if (std::find(out.begin(), out.end(), json::value(each)) == out.end())
      out.emplace_back(std::move(each));
  return out;
}

// By the number of the kind. Nobody is deleted yet: there is no
// `contact.deleted`.
enum class notice_kind { created, updated, merged, transitioned, delivered };

const std::array<std::string, 5> notice_names{
  "contact.created", "contact.updated", "contact.merged",
  "sequence.transitioned", "transactional.delivered"};

// "*" is all events, and these are none.
bool asks_for(const webhook_subscription& subscription,
              const std::string& name) {
  return std::any_of(subscription.events.begin(), subscription.events.end(),
                     [&name](const event_pattern& each) {
                       return each.text() != "*" && each.matches(name);
                     });
}

// Of what notices are about. Looked at for every turn.
struct touched_parts {
  bool contact = false;
  bool runs = false;
  bool absorbed = false;
};

touched_parts touched_by(const turn& decided) {
  touched_parts out;
  for (const auto& each : decided.changes) {
    out.absorbed |= std::holds_alternative<contact_absorbed>(each);
    out.runs |= std::holds_alternative<run_moved>(each)
                || std::holds_alternative<run_ended>(each);
    out.contact |= std::holds_alternative<identity_attached>(each)
                   || std::holds_alternative<identity_detached>(each)
                   || std::holds_alternative<attribute_set>(each)
                   || std::holds_alternative<tag_added>(each)
                   || std::holds_alternative<tag_removed>(each)
                   || std::holds_alternative<score_added>(each)
                   || std::holds_alternative<preference_set>(each);
  }
  return out;
}

// What the contact is told when a mail server took a message.
bool tells_of_mail(const turn& decided) {
  return decided.kind == turn_kind::inbox && decided.event
         && decided.event->type == "$email_sent";
}

class teller {
public:
  teller(const contact_state& before, turn& decided, const definitions& with)
    : before_(before), decided_(decided), with_(with) {}

  void tell() {
    const auto touched = touched_by(decided_);
    if (touched.absorbed)
      tell(notice_kind::merged, {});
    else if (before_.seq == 0)
      tell(notice_kind::created, {});
    else if (touched.contact && hears(notice_kind::updated))
      tell_of_update();
    if (touched.runs && hears(notice_kind::transitioned))
      tell_of_runs();
    if (tells_of_mail(decided_) && hears(notice_kind::delivered))
      tell_of_mail();
  }

private:
  using changes = std::vector<change>::const_iterator;
  using listener = const webhook_subscription*;

  [[nodiscard]] std::vector<listener> listeners(notice_kind what) const {
    std::vector<listener> out;
    const auto& name = notice_names[static_cast<std::size_t>(what)];
    with_.subscriptions().each(name, [&](const auto& each) {
      if (asks_for(*each, name)
          && std::find(out.begin(), out.end(), each.get()) == out.end())
        out.push_back(each.get());
    });
    return out;
  }

  [[nodiscard]] bool hears(notice_kind what) const {
    return !listeners(what).empty();
  }

  // The contact as the turn leaves it.
  const contact_state& now() {
    if (!now_) {
      now_ = before_;
      for (const auto& each : decided_.changes)
        apply_change(*now_, each, decided_.stamp);
    }
    return *now_;
  }

  const json::object& shown() {
    if (!shown_.empty())
      return shown_;
    shown_ = contact_document(now(), &with_);
    if (to_json(shown_.at("attributes")).size() > attribute_bytes_max) {
      shown_.erase("attributes");
      shown_["attributes_left_out"] = true;
    }
    return shown_;
  }

  // Without what it has: there may be hundreds of these in a turn.
  json::object named() {
    json::object out;
    for (const auto kind : {identity_kind::external_id, identity_kind::email}) {
      const auto* held = now().find(kind);
      out[name_of(kind)]
        = held == nullptr ? json::value{} : json::value(held->value);
    }
    return out;
  }

  void tell_of_update() {
    auto names = changed(before_, now(), decided_);
    if (names.empty())
      return;
    json::object said;
    said["changed"] = std::move(names);
    tell(notice_kind::updated, std::move(said));
  }

  // One for each node that a run came to, and one for a run that ended where it
  // was.
  void tell_of_runs() {
    auto state = before_;
    const auto end = decided_.changes.cend();
    for (auto each = decided_.changes.cbegin(); each != end; ++each) {
      const auto* moved = std::get_if<run_moved>(&*each);
      const auto* ended = std::get_if<run_ended>(&*each);
      const auto which = moved != nullptr   ? moved->number
                         : ended != nullptr ? ended->number
                                            : 0;
      const auto* held = which == 0 ? nullptr : state.find_run(which);
      if (held != nullptr && moved != nullptr)
        tell_of_run(*held, moved->node, moved->edge,
                    end_of(which, each + 1, end));
      else if (held != nullptr && !has_moved(which, each))
        tell_of_run(*held, {}, {}, ended);
      apply_change(state, *each, decided_.stamp);
    }
  }

  void tell_of_mail() {
    auto said = parse_json(decided_.event->properties_text());
    // One that a sequence emits is of no delivery.
    if (said && said->is_object() && said->get_object().contains("delivery_id"))
      tell(notice_kind::delivered, std::move(said->get_object()));
  }

  // Of its last move within the turn.
  static const run_ended* end_of(std::uint32_t number, changes from,
                                 changes to) {
    for (; from != to; ++from) {
      if (const auto* moved = std::get_if<run_moved>(&*from);
          moved != nullptr && moved->number == number)
        return nullptr;
      if (const auto* ended = std::get_if<run_ended>(&*from);
          ended != nullptr && ended->number == number)
        return ended;
    }
    return nullptr;
  }

  [[nodiscard]] bool has_moved(std::uint32_t number, changes until) const {
    return std::any_of(decided_.changes.cbegin(), until,
                       [number](const change& each) {
                         const auto* moved = std::get_if<run_moved>(&each);
                         return moved != nullptr && moved->number == number;
                       });
  }

  void tell_of_run(const run& which, const std::string& to,
                   const std::string& edge, const run_ended* end) {
    const auto* published = with_.find(which.sequence, which.version);
    const json::array place{which.started_at.time_since_epoch().count(),
                            number(which.started_turn), which.ordinal};
    json::object said;
    said["sequence"] = published == nullptr
                         ? json::value{}
                         : json::value(published->definition->key);
    said["version"] = which.version;
    said[run_place] = place;
    said["from"] = which.node.empty() ? json::value{} : json::value(which.node);
    said["to"] = to.empty() ? json::value{} : json::value(to);
    said["status"] = name_of(end == nullptr ? run_status::active : end->status);
    if (!edge.empty())
      said["edge"] = edge;
    if (end != nullptr && !end->reason.empty())
      said["reason"] = end->reason;
    tell(notice_kind::transitioned, std::move(said));
  }

  void tell(notice_kind what, json::object said) {
    const auto all = listeners(what);
    if (all.empty())
      return;
    const auto& type = notice_names[static_cast<std::size_t>(what)];
    json::object notice{{"type", type}};
    notice["contact"] = what == notice_kind::transitioned ? named() : shown();
    for (auto& each : said)
      notice[each.key()] = std::move(each.value());
    event_record record;
    record.type = type;
    const turn_scope scope{now(), &record, &notice, decided_.stamp.at, &with_};
    for (const auto* each : all)
      if (!each->filter || each->filter->holds(scope))
        add({each->endpoint, 0, 0, type, notice});
  }

  // Ids of deliveries have no room for more of one turn.
  void add(outgoing_send notice) {
    if (decided_.sends.size() < sends_per_turn_max)
      return decided_.sends.push_back(std::move(notice));
    if (!is_full_)
      decided_.warnings.push_back({"notice_limit", {}});
    is_full_ = true;
  }

  const contact_state& before_;
  turn& decided_;
  const definitions& with_;
  std::optional<contact_state> now_;
  json::object shown_; // the contact, once a notice shows it
  bool is_full_ = false;
};

// Null of a run that another release began.
json::value run_id(const turn& of, const json::value& place,
                   const id_text& ids) {
  if (!place.is_array() || place.get_array().size() != 3)
    return nullptr;
  const auto& words = place.get_array();
  const auto turn = words[1].to_number<std::uint64_t>();
  return json::value(
    ids.at_position("run_", of.workspace,
                    {timestamp{duration{words[0].to_number<std::int64_t>()}},
                     turn == 0 ? of.stamp.turn : position{turn},
                     words[2].to_number<std::uint32_t>()}));
}

} // namespace

void tell_notices(const contact_state& before, turn& decided,
                  const definitions& with) {
  if (!(decided.event && is_history(*decided.event)))
    teller{before, decided, with}.tell();
}

std::string notice_document(const turn& of, const outgoing_send& notice,
                            const id_text& ids) {
  auto out = notice.request;
  if (auto* who = out.if_contains("contact");
      who != nullptr && who->is_object()) {
    json::object named{{"id", ids.contact(of.workspace, of.contact)}};
    for (auto& each : who->get_object())
      named[each.key()] = std::move(each.value());
    *who = std::move(named);
  }
  if (auto* place = out.if_contains(run_place))
    *place = run_id(of, *place, ids);
  json::array absorbed;
  const auto is_merge = notice.node == notice_names[2];
  for (const auto& each : of.changes)
    if (const auto* taken = std::get_if<contact_absorbed>(&each);
        taken != nullptr && is_merge)
      absorbed.emplace_back(ids.contact(of.workspace, taken->contact));
  if (!absorbed.empty())
    out["absorbed"] = std::move(absorbed);
  out["event"] = of.event ? json::value(event_id(of, ids)) : json::value{};
  out["occurred_at"] = to_iso8601(of.stamp.at);
  return to_json(out);
}

} // namespace troupe::engine
