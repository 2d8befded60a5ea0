// The turns of a contact and of all it absorbed, as one list.
#include "persistence/sqlite/reader.hpp"

#include <algorithm>

namespace troupe::persistence::sqlite {

using engine::number;
using engine::result;

result<contact_id> reader::merged_into(contact_id contact) {
  auto& row = sql_.state;
  scoped_reset reset{row};
  if (row.bind(number(contact)).step()) // NULL reads as 0
    return contact_id{static_cast<std::uint64_t>(row.integer(2))};
  if (row.failed())
    return db_.failure("find a contact");
  return contact_id{};
}

result<std::vector<contact_id>>
reader::members_of(contact_id contact, const std::vector<contact_id>& also) {
  std::vector<contact_id> members{contact};
  members.insert(members.end(), also.begin(), also.end());
  const auto named = members.size();
  auto& row = sql_.absorbed;
  for (std::size_t i = 0; i < named; ++i) {
    scoped_reset reset{row};
    row.bind(number(members[i]));
    while (row.step())
      members.push_back(contact_id{static_cast<std::uint64_t>(row.integer(0))});
    if (row.failed())
      return db_.failure("find absorbed contacts");
  }
  return members;
}

bool reader::is_gone(contact_id contact, std::int64_t at) {
  auto& row = sql_.gone;
  scoped_reset reset{row};
  return row.bind(number(contact), at).step();
}

// The newest turn of the contact below the bound (0: none), or 0.
result<std::int64_t> reader::newest_below(contact_id contact,
                                          std::int64_t bound) {
  std::int64_t at = 0;
  {
    scoped_reset reset{sql_.head};
    if (sql_.head.bind(number(contact)).step())
      at = sql_.head.integer(0);
  }
  while (bound != 0 && at >= bound) {
    scoped_reset reset{sql_.turn};
    if (!sql_.turn.bind(at).step()) {
      if (is_gone(contact, at))
        return 0;
      return db_.failure("read a contact's turn");
    }
    // Far above the page: 64 turns at a time where the chain allows it.
    const auto skip = sql_.turn.integer(5);
    at = skip >= bound ? skip : sql_.turn.integer(4);
  }
  return at;
}

result<turn_page> reader::walk(std::span<const contact_id> contacts,
                               position before, std::size_t limit) {
  turn_page page;
  std::vector<std::int64_t> next; // of each contact; 0: no more
  for (const auto contact : contacts) {
    auto at = newest_below(contact, static_cast<std::int64_t>(number(before)));
    if (!at)
      return at.failure();
    next.push_back(*at);
  }
  for (;;) {
    const auto newest = std::max_element(next.begin(), next.end());
    if (*newest == 0)
      return page;
    if (page.turns.size() == limit) {
      page.has_more = true;
      return page;
    }
    scoped_reset reset{sql_.turn};
    if (!sql_.turn.bind(*newest).step()) {
      const auto whose = static_cast<std::size_t>(newest - next.begin());
      if (!is_gone(contacts[whose], *newest))
        return db_.failure("read a contact's turn");
      *newest = 0;
      continue;
    }
    auto turn = read_turn(sql_.turn);
    if (!turn)
      return turn.failure();
    page.turns.push_back(std::move(*turn));
    *newest = sql_.turn.integer(4);
  }
}

result<turn_page> reader::turns(contact_id contact, position before,
                                std::size_t limit) {
  return walk(std::span{&contact, 1}, before, limit);
}

result<turn_page> reader::timeline(contact_id contact, position before,
                                   std::size_t limit) {
  const auto members = members_of(contact, {});
  if (!members)
    return members.failure();
  return walk(*members, before, limit);
}

} // namespace troupe::persistence::sqlite
