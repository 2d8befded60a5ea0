# Language level, warnings, ccache and sanitizers: what every target shares.
set(CMAKE_CXX_STANDARD 20)
set(CMAKE_CXX_STANDARD_REQUIRED ON)
set(CMAKE_CXX_EXTENSIONS OFF)
set(CMAKE_EXPORT_COMPILE_COMMANDS ON)

option(TROUPE_WERROR "treat warnings as errors" OFF)
option(TROUPE_FUZZ "build the libFuzzer targets (clang)" OFF)
# The packaged CAF is not instrumented, so ThreadSanitizer builds leave it out.
option(TROUPE_WITH_CAF "build the rooms that use CAF" ON)
set(TROUPE_SANITIZE "" CACHE STRING "value of -fsanitize=, empty for none")

if(NOT CMAKE_CXX_COMPILER_LAUNCHER)
  find_program(CCACHE ccache)
  if(CCACHE)
    set(CMAKE_CXX_COMPILER_LAUNCHER ${CCACHE})
  endif()
endif()

add_library(troupe_options INTERFACE)
target_include_directories(troupe_options INTERFACE ${CMAKE_SOURCE_DIR})
target_compile_options(troupe_options INTERFACE
  -Wall -Wextra -Wpedantic -Wshadow -Wconversion -Wsign-conversion
  -Wold-style-cast -Wnon-virtual-dtor -Woverloaded-virtual
  -Wimplicit-fallthrough $<$<BOOL:${TROUPE_WERROR}>:-Werror>)
target_compile_definitions(troupe_options INTERFACE
  CAF_ENABLE_TYPE_ID_CHECKS BOOST_ALL_NO_LIB)

if(TROUPE_SANITIZE)
  add_compile_options(-fsanitize=${TROUPE_SANITIZE} -fno-omit-frame-pointer
    -fno-sanitize-recover=all)
  if(CMAKE_CXX_COMPILER_ID STREQUAL "GNU")
    add_compile_options(-Wno-maybe-uninitialized) # it sees ghosts then
    # They take a third of the time of compiling, and AddressSanitizer meets
    # most of what they would find.
    add_compile_options(-fno-sanitize=null,alignment,vptr)
  endif()
  add_link_options(-fsanitize=${TROUPE_SANITIZE})
  add_compile_definitions(_GLIBCXX_ASSERTIONS)
endif()

# troupe_room(NAME SOURCES… HEADERS… LINK…): one static library per room, whose
# headers must compile alone. The first line of a header's own source shows it
# (cmake/check_layers.py); those without one are compiled by the target
# all_verify_interface_header_sets.
set(CMAKE_VERIFY_INTERFACE_HEADER_SETS ON)
function(troupe_room name)
  cmake_parse_arguments(room "" "" "SOURCES;HEADERS;LINK" ${ARGN})
  add_library(troupe_${name} STATIC ${room_SOURCES})
  set(shown ${room_HEADERS})
  set(alone ${room_HEADERS})
  list(TRANSFORM room_SOURCES REPLACE "\\.cpp$" ".hpp"
    OUTPUT_VARIABLE headers_of_sources)
  list(REMOVE_ITEM alone ${headers_of_sources})
  if(alone)
    list(REMOVE_ITEM shown ${alone})
  endif()
  target_sources(troupe_${name} PUBLIC
    FILE_SET HEADERS BASE_DIRS ${CMAKE_SOURCE_DIR} FILES ${shown}
    FILE_SET alone TYPE HEADERS BASE_DIRS ${CMAKE_SOURCE_DIR} FILES ${alone})
  set_target_properties(troupe_${name} PROPERTIES
    INTERFACE_HEADER_SETS_TO_VERIFY alone)
  target_link_libraries(troupe_${name} PUBLIC troupe_options ${room_LINK})
endfunction()
