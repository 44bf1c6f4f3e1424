/* SPDX-License-Identifier: Apache-2.0
 *
 * Every instance starts a process that leaves the group and the session, holds no file open and
 * never ends by itself. Its name says which process is the parent of the plugin's.
 */
#include <signal.h>
#include <stdio.h>
#include <sys/prctl.h>
#include <unistd.h>

#include "hostile.h"

static void stay(int parent) {
  char name[16];
  snprintf(name, sizeof name, "left%d", parent);
  setsid();
  signal(SIGTERM, SIG_IGN);
  /* Once more: the one in between ends at once, and nobody has waited for this one. */
  if (fork() != 0) _exit(0);
  prctl(PR_SET_NAME, name);
  for (int file = 0; file < 64; ++file) close(file);
  for (;;) pause();
}

static lineup_status create(const lineup_host* host, lineup_text config, lineup_error_sink* errors,
                            lineup_instance** out) {
  (void)host;
  (void)config;
  (void)errors;
  const int parent = getppid();
  if (fork() == 0) stay(parent);
  *out = (lineup_instance*)&hostile_instance;
  return LINEUP_OK;
}

HOSTILE_METADATA("leaves_process", "generator");
HOSTILE_GENERATOR("leaves_process", hostile_table, hostile_init, create);
