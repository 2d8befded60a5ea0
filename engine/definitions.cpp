#include "engine/definitions.hpp"

#include <xxhash.h>

#include <algorithm>
#include <array>

namespace troupe::engine {

void definitions::add(published_sequence sequence) {
  const auto held
    = std::make_shared<const published_sequence>(std::move(sequence));
  sequences_[{held->id, held->version}] = held;
  if (const auto& cap = held->definition->cap) {
    counted_for_ = std::max(counted_for_, cap->within);
    if (cap->channel.empty())
      capped_sequences_.insert(held->id);
    else
      capped_channels_.insert(cap->channel);
  }
  tallies_.add(held->definition->questions);
  if (!held->active)
    return;
  starting_[held->definition->key] = held;
  const auto& triggers = held->definition->triggers;
  for (std::size_t i = 0; i < triggers.size(); ++i)
    triggers_.add(triggers[i].event, {held, i});
}

void definitions::add(webhook_subscription subscription) {
  for (auto& pattern : subscription.events)
    names_.widen(pattern);
  const auto held
    = std::make_shared<const webhook_subscription>(std::move(subscription));
  for (const auto& pattern : held->events)
    subscriptions_.add(pattern, held);
  if (held->filter)
    tallies_.add(names_.widened(held->filter->questions()));
}

void definitions::add(published_segment segment) {
  tallies_.add(names_.widened(segment.rule.questions()), segments_.size());
  const std::array<std::uint64_t, 2> words{number(segment.id), segment.version};
  segments_digest_ ^= XXH3_64bits(words.data(), sizeof words);
  segments_.push_back(std::move(segment));
}

const std::string* definitions::segment_key(segment_id id) const {
  const auto found = std::find_if(segments_.begin(), segments_.end(),
                                  [id](const published_segment& each) {
                                    return each.id == id;
                                  });
  return found == segments_.end() ? nullptr : &found->key;
}

void definitions::add_channel(std::string key, destination_id destination) {
  channels_.emplace(std::move(key), destination);
}

void definitions::add_nudge_channel(std::string key, destination_id destination,
                                    duration life) {
  add_channel(std::move(key), destination);
  nudge_lives_[destination] = life;
}

std::optional<duration>
definitions::nudge_life_of(destination_id channel) const {
  const auto found = nudge_lives_.find(channel);
  return found == nudge_lives_.end() ? std::nullopt
                                     : std::optional{found->second};
}

void definitions::add(std::shared_ptr<const published_template> message) {
  templates_[message->key] = std::move(message);
}

void definitions::add_checklist(std::string key,
                                std::vector<std::string> steps) {
  checklists_[std::move(key)] = std::move(steps);
}

const std::vector<std::string>*
definitions::checklist(const std::string& key) const {
  const auto found = checklists_.find(key);
  return found == checklists_.end() ? nullptr : &found->second;
}

const published_template*
definitions::find_template(const std::string& key) const {
  const auto found = templates_.find(key);
  return found == templates_.end() ? nullptr : found->second.get();
}

const published_sequence* definitions::find(sequence_id id,
                                            std::uint32_t version) const {
  const auto found = sequences_.find({id, version});
  return found == sequences_.end() ? nullptr : found->second.get();
}

const published_sequence* definitions::starting(sequence_id id) const {
  for (auto at = sequences_.lower_bound({id, 0});
       at != sequences_.end() && at->first.first == id; ++at)
    if (at->second->active)
      return at->second.get();
  return nullptr;
}

const published_sequence* definitions::starting(const std::string& key) const {
  const auto found = starting_.find(key);
  return found == starting_.end() ? nullptr : found->second.get();
}

bool definitions::is_counted(sequence_id sequence,
                             const std::string& channel) const {
  return capped_sequences_.contains(sequence)
         || capped_channels_.contains(channel);
}

std::optional<destination_id>
definitions::channel(const std::string& key) const {
  const auto found = channels_.find(key);
  if (found == channels_.end())
    return std::nullopt;
  return found->second;
}

} // namespace troupe::engine
