#include "actors/told.hpp"

#include "engine/json_text.hpp"

#include <xxhash.h>

#include <array>

namespace troupe::actors {

namespace {

engine::inbox_id told_id(const pulled_delivery& of, told_kind kind) {
  const std::array<std::uint64_t, 5> words{
    engine::number(of.turn.workspace), engine::number(of.key.destination),
    engine::number(of.key.turn), of.key.ordinal,
    static_cast<std::uint64_t>(kind)};
  const auto hash = XXH3_128bits(words.data(), sizeof words);
  return {hash.high64, hash.low64};
}

} // namespace

persistence::inbox_row tell(const pulled_delivery& of, told_kind kind,
                            engine::timestamp at, std::string_view type,
                            const boost::json::object& properties) {
  persistence::inbox_row told;
  told.id = told_id(of, kind);
  told.due = at;
  told.workspace = of.turn.workspace;
  told.sender = of.turn.contact;
  told.type = type;
  told.properties = engine::to_json(properties);
  told.hops = of.turn.hops + 1;
  return told;
}

} // namespace troupe::actors
