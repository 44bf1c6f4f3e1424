# SPDX-License-Identifier: Apache-2.0
# One target per folder of engine/src. A folder's headers can be included only by targets that
# link it: each target exposes an include root that holds nothing but a link to its own folder,
# so an include against the order of knowledge fails to build.

# lineup_folder(NAME [KNOWS folder...] [USES library...])
function(lineup_folder name)
  cmake_parse_arguments(FOLDER "" "" "KNOWS;USES" ${ARGN})
  file(GLOB sources CONFIGURE_DEPENDS "${CMAKE_CURRENT_SOURCE_DIR}/*.cpp")
  set(root "${CMAKE_BINARY_DIR}/include/${name}")
  file(MAKE_DIRECTORY "${root}")
  if(NOT EXISTS "${root}/${name}")
    file(CREATE_LINK "${CMAKE_CURRENT_SOURCE_DIR}" "${root}/${name}" SYMBOLIC)
  endif()
  if(sources)
    add_library(lineup_${name} STATIC ${sources})
    set(scope PUBLIC)
    set(private PRIVATE)
  else()
    add_library(lineup_${name} INTERFACE)
    set(scope INTERFACE)
    set(private INTERFACE)
  endif()
  target_include_directories(lineup_${name} ${scope} "${root}")
  foreach(known ${FOLDER_KNOWS})
    target_link_libraries(lineup_${name} ${scope} lineup_${known})
  endforeach()
  # Third-party libraries stay private: their headers are included by this folder alone.
  target_link_libraries(lineup_${name} ${private} ${FOLDER_USES})
endfunction()
