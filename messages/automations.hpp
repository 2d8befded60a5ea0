// What a workspace's sequences say of its ready automations.
#pragma once

#include "engine/automation.hpp"
#include "messages/catalog.hpp"

#include <algorithm>
#include <string_view>
#include <vector>

namespace troupe::messages {

/// Those of its sequences that were made.
inline std::vector<const sequence_entry*>
sequences_of(const workspace_catalog& of, const engine::automation& what) {
  std::vector<const sequence_entry*> found;
  for (const auto& each : what.document.at("sequences").as_array()) {
    const std::string_view key = each.at("key").as_string();
    if (const auto* entry = find_sequence(of, key))
      found.push_back(entry);
  }
  return found;
}

/// Null when the workspace never switched it on.
inline const automation_entry* find_automation(const workspace_catalog& of,
                                               std::string_view key) {
  for (const auto& [id, each] : of.automations)
    if (each.key == key)
      return &each;
  return nullptr;
}

/// It was switched on, and nobody holds one of its sequences.
inline bool is_enabled(const workspace_catalog& of,
                       const engine::automation& what) {
  const auto* entry = find_automation(of, what.key);
  const auto all = sequences_of(of, what);
  return entry != nullptr && entry->enabled
         && all.size() == what.document.at("sequences").as_array().size()
         && std::none_of(all.begin(), all.end(), [](const auto* each) {
              return each->archived || each->paused;
            });
}

} // namespace troupe::messages
