-- SPDX-License-Identifier: Apache-2.0
-- The plainest of all.
-- stopped: call instructions
return rule {
  name = "endless_loop",
  about = "An attack.",
  allow = function(item, slate, context, p)
    if item.id ~= "m0" then return true end
    while true do end
    return true
  end,
}
