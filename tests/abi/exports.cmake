# SPDX-License-Identifier: Apache-2.0
# A plugin exports lineup_entry and nothing else. A unique symbol (`u`) would pin it in the process.
cmake_minimum_required(VERSION 3.25)

file(GLOB plugins "${PLUGIN_DIR}/*.so")
if(NOT plugins)
  message(FATAL_ERROR "no plugins in ${PLUGIN_DIR}")
endif()
foreach(plugin ${plugins})
  execute_process(COMMAND ${NM} -D --defined-only --format=posix "${plugin}" OUTPUT_VARIABLE symbols
                  COMMAND_ERROR_IS_FATAL ANY)
  if(NOT symbols MATCHES "^lineup_entry [DR] [^\n]*\n$")
    message(FATAL_ERROR "${plugin} exports:\n${symbols}")
  endif()
endforeach()
