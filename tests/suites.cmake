# add_suites(PROGRAM PREFIX [FILTER -PATTERN] [PROPERTIES ..]): an entry of ctest for each suite of a
# program of GoogleTest, found once the program is linked; FILTER leaves cases out. An entry for each
# case (gtest_discover_tests) starts a process for it, which takes longer than most cases do, under
# sanitizers above all. The name of an entry ends with the number of its cases; which of them failed
# is in its output.
function(add_suites program prefix)
  cmake_parse_arguments(PARSE_ARGV 2 arg "" FILTER PROPERTIES)
  set(entries ${CMAKE_CURRENT_BINARY_DIR}/${program}_suites.cmake)
  add_custom_command(TARGET ${program} POST_BUILD BYPRODUCTS ${entries}
    COMMAND ${CMAKE_COMMAND} -D PROGRAM=$<TARGET_FILE:${program}> -D PREFIX=${prefix}
      -D FILTER=${arg_FILTER} -D "PROPERTIES=${arg_PROPERTIES}" -D ENTRIES=${entries}
      -P ${PROJECT_SOURCE_DIR}/tests/list_suites.cmake VERBATIM)
  set(include ${CMAKE_CURRENT_BINARY_DIR}/${program}_include.cmake)
  file(WRITE ${include} "if(EXISTS \"${entries}\")\n  include(\"${entries}\")\nelse()\n"
    "  add_test(${program}_NOT_BUILT ${program}_NOT_BUILT)\nendif()\n")
  set_property(DIRECTORY APPEND PROPERTY TEST_INCLUDE_FILES ${include})
endfunction()
