/*
 * Recorded text made harmless for one format each.  All take text as it was
 * recorded, remove controls (glyph.h) and escape.
 * Pure functions, safe from any thread.
 */
#ifndef LOCKSTEP_ESCAPE_H
#define LOCKSTEP_ESCAPE_H

#include <stddef.h>
#include <stdint.h>

#include "harness/base/buf.h"

/* One code point for XML and HTML, in text or in a quoted attribute. */
void escape_xml_char(struct buf *out, uint32_t cp);

/* Text of XML 1.0 and HTML, line ends kept; also for quoted attributes,
 * where a parser makes spaces of them. */
void escape_xml(struct buf *out, const char *s);

/* The same in one line: white space folded. */
void escape_xml_line(struct buf *out, const char *s);

/*
 * Inline GitHub Markdown, fit for a table's cell: no mark-up, no HTML, no
 * mention, no issue reference and no link comes of it.
 * max     columns kept before an ellipsis; 0: all
 */
void escape_md(struct buf *out, const char *s, size_t max);

/* A quoted CSV field (RFC 4180) that no spreadsheet takes for a formula. */
void escape_csv(struct buf *out, const char *s);

#endif
