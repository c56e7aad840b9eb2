/*
 * Embedders as commands open them: with the network, and with the key from
 * the environment.  Private to cmd_*.c.
 */
#ifndef LOCKSTEP_CMD_EMBEDDER_H
#define LOCKSTEP_CMD_EMBEDDER_H

#include "harness/meaning/embed.h"
#include "harness/result/store.h"

struct cmd_embedder;

/*
 * Opens an embedder by its spec; NULL: "builtin".  The key of a service is
 * LOCKSTEP_EMBED_KEY, else OPENAI_API_KEY.
 * *e      belongs to the handle
 * returns RC_OK, caller closes; as embedder_open(), RC_NET
 */
int cmd_embedder_open(const char *spec, struct cmd_embedder **out,
    struct embedder **e, struct err *err);
void cmd_embedder_close(struct cmd_embedder **c);

/*
 * Where vectors are kept between runs: the store's table, held to
 * STORE_EMBED_BYTES.
 * s       borrowed as long as *out is in use
 */
void cmd_embedder_keep(struct store *s, struct embed_store *out);

/* Gives the embedder the curve of a suite; NaN: leaves its own. */
int cmd_embedder_curve(struct embedder *e, double t, struct err *err);

#endif
