// What comes from the server while nobody waits for it.
#include "persistence/postgres/connection.hpp"

#include <libpq-fe.h>

namespace troupe::persistence::postgres {

using std::chrono::steady_clock;

bool connection::send(const char* sql) {
  deadline_ = steady_clock::now() + patience_;
  if (!is_lost() && PQsendQuery(held_.get(), sql) == 1 && flush())
    return true;
  lose();
  return false;
}

std::optional<bool> connection::answered() {
  if (is_lost() || PQconsumeInput(held_.get()) == 0) {
    lose();
    return false;
  }
  if (PQisBusy(held_.get()) != 0)
    return std::nullopt;
  auto all_good = true;
  deadline_ = steady_clock::now() + patience_;
  while (auto* result = next()) {
    const answer held{result};
    all_good = good(result) && all_good;
    if (!held_)
      return false;
  }
  return all_good && held_ != nullptr;
}

// They come with the answers to what was asked.
bool connection::was_told() {
  auto told = false;
  while (auto* each = held_ ? PQnotifies(held_.get()) : nullptr) {
    told = told || each->be_pid != PQbackendPID(held_.get());
    PQfreemem(each);
  }
  return told;
}

} // namespace troupe::persistence::postgres
