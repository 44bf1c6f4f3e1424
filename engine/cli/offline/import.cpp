// SPDX-License-Identifier: Apache-2.0
//
// `lineup import`: which importer, and what is said when it is done.
#include "cli/offline/import.hpp"

#include <fmt/format.h>

#include <cstdio>

#include "cli/interrupt.hpp"
#include "cli/verbs.hpp"

namespace lineup::cli {

int import_verb(const ImportOptions& options) {
  auto out = LineWriter::open(options.out);
  if (!out) return could_not_run(out.error().message);
  const auto imported = options.format == "kuairand"    ? import_kuairand(options, *out)
                        : options.format == "movielens" ? import_movielens(options, *out)
                        : options.format == "obd"       ? import_obd(options, *out)
                                                        : import_jsonl(options, *out);
  if (interrupted() != 0) return interrupted_exit_code();
  if (!imported) return could_not_run(imported.error().message);
  if (!out->flush()) return could_not_run(out->fault());
  if (imported->requests == 0) {
    return could_not_run(fmt::format("`{}` has no requests", options.directory));
  }
  fmt::print(stderr, "{} requests, {} items shown, {} clicked{}{}\n", imported->requests,
             imported->shown, imported->rewards, imported->note.empty() ? "" : "; ",
             imported->note);
  return kYes;
}

}  // namespace lineup::cli
