-- SPDX-License-Identifier: Apache-2.0
-- A comparator that never answers.
-- stopped: call instructions
return rule {
  name = "sort_comparator",
  about = "An attack.",
  allow = function(item, slate, context, p)
    if item.id ~= "m0" then return true end
    table.sort({ 3, 2, 1 }, function() while true do end end)
    return true
  end,
}
