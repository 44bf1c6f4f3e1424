-- SPDX-License-Identifier: Apache-2.0
-- A condition that is asked for ever.
-- stopped: call instructions
return rule {
  name = "endless_repeat",
  about = "An attack.",
  allow = function(item, slate, context, p)
    if item.id ~= "m0" then return true end
    repeat until false
    return true
  end,
}
