#include "http/doors/sendmator/trigger_id.hpp"

#include <random>

namespace troupe::http::sendmator {

std::string trigger_of(const messages::receipt& done,
                       const engine::id_text& ids) {
  return engine::uuid_of(
    ids.trigger(done.workspace, {done.at, engine::trigger_name::kind::turn,
                                 engine::number(done.turn)}));
}

// Only tells triggers of one millisecond apart: what keeps others from
// guessing is the check that each id ends with.
engine::inbox_id new_trigger(const engine::id_text& ids,
                             engine::workspace_id workspace,
                             engine::timestamp now,
                             engine::trigger_name::kind what) {
  thread_local std::mt19937_64 numbers{
    (std::uint64_t{std::random_device{}()} << 32) | std::random_device{}()};
  constexpr std::uint64_t mask = (std::uint64_t{1} << 40) - 1;
  return ids.trigger(workspace, {now, what, numbers() & mask});
}

} // namespace troupe::http::sendmator
