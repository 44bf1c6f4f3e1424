-- SPDX-License-Identifier: Apache-2.0
-- Arguments are counted from behind for ever.
-- stopped: call instructions
return rule {
  name = "select_negative",
  about = "An attack.",
  allow = function(item, slate, context, p)
    if item.id ~= "m0" then return true end
    while true do select(-1, 1, 2, 3) end
    return true
  end,
}
