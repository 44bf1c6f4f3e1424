-- SPDX-License-Identifier: Apache-2.0
-- More values than a stack has.
-- stopped: call elements
return rule {
  name = "unpack_huge",
  about = "An attack.",
  allow = function(item, slate, context, p)
    if item.id ~= "m0" then return true end
    return select('#', table.unpack({}, 1, 900000)) > 0
  end,
}
