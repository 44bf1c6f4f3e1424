-- SPDX-License-Identifier: Apache-2.0
-- Columns are read for ever.
-- stopped: call instructions
return rule {
  name = "item_reads",
  about = "An attack.",
  allow = function(item, slate, context, p)
    if item.id ~= "m0" then return true end
    while true do local c = item.category end
    return true
  end,
}
