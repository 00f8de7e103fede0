# cmake -D SOURCES="a.css;b.js" -D NAMES="kA;kB" -D OUTPUT=x.cpp -P embed.cmake: text files as
# constants of the report, each the file between two lines of a raw string.
set(text "// Made from ${SOURCES} by cmake/embed.cmake.\n#include \"model/report/assets.h\"\n\n")
string(APPEND text "namespace explainn::model::report {\n")
foreach(source name IN ZIP_LISTS SOURCES NAMES)
  file(READ ${source} content)
  if(content MATCHES "\\)embedded\"|</[sS][cCtT]")
    message(FATAL_ERROR "${source} holds what would end it where it is put")
  endif()
  string(APPEND text "\nconst std::string_view ${name} = R\"embedded(${content})embedded\";\n")
endforeach()
string(APPEND text "\n}  // namespace explainn::model::report\n")
file(WRITE ${OUTPUT} "${text}")
