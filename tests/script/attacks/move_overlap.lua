-- SPDX-License-Identifier: Apache-2.0
-- More elements than there are.
-- stopped: call elements
return rule {
  name = "move_overlap",
  about = "An attack.",
  allow = function(item, slate, context, p)
    if item.id ~= "m0" then return true end
    table.move({}, 1, math.maxinteger - 1, 2)
    return true
  end,
}
