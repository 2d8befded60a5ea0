// One visitor out of several lambdas.
#pragma once

namespace troupe::engine {

template <class... Functions>
struct overloaded : Functions... {
  using Functions::operator()...;
};

template <class... Functions>
overloaded(Functions...) -> overloaded<Functions...>;

} // namespace troupe::engine
