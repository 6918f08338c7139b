# SPDX-License-Identifier: Apache-2.0
# The two shapes of target this project has: a room of core/ and a room's test program.

add_library(salient_options INTERFACE)
target_include_directories(salient_options INTERFACE ${PROJECT_SOURCE_DIR})
# For C++ alone: nvcc spells its warnings in another way (cuda/CMakeLists.txt).
target_compile_options(salient_options INTERFACE
  "$<$<COMPILE_LANGUAGE:CXX>:-Wall;-Wextra;-Wpedantic;-Wshadow;-Wconversion;-Wno-sign-conversion>")
if(CMAKE_CXX_COMPILER_ID STREQUAL "GNU")
  # False alarms of GCC 12 at -O3: overlapping copies inside std::string's operator+ (GCC bug 105651), and
  # unset values of an empty std::optional.
  target_compile_options(salient_options INTERFACE "$<$<COMPILE_LANGUAGE:CXX>:-Wno-restrict;-Wno-maybe-uninitialized>")
endif()
if(SALIENT_WERROR)
  target_compile_options(salient_options INTERFACE "$<$<COMPILE_LANGUAGE:CXX>:-Werror>")
endif()
if(SALIENT_SANITIZE)
  target_compile_options(salient_options INTERFACE -fsanitize=${SALIENT_SANITIZE} -fno-omit-frame-pointer -fno-sanitize-recover=all)
  if(SALIENT_SANITIZE MATCHES "undefined")
    # The address sanitizer sees what these would, and they double the time to compile.
    target_compile_options(salient_options INTERFACE -fno-sanitize=null,object-size,vptr)
  endif()
  target_link_options(salient_options INTERFACE -fsanitize=${SALIENT_SANITIZE})
endif()

# salient_room(base USES checkpoint … LINKS OpenSSL::Crypto …): every .cpp of core/<name> in one static library.
# USES names the rooms it may include, so that a wrong include fails to link.
function(salient_room name)
  cmake_parse_arguments(ARG "" "" "USES;LINKS" ${ARGN})
  file(GLOB sources CONFIGURE_DEPENDS ${CMAKE_CURRENT_SOURCE_DIR}/${name}/*.cpp)
  set(reach PUBLIC)
  if(sources)
    add_library(salient_${name} STATIC ${sources})
    target_link_libraries(salient_${name} PRIVATE ${ARG_LINKS})
  else()
    add_library(salient_${name} INTERFACE)
    set(reach INTERFACE)
  endif()
  target_link_libraries(salient_${name} ${reach} salient_options)
  foreach(room IN LISTS ARG_USES)
    target_link_libraries(salient_${name} ${reach} salient_${room})
  endforeach()
endfunction()

# salient_precompile(target <header> …): what most of its files include is read once. ccache has to see where.
function(salient_precompile target)
  target_precompile_headers(${target} PRIVATE ${ARGN})
  target_compile_options(${target} PRIVATE $<$<CXX_COMPILER_ID:GNU>:-fpch-preprocess>)
endfunction()

# salient_tests(base LINKS …): tests/unit/<name>/*.cpp in one program test_<name>, each test known to ctest.
function(salient_tests name)
  cmake_parse_arguments(ARG "" "" "LINKS" ${ARGN})
  file(GLOB sources CONFIGURE_DEPENDS ${CMAKE_CURRENT_SOURCE_DIR}/unit/${name}/*.cpp)
  if(NOT sources)
    return()
  endif()
  add_executable(test_${name} ${sources})
  target_link_libraries(test_${name} PRIVATE salient_core GTest::gmock GTest::gtest GTest::gtest_main ${ARG_LINKS})
  # What is tested is optimised; the tests themselves compile in half the time without, except where they compute.
  if(NOT name STREQUAL "compute")
    target_compile_options(test_${name} PRIVATE -O0)
  endif()
  target_compile_definitions(test_${name} PRIVATE SALIENT_FIXTURES="${PROJECT_SOURCE_DIR}/tests/oracle/fixtures"
                                                  SALIENT_RESOURCES="${PROJECT_SOURCE_DIR}/resources")
  gtest_discover_tests(test_${name} DISCOVERY_MODE PRE_TEST PROPERTIES LABELS ${name} TIMEOUT 300)
endfunction()
