-- SPDX-License-Identifier: Apache-2.0
-- A library as the target of a move.
-- stopped: call changed
return rule {
  name = "move_into_library",
  about = "An attack.",
  allow = function(item, slate, context, p)
    if item.id ~= "m0" then return true end
    table.move({ 1 }, 1, 1, 1, math)
    return true
  end,
}
