#include "actors/directory.hpp"

namespace troupe::actors {

std::string directory::key_of(engine::workspace_id workspace,
                              const engine::identity& who) {
  std::string key;
  key.reserve(who.key.size() + 5);
  auto number = engine::number(workspace);
  for (int i = 0; i < 4; ++i, number >>= 8)
    key.push_back(static_cast<char>(number));
  key.push_back(static_cast<char>(who.kind));
  key += who.key;
  return key;
}

std::optional<engine::contact_id>
directory::find(const std::string& key) const {
  const auto found = entries_.find(key);
  if (found == entries_.end())
    return std::nullopt;
  return found->second;
}

void directory::add(const std::string& key, engine::contact_id contact) {
  if (entries_.size() >= entries_max_)
    entries_.clear();
  entries_[key] = contact;
}

void directory::remove(const std::string& key, engine::contact_id contact) {
  const auto found = entries_.find(key);
  if (found != entries_.end() && found->second == contact)
    entries_.erase(found);
}

} // namespace troupe::actors
