-- SPDX-License-Identifier: Apache-2.0
-- `constraints` never ends.
-- stopped: constraints 
return rule {
  name = "make_endless",
  about = "An attack.",
  constraints = function(p)
    while true do end
    return { window { by = "category", size = 2, max = 1 } }
  end,
}
