// The whole of the actors, asked by identities.
#pragma once

#include "tests/support/actor_world.hpp"

#include <catch2/catch.hpp>

#include <memory>
#include <string>
#include <utility>
#include <vector>

namespace troupe::tests {

using engine::identity_kind;

inline constexpr auto external = identity_kind::external_id;
inline constexpr auto email = identity_kind::email;
inline constexpr auto anonymous = identity_kind::anonymous_id;

using identity_list = std::vector<std::pair<identity_kind, std::string>>;

inline engine::identity identity(identity_kind of, const std::string& value) {
  return *engine::make_identity(of, value);
}

class people : public actor_world {
public:
  using actor_world::actor_world;

  tests::asked<messages::ingest_answer> see(const std::string& type,
                                            const identity_list& who,
                                            const std::string& key = {}) {
    auto command = event(type, "nobody", key);
    command.event.identities.clear();
    for (const auto& [of, value] : who)
      command.event.identities.push_back(identity(of, value));
    return send(std::move(command));
  }

  /// Sends, runs, and expects success.
  messages::receipt saw(const std::string& type, const identity_list& who,
                        const std::string& key = {}) {
    const auto asked = see(type, who, key);
    time.run();
    REQUIRE(asked.has_value());
    INFO((asked->failure ? asked->failure->message : ""));
    REQUIRE(!asked->failure);
    return asked->done;
  }

  engine::contact_id owner(identity_kind of, const std::string& value) {
    const auto who = identity(of, value);
    return (*look().resolve(workspace.id, std::span{&who, 1})).front().contact;
  }

  engine::contact_state load(engine::contact_id contact) {
    const auto loaded = look().load(contact);
    REQUIRE(loaded);
    return loaded->state;
  }

  persistence::store_reader& look() {
    if (!look_)
      look_ = std::move(*store->open_reader());
    return *look_;
  }

private:
  std::unique_ptr<persistence::store_reader> look_;
};

} // namespace troupe::tests
