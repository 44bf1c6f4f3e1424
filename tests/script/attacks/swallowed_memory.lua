-- SPDX-License-Identifier: Apache-2.0
-- Catches that the memory ran out.
-- stopped: call memory
return rule {
  name = "swallowed_memory",
  about = "An attack.",
  allow = function(item, slate, context, p)
    if item.id ~= "m0" then return true end
    local t = {}
    while true do
      pcall(function()
        for i = 1, 1e9 do t[#t + 1] = ('x'):rep(60000) .. i end
      end)
    end
    return true
  end,
}
