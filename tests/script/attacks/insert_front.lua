-- SPDX-License-Identifier: Apache-2.0
-- Each insertion moves everything.
-- stopped: call instructions
return rule {
  name = "insert_front",
  about = "An attack.",
  allow = function(item, slate, context, p)
    if item.id ~= "m0" then return true end
    local t = {}
    for i = 1, 9000 do t[i] = i end
    while true do
      table.insert(t, 1, 0)
      table.remove(t)
    end
    return true
  end,
}
