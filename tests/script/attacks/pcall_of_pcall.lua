-- SPDX-License-Identifier: Apache-2.0
-- The catcher is caught.
-- stopped: call instructions
return rule {
  name = "pcall_of_pcall",
  about = "An attack.",
  allow = function(item, slate, context, p)
    if item.id ~= "m0" then return true end
    while true do pcall(pcall, pcall, error) end
    return true
  end,
}
