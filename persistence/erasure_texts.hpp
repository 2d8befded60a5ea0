// What an erasure keeps of itself in texts, and whom a waiting trigger is for.
#pragma once

#include "engine/identity.hpp"

#include <cstdint>
#include <map>
#include <set>
#include <string>
#include <string_view>
#include <vector>

namespace troupe::persistence {

/// As typed and as they are looked up.
std::vector<std::string> names_of(const std::vector<engine::identity>& all);

std::string text_of(const std::vector<std::string>& texts);
std::string text_of(const std::set<std::int64_t>& numbers);
std::string text_of(const std::map<std::string, std::uint64_t>& counts);
/// Empty when the text is none of ours.
std::vector<std::string> texts_in(std::string_view text);
std::set<std::int64_t> numbers_in(std::string_view text);
std::map<std::string, std::uint64_t> counts_in(std::string_view text);

/// Whether what a trigger waits to do is for one of the contacts, or for whom
/// has one of the identities.
bool is_for(std::string_view wish, const std::vector<engine::identity>& who,
            const std::vector<std::int64_t>& contacts);

} // namespace troupe::persistence
