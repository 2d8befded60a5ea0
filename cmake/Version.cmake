# The commit and its date, for `troupe version`; "unknown" outside a checkout.
set(TROUPE_COMMIT unknown)
set(TROUPE_COMMIT_DATE unknown)
find_package(Git QUIET)
if(GIT_FOUND AND EXISTS "${CMAKE_SOURCE_DIR}/.git")
  execute_process(COMMAND ${GIT_EXECUTABLE} log -1 --format=%h\;%cs
    WORKING_DIRECTORY ${CMAKE_SOURCE_DIR} OUTPUT_VARIABLE facts
    OUTPUT_STRIP_TRAILING_WHITESPACE ERROR_QUIET)
  list(LENGTH facts count)
  if(count EQUAL 2)
    list(GET facts 0 TROUPE_COMMIT)
    list(GET facts 1 TROUPE_COMMIT_DATE)
  endif()
endif()
