-- SPDX-License-Identifier: Apache-2.0
-- A handler that runs when a block ends.
-- stopped: call 
return rule {
  name = "close_attribute",
  about = "An attack.",
  allow = function(item, slate, context, p)
    if item.id ~= "m0" then return true end
    local x <close> = { }
    while true do end
    return true
  end,
}
