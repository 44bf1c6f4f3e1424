-- SPDX-License-Identifier: Apache-2.0
-- Catches what ends it and goes on.
-- stopped: call instructions
return rule {
  name = "pcall_loop",
  about = "An attack.",
  allow = function(item, slate, context, p)
    if item.id ~= "m0" then return true end
    while true do pcall(function() while true do end end) end
    return true
  end,
}
