-- SPDX-License-Identifier: Apache-2.0
-- Refused native calls are caught one after another.
-- stopped: call instructions
return rule {
  name = "pcall_of_native",
  about = "An attack.",
  allow = function(item, slate, context, p)
    if item.id ~= "m0" then return true end
    while true do pcall(string.rep, 'x', 1e9) end
    return true
  end,
}
