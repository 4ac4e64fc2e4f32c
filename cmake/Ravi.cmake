# What every folder's CMakeLists.txt is written with.

# ravi_library(NAME SOURCES a.cpp ... LINKS target ...)
# One static library a folder. Link lines repeat the include table of tests/check_includes.py and nothing else.
function(ravi_library name)
  cmake_parse_arguments(arg "" "" "SOURCES;LINKS;PRIVATE_LINKS" ${ARGN})
  if(arg_SOURCES)
    add_library(${name} STATIC ${arg_SOURCES})
    target_include_directories(${name} PUBLIC ${PROJECT_SOURCE_DIR})
    target_link_libraries(${name} PUBLIC ${arg_LINKS} PRIVATE ravi_options ${arg_PRIVATE_LINKS})
  else()
    add_library(${name} INTERFACE)
    target_include_directories(${name} INTERFACE ${PROJECT_SOURCE_DIR})
    target_link_libraries(${name} INTERFACE ${arg_LINKS} ${arg_PRIVATE_LINKS})
  endif()
endfunction()

# ravi_test(NAME SOURCES test_a.cpp ... LINKS target ...)
# One doctest program a folder; each of its cases is a test of ctest.
function(ravi_test name)
  cmake_parse_arguments(arg "" "" "SOURCES;LINKS" ${ARGN})
  add_executable(${name} ${arg_SOURCES})
  target_link_libraries(${name} PRIVATE ravi_test_main ravi_options ${arg_LINKS})
  doctest_discover_tests(${name} TEST_PREFIX "${name}: " PROPERTIES TIMEOUT 120)
endfunction()

# ravi_script_test(NAME script.py [ARGS ...] [TIMEOUT seconds]): a Python test against the built programs; exit 77: skipped.
# Debian's own interpreter, because its packages (python3-zmq, numpy, SoapySDR) belong to that one.
function(ravi_script_test name script)
  cmake_parse_arguments(arg "" "TIMEOUT" "ARGS" ${ARGN})
  if(NOT arg_TIMEOUT)
    set(arg_TIMEOUT 120)
  endif()
  add_test(NAME ${name} COMMAND /usr/bin/python3 ${CMAKE_CURRENT_SOURCE_DIR}/${script} ${arg_ARGS})
  set_tests_properties(${name} PROPERTIES TIMEOUT ${arg_TIMEOUT} SKIP_RETURN_CODE 77
    ENVIRONMENT "RAVI_BUILD=${PROJECT_BINARY_DIR};RAVI_SOURCE=${PROJECT_SOURCE_DIR};PYTHONPATH=${PROJECT_SOURCE_DIR}/tests")
endfunction()
