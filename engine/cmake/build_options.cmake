# SPDX-License-Identifier: Apache-2.0
# Compiler, linker and sanitizer settings that hold for every target of this repository.
set(CMAKE_CXX_STANDARD 20)
set(CMAKE_CXX_STANDARD_REQUIRED ON)
set(CMAKE_CXX_EXTENSIONS OFF)
set(CMAKE_C_STANDARD 11)
set(CMAKE_POSITION_INDEPENDENT_CODE ON)
set(CMAKE_CXX_VISIBILITY_PRESET hidden)
set(CMAKE_C_VISIBILITY_PRESET hidden)
set(CMAKE_VISIBILITY_INLINES_HIDDEN ON)

if(NOT CMAKE_BUILD_TYPE)
  set(CMAKE_BUILD_TYPE Release CACHE STRING "Build type" FORCE)
endif()

find_program(LINEUP_CCACHE ccache)
if(LINEUP_CCACHE)
  # Paths are made relative to the build folder, so that clones and build folders share results.
  set(launcher env CCACHE_BASEDIR=${PROJECT_SOURCE_DIR} CCACHE_NOHASHDIR=1 ${LINEUP_CCACHE})
  set(CMAKE_C_COMPILER_LAUNCHER ${launcher})
  set(CMAKE_CXX_COMPILER_LAUNCHER ${launcher})
endif()

find_program(LINEUP_MOLD mold)
if(LINEUP_MOLD AND CMAKE_CXX_COMPILER_ID STREQUAL "GNU" AND NOT LINEUP_SANITIZE)
  add_link_options(-fuse-ld=mold)
endif()

add_compile_options(-Wall -Wextra -Wshadow)
if(CMAKE_CXX_COMPILER_ID STREQUAL "GNU")
  # Unique statics would keep a library mapped after dlclose and leak state between versions.
  add_compile_options($<$<COMPILE_LANGUAGE:CXX>:-fno-gnu-unique>)
  # g++ 12 warns of overlaps in std::string's operator+ that cannot happen (its bug 105651).
  add_compile_options($<$<COMPILE_LANGUAGE:CXX>:-Wno-restrict>)
endif()
if(CMAKE_BUILD_TYPE STREQUAL "Debug")
  add_compile_options(-O1 -g1)
endif()
if(LINEUP_SANITIZE)
  add_compile_options(-fsanitize=${LINEUP_SANITIZE} -fno-omit-frame-pointer)
  add_link_options(-fsanitize=${LINEUP_SANITIZE})
  if(LINEUP_SANITIZE MATCHES "undefined")
    # What these two see, the address sanitizer sees as well; they are a quarter of the compiler's time.
    add_compile_options(-fno-sanitize-recover=undefined -fno-sanitize=null,object-size)
  endif()
endif()

find_package(Threads REQUIRED)
find_package(spdlog REQUIRED)
find_package(fmt REQUIRED)
find_package(yaml-cpp REQUIRED)
find_package(simdjson REQUIRED)
find_package(nlohmann_json REQUIRED)
find_package(CLI11 REQUIRED)
find_package(tl-expected REQUIRED)
find_package(Boost 1.74 REQUIRED)
# Time zones; the package brings neither a CMake nor a pkg-config file.
find_library(LINEUP_CCTZ cctz REQUIRED)
find_package(PkgConfig REQUIRED)
# The variant built as C++: its errors unwind destructors instead of jumping over them.
pkg_check_modules(LUA REQUIRED IMPORTED_TARGET lua5.4-c++)
# Keeps who changed what.
pkg_check_modules(SQLITE REQUIRED IMPORTED_TARGET sqlite3)
# Writes metrics as Prometheus reads them.
pkg_check_modules(PROMETHEUS REQUIRED IMPORTED_TARGET prometheus-cpp-core)
# Signatures and the hashes that people can check.
pkg_check_modules(SODIUM REQUIRED IMPORTED_TARGET libsodium)
pkg_check_modules(XXHASH REQUIRED IMPORTED_TARGET libxxhash)
