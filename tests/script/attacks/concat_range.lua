-- SPDX-License-Identifier: Apache-2.0
-- A range that no table has.
-- stopped: call elements
return rule {
  name = "concat_range",
  about = "An attack.",
  allow = function(item, slate, context, p)
    if item.id ~= "m0" then return true end
    return #table.concat({}, 'x', 1, math.maxinteger) > 0
  end,
}
