# SPDX-License-Identifier: Apache-2.0
# Instantiates the eight templates below WORK_DIR, with one project around them so that CMake
# configures once, and runs their tests.
cmake_minimum_required(VERSION 3.25)

# Leaves the file alone when it says this already: nothing is then built again.
function(write_file path contents)
  if(EXISTS "${path}")
    file(READ "${path}" before)
    if(before STREQUAL contents)
      return()
    endif()
  endif()
  file(WRITE "${path}" "${contents}")
endfunction()

# Copies a folder of the template, placeholders replaced in names and contents.
function(copy_template from to)
  file(GLOB_RECURSE files RELATIVE "${from}" "${from}/*")
  foreach(file ${files})
    file(READ "${from}/${file}" contents)
    foreach(placeholder NAME CLASS LANGUAGE EXTENSION)
      string(REPLACE "@${placeholder}@" "${${placeholder}}" contents "${contents}")
      string(REPLACE "@${placeholder}@" "${${placeholder}}" file "${file}")
    endforeach()
    if(contents MATCHES "@[A-Z]+@")
      message(FATAL_ERROR "${from}/${file}: unknown placeholder `${CMAKE_MATCH_0}`")
    endif()
    write_file("${to}/${file}" "${contents}")
  endforeach()
endfunction()

function(run)
  execute_process(COMMAND ${ARGN} RESULT_VARIABLE result OUTPUT_VARIABLE output ERROR_VARIABLE output)
  if(NOT result EQUAL 0)
    list(JOIN ARGN " " command)
    message(FATAL_ERROR "`${command}` failed:\n${output}")
  endif()
  message("${output}")
endfunction()

set(project "cmake_minimum_required(VERSION 3.25)\nproject(templates LANGUAGES C CXX)\nenable_testing()\n")
string(APPEND project "add_compile_options(-Wall -Wextra -Wshadow -Wpedantic -Werror)\n")
foreach(LANGUAGE c cpp)
  foreach(kind scorer generator evaluator constraint)
    set(NAME my_${LANGUAGE}_${kind})
    set(CLASS My${LANGUAGE}${kind})
    set(EXTENSION ${LANGUAGE})
    set(folder "${WORK_DIR}/source/${NAME}")
    copy_template("${TEMPLATE_DIR}/common" "${folder}")
    copy_template("${TEMPLATE_DIR}/kind/${kind}" "${folder}")
    copy_template("${TEMPLATE_DIR}/${LANGUAGE}/${kind}" "${folder}")
    foreach(file CMakeLists.txt README.md ${NAME}_test.cpp ${NAME}.${EXTENSION})
      if(NOT EXISTS "${folder}/${file}")
        message(FATAL_ERROR "the template ${LANGUAGE}/${kind} has no ${file}")
      endif()
    endforeach()
    # Each looks for the SDK by itself, as it does alone.
    string(APPEND project "add_subdirectory(${NAME})\n")
  endforeach()
endforeach()
write_file("${WORK_DIR}/source/CMakeLists.txt" "${project}")

run(${CMAKE_COMMAND} -S "${WORK_DIR}/source" -B "${WORK_DIR}/build" -G "${GENERATOR}"
    "-Dlineup_DIR=${PACKAGE_DIR}" "-DCMAKE_C_COMPILER=${C_COMPILER}"
    "-DCMAKE_CXX_COMPILER=${CXX_COMPILER}" "-DCMAKE_C_COMPILER_LAUNCHER=${LAUNCHER}"
    "-DCMAKE_CXX_COMPILER_LAUNCHER=${LAUNCHER}")
run(${CMAKE_COMMAND} --build "${WORK_DIR}/build")
run(${CMAKE_CTEST_COMMAND} --test-dir "${WORK_DIR}/build" --output-on-failure --no-tests=error)
