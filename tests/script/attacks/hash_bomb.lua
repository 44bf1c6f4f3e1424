-- SPDX-License-Identifier: Apache-2.0
-- Ever new keys.
-- stopped: call instructions
return rule {
  name = "hash_bomb",
  about = "An attack.",
  allow = function(item, slate, context, p)
    if item.id ~= "m0" then return true end
    local t = {}
    for i = 1, 1e9 do t['k' .. i] = i end
    return true
  end,
}
