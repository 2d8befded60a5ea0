#include "http/inflate.hpp"

#include "http/characters.hpp"

#include <zlib.h>

#include <algorithm>

namespace troupe::http {

namespace {

using engine::invalid;

// zlib's words for "zlib or gzip, by the first bytes" and "no header at all".
constexpr int any_header = 15 + 32;
constexpr int no_header = -15;

enum class outcome { done, damaged, too_large };

class inflater {
public:
  explicit inflater(int window_bits)
    : is_ready_(inflateInit2(&stream_, window_bits) == Z_OK) {}
  inflater(const inflater&) = delete;
  inflater& operator=(const inflater&) = delete;
  ~inflater() {
    if (is_ready_)
      inflateEnd(&stream_);
  }

  outcome run(std::string& from, std::string& to, std::size_t most) {
    if (!is_ready_)
      return outcome::damaged;
    stream_.next_in = reinterpret_cast<Bytef*>(from.data());
    stream_.avail_in = static_cast<uInt>(from.size());
    for (int said = Z_OK; said != Z_STREAM_END;) {
      const auto had = to.size();
      // One byte more than allowed tells whether there is more.
      const auto room
        = std::min(std::max<std::size_t>(had, 16'384), most + 1 - had);
      to.resize(had + room);
      stream_.next_out = reinterpret_cast<Bytef*>(to.data() + had);
      stream_.avail_out = static_cast<uInt>(room);
      said = inflate(&stream_, Z_NO_FLUSH);
      to.resize(had + room - stream_.avail_out);
      if (to.size() > most)
        return outcome::too_large;
      const auto has_stalled = stream_.avail_in == 0 && stream_.avail_out != 0;
      if ((said != Z_OK && said != Z_STREAM_END)
          || (said == Z_OK && has_stalled))
        return outcome::damaged;
    }
    return stream_.avail_in == 0 ? outcome::done : outcome::damaged;
  }

private:
  z_stream stream_{};
  bool is_ready_;
};

} // namespace

engine::result<std::string> inflated(std::string body,
                                     std::optional<std::string_view> encoding,
                                     std::size_t most) {
  const auto is = [&](std::string_view name) {
    return encoding && equal_ignoring_case(*encoding, name);
  };
  const auto is_gzip = body.starts_with("\x1f\x8b");
  if (encoding && !is("gzip") && !is("x-gzip") && !is("deflate")
      && !is("identity"))
    return invalid("unsupported_content_encoding",
                   "send the body as it is, or as gzip or deflate");
  // Some clients name gzip and send the body as it is.
  if (!is_gzip && !is("deflate"))
    return body;
  std::string out;
  auto what = inflater{any_header}.run(body, out, most);
  if (what == outcome::damaged && is("deflate") && !is_gzip) {
    out.clear();
    what = inflater{no_header}.run(body, out, most);
  }
  if (what == outcome::too_large)
    return invalid("payload_too_large",
                   "The body is larger than this address takes.");
  if (what == outcome::damaged)
    return invalid("body_invalid_compression",
                   "the body is no whole gzip or deflate stream");
  return out;
}

} // namespace troupe::http
