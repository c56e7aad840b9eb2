/*
 * What the attributes of a span say about a question and its answer, in three
 * conventions at once: OpenInference, OpenTelemetry's gen_ai, OpenLLMetry.
 * source  the conventions' public specifications
 */
#ifndef LOCKSTEP_IMPORT_ATTR_PART_H
#define LOCKSTEP_IMPORT_ATTR_PART_H

#include "harness/import/spans_part.h"

/* Limit of documents, messages and tool calls of one span that are read. */
enum { ATTR_ITEMS_MAX = 256 };

struct attr_doc {
	const char *id, *text, *source;
	double score;
	int here;
};

struct attr_message {
	const char *role, *text;
};

/* What the attributes of one span say. */
struct attr_span {
	const char *kind;	/* openinference.span.kind, or NULL */
	/* as they are: texts, texts that are JSON, or JSON */
	const struct json *input, *output, *in_messages, *out_messages;
	const struct json *documents;	/* a list in one value, or NULL */
	const char *model, *session, *user, *tenant, *tags;
	const char *tool_name[ATTR_ITEMS_MAX], *tool_args[ATTR_ITEMS_MAX];
	struct attr_message asked[ATTR_ITEMS_MAX], said[ATTR_ITEMS_MAX];
	struct attr_doc docs[2][ATTR_ITEMS_MAX];	/* found, reranked */
	int n_asked, n_said, n_docs[2], n_tools, has_docs[2];
	double tokens_in, tokens_out;
	int is_root, is_model;
	struct arena *arena;	/* for texts; lives until given */
};

/* A span of which nothing is known. */
void attr_start(struct attr_span *o, struct arena *arena);

/* Takes an attribute: its name with dots, and its value. */
void attr_take(struct attr_span *o, const char *key, const struct json *v);

/* Takes every leaf of nested attributes, names joined by dots; lists of
 * documents and messages by number. */
void attr_take_nested(struct attr_span *o, const char *prefix,
    const struct json *v);

/* Adds a passage that a search found. */
void attr_found(struct attr_span *o, const char *id, const char *text,
    double score);

/* Adds a message. */
void attr_message(struct attr_span *o, int said, const char *role,
    const char *text);

/* Hands on what is known. */
void attr_give(struct import *im, struct attr_span *o, struct spans_trace *t);

#endif
