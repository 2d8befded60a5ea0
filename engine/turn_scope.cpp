#include "engine/turn_scope.hpp"

namespace troupe::engine {

namespace json = boost::json;

namespace {

std::int64_t milliseconds(timestamp at) {
  return at.time_since_epoch().count() / 1000;
}

json::value event_document(std::string_view type,
                           const json::object* properties, timestamp occurred,
                           timestamp received) {
  json::object document;
  document.emplace("type", type);
  document.emplace("properties",
                   properties == nullptr ? json::object{} : *properties);
  document.emplace("occurred_at", milliseconds(occurred));
  document.emplace("received_at", milliseconds(received));
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

json::object contact_document(const contact_state& state) {
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
  return document;
}

const json::value* turn_scope::root(std::string_view name) const {
  if (name == "event") {
    if (past_type_) {
      if (!event_document_)
        event_document_
          = event_document(*past_type_, past_properties_, past_at_, past_at_);
      return &*event_document_;
    }
    if (event_ == nullptr)
      return nullptr;
    if (!event_document_) {
      event_document_ = event_document(event_->type, properties_,
                                       event_->occurred_at.value_or(at_), at_);
      if (event_->value) {
        auto& document = event_document_->get_object();
        document["value"] = event_->value->amount;
        if (!event_->value->currency.empty())
          document["value_currency"] = event_->value->currency;
      }
    }
    return &*event_document_;
  }
  if (name == "contact") {
    if (!contact_)
      contact_ = contact_document(state_);
    return &*contact_;
  }
  if (name == "run" && run_ != nullptr) {
    if (!run_document_)
      run_document_ = run_document(*run_);
    return &*run_document_;
  }
  if (name == "now") {
    if (!now_)
      now_ = json::value(milliseconds(at_));
    return &*now_;
  }
  return nullptr;
}

void turn_scope::set_run(const run* current) {
  run_ = current;
  run_document_.reset();
}

void turn_scope::set_past(std::string_view type, const json::object* properties,
                          timestamp at) {
  if (properties == nullptr)
    past_type_.reset();
  else
    past_type_ = type;
  past_properties_ = properties;
  past_at_ = at;
  event_document_.reset();
}

} // namespace troupe::engine
