-- SPDX-License-Identifier: Apache-2.0
-- Bounds whose difference is no number.
-- stopped: call elements
return rule {
  name = "unpack_overflow",
  about = "An attack.",
  allow = function(item, slate, context, p)
    if item.id ~= "m0" then return true end
    return table.unpack({}, math.mininteger, math.maxinteger)
  end,
}
