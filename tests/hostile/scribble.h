/* SPDX-License-Identifier: Apache-2.0
 *
 * For plugins that run in a process of their own: the memory that it shares with
 * the service, and what a wild plugin may do to it. The number of slots asked for
 * says which way is wanted.
 */
#ifndef LINEUP_TESTS_HOSTILE_SCRIBBLE_H
#define LINEUP_TESTS_HOSTILE_SCRIBBLE_H

#include <limits.h>
#include <linux/futex.h>
#include <stdio.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "hostile.h"

enum { SCRIBBLE_FILL = 4, SCRIBBLE_CUT = 5, SCRIBBLE_TURN = 6, SCRIBBLE_EARLY = 7 };

static char* scribble_region(void) {
  char line[512];
  FILE* maps = fopen("/proc/self/maps", "r");
  char* region = NULL;
  if (maps == NULL) return NULL;
  while (region == NULL && fgets(line, sizeof line, maps) != NULL) {
    void* begin = NULL;
    if (strstr(line, "memfd:lineup-worker") == NULL) continue;
    if (sscanf(line, "%p-", &begin) == 1) region = (char*)begin;
  }
  fclose(maps);
  return region;
}

/* The first word of the region says whose turn it is: 0 is the service's. */
static void scribble(uint32_t way) {
  volatile uint32_t* turn = (volatile uint32_t*)scribble_region();
  if (turn == NULL) return;
  if (way == SCRIBBLE_FILL) memset((char*)turn + 64, 0xFF, 4U << 20);
  if (way == SCRIBBLE_CUT && ftruncate(3, 0) != 0) return;
  if (way == SCRIBBLE_TURN) *turn = 77;
  if (way == SCRIBBLE_EARLY) *turn = 0;
  syscall(SYS_futex, turn, FUTEX_WAKE, INT_MAX, NULL, NULL, 0);
  while (way == SCRIBBLE_TURN || way == SCRIBBLE_EARLY) usleep(1000);
}

#endif
