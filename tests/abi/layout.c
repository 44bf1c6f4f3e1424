/* SPDX-License-Identifier: Apache-2.0
 *
 * Prints size and offsets of everything that crosses the C interface, one line each:
 *
 *   lineup_text 16
 *   lineup_text.data 0 8
 *
 * abi_layout compares it with layout.txt. Fields must follow each other without
 * padding: what a compiler leaves between them another may leave elsewhere.
 */
#include <stddef.h>
#include <stdio.h>

#include "lineup/batch.h"
#include "lineup/engine.h"
#include "lineup/packed.h"
#include "lineup/plugin.h"
#include "lineup/status.h"

static const char* name; /* of the struct being printed */
static size_t size;      /* its size */
static size_t end;       /* where its last field so far ended */
static int holes;

/* Ends the struct before. */
static void finish(void) {
  if (end == size) return;
  fprintf(stderr, "%s: %lu bytes of padding or of fields not listed in layout.c at the end\n", name,
          (unsigned long)(size - end));
  ++holes;
}

static void begin(const char* struct_name, size_t struct_size) {
  finish();
  name = struct_name;
  size = struct_size;
  end = 0;
  printf("%s %lu\n", name, (unsigned long)size);
}

static void field(const char* field_name, size_t offset, size_t field_size) {
  printf("%s.%s %lu %lu\n", name, field_name, (unsigned long)offset, (unsigned long)field_size);
  if (offset != end) {
    fprintf(stderr, "%s.%s: padding or a field not listed in layout.c before it\n", name,
            field_name);
    ++holes;
  }
  end = offset + field_size;
}

#define STRUCT(type) begin(#type, sizeof(type))
#define FIELD(type, member) field(#member, offsetof(type, member), sizeof(((type*)0)->member))

/* The tables of extensions, with the macros above. */
#include "layout_ext.h"

static void print_status(void) {
  STRUCT(lineup_text);
  FIELD(lineup_text, data);
  FIELD(lineup_text, size);
  STRUCT(lineup_error_sink);
  FIELD(lineup_error_sink, struct_size);
  FIELD(lineup_error_sink, reserved);
  FIELD(lineup_error_sink, context);
  FIELD(lineup_error_sink, report);
}

static void print_batch(void) {
  STRUCT(lineup_dictionary);
  FIELD(lineup_dictionary, struct_size);
  FIELD(lineup_dictionary, count);
  FIELD(lineup_dictionary, offsets);
  FIELD(lineup_dictionary, bytes);
  FIELD(lineup_dictionary, identity);
  STRUCT(lineup_column);
  FIELD(lineup_column, struct_size);
  FIELD(lineup_column, type);
  FIELD(lineup_column, dimension);
  FIELD(lineup_column, flags);
  FIELD(lineup_column, data);
  FIELD(lineup_column, validity);
  FIELD(lineup_column, offsets);
  FIELD(lineup_column, list_offsets);
  FIELD(lineup_column, dictionary);
  STRUCT(lineup_ids);
  FIELD(lineup_ids, struct_size);
  FIELD(lineup_ids, flags);
  FIELD(lineup_ids, numbers);
  FIELD(lineup_ids, offsets);
  FIELD(lineup_ids, bytes);
  STRUCT(lineup_value);
  FIELD(lineup_value, struct_size);
  FIELD(lineup_value, kind);
  FIELD(lineup_value, integer);
  FIELD(lineup_value, number);
  FIELD(lineup_value, text);
  FIELD(lineup_value, text_size);
  STRUCT(lineup_slates);
  FIELD(lineup_slates, struct_size);
  FIELD(lineup_slates, slate_count);
  FIELD(lineup_slates, slot_count);
  FIELD(lineup_slates, reserved);
  FIELD(lineup_slates, rows);
  FIELD(lineup_slates, lengths);
}

static void print_plugin(void) {
  STRUCT(lineup_host);
  FIELD(lineup_host, struct_size);
  FIELD(lineup_host, abi_major);
  FIELD(lineup_host, abi_minor);
  FIELD(lineup_host, name);
  FIELD(lineup_host, version);
  FIELD(lineup_host, extension);
  FIELD(lineup_host, log);
  STRUCT(lineup_binder);
  FIELD(lineup_binder, struct_size);
  FIELD(lineup_binder, rows_max);
  FIELD(lineup_binder, slots_max);
  FIELD(lineup_binder, threads_max);
  FIELD(lineup_binder, history_max);
  FIELD(lineup_binder, objective_count);
  FIELD(lineup_binder, context);
  FIELD(lineup_binder, column);
  FIELD(lineup_binder, context_value);
  FIELD(lineup_binder, output);
  FIELD(lineup_binder, objective);
  FIELD(lineup_binder, objective_at);
  FIELD(lineup_binder, live);
  STRUCT(lineup_call);
  FIELD(lineup_call, struct_size);
  FIELD(lineup_call, row_count);
  FIELD(lineup_call, history_count);
  FIELD(lineup_call, slot_count);
  FIELD(lineup_call, objective_count);
  FIELD(lineup_call, reserved);
  FIELD(lineup_call, columns);
  FIELD(lineup_call, history);
  FIELD(lineup_call, ids);
  FIELD(lineup_call, history_ids);
  FIELD(lineup_call, context);
  FIELD(lineup_call, weights);
  FIELD(lineup_call, discounts);
  FIELD(lineup_call, candidates);
  FIELD(lineup_call, seed);
  FIELD(lineup_call, now_ms);
  FIELD(lineup_call, deadline_ns);
  FIELD(lineup_call, work_limit);
  FIELD(lineup_call, allocate);
  FIELD(lineup_call, spend);
  FIELD(lineup_call, errors);
  FIELD(lineup_call, live);
  STRUCT(lineup_node_type);
  FIELD(lineup_node_type, struct_size);
  FIELD(lineup_node_type, kind);
  FIELD(lineup_node_type, name);
  FIELD(lineup_node_type, id);
  FIELD(lineup_node_type, create);
  FIELD(lineup_node_type, activate);
  FIELD(lineup_node_type, deactivate);
  FIELD(lineup_node_type, destroy);
  FIELD(lineup_node_type, extension);
  STRUCT(lineup_plugin);
  FIELD(lineup_plugin, magic);
  FIELD(lineup_plugin, struct_size);
  FIELD(lineup_plugin, abi_major);
  FIELD(lineup_plugin, abi_minor);
  FIELD(lineup_plugin, required_minor);
  FIELD(lineup_plugin, reserved);
  FIELD(lineup_plugin, version);
  FIELD(lineup_plugin, metadata_json);
  FIELD(lineup_plugin, init);
  FIELD(lineup_plugin, deinit);
  FIELD(lineup_plugin, type_at);
}

static void print_engine(void) {
  STRUCT(lineup_overlay_file);
  FIELD(lineup_overlay_file, struct_size);
  FIELD(lineup_overlay_file, flags);
  FIELD(lineup_overlay_file, path);
  FIELD(lineup_overlay_file, contents);
  STRUCT(lineup_options);
  FIELD(lineup_options, struct_size);
  FIELD(lineup_options, watch);
  FIELD(lineup_options, bundle);
  FIELD(lineup_options, rule_directories);
  FIELD(lineup_options, rule_directory_count);
  FIELD(lineup_options, plugin_directories);
  FIELD(lineup_options, plugin_directory_count);
  FIELD(lineup_options, overlay);
  FIELD(lineup_options, overlay_count);
  FIELD(lineup_options, state_directory);
  FIELD(lineup_options, staging_directory);
  FIELD(lineup_options, probe);
  FIELD(lineup_options, sessions);
  FIELD(lineup_options, quiet_ms);
  FIELD(lineup_options, poll_ms);
  FIELD(lineup_options, record_count);
  FIELD(lineup_options, record_mask_user);
  FIELD(lineup_options, reserved);
  FIELD(lineup_options, log);
  FIELD(lineup_options, log_context);
  FIELD(lineup_options, trust_file);
  FIELD(lineup_options, decision_file_bytes);
  FIELD(lineup_options, decision_every);
  FIELD(lineup_options, metrics_ms);
  FIELD(lineup_options, workers);
  FIELD(lineup_options, reserved_2);
  STRUCT(lineup_rows);
  FIELD(lineup_rows, struct_size);
  FIELD(lineup_rows, row_count);
  FIELD(lineup_rows, column_count);
  FIELD(lineup_rows, reserved);
  FIELD(lineup_rows, ids);
  FIELD(lineup_rows, handles);
  FIELD(lineup_rows, columns);
  STRUCT(lineup_setting);
  FIELD(lineup_setting, handle);
  FIELD(lineup_setting, reserved);
  FIELD(lineup_setting, value);
  STRUCT(lineup_input);
  FIELD(lineup_input, struct_size);
  FIELD(lineup_input, scene);
  FIELD(lineup_input, request_id);
  FIELD(lineup_input, user);
  FIELD(lineup_input, candidates);
  FIELD(lineup_input, history);
  FIELD(lineup_input, context_handles);
  FIELD(lineup_input, context_values);
  FIELD(lineup_input, weights);
  FIELD(lineup_input, overrides);
  FIELD(lineup_input, experiments);
  FIELD(lineup_input, context_count);
  FIELD(lineup_input, weight_count);
  FIELD(lineup_input, override_count);
  FIELD(lineup_input, experiment_count);
  FIELD(lineup_input, page);
  FIELD(lineup_input, flags);
  FIELD(lineup_input, seed);
  FIELD(lineup_input, now_ms);
  FIELD(lineup_input, deadline_ns);
  FIELD(lineup_input, revision);
  STRUCT(lineup_relaxed);
  FIELD(lineup_relaxed, rule);
  FIELD(lineup_relaxed, reason);
  FIELD(lineup_relaxed, violations);
  FIELD(lineup_relaxed, reserved);
  STRUCT(lineup_named_value);
  FIELD(lineup_named_value, name);
  FIELD(lineup_named_value, value);
  STRUCT(lineup_pool_row);
  FIELD(lineup_pool_row, id);
  FIELD(lineup_pool_row, pool);
  STRUCT(lineup_result);
  FIELD(lineup_result, struct_size);
  FIELD(lineup_result, answer);
  FIELD(lineup_result, search);
  FIELD(lineup_result, slate_count);
  FIELD(lineup_result, slate);
  FIELD(lineup_result, relaxed);
  FIELD(lineup_result, warnings);
  FIELD(lineup_result, weights);
  FIELD(lineup_result, parameters);
  FIELD(lineup_result, relaxed_count);
  FIELD(lineup_result, warning_count);
  FIELD(lineup_result, weight_count);
  FIELD(lineup_result, parameter_count);
  FIELD(lineup_result, error);
  FIELD(lineup_result, revision);
  FIELD(lineup_result, elapsed_ns);
  FIELD(lineup_result, work);
  FIELD(lineup_result, value);
  FIELD(lineup_result, trace_json);
  FIELD(lineup_result, pool_rows);
  FIELD(lineup_result, pool_row_count);
  FIELD(lineup_result, experiment_count);
  FIELD(lineup_result, experiments);
  FIELD(lineup_result, propensity);
  STRUCT(lineup_text_sink);
  FIELD(lineup_text_sink, struct_size);
  FIELD(lineup_text_sink, reserved);
  FIELD(lineup_text_sink, context);
  FIELD(lineup_text_sink, write);
}

static void print_packed(void) {
  STRUCT(lineup_packed_text);
  FIELD(lineup_packed_text, offset);
  FIELD(lineup_packed_text, size);
  STRUCT(lineup_packed_column);
  FIELD(lineup_packed_column, name);
  FIELD(lineup_packed_column, type);
  FIELD(lineup_packed_column, dimension);
  FIELD(lineup_packed_column, data);
  FIELD(lineup_packed_column, validity);
  FIELD(lineup_packed_column, offsets);
  FIELD(lineup_packed_column, list_offsets);
  FIELD(lineup_packed_column, dictionary_count);
  FIELD(lineup_packed_column, dictionary_offsets);
  FIELD(lineup_packed_column, dictionary_bytes);
  FIELD(lineup_packed_column, reserved);
  STRUCT(lineup_packed_rows);
  FIELD(lineup_packed_rows, row_count);
  FIELD(lineup_packed_rows, column_count);
  FIELD(lineup_packed_rows, columns);
  FIELD(lineup_packed_rows, ids_flags);
  FIELD(lineup_packed_rows, id_numbers);
  FIELD(lineup_packed_rows, id_offsets);
  FIELD(lineup_packed_rows, id_bytes);
  FIELD(lineup_packed_rows, reserved);
  STRUCT(lineup_packed_setting);
  FIELD(lineup_packed_setting, name);
  FIELD(lineup_packed_setting, value);
  STRUCT(lineup_packed_value);
  FIELD(lineup_packed_value, path);
  FIELD(lineup_packed_value, kind);
  FIELD(lineup_packed_value, reserved);
  FIELD(lineup_packed_value, integer);
  FIELD(lineup_packed_value, number);
  FIELD(lineup_packed_value, text);
  STRUCT(lineup_packed_pair);
  FIELD(lineup_packed_pair, name);
  FIELD(lineup_packed_pair, value);
  STRUCT(lineup_packed_request);
  FIELD(lineup_packed_request, magic);
  FIELD(lineup_packed_request, version);
  FIELD(lineup_packed_request, header_size);
  FIELD(lineup_packed_request, total_size);
  FIELD(lineup_packed_request, seed);
  FIELD(lineup_packed_request, now_ms);
  FIELD(lineup_packed_request, budget_ns);
  FIELD(lineup_packed_request, scene);
  FIELD(lineup_packed_request, request_id);
  FIELD(lineup_packed_request, user);
  FIELD(lineup_packed_request, revision);
  FIELD(lineup_packed_request, page);
  FIELD(lineup_packed_request, flags);
  FIELD(lineup_packed_request, candidates);
  FIELD(lineup_packed_request, history);
  FIELD(lineup_packed_request, context_count);
  FIELD(lineup_packed_request, context);
  FIELD(lineup_packed_request, weight_count);
  FIELD(lineup_packed_request, weights);
  FIELD(lineup_packed_request, override_count);
  FIELD(lineup_packed_request, overrides);
  FIELD(lineup_packed_request, experiment_count);
  FIELD(lineup_packed_request, experiments);
  STRUCT(lineup_packed_relaxed);
  FIELD(lineup_packed_relaxed, rule);
  FIELD(lineup_packed_relaxed, reason);
  FIELD(lineup_packed_relaxed, violations);
  FIELD(lineup_packed_relaxed, reserved);
  STRUCT(lineup_packed_response);
  FIELD(lineup_packed_response, magic);
  FIELD(lineup_packed_response, version);
  FIELD(lineup_packed_response, header_size);
  FIELD(lineup_packed_response, total_size);
  FIELD(lineup_packed_response, answer);
  FIELD(lineup_packed_response, search);
  FIELD(lineup_packed_response, slate_count);
  FIELD(lineup_packed_response, slate);
  FIELD(lineup_packed_response, relaxed_count);
  FIELD(lineup_packed_response, relaxed);
  FIELD(lineup_packed_response, warning_count);
  FIELD(lineup_packed_response, warnings);
  FIELD(lineup_packed_response, weight_count);
  FIELD(lineup_packed_response, weights);
  FIELD(lineup_packed_response, parameter_count);
  FIELD(lineup_packed_response, parameters);
  FIELD(lineup_packed_response, request_id);
  FIELD(lineup_packed_response, error);
  FIELD(lineup_packed_response, revision);
  FIELD(lineup_packed_response, trace_json);
  FIELD(lineup_packed_response, elapsed_ns);
  FIELD(lineup_packed_response, work);
  FIELD(lineup_packed_response, value);
  FIELD(lineup_packed_response, pool_row_count);
  FIELD(lineup_packed_response, pool_rows);
  FIELD(lineup_packed_response, experiment_count);
  FIELD(lineup_packed_response, experiments);
  FIELD(lineup_packed_response, propensity);
}

int main(void) {
  print_status();
  print_batch();
  print_plugin();
  print_engine();
  print_builder();
  print_search();
  print_state();
  print_config();
  print_constraint();
  print_evaluator();
  print_generator();
  print_scorer();
  print_packed();
  finish();
  return holes == 0 ? 0 : 1;
}
