-- SPDX-License-Identifier: Apache-2.0
-- `constraints` catches what ends it.
-- stopped: constraints 
return rule {
  name = "make_caught",
  about = "An attack.",
  constraints = function(p)
    while true do pcall(function() while true do end end) end
    return { window { by = "category", size = 2, max = 1 } }
  end,
}
