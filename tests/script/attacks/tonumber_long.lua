-- SPDX-License-Identifier: Apache-2.0
-- A long text is read as a number.
-- stopped: call instructions
return rule {
  name = "tonumber_long",
  about = "An attack.",
  allow = function(item, slate, context, p)
    if item.id ~= "m0" then return true end
    local s = ('1'):rep(60000)
    while true do tonumber(s) end
    return true
  end,
}
