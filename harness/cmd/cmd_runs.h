/* Subcommands of `lockstep runs`; argv[0] is their name. */
#ifndef LOCKSTEP_CMD_RUNS_H
#define LOCKSTEP_CMD_RUNS_H

int cmd_runs_merge(int argc, char **argv);
int cmd_runs_prune(int argc, char **argv);

#endif
