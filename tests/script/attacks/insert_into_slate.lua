-- SPDX-License-Identifier: Apache-2.0
-- A library writes what a rule may not.
-- stopped: call 
return rule {
  name = "insert_into_slate",
  about = "An attack.",
  allow = function(item, slate, context, p)
    if item.id ~= "m0" then return true end
    table.insert(slate, item)
    return true
  end,
}
