# Writes ctest's entries for the suites of a program (suites.cmake).
#   cmake -D PROGRAM= -D PREFIX= -D FILTER= -D PROPERTIES= -D ENTRIES= -P list_suites.cmake
execute_process(COMMAND ${PROGRAM} --gtest_list_tests --gtest_filter=*${FILTER}
  TIMEOUT 60 OUTPUT_VARIABLE text COMMAND_ERROR_IS_FATAL ANY)

# Parameters in full may hold anything; the cases have names too.
string(REGEX REPLACE " +# GetParam[^\n]*" "" text "${text}")
string(REGEX MATCHALL "[^\n]+" lines "${text}")
set(script "")
set(suite "")
function(finish_suite)
  if(suite)
    string(APPEND script "add_test([==[${PREFIX}.${name} (${cases})]==] \"${PROGRAM}\" "
      "[==[--gtest_filter=${suite}.*${FILTER}]==])\n"
      "set_tests_properties([==[${PREFIX}.${name} (${cases})]==] PROPERTIES SKIP_RETURN_CODE 77")
    foreach(property IN LISTS PROPERTIES)
      string(APPEND script " [==[${property}]==]")
    endforeach()
    set(script "${script})\n" PARENT_SCOPE)
  endif()
endfunction()
foreach(line IN LISTS lines)
  if(line MATCHES "^  ")
    math(EXPR cases "${cases} + 1")
  elseif(line MATCHES "^([^ ]+)\\.( +# TypeParam = (.*))?$")
    finish_suite()
    set(suite ${CMAKE_MATCH_1})
    set(name ${suite})
    if(CMAKE_MATCH_3)
      string(REGEX REPLACE "/[0-9]+$" "<${CMAKE_MATCH_3}>" name ${suite})
    endif()
    set(cases 0)
  else()
    message(FATAL_ERROR "${PROGRAM} --gtest_list_tests says what cannot be read: ${line}")
  endif()
endforeach()
finish_suite()
file(WRITE ${ENTRIES} "${script}")
