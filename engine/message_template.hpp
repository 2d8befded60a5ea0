// What a `send` says, kept under a key: templates for the parts of a message.
// Compiled when saved, rendered in the turn that sends.
#pragma once

#include "engine/template_text.hpp"

#include <boost/json/object.hpp>

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

namespace troupe::engine {

/// The names of the parts, in the order in which they are rendered.
inline constexpr std::string_view message_parts[]
  = {"subject", "html", "text", "body"};

/// Bytes of a part's source.
inline constexpr std::size_t message_part_bytes_max = 128 * 1024;

struct rendered_message {
  boost::json::object parts;
  unresolved_paths unresolved;
};

class message_template {
public:
  /// `subject`, `html` and `text` are texts, `body` is any JSON; members with
  /// other names are not looked at. Values in `html` are escaped.
  /// @returns `field_required` without any part, `field_type_mismatch`,
  /// `template_syntax` or `template_limit`, each with its place
  static result<message_template> compile(const boost::json::object& parts,
                                          const std::string& pointer);

  /// The limits hold for all parts together.
  /// @returns `template_limit`
  result<rendered_message> render(const template_data& data) const;

private:
  struct named_part {
    std::string_view name; // of message_parts
    template_json content;
  };

  std::vector<named_part> parts_;
};

/// A template of a workspace, in its newest version.
struct published_template {
  std::string key;
  std::uint32_t version = 0;
  message_template message;
};

} // namespace troupe::engine
