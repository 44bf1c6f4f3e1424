-- SPDX-License-Identifier: Apache-2.0
-- Code points are counted.
-- stopped: call instructions
return rule {
  name = "utf8_loop",
  about = "An attack.",
  allow = function(item, slate, context, p)
    if item.id ~= "m0" then return true end
    local long = ('x'):rep(60000)
    while true do utf8.len(long) end
    return true
  end,
}
