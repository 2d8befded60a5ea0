#include "engine/system_events.hpp"

#include "engine/json_pointer.hpp"

#include <algorithm>

namespace troupe::engine {

namespace {

constexpr auto client = system_event_source::client;
constexpr auto server = system_event_source::server;

// The last three are of the vendor's ingest page alone (B56): events of their
// own, kept under the name they came by.
constexpr std::array catalog{
  system_event{"$page_view",
               "core",
               {"url", "title", "referrer", "path"},
               client,
               "a page was loaded"},
  system_event{"$session_start",
               "core",
               {"session_id", "duration"},
               client,
               "a session began"},
  system_event{"$session_end",
               "core",
               {"session_id", "duration", "pages"},
               client,
               "a session ended"},
  system_event{"$identify",
               "core",
               {"traits"},
               client,
               "the product said who the contact is"},
  system_event{
    "$screen_view", "core", {"name"}, client, "a screen of an app was shown"},
  system_event{"$group",
               "core",
               {"group_id"},
               client,
               "the product said which group the contact is in"},
  system_event{"$alias",
               "core",
               {"previous_id"},
               client,
               "the product said who the contact was before"},
  system_event{"$form_submitted",
               "core",
               {"form_id", "fields"},
               client,
               "a form was sent"},
  system_event{"$referral_link_created",
               "referral",
               {"program_id", "link_code"},
               server,
               "a referral link was made"},
  system_event{"$referral_clicked",
               "referral",
               {"referrer_id", "link_code"},
               client,
               "a referral link was followed"},
  system_event{"$referral_converted",
               "referral",
               {"referrer_id", "referred_id", "reward"},
               server,
               "a referred person became a customer"},
  system_event{"$survey_shown",
               "survey",
               {"survey_id", "type"},
               client,
               "a survey was shown"},
  system_event{"$survey_responded",
               "survey",
               {"survey_id", "score", "answers"},
               server,
               "a survey was answered"},
  system_event{"$waitlist_joined",
               "waitlist",
               {"waitlist_id", "position"},
               server,
               "somebody joined a waitlist"},
  system_event{"$waitlist_referred",
               "waitlist",
               {"waitlist_id", "referrer_id"},
               server,
               "somebody joined by a shared waitlist"},
  system_event{"$waitlist_approved",
               "waitlist",
               {"waitlist_id", "entry_id"},
               server,
               "an entry was approved"},
  system_event{"$email_sent",
               "email",
               {"campaign_id", "template_id"},
               server,
               "an e-mail was sent"},
  system_event{"$email_opened",
               "email",
               {"campaign_id", "contact_id"},
               server,
               "an e-mail was opened"},
  system_event{"$email_clicked",
               "email",
               {"campaign_id", "url"},
               server,
               "a link of an e-mail was followed"},
  system_event{"$email_bounced",
               "email",
               {"campaign_id", "bounce_type"},
               server,
               "an e-mail came back"},
  system_event{"$email_unsubscribed",
               "email",
               {"campaign_id", "reason"},
               server,
               "the contact wants no more e-mail"},
  system_event{
    "$nudge_shown", "nudge", {"nudge_id", "type"}, client, "a nudge was shown"},
  system_event{
    "$nudge_dismissed", "nudge", {"nudge_id"}, client, "a nudge was put away"},
  system_event{"$nudge_clicked",
               "nudge",
               {"nudge_id", "action"},
               client,
               "a nudge was followed"},
  system_event{"$checklist_step_completed",
               "checklist",
               {"checklist_id", "step_id"},
               server,
               "a step of a checklist is done"},
  system_event{"$checklist_completed",
               "checklist",
               {"checklist_id"},
               server,
               "all steps of a checklist are done"},
  system_event{"$coupon_redeemed",
               "coupon",
               {"coupon_code", "discount"},
               server,
               "a coupon was used"},
  system_event{"$upgrade_prompt_shown",
               "upgrade_prompt",
               {"prompt_id", "trigger"},
               client,
               "an upgrade prompt was shown"},
  system_event{"$upgrade_prompt_clicked",
               "upgrade_prompt",
               {"prompt_id"},
               client,
               "an upgrade prompt was followed"},
  system_event{"$referral_created",
               "referral",
               {"link_code"},
               server,
               "another name of $referral_link_created"},
  system_event{"$experiment_viewed",
               "experiment",
               {"experiment_id"},
               client,
               "a variant of an experiment was shown"},
  system_event{"$nps_submitted",
               "survey",
               {"score"},
               server,
               "another name of $survey_responded for NPS"},
};

} // namespace

std::span<const system_event> system_events() {
  return catalog;
}

const system_event* find_system_event(std::string_view name) {
  const auto* found
    = std::find_if(catalog.begin(), catalog.end(), [name](const auto& each) {
        return each.name == name;
      });
  return found == catalog.end() ? nullptr : found;
}

bool is_kept_by_troupe(std::string_view name) {
  return name == "$session_start" || name == "$session_end"
         || name == "$checklist_completed" || name == "$segment_entered"
         || name == "$segment_left" || name == call_ended_event;
}

bool is_of_sequences(std::string_view name) {
  return name == "$referral_rewarded";
}

status check_system_event(std::string_view name,
                          const boost::json::object& properties,
                          const std::string& type_pointer,
                          const std::string& pointer) {
  const auto* known = find_system_event(name);
  if (known == nullptr)
    return invalid("reserved_event_name",
                   "names that begin with `$` are the platform's, and this is "
                   "none of them; `GET /v1/system-events` lists them",
                   type_pointer);
  for (const auto wanted : known->required()) {
    if (!properties.contains(wanted))
      return invalid("field_required",
                     std::string{name} + " needs `" + std::string{wanted} + "`",
                     pointer_to(pointer, wanted));
  }
  if (name == "$identify" && !properties.at("traits").is_object())
    return invalid("field_type_mismatch", "`traits` is an object",
                   pointer_to(pointer, "traits"));
  return success();
}

const boost::json::object* traits_of(std::string_view name,
                                     const boost::json::object& properties) {
  return name == "$identify" ? properties.at("traits").if_object() : nullptr;
}

} // namespace troupe::engine
