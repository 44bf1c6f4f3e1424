# SPDX-License-Identifier: Apache-2.0
# Compares what the printer says with layout.txt, and looks that no struct of the headers was left
# out of the printer.
cmake_minimum_required(VERSION 3.25)

execute_process(COMMAND "${PRINTER}" OUTPUT_VARIABLE printed ERROR_VARIABLE faults
                RESULT_VARIABLE result)
if(NOT result EQUAL 0)
  message(FATAL_ERROR "${faults}")
endif()

file(READ "${EXPECTED}" expected)
if(NOT printed STREQUAL expected)
  file(WRITE "${PRINTER}.txt" "${printed}")
  message(FATAL_ERROR "the layout of the C interface changed:\n  diff ${EXPECTED} ${PRINTER}.txt\n"
    "Fields may only be appended, with a new LINEUP_ABI_MINOR and a line in sdk/CHANGELOG.md. "
    "Then: ${PRINTER} > ${EXPECTED}")
endif()

file(GLOB_RECURSE headers "${INCLUDE_DIR}/*.h")
foreach(header ${headers})
  file(STRINGS "${header}" lines REGEX "^(typedef )?struct lineup_[a-z_]+ {")
  foreach(line ${lines})
    string(REGEX MATCH "lineup_[a-z_]+" struct "${line}")
    if(NOT printed MATCHES "(^|\n)${struct} [0-9]")
      message(FATAL_ERROR "${header}: tests/abi/layout.c does not print `${struct}`")
    endif()
  endforeach()
endforeach()
