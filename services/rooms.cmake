# One verb per room.
#
#   yokoten_room(NAME kafka LAYER 2
#     SRCS producer.cc ...        the room's sources
#     TESTS producer_test.cc ...  unit tests: need nothing but the room; become the executable <name>_test
#     DEPS base events ...        other rooms, each of a strictly lower layer
#     LIBS PkgConfig::rdkafka ... what comes from outside
#     PCH                         compile against the shared grpc/protobuf precompiled header
#     WHOLE_TESTS)                CTest runs the unit tests as one case: their suites share what is dear to make
#
# The layer rule (a room may depend only on rooms with a lower number) is refused here, at configure time; that
# includes match the declared dependencies is checked by tests/tidy.

set(YOKOTEN_SOURCE_ROOT ${CMAKE_CURRENT_LIST_DIR})

add_library(yokoten_flags INTERFACE)
target_compile_options(yokoten_flags INTERFACE -Wall -Wextra -Werror -Wno-missing-field-initializers)
# Debian's g++ 12 reports false positives of these two inside std and Boost headers at -O2.
target_compile_options(yokoten_flags INTERFACE -Wno-error=maybe-uninitialized -Wno-restrict
  -Wno-error=array-bounds -Wno-error=stringop-overflow -Wno-error=stringop-overread -Wno-error=dangling-pointer)
target_include_directories(yokoten_flags INTERFACE ${YOKOTEN_SOURCE_ROOT} ${YOKOTEN_SOURCE_ROOT}/lib)
if(CMAKE_BUILD_TYPE STREQUAL "Debug")
  target_compile_options(yokoten_flags INTERFACE -g1)
endif()
if(YOKOTEN_SANITIZE)
  add_compile_options(-fsanitize=${YOKOTEN_SANITIZE} -fno-omit-frame-pointer -fno-sanitize-recover=all)
  add_link_options(-fsanitize=${YOKOTEN_SANITIZE})
  # vptr checks need RTTI of classes in Debian's gRPC and protobuf, which is not always exported.
  if(YOKOTEN_SANITIZE MATCHES "undefined")
    add_compile_options(-fno-sanitize=vptr)
  endif()
endif()
if(YOKOTEN_COVERAGE)
  add_compile_options(--coverage)
  add_link_options(--coverage)
endif()

function(yokoten_check_layers name layer)
  foreach(dep IN LISTS ARGN)
    if(NOT TARGET yokoten_${dep})
      message(FATAL_ERROR "room ${name} depends on room ${dep}, which does not exist "
        "(or is added later: order services/CMakeLists.txt by layer)")
    endif()
    get_target_property(dep_layer yokoten_${dep} YOKOTEN_LAYER)
    if(NOT dep_layer LESS layer)
      message(FATAL_ERROR "room ${name} (layer ${layer}) must not depend on room ${dep} (layer ${dep_layer}): "
        "rooms may only look down")
    endif()
  endforeach()
endfunction()

function(yokoten_room)
  cmake_parse_arguments(ARG "PCH;WHOLE_TESTS" "NAME;LAYER" "SRCS;TESTS;DEPS;LIBS" ${ARGN})
  if(ARG_UNPARSED_ARGUMENTS)
    message(FATAL_ERROR "yokoten_room(${ARG_NAME}): unknown arguments ${ARG_UNPARSED_ARGUMENTS}")
  endif()
  yokoten_check_layers(${ARG_NAME} ${ARG_LAYER} ${ARG_DEPS})
  list(TRANSFORM ARG_DEPS PREPEND yokoten_ OUTPUT_VARIABLE dep_targets)
  if(ARG_SRCS)
    add_library(yokoten_${ARG_NAME} STATIC ${ARG_SRCS})
    set_target_properties(yokoten_${ARG_NAME} PROPERTIES POSITION_INDEPENDENT_CODE ON)
    target_link_libraries(yokoten_${ARG_NAME} PUBLIC yokoten_flags ${dep_targets} ${ARG_LIBS})
    if(ARG_PCH)
      target_precompile_headers(yokoten_${ARG_NAME} REUSE_FROM yokoten_pch)
    endif()
  else()
    add_library(yokoten_${ARG_NAME} INTERFACE)
    target_link_libraries(yokoten_${ARG_NAME} INTERFACE yokoten_flags ${dep_targets} ${ARG_LIBS})
  endif()
  set_target_properties(yokoten_${ARG_NAME} PROPERTIES YOKOTEN_LAYER ${ARG_LAYER})
  if(ARG_TESTS)
    set(pch "")
    if(ARG_PCH)
      set(pch PCH)
    endif()
    set(whole "")
    if(ARG_WHOLE_TESTS)
      set(whole WHOLE TIMEOUT 900)
    endif()
    yokoten_test(NAME ${ARG_NAME}_test SRCS ${ARG_TESTS} ROOMS ${ARG_NAME} LABELS unit ${pch} ${whole})
  endif()
endfunction()

# The files of a folder as initializers {"<name>", R"sql(...)sql"}, for a configure_file: a text that is added is linked
# and needs no other line.
function(yokoten_linked_texts variable folder)
  set(texts "")
  file(GLOB files CONFIGURE_DEPENDS ${folder}/*.sql)
  list(SORT files)
  foreach(file IN LISTS files)
    get_filename_component(name ${file} NAME_WLE)
    file(READ ${file} text)
    string(APPEND texts "      {\"${name}\", R\"sql(${text})sql\"},\n")
    set_property(DIRECTORY APPEND PROPERTY CMAKE_CONFIGURE_DEPENDS ${file})
  endforeach()
  set(${variable} "${texts}" PARENT_SCOPE)
endfunction()

# Builds every unit test and nothing else.
add_custom_target(unit_tests)

# yokoten_test(NAME x_test SRCS ... ROOMS ... LIBS ... LABELS unit|kafka|clickhouse|integration
#              [TIMEOUT seconds] [PCH] [WHOLE])
#   A GoogleTest executable whose cases CTest knows one by one; with WHOLE it is one case of CTest, for many cases
#   that share an engine whose start takes longer than they do.
function(yokoten_test)
  cmake_parse_arguments(ARG "PCH;WHOLE" "NAME;TIMEOUT" "SRCS;ROOMS;LIBS;LABELS;ENVIRONMENT" ${ARGN})
  if(ARG_UNPARSED_ARGUMENTS)
    message(FATAL_ERROR "yokoten_test(${ARG_NAME}): unknown arguments ${ARG_UNPARSED_ARGUMENTS}")
  endif()
  if(NOT ARG_TIMEOUT)
    set(ARG_TIMEOUT 120)
  endif()
  if("unit" IN_LIST ARG_LABELS AND NOT YOKOTEN_UNIT_TESTS)
    return()
  endif()
  list(TRANSFORM ARG_ROOMS PREPEND yokoten_ OUTPUT_VARIABLE room_targets)
  add_executable(${ARG_NAME} ${ARG_SRCS})
  target_link_libraries(${ARG_NAME} PRIVATE ${room_targets} ${ARG_LIBS} GTest::gmock GTest::gtest GTest::gtest_main)
  if(ARG_PCH)
    # The header was compiled with -fPIC; for an executable CMake would say -fPIE, which is another code.
    set_target_properties(${ARG_NAME} PROPERTIES POSITION_INDEPENDENT_CODE OFF)
    target_compile_options(${ARG_NAME} PRIVATE -fPIC)
    target_precompile_headers(${ARG_NAME} REUSE_FROM yokoten_pch)
  endif()
  if("unit" IN_LIST ARG_LABELS)
    add_dependencies(unit_tests ${ARG_NAME})
  endif()
  if(ARG_WHOLE)
    add_test(NAME ${ARG_NAME} COMMAND ${ARG_NAME})
    set_tests_properties(${ARG_NAME} PROPERTIES LABELS "${ARG_LABELS}" TIMEOUT ${ARG_TIMEOUT}
      ENVIRONMENT "${ARG_ENVIRONMENT}")
    return()
  endif()
  include(GoogleTest)
  gtest_discover_tests(${ARG_NAME} DISCOVERY_MODE PRE_TEST DISCOVERY_TIMEOUT 60
    PROPERTIES LABELS "${ARG_LABELS}" TIMEOUT ${ARG_TIMEOUT} ENVIRONMENT "${ARG_ENVIRONMENT}")
endfunction()
