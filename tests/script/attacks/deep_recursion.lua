-- SPDX-License-Identifier: Apache-2.0
-- A stack that grows.
-- stopped: call deep
return rule {
  name = "deep_recursion",
  about = "An attack.",
  allow = function(item, slate, context, p)
    if item.id ~= "m0" then return true end
    local function down(n) return 1 + down(n + 1) end
    return down(0) > 0
  end,
}
