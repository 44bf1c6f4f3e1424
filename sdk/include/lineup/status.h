/* SPDX-License-Identifier: Apache-2.0
 *
 * The words every other header here uses: versions, status, text, threads.
 *
 * THREADS. Every function in this SDK ends its comment with one tag:
 *
 *   [control]  Loads, configures, unloads. Never two [control] calls at once on
 *              the same object; may block.
 *   [request]  A serving thread, inside one request. The caller is on a
 *              deadline: no file, no network, no sleep, no allocation after
 *              warm-up. Whether calls on one instance may overlap is what the
 *              thread class in a plugin's metadata declares.
 *   [any]      Any thread at any time.
 *
 * OWNERSHIP. A pointer passed as an argument is borrowed until the call
 * returns. Nobody frees what the other side allocated.
 *
 * TEXT is UTF-8, pointer and length, not NUL-terminated. TIME is int64: names
 * end in _ms (milliseconds since the Unix epoch, UTC) or _ns (CLOCK_MONOTONIC).
 * ROWS AND SLOTS are 0-based.
 */
#ifndef LINEUP_STATUS_H
#define LINEUP_STATUS_H

#include <stddef.h>
#include <stdint.h>

/* The release; CMake reads it from here. */
#define LINEUP_VERSION_MAJOR 0
#define LINEUP_VERSION_MINOR 1
#define LINEUP_VERSION_PATCH 0

/* The binary interface. A host loads a plugin when MAJOR is equal and the
 * host's MINOR is at least the minor that the plugin requires. Struct fields
 * are only ever appended; MINOR grows when that happens. While MAJOR is 0 a new
 * MINOR may also change what is there: sdk/CHANGELOG.md says what. */
#define LINEUP_ABI_MAJOR 0
#define LINEUP_ABI_MINOR 1

#if defined(__GNUC__)
#define LINEUP_EXPORT __attribute__((visibility("default")))
#else
#define LINEUP_EXPORT
#endif

#ifdef __cplusplus
extern "C" {
#endif

/* What every call that can fail returns: 0 is ok, negative is a class of
 * error. Treat a value you do not know as LINEUP_E_INTERNAL. */
typedef int32_t lineup_status;
enum {
  LINEUP_OK = 0,
  LINEUP_E_INVALID_CONFIG = -1, /* the configuration is wrong: retrying won't help */
  LINEUP_E_INVALID_INPUT = -2,  /* an argument or the request is wrong */
  LINEUP_E_BUDGET = -3,         /* a work limit or memory limit was used up */
  LINEUP_E_DEADLINE = -4,       /* the deadline passed */
  LINEUP_E_INTERNAL = -5,       /* a fault on the callee's side */
  LINEUP_E_UNSUPPORTED = -6,    /* not offered by this version or object */
  LINEUP_E_NOT_FOUND = -7,      /* no such scene, file, name or record */
  LINEUP_E_STALE_HANDLE = -8,   /* a handle was used outside the call it was given for */
  LINEUP_E_ABI = -9,            /* made for another version of this interface */
  LINEUP_E_CLOSED = -10,        /* the engine is being closed */
  LINEUP_E_REFUSED = -11        /* a value is out of its bounds or a limit was reached */
};

/* Borrowed text. {NULL, 0} is empty. */
typedef struct lineup_text {
  const char *data;
  uint64_t size; /* bytes */
} lineup_text;

/* Where a failing call puts its sentence. The other side copies the text at
 * once; a later report replaces an earlier one. [any] */
typedef struct lineup_error_sink lineup_error_sink;
struct lineup_error_sink {
  uint32_t struct_size;
  uint32_t reserved;
  void *context;
  void (*report)(lineup_error_sink *sink, lineup_status status, lineup_text message);
};

/* Whether `table` (which begins with struct_size) reaches as far as `field`. */
#define LINEUP_HAS(type, table, field) \
  ((table)->struct_size >= offsetof(type, field) + sizeof((table)->field))

#ifdef __cplusplus
}
#endif

#endif
