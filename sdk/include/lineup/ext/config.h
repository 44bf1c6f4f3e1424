/* SPDX-License-Identifier: Apache-2.0
 *
 * Reads the configuration given to create(), a service of the host: it has a
 * JSON library, so a plugin need not bring one. Control path only.
 *
 *   const lineup_host_config *service = host->extension(host, LINEUP_HOST_CONFIG);
 *   lineup_config *config = NULL;
 *   lineup_status status = service->open(config_json, errors, &config);
 *   ...
 *   status = service->number(config, "/theta", &theta);
 *   service->close(config);
 *
 * `pointer` is a JSON pointer (RFC 6901), NUL-terminated: "/theta",
 * "/channels/0/column"; "" is the whole. Every reading function gives
 * NOT_FOUND when nothing is there (a JSON null counts as nothing) and
 * INVALID_CONFIG when something of another type is; *out is then untouched, so
 * that it may hold the default before the call.
 */
#ifndef LINEUP_EXT_CONFIG_H
#define LINEUP_EXT_CONFIG_H

#include "lineup/plugin.h"

#ifdef __cplusplus
extern "C" {
#endif

#define LINEUP_HOST_CONFIG "lineup.config/1"

typedef struct lineup_config lineup_config; /* a parsed configuration; the host's */

typedef struct lineup_host_config {
  uint32_t struct_size;
  uint32_t reserved;

  /* Parses. On LINEUP_OK *out is set and the plugin owes one close().
   * INVALID_CONFIG when the text is not JSON; `errors` (may be NULL) was told
   * where. [control] */
  lineup_status (*open)(lineup_text config_json, lineup_error_sink *errors, lineup_config **out);
  /* Ends it, and every text read from it. NULL is fine. [control] */
  void (*close)(lineup_config *config);

  /* Any JSON number. [control] */
  lineup_status (*number)(const lineup_config *config, const char *pointer, double *out);
  /* A JSON number without a fraction that fits. [control] */
  lineup_status (*integer)(const lineup_config *config, const char *pointer, int64_t *out);
  /* 0 or 1. [control] */
  lineup_status (*boolean)(const lineup_config *config, const char *pointer, int32_t *out);
  /* Borrowed until close(). [control] */
  lineup_status (*text)(const lineup_config *config, const char *pointer, lineup_text *out);
  /* Elements of an array or members of an object. [control] */
  lineup_status (*count)(const lineup_config *config, const char *pointer, uint64_t *out);
} lineup_host_config;

#ifdef __cplusplus
}
#endif

#endif
