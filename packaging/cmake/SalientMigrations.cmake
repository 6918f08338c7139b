# SPDX-License-Identifier: Apache-2.0
# salient_migrations(header): the numbered .sql files of resources/migrations, in order, as string literals
# in a header that is written at configure time and again whenever one of the files changes.
function(salient_migrations header)
  file(GLOB files CONFIGURE_DEPENDS ${PROJECT_SOURCE_DIR}/resources/migrations/*.sql)
  list(SORT files)
  set(literals "")
  foreach(path IN LISTS files)
    set_property(DIRECTORY APPEND PROPERTY CMAKE_CONFIGURE_DEPENDS ${path})
    file(READ ${path} text)
    string(APPEND literals "    R\"sql(${text})sql\",\n")
  endforeach()
  file(CONFIGURE OUTPUT ${header} CONTENT [[
// SPDX-License-Identifier: Apache-2.0
// Made from resources/migrations; edit the .sql files instead.
#pragma once

inline constexpr const char* kMigrations[] = {
@literals@};
]] @ONLY)
endfunction()
