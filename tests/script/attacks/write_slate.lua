-- SPDX-License-Identifier: Apache-2.0
-- A row is put on the page.
-- stopped: call changed
return rule {
  name = "write_slate",
  about = "An attack.",
  allow = function(item, slate, context, p)
    if item.id ~= "m0" then return true end
    slate[1] = item
    return true
  end,
}
