-- SPDX-License-Identifier: Apache-2.0
-- A table of long texts, all of them different.
-- stopped: call memory
return rule {
  name = "table_bomb",
  about = "An attack.",
  allow = function(item, slate, context, p)
    if item.id ~= "m0" then return true end
    local t = {}
    for i = 1, 1e9 do t[i] = ('x'):rep(60000) .. i end
    return true
  end,
}
