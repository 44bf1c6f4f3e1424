-- SPDX-License-Identifier: Apache-2.0
-- A comparator without any order, over and over.
-- stopped: call instructions
return rule {
  name = "sort_comparator_lies",
  about = "An attack.",
  allow = function(item, slate, context, p)
    if item.id ~= "m0" then return true end
    local t = {}
    for i = 1, 9000 do t[i] = i end
    while true do table.sort(t, function() return true end) end
    return true
  end,
}
