/*
 * The command line without secrets, for the head of a trace and for reports,
 * which go into pull requests. It replaces values set under headers and auth,
 * options and keys that are named like a credential, and credentials in URLs.
 */
#ifndef LOCKSTEP_CMD_ARGV_H
#define LOCKSTEP_CMD_ARGV_H

/* Fills cmd_main_argc and cmd_main_argv, which then live as long as the
 * program. */
void cmd_argv_keep(int argc, char **argv);

/* Whether KEY=VALUE of a --set may be in no file. */
int cmd_set_is_secret(const char *set);

#endif
