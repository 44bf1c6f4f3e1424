// SPDX-License-Identifier: Apache-2.0
//
// A worker is two processes: one runs the plugin, the other, its keeper, runs none of its code and
// outlives it for a moment. Whatever the plugin has started, in whatever group or session, falls to
// the keeper when its parent ends and is ended by it: nothing stays behind, neither when the plugin
// ends nor when the service does.
#pragma once

namespace lineup {

// Forks. The child returns from here and runs the plugin. The keeper stays in here until the child
// has ended, or the service, or until it is told to end (SIGTERM); then it ends as the child did.
void keep_plugin();

}  // namespace lineup
