// The turns of a contact and of all it absorbed, as one list.
#include "persistence/postgres/reader.hpp"

#include <algorithm>

namespace troupe::persistence::postgres {

using engine::number;
using engine::result;

namespace {

constexpr std::size_t turns_read_at_once = 16; // of one among several

} // namespace

result<contact_id> reader::merged_into(contact_id contact) {
  auto& row = sql_.merged;
  scoped_reset reset{row};
  if (row.bind(number(contact)).step())
    return contact_id{static_cast<std::uint64_t>(row.integer(0))};
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
  auto& row = sql_.below;
  scoped_reset reset{row};
  row.bind(number(contact), bound == 0 ? INT64_MAX : bound);
  const auto at = row.step() ? row.integer(0) : 0;
  if (row.failed())
    return db_.failure("read a contact's turn");
  return at;
}

// Reads on along a chain of turns, some at once.
engine::status reader::read_on(chain_part& part, std::size_t limit) {
  auto& row = sql_.chain;
  scoped_reset reset{row};
  row.bind(part.next, std::uint64_t{limit});
  while (row.step()) {
    auto turn = read_turn(row);
    if (!turn)
      return turn.failure();
    part.turns.push_back(std::move(*turn));
    part.next = row.integer(4);
  }
  if (row.failed())
    return db_.failure("read a contact's turns");
  if (part.turns.empty() && is_gone(part.of, part.next))
    part.next = 0;
  else if (part.turns.empty()) // it said that there is one
    return engine::error{
      engine::errc::internal, "internal", "a contact's turn is missing", {}};
  return engine::success();
}

result<turn_page> reader::walk(std::span<const contact_id> contacts,
                               position before, std::size_t limit) {
  turn_page page;
  std::vector<chain_part> parts;
  for (const auto contact : contacts) {
    auto at = newest_below(contact, static_cast<std::int64_t>(number(before)));
    if (!at)
      return at.failure();
    parts.push_back({contact, {}, *at});
  }
  const auto at_once
    = contacts.size() == 1 ? limit : std::min(limit, turns_read_at_once);
  for (;;) {
    auto& newest = *std::max_element(parts.begin(), parts.end(),
                                     [](const auto& a, const auto& b) {
                                       return a.newest() < b.newest();
                                     });
    if (newest.newest() == 0)
      return page;
    if (page.turns.size() == limit) {
      page.has_more = true;
      return page;
    }
    if (newest.turns.empty()) {
      if (auto read = read_on(newest, at_once); !read)
        return read.failure();
      if (newest.turns.empty())
        continue;
    }
    page.turns.push_back(std::move(newest.turns.front()));
    newest.turns.pop_front();
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

} // namespace troupe::persistence::postgres
