// One rendering of a compiled template. Private to template_*.cpp.
#pragma once

#include "engine/template_program.hpp"
#include "engine/template_text.hpp"

#include <array>
#include <forward_list>

namespace troupe::engine {

class template_renderer {
public:
  /// Everything must outlive the renderer; `out` is appended to.
  template_renderer(const template_program& program, const template_data& data,
                    bool escape_html, std::string& out,
                    unresolved_paths& unresolved, template_budget& budget);

  /// @returns `template_limit`; the budget is less what was taken
  status run();

private:
  using value = boost::json::value;
  using object = boost::json::object;

  /// The variables of one {{#each}}.
  struct repetition {
    const repetition* outer = nullptr;
    value index;
    std::string_view name; // of an object's member
    bool is_object = false;
    bool is_last = false;
  };

  // All return false once a limit is reached.
  bool render(std::size_t from, std::size_t to);
  bool render_value(const template_instruction& at);
  bool render_block(std::size_t at);
  bool render_section(std::size_t at, const value* subject);
  bool render_inside(const value* context, std::size_t from, std::size_t to);
  bool render_each(std::size_t at, const value* subject);
  bool repeat(std::size_t at, const value* item, repetition& round);
  bool repeat_array(std::size_t at, const boost::json::array& items);
  bool repeat_object(std::size_t at, const object& members);
  bool spend(std::size_t steps);
  /// For what takes as long as many short values; never fails itself.
  void charge(std::size_t bytes);

  // Null where there is nothing: JavaScript's undefined.
  const value* resolve(const template_expression& what, bool must_be_there);
  const value* follow(const template_path& path);
  const value* follow_data(const template_path& path);
  const value* look_up(const template_expression& what, bool must_be_there);
  const value* property(const value& of, std::string_view name,
                        std::size_t index);
  const value* text_property(const boost::json::string& of,
                             std::string_view name, std::size_t index);
  const value* root_property(std::string_view name) const;
  const object& whole_root();
  const value* kept(value made);
  void note_missing(const template_path& path);

  const template_program& program_;
  const template_data& data_;
  const bool escape_html_;
  std::string& out_;
  unresolved_paths& unresolved_;
  template_budget& budget_;
  const std::size_t out_before_;

  const value* root_;
  const value* event_ = nullptr;
  const value* context_;
  // Of `../`; only what a block is about makes a new one, and blocks are
  // nested template_depth_max deep at most.
  std::array<const value*, template_depth_max + 1> contexts_{};
  std::size_t depth_ = 0;
  const repetition* repetition_ = nullptr;
  std::forward_list<value> kept_; // what is not in the data
  const value* whole_root_ = nullptr;
};

} // namespace troupe::engine
