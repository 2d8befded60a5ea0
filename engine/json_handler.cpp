#include "engine/json_handler.hpp"

#include "engine/json_pointer.hpp"
#include "engine/number_text.hpp"

#define XXH_INLINE_ALL // short keys: the call would cost more than the hash
#include <xxhash.h>

#include <charconv>
#include <cmath>
#include <cstring>

namespace troupe::engine {

namespace {

bool holds_nul(json_handler::view s) {
  return std::memchr(s.data(), 0, s.size()) != nullptr;
}

} // namespace

json_handler::json_handler() {
  levels_.reserve(32);
  keys_.reserve(64);
  key_text_.reserve(1024);
}

void json_handler::start(const json_limits& limits,
                         boost::json::storage_ptr storage) {
  levels_.clear();
  keys_.clear();
  key_text_.clear();
  key_start_ = 0;
  limits_ = limits;
  failure_ = nullptr;
  values_.reset(std::move(storage));
}

boost::json::value json_handler::release() {
  return values_.release();
}

void json_handler::abandon() {
  values_.reset();
}

std::string json_handler::pointer() const {
  std::string path;
  for (std::size_t i = 0; i < levels_.size(); ++i) {
    const auto& here = levels_[i];
    if (here.is_array) {
      path.push_back('/');
      append_number(path, std::uint64_t{here.position});
      continue;
    }
    const auto end
      = i + 1 < levels_.size() ? levels_[i + 1].first_key : keys_.size();
    if (end == here.first_key)
      break; // in an object, before its first key
    append_pointer(path, text_of(keys_[end - 1]));
  }
  return path;
}

bool json_handler::fail(const char* name, code& ec) {
  failure_ = name;
  ec = boost::json::error::syntax;
  return false;
}

std::string_view json_handler::text_of(const key& k) const {
  return std::string_view{key_text_}.substr(k.offset, k.size);
}

bool json_handler::is_duplicate(const level& here, const key& last) const {
  for (std::size_t i = here.first_key; i < keys_.size(); ++i)
    if (keys_[i].hash == last.hash && text_of(keys_[i]) == text_of(last))
      return true;
  return false;
}

bool json_handler::value_done() {
  if (!levels_.empty())
    ++levels_.back().position;
  return true;
}

bool json_handler::open(bool is_array, code& ec) {
  if (levels_.size() >= limits_.depth_max)
    return fail("body_too_deep", ec);
  levels_.push_back({keys_.size(), 0, is_array});
  return true;
}

bool json_handler::on_object_begin(code& ec) {
  return open(false, ec);
}

bool json_handler::on_object_end(std::size_t n, code&) {
  values_.push_object(n);
  const auto first = levels_.back().first_key;
  if (first < keys_.size()) {
    key_text_.resize(keys_[first].offset);
    keys_.resize(first);
  }
  key_start_ = key_text_.size();
  levels_.pop_back();
  return value_done();
}

bool json_handler::on_array_begin(code& ec) {
  return open(true, ec);
}

bool json_handler::on_array_end(std::size_t n, code&) {
  values_.push_array(n);
  levels_.pop_back();
  return value_done();
}

bool json_handler::on_key_part(view s, std::size_t, code& ec) {
  if (holds_nul(s))
    return fail("text_not_allowed", ec);
  key_text_.append(s.data(), s.size());
  values_.push_chars(s);
  return true;
}

bool json_handler::on_key(view s, std::size_t, code& ec) {
  if (holds_nul(s))
    return fail("text_not_allowed", ec);
  key_text_.append(s.data(), s.size());
  values_.push_key(s);
  const auto size = key_text_.size() - key_start_;
  const key last{XXH3_64bits(key_text_.data() + key_start_, size), key_start_,
                 size};
  key_start_ = key_text_.size();
  const bool duplicate = is_duplicate(levels_.back(), last);
  keys_.push_back(last);
  if (duplicate)
    return fail("duplicate_key", ec);
  if (keys_.size() - levels_.back().first_key > limits_.keys_max)
    return fail("too_many_keys", ec);
  return true;
}

bool json_handler::on_string_part(view s, std::size_t, code& ec) {
  if (holds_nul(s))
    return fail("text_not_allowed", ec);
  values_.push_chars(s);
  return true;
}

bool json_handler::on_string(view s, std::size_t, code& ec) {
  if (holds_nul(s))
    return fail("text_not_allowed", ec);
  values_.push_string(s);
  return value_done();
}

bool json_handler::on_int64(std::int64_t i, view, code&) {
  values_.push_int64(i);
  return value_done();
}

bool json_handler::on_uint64(std::uint64_t u, view, code&) {
  values_.push_uint64(u);
  return value_done();
}

bool json_handler::on_double(double d, view text, code& ec) {
  // Boost 1.81 may be off by one unit in the last place; 42.99 must stay
  // 42.99. A whole number only gets here when 64 bits cannot hold it.
  double exact = 0;
  const auto outcome
    = std::from_chars(text.data(), text.data() + text.size(), exact);
  if (outcome.ec == std::errc::result_out_of_range)
    exact = d;
  const bool whole = text.find_first_of(".eE") == view::npos;
  if (whole || !std::isfinite(exact)
      || (outcome.ec != std::errc{} && std::abs(d) > 1))
    return fail("number_out_of_range", ec);
  values_.push_double(exact);
  return value_done();
}

bool json_handler::on_bool(bool b, code&) {
  values_.push_bool(b);
  return value_done();
}

bool json_handler::on_null(code&) {
  values_.push_null();
  return value_done();
}

} // namespace troupe::engine
