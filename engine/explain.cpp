#include "engine/explain.hpp"

#include "engine/explain_parts.hpp"
#include "engine/history.hpp"

#include <boost/json/array.hpp>

#include <algorithm>
#include <array>

namespace troupe::engine {

namespace json = boost::json;

namespace {

// Rules that stop what a run does, not the run.
constexpr std::array rules_of_effects{
  rule::quiet_hours, rule::frequency_cap,  rule::on_resume,
  rule::node_limit,  rule::template_limit, rule::calendar,
  rule::consent,     rule::attribute_limit};

bool is_of_effects(rule asked) {
  return std::find(rules_of_effects.begin(), rules_of_effects.end(), asked)
         != rules_of_effects.end();
}

bool is_about(const std::vector<event_clause>* clauses,
              const std::string& type) {
  return clauses != nullptr
         && std::any_of(clauses->begin(), clauses->end(),
                        [&](const event_clause& each) {
                          return each.event.matches(type);
                        });
}

class explainer {
public:
  explainer(const known_sequence& of, const turn& came, const past_runs& before,
            const past_runs& after)
    : of_(of), came_(came), before_(before), after_(after) {}

  explanation run() {
    if (came_.kind == turn_kind::parked) {
      out_.what = verdict::ignored;
      fail({{}, "parked", {}, {{"failure", came_.failure}}, false, 0});
      out_.unblock.by_event = {came_.event->type};
      return std::move(out_);
    }
    if (is_history(*came_.event)) {
      out_.what = verdict::ignored;
      fail({{}, "history", {}, {}, false, 0});
      out_.unblock.by_event = {came_.event->type};
      return std::move(out_);
    }
    add_recorded();
    if (moved())
      find_failed_effect();
    else if (!refused())
      not_listening();
    if (out_.run) {
      out_.version = out_.run->version;
      out_.next_timer = out_.run->wake_at; // none when it has ended
    }
    if (out_.first_failed && out_.checks[*out_.first_failed].asked)
      unblock(out_, of_, after_, came_.event->type);
    return std::move(out_);
  }

private:
  void fail(explained_check what) {
    out_.first_failed = out_.checks.size();
    out_.checks.push_back(std::move(what));
  }

  const sequence_definition* definition_of(std::uint32_t version) const {
    const auto* found = of_.find(version);
    return found == nullptr ? nullptr : found->definition.get();
  }

  void add_recorded() {
    if (came_.key)
      out_.checks.push_back({{}, "dedup", {}, {}, true, 0});
    const auto* in_force = of_.in_force(came_.stamp.at);
    auto& version = out_.version;
    version = in_force == nullptr ? 0U : in_force->number;
    for (const auto& each : came_.trace) {
      if (each.sequence != of_.id)
        continue;
      explained_check made{each.asked,      name_of(each.asked), {},
                           inputs_of(each), each.passed,         each.run};
      // What listened was in force, whatever the clocks say.
      if (each.asked == rule::trigger_type)
        if (const auto* said = made.inputs.if_contains("version");
            said != nullptr && said->is_int64())
          version = static_cast<std::uint32_t>(said->get_int64());
      const auto* run = after_.find(each.run);
      if (const auto* with
          = definition_of(run == nullptr ? version : run->version))
        made.expr = expression_of(each.asked, made.inputs, *with);
      out_.checks.push_back(std::move(made));
    }
  }

  // What the turn did to runs of the sequence. @returns false: nothing
  bool moved() {
    const past_run* started = nullptr;
    const past_run* advanced = nullptr;
    const past_run* counted = nullptr;
    auto went_on = false; // to a node
    const auto note = [&](const past_run*& first, std::uint32_t number) {
      const auto* run = before_.find(number);
      if (run != nullptr && run->sequence == of_.id && first == nullptr)
        first = after_.find(number);
      return run != nullptr && first != nullptr && first->number == number;
    };
    for (const auto& each : came_.changes) {
      if (const auto* start = std::get_if<run_started>(&each)) {
        if (start->sequence == of_.id && started == nullptr)
          started = after_.find(start->number);
      } else if (const auto* move = std::get_if<run_moved>(&each)) {
        went_on = note(advanced, move->number) || went_on;
      } else if (const auto* end = std::get_if<run_ended>(&each)) {
        note(advanced, end->number);
      } else if (const auto* count = std::get_if<run_counted>(&each)) {
        note(counted, count->number);
      }
    }
    if (started != nullptr) {
      take(verdict::started, *started);
      out_.to_node = started->node;
    } else if (advanced != nullptr) {
      take(verdict::advanced, *advanced);
      out_.to_node = went_on ? advanced->node : std::string{};
    } else if (counted != nullptr) {
      take(verdict::waited, *counted);
    }
    return out_.run.has_value();
  }

  void take(verdict what, const past_run& run) {
    out_.what = what;
    out_.run = run;
    if (const auto* was = before_.find(run.number))
      out_.from_node = was->node;
  }

  // The first check that said no and that `matters`.
  template <class Matters>
  bool choose(Matters matters) {
    for (std::size_t i = 0; i < out_.checks.size() && !out_.first_failed; ++i)
      if (out_.checks[i].result == false && out_.checks[i].asked
          && matters(out_.checks[i]))
        out_.first_failed = i;
    return out_.first_failed.has_value();
  }

  void find_failed_effect() {
    choose([this](const explained_check& each) {
      return out_.what == verdict::waited ? each.asked == rule::wait_count
                                          : is_of_effects(*each.asked);
    });
  }

  // Live runs are asked before triggers. Of several triggers one may say no
  // and another one lead on to a later rule, which then decided.
  bool refused() {
    const auto ends = [](const explained_check& each) {
      return each.asked == rule::exit_when || each.asked == rule::goal;
    };
    const auto found
      = choose([&](const explained_check& each) {
          return each.run != 0 && !ends(each);
        })
        || choose([&](const explained_check& each) {
             return each.asked != rule::trigger_where && !ends(each);
           })
        || choose([](const explained_check&) {
             return true;
           });
    if (!found)
      return false;
    const auto& failed = out_.checks[*out_.first_failed];
    out_.what
      = failed.asked == rule::merge ? verdict::ignored : verdict::refused;
    const auto* run = after_.find(failed.run);
    if (failed.asked == rule::re_entry) // one that is live may be in the way
      run = after_.newest(of_.id, true);
    if (run != nullptr)
      take(out_.what, *run);
    return true;
  }

  void not_listening() {
    if (const auto* live = before_.newest(of_.id, true))
      return live_run_elsewhere(*live);
    const auto& type = came_.event->type;
    const auto* in_force = of_.in_force(came_.stamp.at);
    const auto* ended = before_.newest(of_.id, false);
    if (ended != nullptr && ended->status != run_status::completed
        && was_about(*ended, type))
      return run_is_over(*ended);
    if (ended != nullptr && ended->reason.starts_with("goal:")
        && was_about(*ended, type))
      return run_is_over(*ended);
    for (const auto& each : of_.versions)
      if (each.published && each.published_at > came_.stamp.at
          && each.definition && is_about(&each.definition->triggers, type))
        return later_version(each);
    if (of_.archived && of_.updated_at <= came_.stamp.at)
      return not_in_force("archived");
    if (in_force == nullptr)
      return not_in_force("draft");
    if (in_force->definition == nullptr
        || is_about(&in_force->definition->triggers, type))
      // It would have been asked: it came into force about then.
      return later_version(*in_force);
    fail(trigger_type(in_force->definition->triggers, json::value(type)));
    out_.unblock.by_event = events_of(in_force->definition->triggers);
  }

  // Whether any of the run's nodes listened to such events.
  bool was_about(const past_run& run, const std::string& type) const {
    const auto* definition = definition_of(run.version);
    return definition != nullptr
           && std::any_of(definition->nodes.begin(), definition->nodes.end(),
                          [&](const sequence_node& each) {
                            return is_about(clauses_of(each), type);
                          });
  }

  void live_run_elsewhere(const past_run& live) {
    take(verdict::not_listening, *after_.find(live.number));
    const auto& type = came_.event->type;
    const auto* in_force = of_.in_force(came_.stamp.at);
    if (in_force != nullptr && in_force->number > live.version
        && in_force->definition
        && is_about(clauses_at(*in_force->definition, live.node), type))
      return fail({{},
                   "version",
                   {},
                   {{"run_version", live.version},
                    {"listens_from_version", in_force->number}},
                   false,
                   live.number});
    const auto* definition = definition_of(live.version);
    const auto* clauses
      = definition == nullptr ? nullptr : clauses_at(*definition, live.node);
    const auto events
      = clauses == nullptr ? std::vector<std::string>{} : events_of(*clauses);
    fail(
      {{},
       "wait.event",
       {},
       {{"event", type}, {"node", live.node}, {"listens_to", list_of(events)}},
       false,
       live.number});
    out_.unblock.by_event = events;
    out_.unblock.at = live.wake_at;
  }

  void run_is_over(const past_run& ended) {
    out_.run = ended;
    out_.from_node = ended.node;
    const auto asked = ended.reason.starts_with("goal:")
                         ? std::optional{rule::goal}
                       : ended.reason.starts_with("exit_when:")
                         ? std::optional{rule::exit_when}
                         : std::nullopt;
    fail({asked,
          asked ? name_of(*asked) : std::string_view{"run.ended"},
          {},
          {{"reason", ended.reason}, {"ended_at", to_iso8601(ended.ended_at)}},
          false,
          ended.number});
    if (const auto* now = of_.in_force(came_.stamp.at);
        now != nullptr && now->definition)
      out_.unblock.by_event = events_of(now->definition->triggers);
  }

  void later_version(const known_sequence::version& version) {
    fail({{},
          "version",
          {},
          {{"version", version.number},
           {"published_at", to_iso8601(version.published_at)}},
          false,
          0});
    out_.unblock.by_event = {came_.event->type};
  }

  void not_in_force(std::string_view status) {
    fail({{}, "version", {}, {{"status", status}}, false, 0});
    out_.unblock.by_operator = "sequence.publish";
  }

  const known_sequence& of_;
  const turn& came_;
  const past_runs& before_;
  const past_runs& after_;
  explanation out_;
};

} // namespace

explanation explain(const known_sequence& of, const turn* came,
                    const past_runs& before, const past_runs& after) {
  return came == nullptr ? explain_nothing(of, before)
                         : explainer{of, *came, before, after}.run();
}

} // namespace troupe::engine
