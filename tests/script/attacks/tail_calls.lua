-- SPDX-License-Identifier: Apache-2.0
-- Recursion that needs no stack.
-- stopped: call instructions
return rule {
  name = "tail_calls",
  about = "An attack.",
  allow = function(item, slate, context, p)
    if item.id ~= "m0" then return true end
    local function again() return again() end
    return again()
  end,
}
