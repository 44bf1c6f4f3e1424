-- SPDX-License-Identifier: Apache-2.0
return rule {
  name = "ad_spacing",
  about = "Keeps ads apart, away from the top, and few.",
  parameters = {
    where      = condition { about = "Which items are ads." },
    gap        = integer { optional = true, min = 0,
                           about = "Fewest other items between two ads." },
    first_slot = integer { optional = true, min = 1,
                           about = "The first slot that may hold an ad." },
    max        = amount { optional = true,
                          about = "Most ads on the page, or a share such as '20%'." },
  },
  constraints = function(p)
    return {
      spacing { where = p.where, gap = p.gap, first_slot = p.first_slot },
      when(p.max ~= nil, quota { where = p.where, max = p.max }),
    }
  end,
}
