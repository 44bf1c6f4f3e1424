/* SPDX-License-Identifier: Apache-2.0
 *
 * Every instance leaves a thread behind.
 */
#include <pthread.h>
#include <unistd.h>

#include "hostile.h"

static void* run(void* nothing) {
  for (;;) pause();
  return nothing;
}

static lineup_status create(const lineup_host* host, lineup_text config, lineup_error_sink* errors,
                            lineup_instance** out) {
  (void)host;
  (void)config;
  (void)errors;
  pthread_attr_t attributes;
  pthread_attr_init(&attributes);
  pthread_attr_setstacksize(&attributes, 64 * 1024);
  pthread_t thread;
  const int error = pthread_create(&thread, &attributes, run, NULL);
  pthread_attr_destroy(&attributes);
  *out = (lineup_instance*)&hostile_instance;
  return error == 0 ? LINEUP_OK : LINEUP_E_INTERNAL;
}

HOSTILE_METADATA("leaks_threads", "generator");
HOSTILE_GENERATOR("leaks_threads", hostile_table, hostile_init, create);
