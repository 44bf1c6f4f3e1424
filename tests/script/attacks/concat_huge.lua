-- SPDX-License-Identifier: Apache-2.0
-- A table of long texts is joined.
-- stopped: call instructions
return rule {
  name = "concat_huge",
  about = "An attack.",
  allow = function(item, slate, context, p)
    if item.id ~= "m0" then return true end
    local t = {}
    for i = 1, 100 do t[i] = ('x'):rep(60000) end
    return #table.concat(t) > 0
  end,
}
