# SPDX-License-Identifier: Apache-2.0
# Installs BUILD_DIR and builds and tests the example hosts against the installation, away from the
# build tree: the engine must find its rules, plugins and helper below the prefix it was moved to.
cmake_minimum_required(VERSION 3.25)

string(RANDOM LENGTH 8 suffix)
set(temporary "$ENV{TMPDIR}")
if(NOT temporary)
  set(temporary "/tmp")
endif()
set(work "${temporary}/lineup-embed-${suffix}")

function(run)
  execute_process(COMMAND ${ARGN} RESULT_VARIABLE result OUTPUT_VARIABLE output ERROR_VARIABLE output)
  message("${output}")
  if(NOT result EQUAL 0)
    file(REMOVE_RECURSE "${work}")
    list(JOIN ARGN " " command)
    message(FATAL_ERROR "`${command}` failed")
  endif()
endfunction()

function(require_file name)
  file(GLOB_RECURSE found "${work}/prefix/${name}")
  if(NOT found)
    file(REMOVE_RECURSE "${work}")
    message(FATAL_ERROR "the installation lacks `${name}`")
  endif()
endfunction()

# A sanitized library wants a sanitized program.
set(flags "")
if(SANITIZE)
  set(flags "-fsanitize=${SANITIZE}")
endif()

run(${CMAKE_COMMAND} --install "${BUILD_DIR}" --prefix "${work}/prefix")
foreach(name bin/lineup liblineup.so lineup-probe engine.h engine.hpp lineupConfig.cmake lineup.pc pin.lua
             home_feed.yaml policy.schema.json score_order.so)
  require_file("${name}")
endforeach()

# The prefix's own rules and plugins are used, not those of the source tree.
set(ENV{LINEUP_HOME})
foreach(example embed_c embed_cpp)
  run(${CMAKE_COMMAND} -S "${EXAMPLES_DIR}/${example}" -B "${work}/${example}" -G "${GENERATOR}"
      "-DCMAKE_PREFIX_PATH=${work}/prefix" "-DCMAKE_C_COMPILER=${C_COMPILER}"
      "-DCMAKE_CXX_COMPILER=${CXX_COMPILER}" -DCMAKE_BUILD_TYPE=Debug
      "-DCMAKE_C_FLAGS=${flags}" "-DCMAKE_CXX_FLAGS=${flags}")
  run(${CMAKE_COMMAND} --build "${work}/${example}")
  run(${CMAKE_CTEST_COMMAND} --test-dir "${work}/${example}" --verbose --no-tests=error)
endforeach()
file(REMOVE_RECURSE "${work}")
