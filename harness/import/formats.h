/*
 * The formats that `lockstep import` reads: FORMAT(NAME), a file
 * import_NAME.c each, in the order of --help.  Included several times.
 */
#ifndef LOCKSTEP_IMPORT_FORMATS_H
#define LOCKSTEP_IMPORT_FORMATS_H
#include "harness/import/import.h"
#define FORMAT(name) extern const struct import_format import_##name;
#endif

#ifdef FORMAT
FORMAT(har)
FORMAT(otlp)
FORMAT(langfuse)
FORMAT(phoenix)
FORMAT(mlflow)
FORMAT(openai)
FORMAT(gor)
FORMAT(mitmproxy)
FORMAT(accesslog)
FORMAT(ndjson)
FORMAT(kafka)
#undef FORMAT
#endif
