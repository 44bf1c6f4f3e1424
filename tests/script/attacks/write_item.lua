-- SPDX-License-Identifier: Apache-2.0
-- An item is given a score.
-- stopped: call changed
return rule {
  name = "write_item",
  about = "An attack.",
  allow = function(item, slate, context, p)
    if item.id ~= "m0" then return true end
    item.score = 99
    return true
  end,
}
