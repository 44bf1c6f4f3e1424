-- SPDX-License-Identifier: Apache-2.0
-- A parameter is changed for the next call.
-- stopped: call changed
return rule {
  name = "write_parameter",
  about = "An attack.",
  allow = function(item, slate, context, p)
    if item.id ~= "m0" then return true end
    p.hidden = 1
    return true
  end,
}
