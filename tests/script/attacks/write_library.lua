-- SPDX-License-Identifier: Apache-2.0
-- A library is changed for everybody.
-- stopped: call changed
return rule {
  name = "write_library",
  about = "An attack.",
  allow = function(item, slate, context, p)
    if item.id ~= "m0" then return true end
    string.rep = nil
    return true
  end,
}
