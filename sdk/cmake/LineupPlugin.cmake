# SPDX-License-Identifier: Apache-2.0
# How a plugin is built, inside this repository and, by find_package(lineup), anywhere else.
include(GNUInstallDirs)

set(LINEUP_PLUGIN_VERSION_SCRIPT "${CMAKE_CURRENT_LIST_DIR}/lineup_plugin.map")

# lineup_add_plugin(NAME SOURCES file... [LIBRARIES target...])
# Builds NAME.so in ${CMAKE_BINARY_DIR}/plugins and installs it to lib/lineup/plugins.
#
# It exports one symbol, lineup_entry, and can be unloaded: g++'s unique statics would pin it in
# the process and share their state with the next version.
function(lineup_add_plugin name)
  cmake_parse_arguments(PARSE_ARGV 1 PLUGIN "" "" "SOURCES;LIBRARIES")
  if(NOT PLUGIN_SOURCES)
    message(FATAL_ERROR "lineup_add_plugin(${name}): SOURCES is missing")
  endif()
  if(PLUGIN_UNPARSED_ARGUMENTS)
    message(FATAL_ERROR "lineup_add_plugin(${name}): `${PLUGIN_UNPARSED_ARGUMENTS}` is not known; "
                        "SOURCES and LIBRARIES are")
  endif()
  add_library(${name} MODULE ${PLUGIN_SOURCES})
  set_target_properties(${name} PROPERTIES
    PREFIX "" SUFFIX ".so"
    C_STANDARD 11 CXX_STANDARD 20 CXX_STANDARD_REQUIRED ON CXX_EXTENSIONS OFF
    C_VISIBILITY_PRESET hidden CXX_VISIBILITY_PRESET hidden VISIBILITY_INLINES_HIDDEN ON
    LIBRARY_OUTPUT_DIRECTORY "${CMAKE_BINARY_DIR}/plugins"
    LINK_DEPENDS "${LINEUP_PLUGIN_VERSION_SCRIPT}")
  target_compile_options(${name} PRIVATE $<$<COMPILE_LANG_AND_ID:CXX,GNU>:-fno-gnu-unique>)
  target_link_options(${name} PRIVATE "LINKER:--version-script=${LINEUP_PLUGIN_VERSION_SCRIPT}")
  target_link_libraries(${name} PRIVATE lineup::sdk ${PLUGIN_LIBRARIES})
  install(TARGETS ${name} LIBRARY DESTINATION "${CMAKE_INSTALL_LIBDIR}/lineup/plugins")
  # Cases stand beside the plugin, where `lineup test` looks for them.
  set(cases "${CMAKE_CURRENT_SOURCE_DIR}/${name}.cases.yaml")
  if(EXISTS "${cases}")
    configure_file("${cases}" "${CMAKE_BINARY_DIR}/plugins/${name}.cases.yaml" COPYONLY)
    install(FILES "${cases}" DESTINATION "${CMAKE_INSTALL_LIBDIR}/lineup/plugins")
  endif()
endfunction()
