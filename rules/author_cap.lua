-- SPDX-License-Identifier: Apache-2.0
return rule {
  name = "author_cap",
  about = "Shows at most so many items of one author.",
  parameters = {
    by     = columns { default = "author", about = "The column that says whose an item is." },
    window = integer { optional = true, min = 1,
                       about = "Slots looked at; without it, the whole page." },
    max    = integer { default = 1, min = 0, about = "Most items of one author in the window." },
  },
  constraints = function(p)
    if p.window == nil then
      return cap { by = p.by, max = p.max }
    end
    return window { by = p.by, size = p.window, max = p.max }
  end,
}
