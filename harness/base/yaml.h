/*
 * YAML manifests as JSON trees.
 *
 * One document of the YAML 1.2 core schema: plain true, false, null and
 * numbers are what they look like, everything else (yes, no, on, off too) is
 * text.  Numbers keep their digits, whatever their length.  Anchors, aliases
 * and `<<` merges are followed within bounds; what a manifest cannot mean (a
 * duplicate key, a key that is no scalar, a second document) is an error with
 * its line and column.
 */
#ifndef LOCKSTEP_YAML_H
#define LOCKSTEP_YAML_H

#include <stddef.h>

#include "harness/base/err.h"
#include "harness/base/json.h"
#include "harness/base/srcmap.h"

enum {
	YAML_BYTES_MAX = 4 << 20,
	YAML_DEPTH_MAX = 100,
	YAML_NODES_MAX = 500000		/* with every alias expanded */
};

/*
 * Parses n bytes.
 * m, file  take the places of the nodes; file is of srcmap_file()
 * returns  the tree (JSON null for an empty text), caller frees with
 *          json_free(); or NULL with RC_FORMAT ("FILE:LINE:COLUMN: what") or
 *          RC_NOMEM in err
 */
struct json *yaml_parse(const char *text, size_t n, struct srcmap *m,
    int file, struct err *err);

#endif
