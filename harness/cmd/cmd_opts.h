/* Rows that tables of options share; see opt.h. at: offset in the struct. */
#ifndef LOCKSTEP_CMD_OPTS_H
#define LOCKSTEP_CMD_OPTS_H

#include "harness/base/opt.h"

#define CMD_OPT_HOME(at) { "home", 0, OPT_STR, at, 0, 0, "DIR", \
	"state folder (LOCKSTEP_HOME, else .lockstep)" }
#define CMD_OPT_JSON(at) { "json", 0, OPT_FLAG, at, 0, 0, NULL, \
	"print one JSON document" }
#define CMD_OPT_END { NULL, 0, OPT_FLAG, 0, 0, 0, NULL, NULL }

#endif
