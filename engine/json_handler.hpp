// Internal to strict_json.cpp: what Boost.JSON's parser calls for each token.
// Checks while the document is built, so that the text is walked once.
#pragma once

#include "engine/strict_json.hpp"

#include <boost/json/array.hpp>
#include <boost/json/error.hpp>
#include <boost/json/object.hpp>
#include <boost/json/string.hpp>
#include <boost/json/value_stack.hpp>

#include <cstdint>
#include <string>
#include <vector>

namespace troupe::engine {

class json_handler {
public:
  static constexpr std::size_t max_object_size
    = boost::json::object::max_size();
  static constexpr std::size_t max_array_size = boost::json::array::max_size();
  static constexpr std::size_t max_key_size = boost::json::string::max_size();
  static constexpr std::size_t max_string_size
    = boost::json::string::max_size();

  using code = boost::json::error_code;
  using view = boost::json::string_view;

  json_handler();

  void start(const json_limits& limits, boost::json::storage_ptr storage);

  /// @pre the document is complete
  boost::json::value release();

  /// Drops a document that failed, with the caller's storage.
  void abandon();

  /// What a check found, or nothing when the parser itself stopped.
  const char* failure() const {
    return failure_;
  }

  /// The JSON pointer of the place that was reached.
  std::string pointer() const;

  bool on_document_begin(code&) {
    return true;
  }

  bool on_document_end(code&) {
    return true;
  }

  bool on_object_begin(code& ec);
  bool on_object_end(std::size_t n, code&);
  bool on_array_begin(code& ec);
  bool on_array_end(std::size_t n, code&);
  bool on_key_part(view s, std::size_t n, code& ec);
  bool on_key(view s, std::size_t n, code& ec);
  bool on_string_part(view s, std::size_t n, code& ec);
  bool on_string(view s, std::size_t n, code& ec);

  bool on_number_part(view, code&) {
    return true;
  }

  bool on_int64(std::int64_t i, view, code&);
  bool on_uint64(std::uint64_t u, view, code&);
  bool on_double(double d, view text, code& ec);
  bool on_bool(bool b, code&);
  bool on_null(code&);

  bool on_comment_part(view, code&) {
    return true;
  }

  bool on_comment(view, code&) {
    return true;
  }

private:
  struct level {
    std::size_t first_key = 0; // index into keys_
    std::size_t position = 0;  // in an array: the elements before this one
    bool is_array = false;
  };

  struct key {
    std::uint64_t hash = 0;
    std::size_t offset = 0; // into key_text_
    std::size_t size = 0;
  };

  bool fail(const char* name, code& ec);
  bool open(bool is_array, code& ec);
  bool is_duplicate(const level& here, const key& last) const;
  std::string_view text_of(const key& k) const;
  bool value_done();

  // Path and keys of the open containers: popped when one closes.
  std::vector<level> levels_;
  std::vector<key> keys_;
  std::string key_text_;
  std::size_t key_start_ = 0;
  json_limits limits_;
  const char* failure_ = nullptr;
  boost::json::value_stack values_;
};

} // namespace troupe::engine
