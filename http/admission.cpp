#include "http/admission.hpp"

#include "http/cors.hpp"
#include "http/rejection_counts.hpp"

namespace troupe::http {

namespace {

using std::chrono::milliseconds;

engine::error too_often(std::string_view code) {
  return {engine::errc::rate_limited,
          std::string{code},
          code == "key_rate_limit"
            ? "this API key asked too often; wait as long as `Retry-After` says"
            : "this workspace asked too often; wait as long as `Retry-After` "
              "says",
          {}};
}

// One write an hour, whatever the traffic.
void note_use(const messages::access_key& key, engine::timestamp now) {
  const auto hour
    = std::chrono::floor<std::chrono::hours>(now).time_since_epoch().count();
  auto& last = *key.last_used_hour;
  if (last.load(std::memory_order_relaxed) != hour)
    last.store(hour, std::memory_order_relaxed);
}

// Some limits are of one door alone.
bool is_counted(const engine::rate_limits& by, const request& what) {
  return !by.counted_at
         || (what.speaks != nullptr && what.speaks->of == *by.counted_at);
}

} // namespace

std::optional<admission::refusal> admission::admit(const api_context& with,
                                                   const request& what,
                                                   const credentials& given,
                                                   messages::scope needed,
                                                   caller& who) {
  const auto known = with.catalog->get();
  auto found = find_key(given, *known);
  if (found.key != nullptr && found.key->kind == engine::key_kind::write
      && what.speaks == nullptr && what.header("Origin"))
    append_cors(who.with_answer);
  const auto now = with.clock();
  if (found.refusal)
    return refuse_stranger(with, what, std::move(found), now);
  const auto& key = *found.key;
  who.workspace = key.workspace;
  who.scopes = key.scopes;
  who.key = key.number;
  who.from_browser = key.kind == engine::key_kind::write;
  who.generation = known->generation;
  note_use(key, now);
  if (what.speaks != nullptr && what.speaks->check_tenant != nullptr)
    if (auto good
        = what.speaks->check_tenant(what, with.tenant_of(key.workspace));
        !good)
      return refusal{good.failure(), std::nullopt};
  if (key.limits && is_counted(*key.limits, what)) {
    who.concurrent_max = key.limits->concurrent_writes;
    const auto verdict
      = limits_.take(key.number, key.workspace, *key.limits, now);
    append_fields(who.with_answer, verdict,
                  what.speaks != nullptr && what.speaks->tells_unix_time);
    if (!verdict.refused_by.empty())
      return refusal{too_often(verdict.refused_by),
                     std::chrono::ceil<milliseconds>(verdict.retry_after)};
  }
  if (const auto allowed = check_scope(key, needed); !allowed)
    return refusal{allowed.failure(), std::nullopt};
  return std::nullopt;
}

// A key that is known is never held up by wrong ones from the same address.
std::optional<admission::refusal>
admission::refuse_stranger(const api_context& with, const request& what,
                           key_found found, engine::timestamp now) {
  constexpr engine::duration none{};
  if (with.rejected)
    with.rejected->add(what.speaks == nullptr ? engine::door::native
                                              : what.speaks->of,
                       found.is_guess ? "unknown_key" : found.refusal->name);
  if (with.warn && lines_.note(what.client, now) == none)
    with.warn("authentication failed",
              {{"code", found.refusal->name},
               {"request_id", std::string{what.id.view()}},
               {"client", std::string{what.client.view()}}});
  const auto wait = found.is_guess ? guesses_.note(what.client, now) : none;
  if (wait != none)
    return refusal{{engine::errc::rate_limited,
                    "too_many_failures",
                    "too many wrong API keys came from this address; wait as "
                    "long as `Retry-After` says",
                    {}},
                   std::chrono::ceil<milliseconds>(wait)};
  return refusal{std::move(*found.refusal), std::nullopt};
}

} // namespace troupe::http
