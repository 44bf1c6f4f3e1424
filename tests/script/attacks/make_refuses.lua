-- SPDX-License-Identifier: Apache-2.0
-- `refuse` is caught and called again.
-- stopped: constraints 
return rule {
  name = "make_refuses",
  about = "An attack.",
  constraints = function(p)
    while true do pcall(refuse, ('x'):rep(60000)) end
    return { window { by = "category", size = 2, max = 1 } }
  end,
}
