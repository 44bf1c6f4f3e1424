-- SPDX-License-Identifier: Apache-2.0
-- A counter that outlives the call.
-- stopped: load a rule keeps no state
local n = 0
return rule {
  name = "captured_state",
  about = "An attack.",
  allow = function() n = n + 1 return n % 2 == 0 end,
}
