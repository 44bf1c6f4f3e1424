-- SPDX-License-Identifier: Apache-2.0
-- Calls from within a comparator.
-- stopped: call C stack overflow
return rule {
  name = "sort_recursive",
  about = "An attack.",
  allow = function(item, slate, context, p)
    if item.id ~= "m0" then return true end
    local function again()
      table.sort({ 2, 1 }, function() return again() end)
    end
    again()
    return true
  end,
}
