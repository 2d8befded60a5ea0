#include "engine/delivery.hpp"

namespace troupe::engine {

namespace {

// 12 bits of destination and 8 of ordinal share the id's ordinal.
constexpr std::uint32_t ordinal_bits = 8;
constexpr std::uint32_t ordinal_mask = (1U << ordinal_bits) - 1;
constexpr std::uint32_t destination_mask = 0xFFF;

} // namespace

std::string delivery_id(const turn& of, destination_id destination,
                        std::uint32_t ordinal, const id_text& ids) {
  const auto place = (number(destination) & destination_mask) << ordinal_bits
                     | (ordinal & ordinal_mask);
  return ids.at_position("dlv_", of.workspace,
                         {of.stamp.at, of.stamp.turn, place});
}

std::optional<delivery_name> parse_delivery_id(workspace_id workspace,
                                               std::string_view text,
                                               const id_text& ids) {
  const auto at = ids.parse_position("dlv_", workspace, text);
  if (!at)
    return std::nullopt;
  return delivery_name{destination_id{at->ordinal >> ordinal_bits}, at->turn,
                       at->ordinal & ordinal_mask};
}

} // namespace troupe::engine
