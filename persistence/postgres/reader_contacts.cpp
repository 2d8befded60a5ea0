// Contacts of a workspace: by age, and by how their identities begin.
#include "persistence/postgres/reader.hpp"

namespace troupe::persistence::postgres {

using engine::number;
using engine::result;

namespace {

// The first text behind all that begin with the prefix, byte by byte.
std::string behind(std::string_view prefix) {
  std::string end{prefix};
  while (!end.empty() && end.back() == '\xFF')
    end.pop_back();
  if (!end.empty())
    end.back() = static_cast<char>(static_cast<unsigned char>(end.back()) + 1);
  return end;
}

std::vector<contact_id> contacts_in(statement& row) {
  std::vector<contact_id> found;
  while (row.step())
    found.push_back(contact_id{static_cast<std::uint64_t>(row.integer(0))});
  return found;
}

} // namespace

result<std::vector<contact_id>> reader::newest_contacts(workspace_id workspace,
                                                        contact_id before,
                                                        std::size_t limit) {
  auto& row = sql_.newest_contacts;
  scoped_reset reset{row};
  const auto all = before == contact_id{};
  row.bind(
    number(workspace),
    all ? INT64_MAX
        : static_cast<std::int64_t>(number(before) & engine::contact_age_mask),
    static_cast<std::int64_t>(number(before)), limit);
  auto found = contacts_in(row);
  if (row.failed())
    return db_.failure("list the contacts");
  return found;
}

result<std::vector<contact_id>>
reader::contacts_by_prefix(workspace_id workspace, engine::identity_kind kind,
                           std::string_view prefix, std::size_t limit) {
  if (prefix.empty())
    return std::vector<contact_id>{};
  const auto end = behind(prefix);
  auto& row = sql_.prefix;
  scoped_reset reset{row};
  row.bind(number(workspace), static_cast<int>(kind), prefix, end, limit);
  auto found = contacts_in(row);
  if (row.failed())
    return db_.failure("find contacts");
  return found;
}

} // namespace troupe::persistence::postgres
