-- SPDX-License-Identifier: Apache-2.0
-- Numbers become texts.
-- stopped: call instructions
return rule {
  name = "tostring_loop",
  about = "An attack.",
  allow = function(item, slate, context, p)
    if item.id ~= "m0" then return true end
    while true do tostring(0.1) end
    return true
  end,
}
