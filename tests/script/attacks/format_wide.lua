-- SPDX-License-Identifier: Apache-2.0
-- A width of nine digits.
-- stopped: call invalid conversion specification
return rule {
  name = "format_wide",
  about = "An attack.",
  allow = function(item, slate, context, p)
    if item.id ~= "m0" then return true end
    return #string.format('%999999999d', 1) > 0
  end,
}
