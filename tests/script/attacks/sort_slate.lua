-- SPDX-License-Identifier: Apache-2.0
-- The page is sorted.
-- stopped: call 
return rule {
  name = "sort_slate",
  about = "An attack.",
  allow = function(item, slate, context, p)
    if item.id ~= "m0" then return true end
    table.sort(slate, function() return false end)
    return true
  end,
}
