-- SPDX-License-Identifier: Apache-2.0
-- Every level catches and begins again.
-- stopped: call nested more than 200 deep
return rule {
  name = "pcall_nested",
  about = "An attack.",
  allow = function(item, slate, context, p)
    if item.id ~= "m0" then return true end
    local function again()
      pcall(again)
      again()
    end
    again()
    return true
  end,
}
