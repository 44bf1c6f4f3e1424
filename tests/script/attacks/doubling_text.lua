-- SPDX-License-Identifier: Apache-2.0
-- Each step doubles.
-- stopped: call 64 KiB
return rule {
  name = "doubling_text",
  about = "An attack.",
  allow = function(item, slate, context, p)
    if item.id ~= "m0" then return true end
    local s = 'x'
    while true do s = s .. s end
    return true
  end,
}
