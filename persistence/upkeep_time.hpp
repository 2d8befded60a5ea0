// When something is to be done again that is done now and then.
#pragma once

#include "engine/time.hpp"

namespace troupe::persistence {

class upkeep_time {
public:
  /// Also when the clock was set back: nothing is put off for years.
  [[nodiscard]] bool is_due(engine::timestamp now) const {
    return now >= next_ || now < since_;
  }

  void wait(engine::timestamp now, engine::duration interval) {
    since_ = now;
    next_ = now + interval;
  }

private:
  engine::timestamp since_{};
  engine::timestamp next_{};
};

} // namespace troupe::persistence
