/* The formats that exchanges are written in; see convert.h. */
#include "harness/traffic/convert.h"

#include <stddef.h>

const struct convert_format *const convert_formats[] = {
#define CONVERT(name) &convert_##name,
#include "harness/traffic/convert_rows.h"
#undef CONVERT
	NULL
};
