// A reader in front of the real one that keeps pages of deliveries back, or
// fails to read them, when the test says so.
#pragma once

#include "messages/protocol.hpp"

#include <caf/event_based_actor.hpp>
#include <caf/typed_response_promise.hpp>

#include <deque>
#include <functional>
#include <memory>
#include <utility>
#include <vector>

namespace troupe::tests {

/// What comes of a page.
enum class page_fate {
  whole,
  cut,    // one of its turns could not be read
  failed, // nothing could
  lost,   // there is no answer of the reader's at all
};

/// What a page is asked for.
enum class page_kind { outbox, one, retries, all_retries };

inline page_kind kind_of(const actors::delivery_pull& what) {
  if (what.retries)
    return what.now == engine::timestamp::max() ? page_kind::all_retries
                                                : page_kind::retries;
  return what.limit == 1 ? page_kind::one : page_kind::outbox;
}

struct held_pages {
  using promise = caf::typed_response_promise<actors::deliveries_pulled>;

  /// Whose pages; those of others come as they are.
  engine::destination_id whose{};
  /// Pages are read when they are asked for, and answered when they are let go.
  bool holds = false;
  std::function<page_fate(page_kind)> fate = [](auto) {
    return page_fate::whole;
  };

  std::vector<page_kind> asked; // so far
  std::deque<std::pair<promise, actors::deliveries_pulled>> held;
};

/// A tick lets go of what is held.
inline caf::behavior page_keeper(caf::event_based_actor* self,
                                 const messages::reader_actor& real,
                                 std::shared_ptr<held_pages> pages) {
  return {
    [self, real, pages](atom::pull_atom, actors::delivery_pull& what) {
      auto answer = self->make_response_promise<actors::deliveries_pulled>();
      if (what.after.destination != pages->whose) {
        answer.delegate(real, atom::pull_atom::value, std::move(what));
        return answer;
      }
      const auto kind = kind_of(what);
      const auto fate = pages->fate(kind);
      pages->asked.push_back(kind);
      self
        ->request(real, caf::infinite, atom::pull_atom::value, std::move(what))
        .then([pages, fate, answer](actors::deliveries_pulled& read) mutable {
          if (fate == page_fate::lost) {
            answer.deliver(caf::make_error(caf::sec::request_receiver_down));
            return;
          }
          if (fate != page_fate::whole)
            read.failure = engine::error{engine::errc::storage_unavailable,
                                         "storage_unavailable",
                                         "the test says no",
                                         {}};
          if (fate == page_fate::failed)
            read.deliveries.clear();
          else if (fate == page_fate::cut && !read.deliveries.empty())
            read.deliveries.erase(
              read.deliveries.begin()
              + static_cast<std::ptrdiff_t>(read.deliveries.size() / 2));
          if (pages->holds)
            pages->held.emplace_back(std::move(answer), std::move(read));
          else
            answer.deliver(std::move(read));
        });
      return answer;
    },
    [pages](atom::tick_atom) {
      for (auto& [answer, read] : std::exchange(pages->held, {}))
        answer.deliver(std::move(read));
    },
  };
}

} // namespace troupe::tests
