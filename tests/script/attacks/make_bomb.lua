-- SPDX-License-Identifier: Apache-2.0
-- `constraints` takes all memory.
-- stopped: constraints 
return rule {
  name = "make_bomb",
  about = "An attack.",
  constraints = function(p)
    local t = {}
    for i = 1, 1e9 do t[i] = window { by = 'category', size = 2, max = 1 } end
    return { window { by = "category", size = 2, max = 1 } }
  end,
}
