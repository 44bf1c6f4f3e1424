-- SPDX-License-Identifier: Apache-2.0
-- A precision beyond what C takes.
-- stopped: call invalid conversion specification
return rule {
  name = "format_precise",
  about = "An attack.",
  allow = function(item, slate, context, p)
    if item.id ~= "m0" then return true end
    return #string.format('%.999f', 1e308) > 0
  end,
}
