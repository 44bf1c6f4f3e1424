-- SPDX-License-Identifier: Apache-2.0
return rule {
  name = "category_scatter",
  about = "Keeps items of one category apart.",
  parameters = {
    by     = columns { default = "category",
                       about = "The column to scatter; with several, all must be equal." },
    window = integer { default = 5, min = 2, max = 50, about = "Slots looked at." },
    max    = integer { default = 2, min = 1, about = "Most items of one category in the window." },
    head   = integer { default = 0, min = 0,
                       about = "A stricter first part: one per category in so many slots." },
  },
  constraints = function(p)
    return {
      window { by = p.by, size = p.window, max = p.max },
      when(p.head > 0, cap { by = p.by, max = 1, slots = first(p.head) }),
    }
  end,
}
