-- SPDX-License-Identifier: Apache-2.0
-- Long substitutions in a loop.
-- stopped: call instructions
return rule {
  name = "gsub_long_text",
  about = "An attack.",
  allow = function(item, slate, context, p)
    if item.id ~= "m0" then return true end
    local long = ('x'):rep(60000)
    while true do long:gsub('.', '%0%0') end
    return true
  end,
}
