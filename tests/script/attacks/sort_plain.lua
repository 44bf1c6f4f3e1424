-- SPDX-License-Identifier: Apache-2.0
-- Sorting without a comparator runs in C.
-- stopped: call instructions
return rule {
  name = "sort_plain",
  about = "An attack.",
  allow = function(item, slate, context, p)
    if item.id ~= "m0" then return true end
    local t = {}
    for i = 1, 9000 do t[i] = -i end
    while true do table.sort(t) end
    return true
  end,
}
