#include "engine/turn_scope.hpp"

#include "engine/definitions.hpp"

namespace troupe::engine {

namespace json = boost::json;

namespace {

std::int64_t milliseconds(timestamp at) {
  return at.time_since_epoch().count() / 1000;
}

json::value event_document(std::string_view type,
                           const json::object* properties, timestamp occurred,
                           timestamp received,
                           const std::optional<event_value>& value) {
  json::object document;
  document.emplace("type", type);
  document.emplace("properties",
                   properties == nullptr ? json::object{} : *properties);
  document.emplace("occurred_at", milliseconds(occurred));
  document.emplace("received_at", milliseconds(received));
  if (value) {
    document.emplace("value", value->amount);
    if (!value->currency.empty())
      document.emplace("value_currency", value->currency);
  }
  return document;
}

json::value run_document(const run& current) {
  json::object document;
  document.emplace("vars", current.vars);
  document.emplace("node", current.node);
  document.emplace("started_at", milliseconds(current.started_at));
  return document;
}

} // namespace

json::array segments_of(const contact_state& state, const definitions* with) {
  json::array keys;
  if (with == nullptr)
    return keys;
  for (const auto id : state.segments->in)
    if (const auto* key = with->segment_key(id))
      keys.emplace_back(*key);
  return keys;
}

json::object contact_document(const contact_state& state,
                              const definitions* with) {
  json::object document;
  const auto add = [&](std::string_view name, identity_kind kind) {
    const auto* held = state.find(kind);
    document.emplace(name, held == nullptr ? json::value{}
                                           : json::value(held->value));
  };
  add("external_id", identity_kind::external_id);
  add("email", identity_kind::email);
  add("phone", identity_kind::phone);
  json::array anonymous;
  for (const auto& who : *state.identities)
    if (who.kind == identity_kind::anonymous_id)
      anonymous.emplace_back(who.value);
  document.emplace("anonymous_ids", std::move(anonymous));
  document.emplace("attributes", *state.attributes);
  json::array tags;
  for (const auto& tag : *state.tags)
    tags.emplace_back(tag);
  document.emplace("tags", std::move(tags));
  document.emplace("score", state.score);
  document.emplace("segments", segments_of(state, with));
  return document;
}

const json::value* turn_scope::root(std::string_view name) const {
  if (name == "event") {
    if (past_ == nullptr && event_ == nullptr)
      return nullptr;
    if (!event_document_ && past_ != nullptr)
      event_document_ = event_document(past_->type, &past_->properties,
                                       past_->occurred_at.value_or(past_->at),
                                       past_->at, past_->value);
    else if (!event_document_)
      event_document_
        = event_document(event_->type, properties_,
                         event_->occurred_at.value_or(at_), at_, event_->value);
    return &*event_document_;
  }
  if (name == "contact") {
    if (!contact_)
      contact_ = contact_document(state_, with_);
    return &*contact_;
  }
  if (name == "run" && run_ != nullptr) {
    if (!run_document_)
      run_document_ = run_document(*run_);
    return &*run_document_;
  }
  if (name == "segments") {
    if (!segments_)
      segments_ = json::value(segments_of(state_, with_));
    return &*segments_;
  }
  if (name == "now") {
    if (!now_)
      now_ = json::value(milliseconds(at_));
    return &*now_;
  }
  return nullptr;
}

std::optional<double> turn_scope::tallied(const tally_question& asked) const {
  const auto* held = state_.segments->find(asked.rule->id);
  using figure = tally_question::figure;
  if (asked.wanted == figure::last)
    return held == nullptr || !held->last
             ? std::nullopt
             : std::optional{static_cast<double>(milliseconds(*held->last))};
  if (held == nullptr)
    return 0;
  return asked.wanted == figure::sum
           ? sum_of(*held, asked.within, at_)
           : static_cast<double>(count_of(*held, asked.within, at_));
}

void turn_scope::set_run(const run* current) {
  run_ = current;
  run_document_.reset();
}

} // namespace troupe::engine
