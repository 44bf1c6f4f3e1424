-- SPDX-License-Identifier: Apache-2.0
-- A call per byte.
-- stopped: call instructions
return rule {
  name = "gsub_callback",
  about = "An attack.",
  allow = function(item, slate, context, p)
    if item.id ~= "m0" then return true end
    local long = ('x'):rep(60000)
    while true do long:gsub('.', function(c) return c end) end
    return true
  end,
}
